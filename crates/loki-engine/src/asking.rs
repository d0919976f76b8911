//! The journal of one call outside of any run.

use loki_model::{Asking, AskingEvent, RunId, Timestamp};
use loki_store::{NewEvent, NewRun as NewRow, RunLock, Store};

use crate::journal::JournalError;

/// An asking that is under way. Until [`Open::end`] its cost is not known.
pub struct Open<'a> {
    store: &'a Store,
    lock: RunLock,
}

impl<'a> Open<'a> {
    /// Records `begun`, before anything is asked. Its repository, or directory, is `place`.
    pub fn begin(
        store: &'a Store,
        place: &std::path::Path,
        begun: &AskingEvent,
    ) -> Result<Open<'a>, JournalError> {
        let AskingEvent::AskingBegun { id, at, .. } = begun else {
            return Err(JournalError::NoBeginning(RunId::from_bits(0)));
        };
        let row = NewRow { id: id.clone(), repo: place.to_owned(), created_at: *at };
        store.create_run(&row)?;
        let open = Open { store, lock: store.lock(id)? };
        open.record(begun, *at)?;
        Ok(open)
    }

    /// Records how it ended.
    pub fn end(self, ended: &AskingEvent, at: Timestamp) -> Result<(), JournalError> {
        self.record(ended, at)
    }

    fn record(&self, event: &AskingEvent, at: Timestamp) -> Result<(), JournalError> {
        // Events hold only strings and numbers: they always serialise.
        let payload = serde_json::to_string(event).unwrap_or_default();
        let new = NewEvent { kind: event.kind(), recorded_at: at, payload };
        self.store.append(&self.lock, &[new])?;
        Ok(())
    }
}

/// Reads the asking that is called `id`.
pub fn read_asking(store: &Store, id: &RunId) -> Result<Asking, JournalError> {
    let mut events = Vec::new();
    for stored in store.events(id, 0)? {
        match serde_json::from_str::<AskingEvent>(&stored.payload) {
            Ok(event) => events.push(event),
            Err(_) => {
                let (run, seq, kind) = (id.clone(), stored.seq, stored.kind);
                return Err(JournalError::Unknown { run, seq, kind });
            }
        }
    }
    Asking::fold(&events).ok_or_else(|| JournalError::NoBeginning(id.clone()))
}
