//! What git is told not to look at.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{GitError, Repo};

/// How `check-ignore` says no.
const NOT_IGNORED_EXIT: i32 = 1;

impl Repo {
    /// Directories of the work tree of which everything is ignored, absolute. One call of git.
    pub(crate) fn ignored_directories(&self) -> Result<BTreeSet<PathBuf>, GitError> {
        let call = self.here("ls-files").args(["-z", "--others", "--ignored", "--directory"]);
        let answer = call.args(["--exclude-standard"]).answer()?;
        let entries = answer.split(|byte| *byte == 0).filter_map(|entry| entry.strip_suffix(b"/"));
        Ok(entries.map(|entry| self.root.join(OsStr::from_bytes(entry))).collect())
    }

    /// Whether a file at `path`, absolute and there or not, is ignored; also when it is not in the work tree.
    pub fn is_ignored(&self, path: &Path) -> Result<bool, GitError> {
        if !path.starts_with(&self.root) {
            return Ok(true);
        }
        let outcome = self.here("check-ignore").args(["--quiet", "--"]).arg(path).outcome()?;
        match outcome.exit {
            NOT_IGNORED_EXIT => Ok(false),
            _ => outcome.require_success().map(|()| true),
        }
    }
}
