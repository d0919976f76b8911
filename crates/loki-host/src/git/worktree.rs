//! Additional work trees: made, moved on, removed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use loki_model::CommitId;

use super::locks::without_stale_locks;
use super::remove::remove_tree;
use super::{GitError, Repo};

/// In a worktree's own git directory: what its `HEAD` was when loki made it. A workspace may switch
/// branches; loki must not move the branch it finds then.
const MADE_WITH_FILE: &str = "loki-head";

/// In the directory that all work trees share: held while one of them is made or removed.
const LOCK_FILE: &str = "loki-worktrees.lock";

/// How git exits when it does not know an option.
const USAGE_EXIT: i32 = 129;

impl Repo {
    /// Checks `at` out into the new directory `path`, on the new branch `branch`, or on none.
    ///
    /// Harmless when repeated: the same worktree on the same commit is left alone, one that was
    /// not finished is made anew, and a branch that is already at `at` is taken.
    pub fn add_worktree(
        &self,
        path: &Path,
        at: &CommitId,
        branch: Option<&str>,
    ) -> Result<(), GitError> {
        let _alone = self.worktrees_alone()?;
        if let Some(git_dir) = self.admin_dir_of(path)? {
            if path.exists() && !is_unfinished(&git_dir) {
                return self.take_over(path, &git_dir, at, branch);
            }
            remove_files(path)?;
            remove_files(&git_dir)?;
        }
        let mut call = self.shared("worktree").args(["add", "--quiet"]);
        call = match branch {
            None => call.arg("--detach").arg("--").arg(path).arg(at.as_str()),
            Some(name) => match self.read_ref(&format!("refs/heads/{name}"))? {
                Some(commit) if commit == *at => call.arg("--").arg(path).arg(name),
                _ => call.args(["-b", name]).arg("--").arg(path).arg(at.as_str()),
            },
        };
        call.answer()?;
        let missing = || GitError::NotAWorktree { path: path.to_owned() };
        mark(&self.admin_dir_of(path)?.ok_or_else(missing)?)
    }

    /// Removes the worktree at `path` with all its files, and git's memory of it. Its branch
    /// stays. Harmless when there is none, or when an earlier removal was cut short.
    ///
    /// Errors: [`GitError::NotAWorktree`] for a directory that is something else; nothing is
    /// removed then.
    pub fn remove_worktree(&self, path: &Path) -> Result<(), GitError> {
        let admin_dir = self.admin_dir_of(path)?;
        if admin_dir.is_none() && path.symlink_metadata().is_ok() {
            return Err(GitError::NotAWorktree { path: path.to_owned() });
        }
        // The files first: as long as git remembers the place, this can be repeated.
        remove_files(path)?;
        let Some(admin_dir) = admin_dir else { return Ok(()) };
        let _alone = self.worktrees_alone()?;
        remove_files(&admin_dir)
    }

    /// Git takes a worktree that is just being made or removed for a damaged one, and fails. Let go of when it is
    /// dropped.
    fn worktrees_alone(&self) -> Result<File, GitError> {
        let path = self.common_dir.join(LOCK_FILE);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(|error| GitError::file(&path, error))
    }

    /// Makes HEAD (the branch or the bare commit that the worktree was made with) and the index of
    /// `worktree` say `commit`, and touches no file. To be used when the files are those of `commit`,
    /// after a [`Repo::snapshot`].
    ///
    /// Only for worktrees of [`Repo::add_worktree`] in which nothing runs any more: locks that ended
    /// programs left in it are removed.
    pub fn advance_worktree(&self, worktree: &Path, commit: &CommitId) -> Result<(), GitError> {
        let not_ours = || GitError::NotAWorktree { path: worktree.to_owned() };
        let git_dir = self.admin_dir_of(worktree)?.ok_or_else(not_ours)?;
        let made_with = fs::read(git_dir.join(MADE_WITH_FILE)).map_err(|_| not_ours())?;
        let head = git_dir.join("HEAD");
        let branch = made_with.strip_prefix(b"ref: ").map(<[u8]>::trim_ascii_end);
        let now = fs::read(&head).map_err(|error| GitError::file(&head, error))?;
        let moved = match branch {
            Some(_) => now != made_with,
            None => now.starts_with(b"ref:"),
        };
        if moved {
            fs::write(&head, &made_with).map_err(|error| GitError::file(&head, error))?;
        }
        let branch_lock = branch.map(|name| self.lock_of_ref(OsStr::from_bytes(name)));
        let call = self
            .call(worktree, "reset")
            .env("GIT_DIR", &git_dir)
            .env("GIT_WORK_TREE", worktree)
            .args(["--quiet", "--mixed", commit.as_str()]);
        let may_remove =
            |lock: &Path| lock.starts_with(&git_dir) || branch_lock.as_deref() == Some(lock);
        // To look at every file again would take longer than all the rest.
        match without_stale_locks(call.clone().arg("--no-refresh"), &may_remove) {
            // Before 2.36 git does not know the option, and does as if it had been given.
            Err(GitError::Failed { exit: USAGE_EXIT, .. }) => {
                without_stale_locks(call, &may_remove)
            }
            other => other,
        }
    }

