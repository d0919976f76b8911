//! Settings of a repository that a snapshot respects, read when the repository is found.
//!
//! Whoever can write the repository's configuration later has no say.

use std::path::Path;

use super::GitError;
use super::run::{Call, Outcome};

/// How files are converted and looked at, what is ignored, and who may read new objects. None of
/// them runs anything.
const KEYS: &str = "^(core\\.(autocrlf|eol|excludesfile|filemode|ignorecase|precomposeunicode\
                    |sharedrepository|symlinks)|extensions\\.objectformat|lfs\\.storage)$";

/// How git exits when no key matches.
const NONE_EXIT: i32 = 1;

/// What was set when the repository was found.
#[derive(Debug)]
pub(super) struct Settings {
    /// Objects have the longer names.
    pub(super) is_sha256: bool,
    /// To be passed to calls that do not read the repository's own configuration.
    pub(super) passed: Vec<(String, String)>,
}

impl Settings {
    /// Only where large files are kept that git itself does not keep.
    pub(super) fn large_files(&self) -> Vec<(String, String)> {
        self.passed.iter().filter(|(key, _)| key == "lfs.storage").cloned().collect()
    }
}

/// Asks for the settings of the repository around `path`. One call of git.
pub(super) fn ask(path: &Path) -> Result<Outcome, GitError> {
    Call::new(path, "config").args(["-z", "--get-regexp", KEYS]).outcome()
}

/// What the `outcome` of [`ask`] says of the repository in `common_dir`.
pub(super) fn read(outcome: Outcome, common_dir: &Path) -> Result<Settings, GitError> {
    let answer = if outcome.exit == NONE_EXIT { Vec::new() } else { outcome.answer()? };
    let mut settings = parse(&String::from_utf8_lossy(&answer));
    // Large files kept elsewhere belong to the repository, not to a directory that is gone soon.
    let storage = settings.passed.iter().rposition(|(key, _)| key == "lfs.storage");
    let below = storage.map_or("lfs".to_owned(), |at| settings.passed.swap_remove(at).1);
    if let Some(storage) = common_dir.join(below).to_str() {
        settings.passed.push(("lfs.storage".to_owned(), storage.to_owned()));
    }
    Ok(settings)
}

/// Reads `key\nvalue\0`, later ones winning; a key alone says yes.
fn parse(answer: &str) -> Settings {
    let mut settings = Settings { is_sha256: false, passed: Vec::new() };
    for line in answer.split_terminator('\0') {
        let (key, value) = line.split_once('\n').unwrap_or((line, "true"));
        if key == "extensions.objectformat" {
            settings.is_sha256 = value == "sha256";
        } else {
            settings.passed.retain(|(earlier, _)| earlier != key);
            settings.passed.push((key.to_owned(), value.to_owned()));
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_a_key_alone_says_yes() {
        let answer =
            "core.eol\nlf\0extensions.objectformat\nsha256\0core.filemode\0core.eol\ncrlf\0";
        let settings = parse(answer);
        assert!(settings.is_sha256);
        let passed: Vec<String> =
            settings.passed.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(passed, ["core.filemode=true", "core.eol=crlf"]);
    }
}
