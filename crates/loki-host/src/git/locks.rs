//! Locks that programs left behind when they were killed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::run::Call;
use super::{GitError, Repo};

/// Removed from the way of one call.
const STALE_LOCKS_MAX: usize = 4;

/// Git holds the lock of one ref for some milliseconds.
const LIVE_AGE_MAX: Duration = Duration::from_secs(60);

/// Repeats `call` while it finds locks in its way that `may_remove` allows to be removed.
pub(super) fn without_stale_locks(
    call: Call,
    may_remove: &dyn Fn(&Path) -> bool,
) -> Result<(), GitError> {
    for _ in 0..STALE_LOCKS_MAX {
        let outcome = call.clone().outcome()?;
        // Unable to create '<path>': File exists.
        let lock = outcome.stderr.split_once("Unable to create '");
        let lock = lock.and_then(|(_, rest)| rest.split_once("': File exists"));
        match lock.map(|(lock, _)| Path::new(lock)).filter(|lock| may_remove(lock)) {
            Some(lock) if outcome.exit != 0 => {
                fs::remove_file(lock).map_err(|error| GitError::file(lock, error))?;
            }
            _ => return outcome.require_success(),
        }
    }
    call.answer().map(drop)
}

/// Whether `lock` is too old to be held by anybody.
pub(super) fn is_stale(lock: &Path) -> bool {
    let modified = lock.symlink_metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LIVE_AGE_MAX))
}

impl Repo {
    /// Where git locks the ref `name` (in full).
    pub(super) fn lock_of_ref(&self, name: impl AsRef<OsStr>) -> PathBuf {
        let mut lock = self.common_dir.join(name.as_ref()).into_os_string();
        lock.push(".lock");
        PathBuf::from(lock)
    }
}
