//! The journal of a crew for code that knows runs only: what it does outside of this machine.

use loki_model::crew::CrewEvent;
use loki_model::{Event, Run, RunId, Timestamp};
use loki_store::Store;

use super::journal::CrewJournal;
use crate::journal::{JournalError, Ledger, Recorded};

/// A crew that is written to as if it were a run.
pub struct CrewLedger<'a> {
    journal: CrewJournal<'a>,
    run: Run,
}

impl<'a> CrewLedger<'a> {
    /// Takes up a crew that nobody drives.
    pub fn take_up(store: &'a Store, id: &RunId) -> Result<CrewLedger<'a>, JournalError> {
        let journal = CrewJournal::take_up(store, id)?;
        let run = journal.crew().as_run().ok_or_else(|| JournalError::NoBeginning(id.clone()))?;
        Ok(CrewLedger { journal, run })
    }
}

impl Ledger for CrewLedger<'_> {
    fn run(&self) -> &Run {
        &self.run
    }

    fn last_at(&self) -> Timestamp {
        self.journal.last_at()
    }

    fn record(&mut self, events: &[Event], at: Timestamp) -> Result<Vec<Recorded>, JournalError> {
        let wrapped = |event: &Event| CrewEvent::HappenedAsRun { what: Box::new(event.clone()) };
        let wrapped: Vec<CrewEvent> = events.iter().map(wrapped).collect();
        let recorded = self.journal.record(&wrapped, at)?;
        if let Some(run) = self.journal.crew().as_run() {
            self.run = run;
        }
        let recorded = recorded.iter().zip(events);
        Ok(recorded
            .map(|(of_crew, event)| Recorded { seq: of_crew.seq, at, event: event.clone() })
            .collect())
    }
}
