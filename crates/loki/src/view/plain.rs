//! Lines on standard error, for logs and pipes.

use loki_engine::{Observer, Recorded};
use loki_model::Run;
use loki_store::Store;

use super::{render, reports};
use crate::output;

pub(super) struct Plain<'a> {
    store: &'a Store,
    /// In front of each line.
    prefix: String,
}

impl Plain<'_> {
    pub(super) fn new(store: &Store) -> Plain<'_> {
        Plain { store, prefix: String::new() }
    }

    /// The same for a task beside others.
    pub(super) fn of_task(self, task: &str) -> Self {
        Plain { prefix: format!("{task:<4} | "), ..self }
    }
}

impl Observer for Plain<'_> {
    fn on_event(&mut self, run: &Run, recorded: &Recorded) {
        for line in render::lines(run, recorded, &|digest| reports(self.store, digest)) {
            output::talk(&format!("{}{}", self.prefix, line.plain()));
        }
    }
}