    /// The git directory of `worktree` as this repository remembers it, whatever the worktree's own
    /// `.git` says by now. Nothing when it is not one of this repository.
    pub(super) fn git_dir_of(&self, worktree: &Path) -> Result<Option<PathBuf>, GitError> {
        if let Some(admin_dir) = self.admin_dir_of(worktree)? {
            return Ok(Some(admin_dir));
        }
        let worktree = place_of(worktree);
        let own = place_of(&self.root) == worktree;
        let main = fs::canonicalize(worktree.join(".git")).ok();
        let is_main = main.is_some() && main == fs::canonicalize(&self.common_dir).ok();
        Ok(if own { Some(self.git_dir.clone()) } else { is_main.then(|| self.common_dir.clone()) })
    }

    /// As [`Repo::git_dir_of`], for additional worktrees only.
    fn admin_dir_of(&self, worktree: &Path) -> Result<Option<PathBuf>, GitError> {
        let directory = self.common_dir.join("worktrees");
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| GitError::file(&directory, error))?,
        };
        let dot_git = place_of(worktree).join(".git");
        for entry in entries {
            let admin_dir = entry.map_err(|error| GitError::file(&directory, error))?.path();
            let Ok(place) = fs::read(admin_dir.join("gitdir")) else { continue };
            let place = place.strip_suffix(b"\n").unwrap_or(&place);
            if place_of(&admin_dir.join(OsStr::from_bytes(place))) == dot_git {
                return Ok(Some(admin_dir));
            }
        }
        Ok(None)
    }

    /// Accepts a worktree that is there already if it is what would be made.
    fn take_over(
        &self,
        path: &Path,
        git_dir: &Path,
        at: &CommitId,
        branch: Option<&str>,
    ) -> Result<(), GitError> {
        // Without the mark, the time between git's work and the mark was cut short.
        let made_with = fs::read(git_dir.join(MADE_WITH_FILE));
        let made_with = made_with.or_else(|_| fs::read(git_dir.join("HEAD")));
        let made_with = made_with.map_err(|error| GitError::file(git_dir, error))?;
        let same = match branch {
            None => made_with.trim_ascii_end() == at.as_str().as_bytes(),
            Some(name) => {
                let full = format!("refs/heads/{name}");
                made_with.trim_ascii_end() == format!("ref: {full}").as_bytes()
                    && self.read_ref(&full)?.as_ref() == Some(at)
            }
        };
        if !same {
            return Err(GitError::NotAWorktree { path: path.to_owned() });
        }
        if git_dir.join(MADE_WITH_FILE).exists() { Ok(()) } else { mark(git_dir) }
    }
}

fn remove_files(path: &Path) -> Result<(), GitError> {
    remove_tree(path).map_err(|error| GitError::file(path, error))
}

/// Whether git was interrupted while it made the worktree: it locks it for that time.
fn is_unfinished(git_dir: &Path) -> bool {
    fs::read(git_dir.join("locked")).is_ok_and(|reason| reason.starts_with(b"initializing"))
}

/// Remembers what the worktree was made with.
fn mark(git_dir: &Path) -> Result<(), GitError> {
    let file = git_dir.join(MADE_WITH_FILE);
    let head = fs::read(git_dir.join("HEAD"));
    head.and_then(|head| fs::write(&file, head)).map_err(|error| GitError::file(&file, error))
}

/// One spelling for a place whose last parts may be gone.
fn place_of(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let existing = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
    let Some((above, canonical)) = existing else { return path };
    match path.strip_prefix(above) {
        Ok(rest) if !rest.as_os_str().is_empty() => canonical.join(rest),
        _ => canonical,
    }
}
