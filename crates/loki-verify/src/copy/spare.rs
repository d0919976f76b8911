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

    /// Writes a copy of `commit` below `within` that somebody will take. For a thread of its own.
    pub(crate) fn make(&self, repo: &Repo, commit: &CommitId, within: &Path) {
        if !self.are_allowed() {
            return;
        }
        let _making = Making::begin(self);
        let root = self.place(within);
        if let Ok(Some(written)) = repo.export_seen(&root, commit) {
            self.with(|state| state.free.push(Spare { root, written }));
        }
    }

    /// Keeps the copy at `root` for the next one; its repository, links and leftovers go when it is taken.
    pub(super) fn keep(&self, root: &Path, written: Written, within: &Path) {
        if !self.are_allowed() || self.with(|state| state.free.len()) >= SPARES_MAX {
            return;
        }
        let place = self.place(within);
        if fs::rename(root, &place).is_ok() {
            self.with(|state| state.free.push(Spare { root: place, written }));
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
        let spare = self.next()?;
        let parent = root.parent()?;
        let made = fs::create_dir_all(parent)
            .and_then(|()| fs::rename(&spare.root, root))
            .ok()
            .and_then(|()| repo.export_over(root, commit, &spare.written).ok());
        if made.is_none() {
            // A fresh one takes its place.
            let _ = remove_export(root);
        }
        made
    }

    fn next(&self) -> Option<Spare> {
        if !self.are_allowed() {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(spare) = state.free.pop() {
                return Some(spare);
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
