//! Lines on standard error, for logs and pipes.

use loki_engine::{Observer, Recorded};
use loki_model::Run;
use loki_store::Store;

use super::{render, reports};
use crate::output;

pub(super) struct Plain<'a> {
    store: &'a Store,
}

impl Plain<'_> {
    pub(super) fn new(store: &Store) -> Plain<'_> {
        Plain { store }
    }
}

impl Observer for Plain<'_> {
    fn on_event(&mut self, run: &Run, recorded: &Recorded) {
        for line in render::lines(run, recorded, &|digest| reports(self.store, digest)) {
            output::talk(&line.plain());
        }
    }
}
