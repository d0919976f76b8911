//! The journal of one run, in the words of the model.

use loki_model::crew::{Crew, FIRST_KIND, Standing};
use loki_model::{Event, Run, RunId, Timestamp, apply, fold};
use loki_store::{AppendError, LockError, NewEvent, ReadError, RunLock, Store, StoredEvent};

/// An event and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// From 1, without gaps.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// Why a journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Someone drives the run, or the lock could not be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store could not be read, or is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store could not be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The store's files could not be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// An event that this loki does not know.
    #[error(
        "event {seq} of run `{run}` (`{kind}`) was written by another version of loki; \
         use that version for this run"
    )]
    Unknown {
        /// The run.
        run: RunId,
        /// Which event.
        seq: u64,
        /// Its name.
        kind: String,
    },
    /// It is a run of several tasks side by side, which can not be written like one.
    #[error("run `{0}` does several tasks side by side: this is not there yet for such runs")]
    IsCrew(RunId),
    /// The first event is not a creation.
    #[error("the journal of run `{0}` has no beginning")]
    NoBeginning(RunId),
}

/// Reads the events of `id` after `after_seq`, in order.
pub fn read_events(
    store: &Store,
    id: &RunId,
    after_seq: u64,
) -> Result<Vec<Recorded>, JournalError> {
    store.events(id, after_seq)?.into_iter().map(|stored| decode(id, stored)).collect()
}

/// Reads the state of `id`; that of a crew as far as it can be told of a run.
pub fn read_run(store: &Store, id: &RunId) -> Result<Run, JournalError> {
    let stored = store.events(id, 0)?;
    if is_crew(&stored) {
        let crew = crate::crew::journal::fold_stored(id, stored)?;
        return with_live_spend(store, crew)
            .as_run()
            .ok_or_else(|| JournalError::NoBeginning(id.clone()));
    }
    fold_stored(id, stored)
}

/// A crew hears what a run of a task has cost when it is over; the run's own journal knows before.
fn with_live_spend(store: &Store, mut crew: Crew) -> Crew {
    for errand in &mut crew.tasks {
        let Some(id) = errand.run.as_ref().filter(|_| errand.standing == Standing::Running) else {
            continue;
        };
        // One that has not begun, or can not be read, adds nothing.
        let part = store.events(id, 0).ok().and_then(|stored| fold_stored(id, stored).ok());
        if let Some(part) = part {
            errand.spent.retain(|(run, ..)| run != id);
            errand.spent.push((id.clone(), part.spend, part.calls));
        }
    }
    crew
}

fn is_crew(stored: &[StoredEvent]) -> bool {
    stored.first().is_some_and(|first| first.kind == FIRST_KIND)
}

fn fold_stored(id: &RunId, stored: Vec<StoredEvent>) -> Result<Run, JournalError> {
    let recorded: Vec<Recorded> =
        stored.into_iter().map(|stored| decode(id, stored)).collect::<Result<_, _>>()?;
    fold(recorded.iter().map(|r| &r.event)).ok_or_else(|| JournalError::NoBeginning(id.clone()))
}

fn decode(id: &RunId, stored: StoredEvent) -> Result<Recorded, JournalError> {
    match serde_json::from_str(&stored.payload) {
        Ok(event) => Ok(Recorded { seq: stored.seq, at: stored.recorded_at, event }),
        Err(_) => {
            Err(JournalError::Unknown { run: id.clone(), seq: stored.seq, kind: stored.kind })
        }
    }
}

/// Where the loop records what happens: the real journal, or one that fails.
pub trait Ledger {
    /// The state after everything recorded.
    fn run(&self) -> &Run;

    /// When the newest event was recorded.
    fn last_at(&self) -> Timestamp;

    /// Makes `events` durable, all or none, then folds them.
    fn record(&mut self, events: &[Event], at: Timestamp) -> Result<Vec<Recorded>, JournalError>;
}

/// The one writer of one run. Holds the run's lock for as long as it lives.
pub struct Journal<'a> {
    store: &'a Store,
    lock: RunLock,
    run: Run,
    last_at: Timestamp,
}

impl<'a> Journal<'a> {
    /// Begins a run: `created` becomes its first event.
    pub fn begin(
        store: &'a Store,
        lock: RunLock,
        created: &Event,
        at: Timestamp,
    ) -> Result<(Journal<'a>, Recorded), JournalError> {
        let recorded = write(store, &lock, std::slice::from_ref(created), at)?;
        let run = fold([created]);
        match (run, recorded.into_iter().next()) {
            (Some(run), Some(first)) => Ok((Journal { store, lock, run, last_at: at }, first)),
            _ => Err(JournalError::NoBeginning(lock.run().clone())),
        }
    }

    /// Takes up a run that another process has left.
    pub fn take_up(store: &'a Store, id: &RunId) -> Result<Journal<'a>, JournalError> {
        let lock = store.lock(id)?;
        let stored = store.events(id, 0)?;
        if is_crew(&stored) {
            return Err(JournalError::IsCrew(id.clone()));
        }
        let last_at = stored.last().map(|newest| newest.recorded_at);
        let run = fold_stored(id, stored)?;
        let last_at = last_at.unwrap_or(run.created_at);
        Ok(Journal { store, lock, run, last_at })
    }
}

impl Ledger for Journal<'_> {
    fn run(&self) -> &Run {
        &self.run
    }

    fn last_at(&self) -> Timestamp {
        self.last_at
    }

    fn record(&mut self, events: &[Event], at: Timestamp) -> Result<Vec<Recorded>, JournalError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let recorded = write(self.store, &self.lock, events, at)?;
        for event in events {
            apply(&mut self.run, event);
        }
        self.last_at = at;
        Ok(recorded)
    }
}

fn write(
    store: &Store,
    lock: &RunLock,
    events: &[Event],
    at: Timestamp,
) -> Result<Vec<Recorded>, JournalError> {
    let new: Vec<NewEvent<'_>> = events
        .iter()
        .map(|event| NewEvent { kind: event.kind(), recorded_at: at, payload: encode(event) })
        .collect();
    let stored = store.append(lock, &new)?;
    let recorded = stored.iter().zip(events);
    Ok(recorded
        .map(|(stored, event)| Recorded { seq: stored.seq, at, event: event.clone() })
        .collect())
}

fn encode(event: &Event) -> String {
    // Events hold only strings, numbers, lists and string-keyed maps: they always serialise.
    serde_json::to_string(event).unwrap_or_default()
}
