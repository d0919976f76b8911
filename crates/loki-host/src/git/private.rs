//! Git directories of loki's own: they share a repository's objects and nothing else of it.
//!
//! Configuration, attributes, hooks, references and the list of worktrees of the repository have no
//! say in a call that is made through one, and no such call changes them.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loki_model::TreeId;

use super::run::Call;
use super::{GitError, Repo};

/// Kept of a file that says what is ignored.
const EXCLUDE_BYTES_MAX: u64 = 1 << 20;

/// What git looks for in a git directory, in `git_dir`, which is there. `HEAD` says `head`.
///
/// Each file more costs every snapshot a tenth of a millisecond or more.
pub(super) fn fill(git_dir: &Path, head: &str, is_sha256: bool) -> io::Result<()> {
    fs::create_dir(git_dir.join("refs"))?;
    fs::write(git_dir.join("HEAD"), format!("{head}\n"))?;
    if is_sha256 {
        let config =
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n";
        fs::write(git_dir.join("config"), config)?;
    }
    Ok(())
}

/// A work tree as seen through a git directory of loki's own, which writes new objects straight
/// into the repository.
pub(super) struct View<'a> {
    pub(super) repo: &'a Repo,
    pub(super) git_dir: PathBuf,
    pub(super) worktree: PathBuf,
    /// Repositories around it.
    pub(super) depth: usize,
    /// Repositories that were found within the outermost one.
    pub(super) nested: Rc<Cell<usize>>,
    /// Attributes are read from here instead of from the files. Git before 2.41 does not know how.
    pub(super) attributes: Option<TreeId>,
    /// Files are kept byte by byte: see [`View::make_raw`].
    pub(super) raw: bool,
}

/// Wins over what files of the work tree and of the user say. `text` decides before `crlf` and `eol`.
const RAW_ATTRIBUTES: &str = "* -text -crlf !eol -ident !filter !working-tree-encoding\n";

/// What a checkout can hold is what the system can hold, whatever is configured.
const RAW_SETTINGS: [(&str, &str); 4] = [
    ("core.autocrlf", "false"),
    ("core.eol", "native"),
    ("core.filemode", "true"),
    ("core.symlinks", "true"),
];

impl<'a> View<'a> {
    /// Fills the empty directory `git_dir`. Files of `worktree` that the file `exclude` names are
    /// ignored as if it were the work tree's own.
    pub(super) fn make(
        repo: &'a Repo,
        git_dir: &Path,
        worktree: &Path,
        exclude: &Path,
    ) -> Result<View<'a>, GitError> {
        let make = || {
            fill(git_dir, "ref: refs/heads/none", repo.settings.is_sha256)?;
            // One that can not be read ignores nothing.
            match read_regular(exclude, EXCLUDE_BYTES_MAX) {
                Ok(Some((text, _))) if says_anything(&text) => {
                    fs::create_dir(git_dir.join("info"))?;
                    fs::write(git_dir.join("info/exclude"), text)
                }
                _ => Ok(()),
            }
        };
        make().map_err(|error| GitError::file(git_dir, error))?;
        let (git_dir, worktree) = (git_dir.to_owned(), worktree.to_owned());
        let (attributes, raw) = (None, false);
        Ok(View { repo, git_dir, worktree, depth: 0, nested: Rc::default(), attributes, raw })
    }

    /// From now on files are taken byte by byte: neither attributes nor settings convert them, and no
    /// filter runs, not even one of the user's.
    pub(super) fn make_raw(&mut self) -> Result<(), GitError> {
        let info = self.git_dir.join("info");
        fs::create_dir_all(&info)
            .and_then(|()| fs::write(info.join("attributes"), RAW_ATTRIBUTES))
            .map_err(|error| GitError::file(&info, error))?;
        self.raw = true;
        Ok(())
    }

    /// Where calls find what they know of the files.
    pub(super) fn index(&self) -> PathBuf {
        self.git_dir.join("index")
    }

    /// A call about the files of the work tree and the index of this view.
    pub(super) fn call(&self, subcommand: &'static str) -> Call {
        let mut call = self.repo.call(&self.worktree, subcommand);
        if let Some(tree) = &self.attributes {
            call = call.env("GIT_ATTR_SOURCE", tree.as_str());
        }
        let mut settings = self.repo.settings.passed.clone();
        if self.raw {
            settings.extend(RAW_SETTINGS.map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        call.settings(&settings)
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.worktree)
            .env("GIT_OBJECT_DIRECTORY", self.repo.common_dir.join("objects"))
            .env("GIT_LITERAL_PATHSPECS", "1")
    }
}

/// Whether a list of what to ignore is more than the comments that git puts into a new one.
fn says_anything(exclude: &[u8]) -> bool {
    let mut lines = exclude.split(|byte| *byte == b'\n');
    lines.any(|line| !line.is_empty() && !line.starts_with(b"#"))
}

/// Reads a file of at most `bytes_max` bytes, and what the system says of it. Nothing when there is
/// none, or something else that might never end.
pub(super) fn read_regular(
    path: &Path,
    bytes_max: u64,
) -> io::Result<Option<(Vec<u8>, fs::Metadata)>> {
    let mut options = File::options();
    // Else a named pipe would be waited for.
    let opened = options.read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > bytes_max {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(Some((bytes, metadata)))
}
