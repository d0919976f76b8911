//! Journals that fail: one in memory, and the real one with its files torn.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

use loki_model::{Event, Input, Run, Timestamp, apply, decide, fold};
use loki_store::{AppendError, NewRun as NewRow, OpenError, Store};
use tempfile::TempDir;

use super::fault::Fault;
use super::host::Host;
use super::locked;
use crate::journal::{Journal, JournalError, Ledger, Recorded, read_events};

/// The files of a store that hold what was recorded.
const FILES: [&str; 2] = ["loki.db", "loki.db-wal"];
const LOG: &str = FILES[1];

pub(super) struct SimLedger {
    host: Arc<Mutex<Host>>,
    run: Run,
    /// Everything that is durable, unless there is a real store.
    events: Vec<Event>,
    last_at: Timestamp,
    real: Option<Real>,
}

/// A store in a directory that may be torn.
struct Real {
    home: TempDir,
    store: Arc<Store>,
    /// What the files were before the last write, when that was torn.
    torn: Option<TempDir>,
}

/// Why the files of a real store could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum SimError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error("it has no beginning")]
    NoBeginning,
}

impl SimLedger {
    pub(super) fn begin(
        host: &Arc<Mutex<Host>>,
        created: Event,
        real: bool,
    ) -> Result<SimLedger, SimError> {
        let run = fold([&created]).ok_or(SimError::NoBeginning)?;
        let real = real.then(|| Real::begin(&run, &created)).transpose()?;
        locked(host).acknowledged.push(created.clone());
        let last_at = run.created_at;
        Ok(SimLedger { host: Arc::clone(host), run, events: vec![created], last_at, real })
    }

    /// What a further process finds.
    pub(super) fn after_death(self) -> Result<SimLedger, SimError> {
        let SimLedger { host, run, events, mut last_at, real } = self;
        let real = real.map(Real::after_death).transpose()?;
        let events = match &real {
            None => events,
            Some(real) => {
                let recorded = read_events(&real.store, &run.id, 0)?;
                last_at = recorded.last().map_or(last_at, |newest| newest.at);
                recorded.into_iter().map(|recorded| recorded.event).collect()
            }
        };
        let mut at = locked(&host);
        // What was in doubt is there now, or it never will be.
        if events.len() > at.acknowledged.len() {
            let doubt = std::mem::take(&mut at.in_doubt);
            at.acknowledged.extend(doubt);
        }
        at.in_doubt.clear();
        drop(at);
        let run = fold(&events).ok_or(SimError::NoBeginning)?;
        Ok(SimLedger { host, run, events, last_at, real })
    }

    fn write(&mut self, events: &[Event], at: Timestamp) -> Result<(), JournalError> {
        match &mut self.real {
            None => self.events.extend_from_slice(events),
            Some(real) => real.write(&self.run, events, at)?,
        }
        self.last_at = at;
        Ok(())
    }
}

impl Ledger for SimLedger {
    fn run(&self) -> &Run {
        &self.run
    }

    fn last_at(&self) -> Timestamp {
        self.last_at
    }

    fn record(&mut self, events: &[Event], at: Timestamp) -> Result<Vec<Recorded>, JournalError> {
        let host = Arc::clone(&self.host);
        let mut host = locked(&host);
        let path = || Path::new("loki.db").to_owned();
        let gone = || JournalError::from(AppendError::ReadOnly { path: path() });
        if host.dead {
            return Err(gone());
        }
        if events.is_empty() {
            return Ok(Vec::new());
        }
        if host.kills(Fault::DiskFull, 120) {
            return Err(AppendError::Full { path: path() }.into());
        }
        if host.kills(Fault::DiskReadOnly, 120) {
            return Err(gone());
        }
        let tears = self.real.is_some() && host.kills(Fault::TornWrite, 60);
        let garbles = self.real.is_some() && !tears && host.kills(Fault::GarbledWrite, 60);
        if tears || garbles {
            host.in_doubt = events.to_vec();
            if let Some(real) = &mut self.real {
                real.write_torn(&self.run, events, at, garbles, &mut host.rng)?;
            }
            return Err(gone());
        }
        let dies = host.kills(Fault::DeathRecording, 60);
        if dies {
            host.in_doubt = events.to_vec();
            if host.rng.bool() {
                return Err(gone());
            }
        }
        self.write(events, at)?;
        if dies {
            return Err(gone());
        }
        host.acknowledged.extend_from_slice(events);
        host.tally.events += events.len() as u64;
        for event in events {
            apply(&mut self.run, event);
        }
        stale_result(&self.run, &mut host);
        let waits =
            |event: &Event| matches!(event, Event::WaitStarted { until, .. } if *until <= at);
        if events.iter().any(waits) {
            host.broke = Some("a wait is over before it begins");
        }
        let first = host.acknowledged.len() - events.len();
        let numbered = events.iter().enumerate();
        Ok(numbered
            .map(|(n, event)| Recorded { seq: (first + n + 1) as u64, at, event: event.clone() })
            .collect())
    }
}

