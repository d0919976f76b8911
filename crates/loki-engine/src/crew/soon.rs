//! Whose results may be here soon: runs of tasks that are past their last call, as far as can be told.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use loki_model::{EffectKind, Run, pending};

use super::drive::CrewSlot;
use crate::drive::Observer;
use crate::journal::Recorded;

/// How many of them there are in this process.
#[derive(Default)]
pub struct Soon {
    count: AtomicU32,
    slot: OnceLock<CrewSlot>,
}

impl Soon {
    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.count.load(Ordering::SeqCst)
    }

    /// From now on `slot` has the loop look whenever there is one less.
    pub(super) fn tell(&self, slot: CrewSlot) {
        // The first loop is the only one.
        let _ = self.slot.set(slot);
    }

    /// Has `observer` watch a run, and counts the run while it is one of them.
    pub(super) fn watch<'a>(&'a self, observer: Box<dyn Observer + 'a>) -> Watched<'a> {
        Watched { observer, soon: self, is_counted: false }
    }
}

/// Counts a run.
pub(super) struct Watched<'a> {
    observer: Box<dyn Observer + 'a>,
    soon: &'a Soon,
    is_counted: bool,
}

impl Watched<'_> {
    fn set(&mut self, is_soon: bool) {
        match (self.is_counted, is_soon) {
            (false, true) => _ = self.soon.count.fetch_add(1, Ordering::SeqCst),
            (true, false) => {
                self.soon.count.fetch_sub(1, Ordering::SeqCst);
                self.soon.slot.get().inspect(|slot| slot.look());
            }
            _ => {}
        }
        self.is_counted = is_soon;
    }
}

impl Observer for Watched<'_> {
    fn on_event(&mut self, run: &Run, recorded: &Recorded) {
        self.observer.on_event(run, recorded);
        let next = pending(run).map(|effect| effect.kind);
        let is_near = matches!(next, Some(EffectKind::JudgeTree | EffectKind::WriteResult { .. }));
        self.set(is_near || run.ended.is_some());
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.set(false);
    }
}
