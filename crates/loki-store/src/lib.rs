//! Durable truth: the hash-chained journal, content-addressed blobs, run locks.
//!
//! Owns one SQLite database and one directory of lock files under a home directory that the
//! caller names. Refuses to interpret events: a payload is opaque text with a `kind`.
//!
//! ```text
//! <home>/            0700
//!   loki.db          0600, with loki.db-wal and loki.db-shm beside it while in use
//!   locks/<run>.lock 0600, held by the one process that may write the run
//! ```
#![warn(missing_docs)]

mod blobs;
mod chain;
mod database;
mod error;
mod failpoint;
mod journal;
mod lock;
mod open;
mod repair;
mod runs;
mod schema;

pub use blobs::BLOB_BYTES_MAX;
pub use chain::EventHash;
pub use error::{AppendError, OpenError, ReadError, ResolveError};
pub use journal::{
    BATCH_EVENTS_MAX, IntactEvents, KIND_BYTES_MAX, NewEvent, PAYLOAD_BYTES_MAX, RUN_EVENTS_MAX,
    StoredEvent,
};
pub use lock::{LockError, Owner, RunLock};
pub use open::Store;
pub use repair::{RepairError, Repaired, SavedRun, repair};
pub use runs::{NewRun, RUNS_LISTED_MAX, RunFilter, RunRow};
pub use schema::Format;

#[cfg(test)]
mod tests;