/// A result that has been given back already arrives once more. It must mean nothing.
fn stale_result(run: &Run, host: &mut Host) {
    if host.results.is_empty() || host.rng.u32(0..4) > 0 {
        return;
    }
    let any = host.rng.usize(0..host.results.len());
    let (effect, result) = host.results[any].clone();
    if effect == run.awaiting {
        return;
    }
    host.tally.count(Fault::StaleResult);
    let late = Input::Done { at: Timestamp(host.clock), effect, result };
    if decide(run, &late).is_ok() {
        host.broke = Some("a result was taken twice");
    }
}

impl Real {
    fn begin(run: &Run, created: &Event) -> Result<Real, SimError> {
        let home = quick_dir()?;
        let store = Store::open(home.path())?;
        let row = NewRow { id: run.id.clone(), repo: "/repo".into(), created_at: run.created_at };
        store.create_run(&row)?;
        let lock = store.lock(&run.id).map_err(JournalError::from)?;
        let _ = Journal::begin(&store, lock, created, run.created_at)?;
        Ok(Real { home, store: Arc::new(store), torn: None })
    }

    fn write(&mut self, run: &Run, events: &[Event], at: Timestamp) -> Result<(), JournalError> {
        let mut journal = Journal::take_up(&self.store, &run.id)?;
        journal.record(events, at).map(drop)
    }

    /// Writes, then puts the files of before beside it with a part of what was written to the log.
    fn write_torn(
        &mut self,
        run: &Run,
        events: &[Event],
        at: Timestamp,
        garble: bool,
        rng: &mut fastrand::Rng,
    ) -> Result<(), JournalError> {
        let torn = copy(self.home.path())?;
        let before = fs::metadata(torn.path().join(LOG)).map_or(0, |log| log.len());
        self.write(run, events, at)?;
        let written = fs::read(self.home.path().join(LOG))?;
        let new = written.get(usize::try_from(before).unwrap_or(usize::MAX)..).unwrap_or_default();
        let kept = rng.usize(0..=new.len());
        let mut new = new[..kept].to_vec();
        if garble && !new.is_empty() {
            let from = rng.usize(0..new.len());
            new[from..].iter_mut().for_each(|byte| *byte = rng.u8(..));
        }
        let mut log = fs::File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(torn.path().join(LOG))?;
        log.seek(SeekFrom::Start(before))?;
        log.write_all(&new)?;
        self.torn = Some(torn);
        Ok(())
    }

    fn after_death(self) -> Result<Real, SimError> {
        let Real { home, store, torn } = self;
        // As the files are, before an orderly end could tidy them up.
        let left = match torn {
            Some(torn) => torn,
            None => copy(home.path())?,
        };
        drop(store);
        let store = Arc::new(Store::open(left.path())?);
        Ok(Real { home: left, store, torn: None })
    }
}

/// In memory, where there is such a place: power is only lost in play.
fn quick_dir() -> std::io::Result<TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

fn copy(home: &Path) -> std::io::Result<TempDir> {
    let to = quick_dir()?;
    for file in FILES {
        match fs::copy(home.join(file), to.path().join(file)) {
            Err(err) if err.kind() != std::io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
    }
    Ok(to)
}
