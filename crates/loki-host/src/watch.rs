//! Waiting until something may have changed in a work tree.
//!
//! Owns the system's notices about files. Refuses to say what changed, or whether it matters: a notice
//! is a reason to look. What git ignores is not watched, and of git's own files only what says which
//! commits and branches there are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::git::{GitError, Repo};
use crate::process::Cancel;

/// Directories that are watched. The system has a limit of its own.
const DIRECTORIES_MAX: usize = 100_000;

/// Files in git's directories that say which commit is checked out, what is staged, and what
/// branches there are.
const GIT_FILES: [&str; 3] = ["HEAD", "index", "packed-refs"];

/// Directories of git in which branches are.
const GIT_DIRECTORIES: [&str; 2] = ["refs", "reftable"];

/// Why a work tree can not be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// It has more directories than the system, or loki, watches.
    #[error("the checkout has more directories than can be watched")]
    TooMany,
    /// The system gives no notices.
    #[error("the system does not tell of changed files")]
    Unavailable(#[source] notify::Error),
    /// No file descriptors are left.
    #[error("a wait could not be prepared")]
    Wait(#[from] io::Error),
    /// Git could not say what it ignores.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// A work tree that is watched until this is dropped. Waiting for it takes no processor time.
pub struct Watch {
    repo: Repo,
    stop: Cancel,
    watcher: Mutex<RecommendedWatcher>,
    shared: Arc<Shared>,
}

/// What the thread that gets the notices shares with those that wait.
struct Shared {
    /// Is pulled by the next notice.
    rope: Mutex<Cancel>,
    /// Directories that are watched; those that went away are forgotten, since others may come in their
    /// place.
    watched: Mutex<BTreeSet<PathBuf>>,
    /// Where git keeps its own files.
    git_dirs: [PathBuf; 2],
}

impl Watch {
    /// Watches the work tree of `repo`. Every wait for it ends with `stop` too.
    pub fn new(repo: &Repo, stop: &Cancel) -> Result<Watch, WatchError> {
        let shared = Arc::new(Shared {
            rope: Mutex::new(stop.child()?),
            watched: Mutex::default(),
            git_dirs: [repo.git_dir().to_owned(), repo.common_dir().to_owned()],
        });
        let hears = Arc::clone(&shared);
        let watcher = notify::recommended_watcher(move |notice| hears.hear(&notice));
        let watcher = Mutex::new(watcher.map_err(WatchError::Unavailable)?);
        let watch = Watch { repo: repo.clone(), stop: stop.clone(), watcher, shared };
        watch.follow()?;
        Ok(watch)
    }

    /// Is pulled by the first change from now on, or by the stop. Only the newest one is.
    pub fn next(&self) -> Result<Cancel, WatchError> {
        let rope = self.stop.child()?;
        *lock(&self.shared.rope) = rope.clone();
        Ok(rope)
    }

    /// Wakes whoever waits, as a change would.
    pub fn wake(&self) {
        lock(&self.shared.rope).pull();
    }

    /// Takes in directories that are new. What changes in them before this is seen by looking after it.
    pub fn follow(&self) -> Result<(), WatchError> {
        let wanted = self.directories()?;
        let mut watcher = lock(&self.watcher);
        for directory in wanted {
            // Kept first: if it goes away meanwhile, the notice of that comes later.
            if !lock(&self.shared.watched).insert(directory.clone()) {
                continue;
            }
            match watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                    return Err(WatchError::TooMany);
                }
                // It went away, or nobody may look into it.
                Err(_) => {
                    lock(&self.shared.watched).remove(&directory);
                }
            }
        }
        Ok(())
    }

    /// Every directory that is to be watched.
    fn directories(&self) -> Result<BTreeSet<PathBuf>, WatchError> {
        let ignored = self.repo.ignored_directories()?;
        let mut found: BTreeSet<PathBuf> = self.shared.git_dirs.iter().cloned().collect();
        let mut open = vec![self.repo.root().to_owned()];
        open.extend(GIT_DIRECTORIES.map(|name| self.repo.common_dir().join(name)));
        while let Some(directory) = open.pop() {
            let Ok(entries) = fs::read_dir(&directory) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_directory && entry.file_name() != ".git" && !ignored.contains(&path) {
                    open.push(path);
                }
            }
            found.insert(directory);
            if found.len() > DIRECTORIES_MAX {
                return Err(WatchError::TooMany);
            }
        }
        Ok(found)
    }
}

impl Shared {
    fn hear(&self, notice: &notify::Result<Event>) {
        if let Ok(event) = notice {
            if let EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) = event.kind {
                lock(&self.watched)
                    .retain(|kept| !event.paths.iter().any(|gone| kept.starts_with(gone)));
            }
            if !self.may_matter(event) {
                return;
            }
        }
        // Notices that were lost are a reason to look as well.
        lock(&self.rope).pull();
    }

    fn may_matter(&self, event: &Event) -> bool {
        let is_read = matches!(event.kind, EventKind::Access(kind)
            if kind != AccessKind::Close(AccessMode::Write));
        let is_aside = |path: &PathBuf| self.git_dirs.iter().any(|dir| is_aside(dir, path));
        !is_read && (event.need_rescan() || !event.paths.iter().all(is_aside))
    }
}

/// Whether `path` is one of git's own files in `git_dir` that say nothing about commits and branches.
fn is_aside(git_dir: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(git_dir) else { return false };
    if below.extension() == Some(OsStr::new("lock")) {
        return true;
    }
    let is_told = GIT_FILES.iter().any(|name| below == Path::new(name))
        || GIT_DIRECTORIES.iter().any(|name| below.starts_with(name));
    !is_told
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_files_of_git_only_those_about_commits_and_branches_count() {
        let git = Path::new("/repo/.git");
        for path in ["HEAD", "index", "packed-refs", "refs/heads/a/b", "reftable/tables.list"] {
            assert!(!is_aside(git, &git.join(path)), "{path}");
        }
        for path in ["index.lock", "refs/heads/a.lock", "FETCH_HEAD", "objects/ab", "logs/HEAD"] {
            assert!(is_aside(git, &git.join(path)), "{path}");
        }
        assert!(!is_aside(git, Path::new("/repo/src/main.rs")));
    }
}
