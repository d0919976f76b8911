//! The tables, their version, and how a database says that it is ours.

use std::fmt;

use rusqlite::{Connection, TransactionBehavior};

use crate::failpoint;

/// Version of the stored shapes.
///
/// A newer minor version only adds: it can be read. A newer major version changes what is there.
/// Neither can be written by this loki, which would lose what it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Format {
    /// Changes when old readers would be wrong.
    pub major: u32,
    /// Changes when old readers would merely see less.
    pub minor: u32,
}

impl Format {
    /// What this loki writes.
    pub const CURRENT: Format = Format { major: 1, minor: 0 };

    /// Minor versions within one major version, in the one integer that SQLite keeps for us.
    const MINORS: u32 = 1000;

    fn from_user_version(version: u32) -> Format {
        Format { major: version / Self::MINORS, minor: version % Self::MINORS }
    }

    pub(crate) fn user_version(self) -> u32 {
        self.major * Self::MINORS + self.minor
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// `loki` in ASCII, where SQLite keeps the name of the program that a database belongs to.
const APPLICATION_ID: u32 = 0x6c6f_6b69;

/// Events and runs only ever grow; the triggers hold that against mistakes, the hash chain
/// against intent. `heads` is the one thing that moves: it makes the loss of last entries visible.
pub(crate) const TABLES: &str = "
CREATE TABLE runs (
    run TEXT NOT NULL PRIMARY KEY,
    repo BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    run TEXT NOT NULL REFERENCES runs (run),
    seq INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
    run TEXT NOT NULL PRIMARY KEY REFERENCES runs (run),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    encoding INTEGER NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE TRIGGER runs_are_not_changed BEFORE UPDATE ON runs
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER runs_are_not_deleted BEFORE DELETE ON runs
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER heads_only_move_forward BEFORE UPDATE ON heads
WHEN NEW.run <> OLD.run OR NEW.seq <= OLD.seq
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER heads_are_not_deleted BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER blobs_are_not_changed BEFORE UPDATE ON blobs
BEGIN SELECT RAISE(ABORT, 'blobs are named by their content'); END;
";

/// What a database file turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing was ever written to it.
    Empty,
    /// Ours, in this format.
    Ours(Format),
    /// A database of some other program.
    Foreign,
}

/// Looks at what `conn` is connected to.
pub(crate) fn look(conn: &Connection) -> rusqlite::Result<Found> {
    // One statement, or the three answers could straddle another process's commit.
    let (application, version, tables): (u32, u32, u32) = conn.query_row(
        "SELECT (SELECT application_id FROM pragma_application_id),
                (SELECT user_version FROM pragma_user_version),
                (SELECT count(*) FROM sqlite_schema)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if application == APPLICATION_ID && version > 0 {
        return Ok(Found::Ours(Format::from_user_version(version)));
    }
    let untouched = application == 0 && version == 0 && tables == 0;
    Ok(if untouched { Found::Empty } else { Found::Foreign })
}

/// Makes the tables unless another process just did. One transaction: all of it or nothing.
pub(crate) fn create(conn: &mut Connection) -> rusqlite::Result<()> {
    failpoint::hit("create: before begin");
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if look(&tx)? == Found::Empty {
        tx.execute_batch(TABLES)?;
        failpoint::hit("create: tables made");
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", Format::CURRENT.user_version())?;
        failpoint::hit("create: before commit");
    }
    tx.commit()?;
    failpoint::hit("create: committed");
    Ok(())
}
