//! Opening a store: what is on the disk, what it may be used for, who may see it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::TempDir;

use crate::database::{self, open_error};
use crate::error::{AppendError, OpenError};
use crate::repair;
use crate::schema::{self, Format, Found};

/// The durable truth of one machine, under one home directory.
///
/// Any number of processes and threads may use the same home directory at once. A run is written
/// only under its [`RunLock`](crate::RunLock).
#[derive(Debug)]
pub struct Store {
    home: PathBuf,
    path: PathBuf,
    access: Access,
    conn: Mutex<Connection>,
    /// What is read in place of files on a file system that can only be read.
    _copy: Option<TempDir>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    ReadWrite,
    ReadOnly,
}

impl Store {
    /// Opens the store under `home` for reading and writing, and makes it if there is none.
    ///
    /// New directories are accessible to their owner only. Fails with [`OpenError::TooNew`] on
    /// any format newer than [`Format::CURRENT`].
    pub fn open(home: &Path) -> Result<Store, OpenError> {
        refuse_half_repaired(home)?;
        let path = make_files(home)?;
        let fail = |err| open_error(&path, err);
        let mut conn = database::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fail)?;
        if conn.is_readonly("main").map_err(fail)? {
            return Err(unwritable(&path, io::ErrorKind::PermissionDenied.into()));
        }
        let found = schema::look(&conn).map_err(fail)?;
        if found != Found::Empty {
            refuse_to_write(&path, &found)?;
        }
        database::prepare_to_write(&conn).map_err(fail)?;
        if found == Found::Empty || !database::uses_wal(&conn).map_err(fail)? {
            let _alone = creation_lock(home)?;
            database::use_wal(&conn).map_err(fail)?;
            schema::create(&mut conn).map_err(fail)?;
            refuse_to_write(&path, &schema::look(&conn).map_err(fail)?)?;
        }
        let (home, conn) = (home.to_owned(), Mutex::new(conn));
        Ok(Store { home, path, access: Access::ReadWrite, conn, _copy: None })
    }

    /// Opens the store under `home` for reading; makes nothing.
    ///
    /// A newer minor format is read as far as it is known. Fails with [`OpenError::NotThere`]
    /// when nothing was ever recorded and with [`OpenError::TooNew`] on a newer major format.
    pub fn open_read_only(home: &Path) -> Result<Store, OpenError> {
        refuse_half_repaired(home)?;
        let path = home.join(DATABASE);
        match fs::metadata(&path) {
            Err(err) if is_missing(&err) => return Err(OpenError::NotThere { path }),
            // Made by a process that has not yet written to it, or died before it could.
            Ok(meta) if meta.len() == 0 => return Err(OpenError::NotThere { path }),
            Ok(meta) if meta.len() < HEADER_BYTES => return Err(OpenError::NotADatabase { path }),
            _ => {}
        }
        let fail = |err| open_error(&path, err);
        let connect = |path: &Path| {
            let conn = database::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            schema::look(&conn).map(|found| (conn, found))
        };
        let (conn, found, copy) = match connect(&path) {
            // A reader needs a file beside the database, which can not be made here.
            Err(err) if err.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
                let copy = copied(home).map_err(|_| fail(err))?;
                let (conn, found) = connect(&copy.path().join(DATABASE)).map_err(fail)?;
                (conn, found, Some(copy))
            }
            connected => {
                let (conn, found) = connected.map_err(fail)?;
                (conn, found, None)
            }
        };
        match found {
            Found::Empty => return Err(OpenError::NotThere { path }),
            found => refuse_to_read(&path, &found)?,
        }
        let (home, conn) = (home.to_owned(), Mutex::new(conn));
        Ok(Store { home, path, access: Access::ReadOnly, conn, _copy: copy })
    }

    /// The home directory, as given.
    pub fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn conn(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked rolled its transaction back when it unwound.
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn refuse_unless_writable(&self) -> Result<(), AppendError> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(AppendError::ReadOnly { path: self.path.clone() }),
        }
    }
}

