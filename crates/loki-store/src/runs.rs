//! The runs of this machine: made, listed, found by the beginning of their id.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use loki_model::{RunId, Timestamp};
use rusqlite::{Row, TransactionBehavior};

use crate::chain;
use crate::database::{self, At, Durability};
use crate::failpoint;
use crate::{AppendError, ReadError, ResolveError, Store};

/// A run to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Not taken yet.
    pub id: RunId,
    /// The repository it works in; any bytes that a path can have.
    pub repo: PathBuf,
    /// By the caller's clock.
    pub created_at: Timestamp,
}

/// A run as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The repository it works in.
    pub repo: PathBuf,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its last entry was recorded; nothing when it has none.
    pub last_event_at: Option<Timestamp>,
    /// How many entries it has. None at all when its maker died right after making it.
    pub events: u64,
    /// What its first entry is.
    pub first_kind: Option<String>,
    /// What its last entry is.
    pub last_kind: Option<String>,
}

/// Which runs to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunFilter<'a> {
    /// Only those in this repository, compared byte by byte.
    pub repo: Option<&'a Path>,
}

/// Most runs in one list; older ones are left out.
pub const RUNS_LISTED_MAX: u32 = 10_000;

/// Most candidates that an ambiguous prefix is answered with.
const CANDIDATES_MAX: usize = 10;

impl Store {
    /// Records that `run` exists. Durable when it returns.
    pub fn create_run(&self, run: &NewRun) -> Result<(), AppendError> {
        self.refuse_unless_writable()?;
        let fail = |err| At(self.path()).append(err);
        let NewRun { id, repo, created_at } = run;
        let repo = repo.as_os_str().as_bytes();
        let mut conn = self.conn();
        failpoint::hit("create run: before begin");
        database::set_durability(&conn, Durability::Now).map_err(fail)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let made = tx
            .execute(
                "INSERT INTO runs (run, repo, created_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
                (id.as_str(), repo, created_at.0),
            )
            .map_err(fail)?;
        if made == 0 {
            return Err(AppendError::RunExists { run: id.clone() });
        }
        failpoint::hit("create run: run inserted");
        let genesis = chain::genesis(id, repo, *created_at);
        tx.execute(
            "INSERT INTO heads (run, seq, hash) VALUES (?1, 0, ?2)",
            (id.as_str(), genesis.0),
        )
        .map_err(fail)?;
        failpoint::hit("create run: before commit");
        tx.commit().map_err(fail)?;
        failpoint::hit("create run: committed");
        Ok(())
    }

    /// Lists runs, newest first, at most [`RUNS_LISTED_MAX`].
    pub fn runs(&self, filter: RunFilter<'_>) -> Result<Vec<RunRow>, ReadError> {
        let fail = |err| At(self.path()).read(err);
        let repo = filter.repo.map(|repo| repo.as_os_str().as_bytes());
        let conn = self.conn();
        let mut statement = conn.prepare_cached(LIST).map_err(fail)?;
        let mut rows = statement.query((repo, RUNS_LISTED_MAX)).map_err(fail)?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().map_err(fail)? {
            let run = read_run(row)
                .map_err(|_| ReadError::RunsDamaged { path: self.path().to_owned() })?;
            runs.push(run);
        }
        Ok(runs)
    }

    /// Finds the one run whose id begins with `prefix`, which has at least one letter.
    pub fn resolve(&self, prefix: &str) -> Result<RunId, ResolveError> {
        let not_found = || ResolveError::NotFound { prefix: prefix.to_owned() };
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(not_found());
        }
        let mut candidates = self.beginning_with(prefix)?;
        match candidates.len() {
            0 => Err(not_found()),
            1 => Ok(candidates.swap_remove(0)),
            _ => Err(ResolveError::Ambiguous { prefix: prefix.to_owned(), candidates }),
        }
    }

    fn beginning_with(&self, prefix: &str) -> Result<Vec<RunId>, ReadError> {
        let fail = |err| At(self.path()).read(err);
        let conn = self.conn();
        // `{` follows `z` in ASCII.
        let mut statement = conn
            .prepare_cached(
                "SELECT run FROM runs WHERE run >= ?1 AND run < ?1 || '{' ORDER BY run LIMIT ?2",
            )
            .map_err(fail)?;
        let mut rows = statement.query((prefix, CANDIDATES_MAX as i64)).map_err(fail)?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().map_err(fail)? {
            let run = read_id(row)
                .map_err(|_| ReadError::RunsDamaged { path: self.path().to_owned() })?;
            runs.push(run);
        }
        Ok(runs)
    }
}

/// Entries are numbered without gaps, so the head's number is their count.
const LIST: &str = "
SELECT runs.run, runs.repo, runs.created_at, heads.seq, events.recorded_at, events.kind, first.kind
FROM runs
LEFT JOIN heads ON heads.run = runs.run
LEFT JOIN events ON events.run = heads.run AND events.seq = heads.seq
LEFT JOIN events AS first ON first.run = heads.run AND first.seq = 1
WHERE ?1 IS NULL OR runs.repo = ?1
ORDER BY runs.created_at DESC, runs.run
LIMIT ?2
";

fn read_run(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let repo = row.get_ref(1)?.as_blob()?.to_vec();
    Ok(RunRow {
        id: read_id(row)?,
        repo: PathBuf::from(OsString::from_vec(repo)),
        created_at: Timestamp(row.get(2)?),
        events: row.get::<_, i64>(3)?.cast_unsigned(),
        last_event_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        last_kind: row.get(5)?,
        first_kind: row.get(6)?,
    })
}

fn read_id(row: &Row<'_>) -> rusqlite::Result<RunId> {
    RunId::try_from(row.get::<_, String>(0)?).map_err(|_| rusqlite::Error::InvalidQuery)
}
