//! What can be saved of a damaged store, in a new one. The damaged files are kept.
//!
//! ```text
//! <home>/repair/        the new store while it is made
//! <home>/repaired/      the same, whole; takes the damaged one's place next
//! <home>/damaged-<n>/   the files as they were found
//! ```
//!
//! Dying anywhere in between loses nothing: before `repaired` is there the damaged files are untouched, and
//! from then on the next repair only finishes the exchange.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use loki_model::{Digest, RunId, Timestamp};
use rusqlite::{Connection, OpenFlags};

use crate::blobs;
use crate::chain::{self, EventHash, Link};
use crate::error::OpenError;
use crate::lock::LockError;
use crate::open::{DATABASE, LOG, lock_file, locks_dir};
use crate::schema::{self, Found};
use crate::{AppendError, BATCH_EVENTS_MAX, NewEvent, NewRun, Store, StoredEvent, database};

/// What was saved of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRun {
    /// Which.
    pub run: RunId,
    /// Entries from the first on that are what was recorded.
    pub events: u64,
    /// Entries that were recorded after them and are lost; nothing when that can not be told.
    pub lost: Option<u64>,
}

/// What was saved of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// Runs of which something is left, in order of their names.
    pub runs: Vec<SavedRun>,
    /// Runs of which not even the first entry is left; as many as can be told.
    pub runs_lost: u64,
    /// Blobs that are what was recorded.
    pub blobs: u64,
    /// Blobs that are not.
    pub blobs_lost: u64,
    /// Where the damaged files are.
    pub damaged: PathBuf,
}

/// Why a store was not repaired. What was there is there still.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// Some process works with it.
    #[error("run `{run}` is under way")]
    InUse {
        /// Which.
        run: String,
    },
    /// It is whole as far as this loki can tell, or not loki's.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The new one could not be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The new one could not be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// Files could not be copied or renamed.
    #[error("failed to repair `{path}`")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The new one could not be finished.
    #[error("failed to finish the repaired store")]
    Database(#[source] rusqlite::Error),
}

const MAKING: &str = "repair";
const MADE: &str = "repaired";
/// The files of a database, its own last: as long as it is there the others are gone or go with it.
const FILES: [&str; 3] = ["loki.db-shm", LOG, DATABASE];
/// Places in a row that can not be read before the rest of the blobs is given up.
const GAPS_MAX: u32 = 10_000;

/// Whether a repair was interrupted under `home`: the store must not be used before it is finished.
pub(crate) fn is_interrupted(home: &Path) -> bool {
    home.join(MADE).is_dir()
}

/// Looks at everything in the store under `home`; when something is damaged, puts a store in its place that
/// holds everything before the damage. Nothing when all is whole.
///
/// Refuses while any run is under way.
pub fn repair(home: &Path) -> Result<Option<Repaired>, RepairError> {
    let path = home.join(DATABASE);
    if !path.is_file() && !is_interrupted(home) {
        return Err(OpenError::NotThere { path }.into());
    }
    let _alone = alone(home)?;
    if is_interrupted(home) {
        // Made by a repair that died; what it found is told anew of the files that it leaves.
        let damaged = exchange(home)?;
        let found = read(&damaged.join(DATABASE))?;
        return Ok(Some(found.told(damaged)));
    }
    let found = read(&path)?;
    if found.is_whole() {
        return Ok(None);
    }
    make(home, &found)?;
    let damaged = exchange(home)?;
    Ok(Some(found.told(damaged)))
}

/// All locks of all runs: whoever begins one meanwhile fails to take it.
fn alone(home: &Path) -> Result<Vec<File>, RepairError> {
    let dir = locks_dir(home);
    let mut held = Vec::new();
    for entry in fs::read_dir(&dir).map_err(|source| failed(&dir, source))? {
        let path = entry.map_err(|source| failed(&dir, source))?.path();
        let file = lock_file(&path).map_err(|source| failed(&path, source))?;
        if file.try_lock().is_err() {
            let run = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            return Err(RepairError::InUse { run });
        }
        held.push(file);
    }
    Ok(held)
}

/// What is intact in a database, and how much is not.
#[derive(Default)]
struct Intact {
    runs: Vec<IntactRun>,
    runs_lost: u64,
    blobs: Vec<Vec<u8>>,
    blobs_lost: u64,
    /// Something could not even be looked at.
    is_unreadable: bool,
}

struct IntactRun {
    row: NewRun,
    events: Vec<StoredEvent>,
    lost: Option<u64>,
}

impl Intact {
    fn is_whole(&self) -> bool {
        let whole = |run: &IntactRun| run.lost == Some(0);
        let nothing_lost = self.runs_lost == 0 && self.blobs_lost == 0;
        !self.is_unreadable && nothing_lost && self.runs.iter().all(whole)
    }

