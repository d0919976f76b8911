//! What can go wrong between the store and the disk, one enum per operation.

use std::io;
use std::path::PathBuf;

use loki_model::{Digest, RunId};

use crate::database::BUSY_TIMEOUT_MS;
use crate::schema::Format;

/// Why a store could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing to read yet.
    #[error("there is no journal at `{path}` yet; it is made by the first run")]
    NotThere {
        /// The database.
        path: PathBuf,
    },
    /// Written by a newer loki. Writing would lose what this one does not know.
    #[error(
        "`{path}` has format {found}, newer than {supported}, the newest this loki writes; \
         use the loki that wrote it, or name another home directory"
    )]
    TooNew {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: Format,
        /// The newest format known here.
        supported: Format,
    },
    /// Something else is where the database should be.
    #[error("`{path}` is not a journal of loki; move it away, or name another home directory")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file was a database once.
    #[error("`{path}` is damaged; save what can be read with: loki doctor --repair")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite saw.
        #[source]
        source: rusqlite::Error,
    },
    /// A repair was interrupted.
    #[error("a repair of `{path}` was interrupted; finish it with: loki doctor --repair")]
    HalfRepaired {
        /// The database.
        path: PathBuf,
    },
    /// The home directory cannot be made or written to.
    #[error("cannot write to `{path}`; make it writable, or name another home directory")]
    Unwritable {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The disk is full.
    #[error("the disk that holds `{path}` is full; free some space and try again")]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// Another process kept the database to itself.
    #[error("`{path}` was kept busy by another process for {BUSY_TIMEOUT_MS} ms; try again")]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// Anything else.
    #[error("failed to open `{path}`")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

/// Why something could not be recorded. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The id is taken.
    #[error("run `{run}` exists already")]
    RunExists {
        /// The run.
        run: RunId,
    },
    /// Entries need a run to belong to.
    #[error("there is no run `{run}`")]
    UnknownRun {
        /// The run.
        run: RunId,
    },
    /// The lock was taken in another home directory and protects nothing here.
    #[error("the lock on run `{run}` was taken in another home directory")]
    ForeignLock {
        /// The run.
        run: RunId,
    },
    /// One text or blob is larger than the store takes.
    #[error("{what} has {bytes} bytes; the limit is {bytes_max}")]
    TooBig {
        /// Which part, such as `payload`.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// More entries than one batch or one run may have.
    #[error("{what} would have {events} entries; the limit is {events_max}")]
    TooMany {
        /// `a batch` or `a run`.
        what: &'static str,
        /// How many there would be.
        events: u64,
        /// The limit.
        events_max: u64,
    },
    /// The store was opened for reading, or the file system became read-only.
    #[error("`{path}` can only be read")]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// The file is not what SQLite wrote.
    #[error("`{path}` is damaged; save what can be read with: loki doctor --repair")]
    Damaged {
        /// The database.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk that holds `{path}` is full; free some space and resume")]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// Another process kept the database to itself.
    #[error("`{path}` was kept busy by another process for {BUSY_TIMEOUT_MS} ms; try again")]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// Anything else.
    #[error("failed to write `{path}`")]
    Write {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing is known of the run.
    #[error("there is no run `{run}`")]
    UnknownRun {
        /// The run.
        run: RunId,
    },
    /// Entry `seq` is missing, or is not what was recorded. Every entry before it is intact.
    #[error(
        "journal entry {seq} of run `{run}` is damaged; the entries before it are intact, and \
         `loki doctor --repair` goes back to them"
    )]
    Damaged {
        /// The run.
        run: RunId,
        /// The first bad entry.
        seq: u64,
    },
    /// The content is not what its name says.
    #[error("blob {} is damaged", .digest.short())]
    BlobDamaged {
        /// Its name.
        digest: Digest,
    },
    /// The file is not what SQLite wrote.
    #[error("`{path}` is damaged; save what can be read with: loki doctor --repair")]
    FileDamaged {
        /// The database.
        path: PathBuf,
    },
    /// A row cannot be what loki wrote.
    #[error(
        "the list of runs in `{path}` is damaged; save what can be read with: loki doctor --repair"
    )]
    RunsDamaged {
        /// The database.
        path: PathBuf,
    },
    /// Another process kept the database to itself.
    #[error("`{path}` was kept busy by another process for {BUSY_TIMEOUT_MS} ms; try again")]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// Anything else.
    #[error("failed to read `{path}`")]
    Read {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

/// Why a prefix does not name a run.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// No run begins like that.
    #[error("no run begins with `{prefix}`")]
    NotFound {
        /// As given.
        prefix: String,
    },
    /// Several runs begin like that.
    #[error("`{prefix}` could be {}; give more letters", list(.candidates))]
    Ambiguous {
        /// As given.
        prefix: String,
        /// In order of the alphabet; the first ten.
        candidates: Vec<RunId>,
    },
    /// The runs could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

fn list(runs: &[RunId]) -> String {
    runs.iter().map(|run| format!("`{run}`")).collect::<Vec<_>>().join(", ")
}
