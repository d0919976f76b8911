//! Whose results may be here soon: runs of tasks that are past their last call, as far as can be told.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use loki_model::crew::{Crew, Standing};
use loki_model::{EffectKind, Run, RunId, pending};

use super::drive::CrewSlot;
use crate::drive::Observer;
use crate::journal::Recorded;

/// Runs of this process that came so far. One that is over stays: the crew says of whom it waits.
#[derive(Default)]
pub struct Soon {
    runs: Mutex<BTreeSet<RunId>>,
    slot: OnceLock<CrewSlot>,
}

impl Soon {
    /// How many of them the crew waits for, apart from one.
    pub(super) fn count(&self, crew: &Crew, apart_from: Option<&RunId>) -> u32 {
        let runs = self.lock();
        let running = crew.tasks.iter().filter(|errand| errand.standing == Standing::Running);
        let awaited = running.filter_map(|errand| errand.run.as_ref());
        let soon = awaited.filter(|run| Some(*run) != apart_from && runs.contains(*run));
        u32::try_from(soon.count()).unwrap_or(u32::MAX)
    }

    /// From now on `slot` has the loop look whenever there is one less.
    pub(super) fn tell(&self, slot: CrewSlot) {
        // The first loop is the only one.
        let _ = self.slot.set(slot);
    }

    /// Has `observer` watch a run, and looks how far it is.
    pub(super) fn watch<'a>(&'a self, observer: Box<dyn Observer + 'a>) -> Watched<'a> {
        Watched { observer, soon: self }
    }

    fn set(&self, run: &RunId, is_soon: bool) {
        if is_soon {
            self.lock().insert(run.clone());
        } else if self.lock().remove(run) {
            self.slot.get().inspect(|slot| slot.look());
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<RunId>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks how far a run is.
pub(super) struct Watched<'a> {
    observer: Box<dyn Observer + 'a>,
    soon: &'a Soon,
}

impl Observer for Watched<'_> {
    fn on_event(&mut self, run: &Run, recorded: &Recorded) {
        self.observer.on_event(run, recorded);
        let next = pending(run).map(|effect| effect.kind);
        let is_near = matches!(next, Some(EffectKind::JudgeTree | EffectKind::WriteResult { .. }));
        self.soon.set(&run.id, is_near || run.ended.is_some());
    }
}