/// The database, within the home directory.
pub(crate) const DATABASE: &str = "loki.db";

/// What was written last, beside it.
pub(crate) const LOG: &str = "loki.db-wal";

/// No SQLite database is smaller: it has at least one page, and this is the smallest page.
const HEADER_BYTES: u64 = 512;

/// The database and its log, where they can be read. Nobody writes to the ones that are copied.
fn copied(home: &Path) -> io::Result<TempDir> {
    let to = tempfile::tempdir()?;
    for file in [DATABASE, LOG] {
        match fs::copy(home.join(file), to.path().join(file)) {
            Err(err) if !is_missing(&err) => return Err(err),
            _ => {}
        }
    }
    Ok(to)
}

fn refuse_half_repaired(home: &Path) -> Result<(), OpenError> {
    match repair::is_interrupted(home) {
        true => Err(OpenError::HalfRepaired { path: home.join(DATABASE) }),
        false => Ok(()),
    }
}

/// Held while the database is set up. No run has a name of this form.
const CREATION_LOCK: &str = "creation.lock";

pub(crate) fn locks_dir(home: &Path) -> PathBuf {
    home.join("locks")
}

/// Opens a file to lock, and makes it if there is none. It is never removed: a process that
/// waits on a removed file would share its lock with nobody.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn refuse_to_read(path: &Path, found: &Found) -> Result<(), OpenError> {
    refuse_format(path, found, |format| format.major > Format::CURRENT.major)
}

fn refuse_to_write(path: &Path, found: &Found) -> Result<(), OpenError> {
    refuse_format(path, found, |format| format > Format::CURRENT)
}

fn refuse_format(
    path: &Path,
    found: &Found,
    too_new: impl Fn(Format) -> bool,
) -> Result<(), OpenError> {
    let path = path.to_owned();
    match *found {
        Found::Ours(found) if too_new(found) => {
            Err(OpenError::TooNew { path, found, supported: Format::CURRENT })
        }
        Found::Ours(_) => Ok(()),
        Found::Empty | Found::Foreign => Err(OpenError::NotADatabase { path }),
    }
}

/// Makes what has to be there before SQLite is, and returns the path of the database.
fn make_files(home: &Path) -> Result<PathBuf, OpenError> {
    let (locks, path) = (locks_dir(home), home.join(DATABASE));
    make_dir(home).map_err(|err| unwritable(home, err))?;
    make_dir(&locks).map_err(|err| unwritable(&locks, err))?;
    make_file(&path).map_err(|err| unwritable(&path, err))?;
    let bytes = fs::metadata(&path).map_err(|err| unwritable(&path, err))?.len();
    // SQLite would take it for an empty file and write over it.
    if (1..HEADER_BYTES).contains(&bytes) {
        return Err(OpenError::NotADatabase { path });
    }
    Ok(path)
}

/// Waits until no other process sets the database up: SQLite itself does not wait for others
/// while it switches to the write-ahead log.
fn creation_lock(home: &Path) -> Result<File, OpenError> {
    let path = locks_dir(home).join(CREATION_LOCK);
    let locked = lock_file(&path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|err| unwritable(&path, err))
}

fn unwritable(path: &Path, source: io::Error) -> OpenError {
    OpenError::Unwritable { path: path.to_owned(), source }
}

fn make_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // The new name has to survive a loss of power, or all that is below it is lost with it.
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Makes the database's file before SQLite does, which would let everyone read it. SQLite gives
/// the files beside it the same permissions.
fn make_file(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    // Only when it is not there: closing a second handle to a file that this process has a
    // connection to would drop the connection's locks.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(err) if err.kind() != io::ErrorKind::AlreadyExists => Err(err),
        _ => Ok(()),
    }
}

fn is_missing(err: &io::Error) -> bool {
    matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