    fn told(&self, damaged: PathBuf) -> Repaired {
        let runs = self.runs.iter().map(|run| SavedRun {
            run: run.row.id.clone(),
            events: run.events.len() as u64,
            lost: run.lost,
        });
        Repaired {
            runs: runs.collect(),
            runs_lost: self.runs_lost,
            blobs: self.blobs.len() as u64,
            blobs_lost: self.blobs_lost,
            damaged,
        }
    }
}

/// Reads what can be read. A store of another format is not judged.
fn read(path: &Path) -> Result<Intact, RepairError> {
    let mut intact = Intact::default();
    let looked = database::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|conn| schema::look(&conn).map(|found| (conn, found)));
    let (conn, found) = match looked {
        Ok(looked) => looked,
        Err(err) if is_damage(&err) => return Ok(Intact { is_unreadable: true, ..intact }),
        Err(err) => return Err(database::open_error(path, err).into()),
    };
    match found {
        Found::Ours(format) if format > schema::Format::CURRENT => {
            let (path, supported) = (path.to_owned(), schema::Format::CURRENT);
            return Err(OpenError::TooNew { path, found: format, supported }.into());
        }
        Found::Ours(_) => {}
        Found::Empty | Found::Foreign => {
            return Err(OpenError::NotADatabase { path: path.to_owned() }.into());
        }
    }
    read_runs(&conn, &mut intact);
    read_blobs(&conn, &mut intact);
    Ok(intact)
}

