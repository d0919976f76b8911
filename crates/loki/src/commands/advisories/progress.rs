//! What an update that takes a while says meanwhile, on standard error.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::output;

/// Nobody wonders before.
const PATIENCE: Duration = Duration::from_secs(1);

/// Between two lines.
const EVERY: Duration = Duration::from_secs(5);

pub(super) struct Progress {
    is_quiet: bool,
    next: Cell<Instant>,
}

impl Progress {
    pub(super) fn new(is_quiet: bool) -> Progress {
        Progress { is_quiet, next: Cell::new(Instant::now() + PATIENCE) }
    }

    /// Says how far it is, where nothing was said for a while.
    pub(super) fn at(&self, how_far: impl FnOnce() -> String) {
        let now = Instant::now();
        if !self.is_quiet && now >= self.next.get() {
            self.next.set(now + EVERY);
            output::talk(&how_far());
        }
    }
}
