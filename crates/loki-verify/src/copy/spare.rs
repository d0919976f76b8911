//! Copies that a state has done with, for the next one: git then writes only what differs.
//!
//! Owns who has which. Refuses copies in which commands ran that no sandbox held, since only what the
//! system says of a file tells whether it is as git had written it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use loki_host::git::{Repo, Written, remove_export};
use loki_model::CommitId;

/// Copies that are kept at a time.
const SPARES_MAX: usize = 2;

/// What spare directories begin with.
const PREFIX: &str = "spare-";

/// The copies of one judgement that nobody uses.
#[derive(Debug, Default)]
pub(crate) struct Spares {
    /// Whether any are kept.
    allowed: OnceLock<bool>,
    state: Mutex<State>,
    /// Rings when one is free, or will not come.
    changed: Condvar,
    made: AtomicU32,
}

#[derive(Debug, Default)]
struct State {
    free: Vec<Spare>,
    /// How many are being made.
    in_making: usize,
}

/// A copy, and what it looked like when git had written it.
#[derive(Debug)]
struct Spare {
    root: PathBuf,
    written: Written,
    /// What it is a copy of, while nobody has used it.
    fresh: Option<CommitId>,
}

/// While one is made: whoever waits for it is told when that is over, however it ends.
struct Making<'a>(&'a Spares);

impl Making<'_> {
    fn begin(spares: &Spares) -> Making<'_> {
        spares.with(|state| state.in_making += 1);
        Making(spares)
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.with(|state| state.in_making -= 1);
        self.0.changed.notify_all();
    }
}

impl Spares {
    /// Says whether copies may be used again: what ran in them was held by a sandbox, and all states have
    /// the same attributes. Heard once.
    pub(crate) fn allow(&self, is_allowed: bool) {
        self.allowed.get_or_init(|| is_allowed);
    }

    pub(super) fn are_allowed(&self) -> bool {
        self.allowed.get().copied().unwrap_or(false)
    }

    /// Writes a copy of `commit` below `within` that somebody will take, unless there are enough. For a
    /// thread of its own.
    pub(crate) fn make(&self, repo: &Repo, commit: &CommitId, within: &Path) {
        if !self.are_allowed() || self.with(|state| state.free.len()) >= SPARES_MAX {
            return;
        }
        let _making = Making::begin(self);
        let root = self.place(within);
        if let Ok(Some(written)) = repo.export_aside(&root, commit) {
            let fresh = Some(commit.clone());
            self.with(|state| state.free.push(Spare { root, written, fresh }));
        }
    }

    /// Keeps the copy at `root` for the next one; its repository, links and leftovers go when it is taken.
    pub(super) fn keep(&self, root: &Path, written: Written, within: &Path) {
        if !self.are_allowed() || self.with(|state| state.free.len()) >= SPARES_MAX {
            return;
        }
        let place = self.place(within);
        if fs::rename(root, &place).is_ok() {
            self.with(|state| state.free.push(Spare { root: place, written, fresh: None }));
        }
    }

    /// Makes one of them a copy of `commit` at `root`; nothing when there is none that could be. Waits for
    /// one that is being made.
    pub(super) fn take(
        &self,
        repo: &Repo,
        commit: &CommitId,
        root: &Path,
    ) -> Option<Option<Written>> {
        let Spare { root: from, written, fresh } = self.next(commit)?;
        let parent = root.parent()?;
        let made =
            fs::create_dir_all(parent).and_then(|()| fs::rename(from, root)).ok().and_then(|()| {
                match fresh.as_ref() == Some(commit) {
                    true => Some(Some(written)),
                    false => repo.export_over(root, commit, &written).ok(),
                }
            });
        if made.is_none() {
            // A fresh one takes its place.
            let _ = remove_export(root);
        }
        made
    }

    /// The one that was made for `commit`, or any.
    fn next(&self, commit: &CommitId) -> Option<Spare> {
        if !self.are_allowed() {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let own = state.free.iter().position(|spare| spare.fresh.as_ref() == Some(commit));
            let used = || state.free.iter().position(|spare| spare.fresh.is_none());
            // One that was made for another state comes last.
            if let Some(at) = own.or_else(used).or(state.free.len().checked_sub(1)) {
                return Some(state.free.swap_remove(at));
            }
            if state.in_making == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn place(&self, within: &Path) -> PathBuf {
        within.join(format!("{PREFIX}{}", self.made.fetch_add(1, Ordering::Relaxed)))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two commits, and spares beside them that may be used.
    fn two_commits() -> (tempfile::TempDir, Repo, [CommitId; 2], Spares) {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("repo");
        fs::create_dir(&root).unwrap();
        let repo = Repo::init(&root).unwrap();
        let commits = ["one", "two"].map(|text| {
            fs::write(root.join("file"), text).unwrap();
            let tree = repo.snapshot(&root).unwrap();
            repo.commit_tree(&tree, &[], text).unwrap()
        });
        let spares = Spares::default();
        spares.allow(true);
        (home, repo, commits, spares)
    }

    fn inode(path: &Path) -> u64 {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).unwrap().ino()
    }

    #[test]
    fn a_copy_that_was_made_for_a_state_is_taken_for_it_as_it_is() {
        let (home, repo, [one, two], spares) = two_commits();
        spares.make(&repo, &one, home.path());
        spares.make(&repo, &two, home.path());
        let made = inode(&home.path().join("spare-0/file"));
        let root = home.path().join("a/copy");
        assert!(spares.take(&repo, &one, &root).is_some());
        assert_eq!(inode(&root.join("file")), made);
        assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "one");
    }

    #[test]
    fn a_copy_that_was_made_for_another_state_is_not_taken_while_a_used_one_is_there() {
        let (home, repo, [one, two], spares) = two_commits();
        spares.make(&repo, &one, home.path());
        let used = home.path().join("used");
        let written = repo.export_seen(&used, &one).unwrap().unwrap();
        spares.keep(&used, written, home.path());
        let root = home.path().join("a/copy");
        assert!(spares.take(&repo, &two, &root).is_some());
        assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "two");
        assert!(home.path().join("spare-0/file").exists());
    }

    #[test]
    fn no_more_copies_are_made_than_are_kept() {
        let (home, repo, [one, _], spares) = two_commits();
        (0..=SPARES_MAX).for_each(|_| spares.make(&repo, &one, home.path()));
        assert!(!home.path().join(format!("spare-{SPARES_MAX}")).exists());
    }
}
