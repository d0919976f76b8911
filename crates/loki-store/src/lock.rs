//! One writer per run: an operating system lock that dies with its holder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use loki_model::RunId;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::Store;
use crate::open::{lock_file, locks_dir};

/// The right to append to one run. Dropping it, or ending the process in any way, gives it up.
///
/// A child process does not inherit it.
#[derive(Debug)]
pub struct RunLock {
    run: RunId,
    home: PathBuf,
    _file: File,
}

impl RunLock {
    /// The run that may be written.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
}

/// Why a run could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Some live process, perhaps this one, writes the run.
    #[error("run `{run}` is in use by {}", who(.pid))]
    Held {
        /// The run.
        run: RunId,
        /// The process, as far as it could be told.
        pid: Option<u32>,
    },
    /// The lock file cannot be made, opened or written.
    #[error("failed to lock `{path}`")]
    Unusable {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Whoever holds the lock of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The process. Nothing in the moment between taking a lock and saying so.
    pub pid: Option<u32>,
}

/// How often to try a lock. [`Store::owner`] takes it for a moment to see whether it is free,
/// which must not make it look taken.
const TRIES: u32 = 20;
/// How often where its holder is dead: a process that it was just starting has the lock, too, until that
/// is another program.
const TRIES_AFTER_DEATH: u32 = 500;
/// Pause between two tries.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(2);

impl Store {
    /// Takes the lock of `run`, without waiting for whoever holds it. The run need not exist.
    pub fn lock(&self, run: &RunId) -> Result<RunLock, LockError> {
        let path = self.lock_path(run);
        let unusable = |source| LockError::Unusable { path: path.clone(), source };
        let file = lock_file(&path).map_err(unusable)?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // Fixed width and in place: a reader sees one number or the other.
                    let line = format!("{:>10}\n", std::process::id());
                    file.write_all_at(line.as_bytes(), 0).map_err(unusable)?;
                    let home = self.home().to_owned();
                    return Ok(RunLock { run: run.clone(), home, _file: file });
                }
                Err(TryLockError::WouldBlock) => {
                    let pid = read_pid(&path);
                    if !is_tried_again(pid, &mut tries, TRIES) {
                        return Err(LockError::Held { run: run.clone(), pid });
                    }
                }
                Err(TryLockError::Error(err)) => return Err(unusable(err)),
            }
        }
    }

    /// Whoever holds the lock of `run` at this moment; nothing when it is free.
    pub fn owner(&self, run: &RunId) -> Option<Owner> {
        let path = self.lock_path(run);
        // A file that is not there, or is not ours to open, is locked by nobody we could name.
        let file = File::open(&path).ok()?;
        let mut tries = 0;
        while let Err(TryLockError::WouldBlock) = file.try_lock_shared() {
            let pid = read_pid(&path);
            if !is_tried_again(pid, &mut tries, 0) {
                return Some(Owner { pid });
            }
        }
        None
    }

    fn lock_path(&self, run: &RunId) -> PathBuf {
        locks_dir(self.home()).join(format!("{run}.lock"))
    }
}

fn read_pid(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Pauses before a lock that `pid` has is tried once more; not where it was tried often enough, which is
/// `tries_max` times unless that process is dead.
fn is_tried_again(pid: Option<u32>, tries: &mut u32, tries_max: u32) -> bool {
    if *tries >= if is_gone(pid) { TRIES_AFTER_DEATH } else { tries_max } {
        return false;
    }
    *tries += 1;
    thread::sleep(TRY_AGAIN_AFTER);
    true
}

/// Whether there is no such process any more.
fn is_gone(pid: Option<u32>) -> bool {
    let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    pid.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

fn who(pid: &Option<u32>) -> String {
    match pid {
        Some(pid) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}