fn is_damage(err: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(err.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

fn read_runs(conn: &Connection, intact: &mut Intact) {
    let mut rows = Vec::new();
    let listed = conn.prepare("SELECT run, repo, created_at FROM runs ORDER BY run").and_then(
        |mut select| {
            let mut found = select.query([])?;
            while let Some(row) = found.next()? {
                rows.push(read_row(row).ok());
            }
            Ok(())
        },
    );
    intact.is_unreadable |= listed.is_err();
    for row in rows {
        match row.and_then(|row| read_run(conn, row)) {
            Some(run) => intact.runs.push(run),
            None => intact.runs_lost += 1,
        }
    }
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<NewRun> {
    let id = RunId::try_from(row.get::<_, String>(0)?);
    let repo = row.get_ref(1)?.as_blob()?.to_vec();
    Ok(NewRun {
        id: id.map_err(|_| rusqlite::Error::InvalidQuery)?,
        repo: PathBuf::from(OsString::from_vec(repo)),
        created_at: Timestamp(row.get(2)?),
    })
}

/// The entries of a run as far as their chain holds; nothing when not even the first does.
fn read_run(conn: &Connection, row: NewRun) -> Option<IntactRun> {
    let repo = std::os::unix::ffi::OsStrExt::as_bytes(row.repo.as_os_str());
    let mut last = chain::genesis(&row.id, repo, row.created_at);
    let mut events: Vec<StoredEvent> = Vec::new();
    let read = conn
        .prepare(
            "SELECT seq, recorded_at, kind, payload, hash FROM events WHERE run = ?1 ORDER BY seq",
        )
        .and_then(|mut select| {
            let mut found = select.query([row.id.as_str()])?;
            while let Some(entry) = found.next()? {
                let Some(entry) = crate::journal::read_entry(entry)? else { return Ok(false) };
                let StoredEvent { seq, recorded_at, kind, payload, hash } = &entry;
                let link =
                    Link { run: &row.id, seq: *seq, recorded_at: *recorded_at, kind, payload };
                if *seq != events.len() as u64 + 1 || *hash != chain::next(&last, &link) {
                    return Ok(false);
                }
                last = *hash;
                events.push(entry);
            }
            Ok(true)
        });
    let head = head(conn, &row.id);
    let lost = match head {
        Some((seq, hash)) if seq == events.len() as u64 && hash == last && read.is_ok() => Some(0),
        Some((seq, _)) if seq > events.len() as u64 => Some(seq - events.len() as u64),
        _ => None,
    };
    // One that died before its first entry never began, and nothing of it is lost.
    let began = !events.is_empty() || lost == Some(0);
    began.then_some(IntactRun { row, events, lost })
}

fn head(conn: &Connection, run: &RunId) -> Option<(u64, EventHash)> {
    conn.query_row("SELECT seq, hash FROM heads WHERE run = ?1", [run.as_str()], |row| {
        let seq = row.get::<_, i64>(0)?.cast_unsigned();
        Ok(crate::journal::as_hash(row.get_ref(1)?).map(|hash| (seq, hash)))
    })
    .ok()
    .flatten()
}

/// One by one, since a page that can not be read ends every longer look.
fn read_blobs(conn: &Connection, intact: &mut Intact) {
    let (mut id, mut gaps) = (0_i64, 0_u32);
    while gaps <= GAPS_MAX {
        let next = conn.query_row(
            "SELECT id, digest, encoding, size, content FROM blobs WHERE id > ?1 ORDER BY id LIMIT 1",
            [id],
            |row| {
                let content = row.get_ref(4)?.as_blob().unwrap_or_default().to_vec();
                let digest = Digest::try_from(row.get::<_, String>(1).unwrap_or_default()).ok();
                let size: i64 = row.get(3).unwrap_or(-1);
                let bytes = blobs::decode(row.get(2).unwrap_or(-1), size, content);
                let bytes = bytes.filter(|bytes| Some(Digest::of(bytes)) == digest);
                Ok((row.get::<_, i64>(0)?, bytes))
            },
        );
        match next {
            Ok((found, bytes)) => {
                (id, gaps) = (found, 0);
                match bytes {
                    Some(bytes) => intact.blobs.push(bytes),
                    None => intact.blobs_lost += 1,
                }
            }
            Err(rusqlite::Error::QueryReturnedNoRows) => return,
            Err(_) => {
                intact.is_unreadable = true;
                (id, gaps) = (id + 1, gaps + 1);
            }
        }
    }
}

/// Makes the new store beside the damaged one, in one file, and gives it its second name when it is whole.
fn make(home: &Path, found: &Intact) -> Result<(), RepairError> {
    let making = home.join(MAKING);
    if making.exists() {
        fs::remove_dir_all(&making).map_err(|source| failed(&making, source))?;
    }
    let store = Store::open(&making)?;
    for bytes in &found.blobs {
        let _ = store.put_blob(bytes)?;
    }
    for run in &found.runs {
        store.create_run(&run.row)?;
        let lock = store.lock(&run.row.id)?;
        for batch in run.events.chunks(BATCH_EVENTS_MAX) {
            let events: Vec<NewEvent<'_>> = batch
                .iter()
                .map(|event| NewEvent {
                    kind: &event.kind,
                    recorded_at: event.recorded_at,
                    payload: event.payload.clone(),
                })
                .collect();
            let _ = store.append(&lock, &events)?;
        }
    }
    drop(store);
    // All of it into the one file that is renamed: a log beside it would belong to another.
    let path = making.join(DATABASE);
    let conn = database::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(RepairError::Database)?;
    conn.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
        .map_err(RepairError::Database)?;
    drop(conn);
    sync(&path)?;
    sync(&making)?;
    let made = home.join(MADE);
    fs::rename(&making, &made).map_err(|source| failed(&made, source))?;
    sync(home)
}

/// Keeps the damaged files aside, and puts the new one in their place. Can be begun again anywhere.
fn exchange(home: &Path) -> Result<PathBuf, RepairError> {
    let made = home.join(MADE);
    let damaged = place_for_damaged(home, &made)?;
    for file in FILES {
        let (from, to) = (home.join(file), damaged.join(file));
        if from.exists() && !to.exists() {
            // Under another name first, so that half a copy is not taken for a whole one.
            let half = damaged.join("half");
            fs::copy(&from, &half).map_err(|source| failed(&from, source))?;
            sync(&half)?;
            fs::rename(&half, &to).map_err(|source| failed(&to, source))?;
        }
    }
    sync(&damaged)?;
    let new = made.join(DATABASE);
    if new.exists() {
        for file in &FILES[..2] {
            remove(&home.join(file))?;
        }
        let path = home.join(DATABASE);
        fs::rename(&new, &path).map_err(|source| failed(&path, source))?;
        sync(home)?;
    }
    fs::remove_dir_all(&made).map_err(|source| failed(&made, source))?;
    sync(home)?;
    Ok(damaged)
}

/// The same place however often an exchange is begun: its name is kept beside the new store.
fn place_for_damaged(home: &Path, made: &Path) -> Result<PathBuf, RepairError> {
    let note = made.join("damaged");
    let name = match fs::read_to_string(&note) {
        Ok(name) if !name.is_empty() => name,
        _ => {
            let free = (1..).map(|n: u32| format!("damaged-{n}"));
            let name = free.into_iter().find(|name| !home.join(name).exists()).unwrap_or_default();
            fs::write(&note, &name).map_err(|source| failed(&note, source))?;
            sync(&note)?;
            name
        }
    };
    let dir = home.join(name);
    fs::create_dir_all(&dir).map_err(|source| failed(&dir, source))?;
    Ok(dir)
}

fn remove(path: &Path) -> Result<(), RepairError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(path, source)),
        _ => Ok(()),
    }
}

fn sync(path: &Path) -> Result<(), RepairError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> RepairError {
    RepairError::Io { path: path.to_owned(), source }
}
