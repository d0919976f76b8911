//! The connection: how it is set up, and what its errors mean to callers.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{AppendError, OpenError, ReadError};

/// How long to wait for another process to finish its write, in milliseconds.
pub(crate) const BUSY_TIMEOUT_MS: u64 = 10_000;

/// What is kept of the write-ahead log's size once its content is in the database.
const WAL_KEPT_BYTES: u32 = 16 * 1024 * 1024;

/// Whether a commit returns before it is on the disk.
#[derive(Clone, Copy)]
pub(crate) enum Durability {
    /// Survives a loss of power as soon as the commit returns.
    Now,
    /// Survives a loss of power once a later commit with [`Durability::Now`] returned: both are
    /// in the same log, in that order. Survives the end of this process at once.
    WithNext,
}

/// Connects to the database at `path`. Touches the file only to read it.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    Ok(conn)
}

/// Sets what only a writer needs.
pub(crate) fn prepare_to_write(conn: &Connection) -> rusqlite::Result<()> {
    // Elsewhere than on Linux a plain fsync may leave data in the drive's cache.
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)?;
    conn.pragma_update_and_check(None, "journal_size_limit", WAL_KEPT_BYTES, |_| Ok(()))?;
    set_durability(conn, Durability::Now)
}

/// Switches the write-ahead log on; a no-op when it is.
pub(crate) fn use_wal(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
}

pub(crate) fn uses_wal(conn: &Connection) -> rusqlite::Result<bool> {
    conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
        .map(|mode| mode == "wal")
}

pub(crate) fn set_durability(conn: &Connection, durability: Durability) -> rusqlite::Result<()> {
    let statement = match durability {
        Durability::Now => "PRAGMA synchronous = FULL",
        Durability::WithNext => "PRAGMA synchronous = NORMAL",
    };
    conn.prepare_cached(statement)?.execute([]).map(drop)
}

pub(crate) fn open_error(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, source },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Busy { path },
        Some(ErrorCode::DiskFull) => OpenError::Full { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::Unwritable { path, source: io::Error::other(source) }
        }
        _ => OpenError::Database { path, source },
    }
}

/// Turns SQLite's errors into those of one operation on the database at `path`.
pub(crate) struct At<'a>(pub(crate) &'a Path);

impl At<'_> {
    pub(crate) fn append(&self, source: rusqlite::Error) -> AppendError {
        let path = self.path();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => AppendError::Full { path },
            Some(ErrorCode::ReadOnly) => AppendError::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => AppendError::Busy { path },
            Some(ErrorCode::DatabaseCorrupt) => AppendError::Damaged { path },
            _ => AppendError::Write { path, source },
        }
    }

    pub(crate) fn read(&self, source: rusqlite::Error) -> ReadError {
        let path = self.path();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ReadError::Busy { path },
            Some(ErrorCode::DatabaseCorrupt) => ReadError::FileDamaged { path },
            _ => ReadError::Read { path, source },
        }
    }

    fn path(&self) -> PathBuf {
        self.0.to_owned()
    }
}
