//! The journal of one crew.

use loki_model::crew::{Crew, CrewEvent, FIRST_KIND, Standing, apply, fold};
use loki_model::{RunId, Timestamp};
use loki_store::{NewEvent, ReadError, RunLock, Store, StoredEvent};

use crate::journal::JournalError;

/// An event and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewRecorded {
    /// From 1, without gaps.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub event: CrewEvent,
}

/// Reads the events of crew `id` after `after_seq`, in order.
pub fn read_crew_events(
    store: &Store,
    id: &RunId,
    after_seq: u64,
) -> Result<Vec<CrewRecorded>, JournalError> {
    store.events(id, after_seq)?.into_iter().map(|stored| decode(id, stored)).collect()
}

/// Reads the state of `id`; nothing when it is a run and no crew.
pub fn read_crew(store: &Store, id: &RunId) -> Result<Option<Crew>, JournalError> {
    let stored = store.events(id, 0)?;
    match stored.first() {
        Some(first) if first.kind == FIRST_KIND => fold_stored(id, stored).map(Some),
        _ => Ok(None),
    }
}

pub(crate) fn fold_stored(id: &RunId, stored: Vec<StoredEvent>) -> Result<Crew, JournalError> {
    let events: Vec<CrewRecorded> =
        stored.into_iter().map(|stored| decode(id, stored)).collect::<Result<_, _>>()?;
    fold(events.iter().map(|r| &r.event)).ok_or_else(|| JournalError::NoBeginning(id.clone()))
}

fn decode(id: &RunId, stored: StoredEvent) -> Result<CrewRecorded, JournalError> {
    let StoredEvent { seq, recorded_at: at, kind, payload, .. } = stored;
    match serde_json::from_str(&payload) {
        Ok(event) => Ok(CrewRecorded { seq, at, event }),
        Err(_) => Err(JournalError::Unknown { run: id.clone(), seq, kind }),
    }
}

/// The one writer of one crew. Holds its lock for as long as it lives.
pub struct CrewJournal<'a> {
    store: &'a Store,
    lock: RunLock,
    crew: Crew,
    last_at: Timestamp,
}

impl<'a> CrewJournal<'a> {
    /// Begins a crew: `created` becomes its first event.
    pub fn begin(
        store: &'a Store,
        lock: RunLock,
        created: &CrewEvent,
        at: Timestamp,
    ) -> Result<(CrewJournal<'a>, CrewRecorded), JournalError> {
        let crew = fold([created]).ok_or_else(|| JournalError::NoBeginning(lock.run().clone()))?;
        let recorded = write(store, &lock, std::slice::from_ref(created), at)?;
        let nothing = || JournalError::NoBeginning(crew.id.clone());
        let first = recorded.into_iter().next().ok_or_else(nothing)?;
        Ok((CrewJournal { store, lock, crew, last_at: at }, first))
    }

    /// Takes up a crew that another process has left.
    pub fn take_up(store: &'a Store, id: &RunId) -> Result<CrewJournal<'a>, JournalError> {
        let lock = store.lock(id)?;
        let nothing = || JournalError::NoBeginning(id.clone());
        let stored = store.events(id, 0)?;
        let newest = stored.last().ok_or_else(nothing)?.recorded_at;
        let is_crew = stored.first().is_some_and(|first| first.kind == FIRST_KIND);
        let crew = is_crew.then(|| fold_stored(id, stored)).ok_or_else(nothing)??;
        let last_at = last_of_parts(store, &crew)?.max(newest);
        Ok(CrewJournal { store, lock, crew, last_at })
    }

    /// When the newest event was recorded, those of runs that were under way included.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// The state after everything recorded.
    pub fn crew(&self) -> &Crew {
        &self.crew
    }

    /// Makes `events` durable, all or none, then folds them.
    pub fn record(
        &mut self,
        events: &[CrewEvent],
        at: Timestamp,
    ) -> Result<Vec<CrewRecorded>, JournalError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let recorded = write(self.store, &self.lock, events, at)?;
        events.iter().for_each(|event| apply(&mut self.crew, event));
        self.last_at = at;
        Ok(recorded)
    }
}

/// A process that died was alive for as long as the runs of its tasks recorded anything.
fn last_of_parts(store: &Store, crew: &Crew) -> Result<Timestamp, JournalError> {
    let mut last_at = Timestamp::default();
    for errand in crew.tasks.iter().filter(|errand| errand.standing == Standing::Running) {
        let Some(run) = &errand.run else { continue };
        let newest = match store.events(run, 0) {
            // Its maker died before its first event.
            Err(ReadError::UnknownRun { .. }) => None,
            stored => stored?.last().map(|newest| newest.recorded_at),
        };
        last_at = last_at.max(newest.unwrap_or_default());
    }
    Ok(last_at)
}

fn write(
    store: &Store,
    lock: &RunLock,
    events: &[CrewEvent],
    at: Timestamp,
) -> Result<Vec<CrewRecorded>, JournalError> {
    // Events hold only strings, numbers, lists and string-keyed maps: they always serialise.
    let encode = |event: &CrewEvent| serde_json::to_string(event).unwrap_or_default();
    let new: Vec<NewEvent<'_>> = events
        .iter()
        .map(|event| NewEvent { kind: event.kind(), recorded_at: at, payload: encode(event) })
        .collect();
    let stored = store.append(lock, &new)?;
    let recorded = |(stored, event): (&StoredEvent, &CrewEvent)| CrewRecorded {
        seq: stored.seq,
        at,
        event: event.clone(),
    };
    Ok(stored.iter().zip(events).map(recorded).collect())
}
