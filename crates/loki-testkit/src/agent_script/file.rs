//! A script on disk, how to make loki use it, and what its calls were asked.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::scripted_agent;

/// A saved script. Prompts are kept beside it, in `<script>.prompts/<n>.txt`; these files are also
/// what counts the calls.
#[derive(Clone, Debug)]
pub struct ScriptFile {
    path: PathBuf,
}

impl ScriptFile {
    /// Writes `text`, which may be wrong on purpose.
    pub fn write(path: &Path, text: &str) -> ScriptFile {
        fs::write(path, text)
            .unwrap_or_else(|err| panic!("cannot write {}: {err}", path.display()));
        ScriptFile { path: path.to_owned() }
    }

    /// What `SCRIPTED_AGENT` has to hold.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What follows `--provider`, the script included: no environment variable is needed.
    pub fn provider(&self) -> String {
        format!("command:{} {}", quoted(&scripted_agent()), quoted(&self.path))
    }

    /// The prompts of all calls so far, in order.
    pub fn prompts(&self) -> Vec<String> {
        let directory = prompts_directory(&self.path);
        (1..)
            .map(|n| prompt_path(&directory, n))
            .map_while(|path| match fs::read(&path) {
                Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
                Err(err) if err.kind() == ErrorKind::NotFound => None,
                Err(err) => panic!("cannot read {}: {err}", path.display()),
            })
            .collect()
    }
}

pub(super) fn prompts_directory(script: &Path) -> PathBuf {
    let mut name = script.as_os_str().to_owned();
    name.push(".prompts");
    PathBuf::from(name)
}

pub(super) fn prompt_path(directory: &Path, call: u32) -> PathBuf {
    directory.join(format!("{call}.txt"))
}

/// One word for a POSIX-like splitter, whatever is in the path.
fn quoted(path: &Path) -> String {
    let text = path.to_str().unwrap_or_else(|| panic!("{} is not UTF-8", path.display()));
    format!("'{}'", text.replace('\'', r"'\''"))
}
