//! The entries of a run: appended in durable batches, read back along their chain.

use loki_model::{RunId, Timestamp};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior};

use crate::chain::{self, EventHash, Link};
use crate::database::{self, At, Durability};
use crate::failpoint;
use crate::{AppendError, ReadError, RunLock, Store};

/// An entry to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent<'a> {
    /// What it is, at most [`KIND_BYTES_MAX`] bytes.
    pub kind: &'a str,
    /// When it became true, by the caller's clock.
    pub recorded_at: Timestamp,
    /// JSON that the store does not look into, at most [`PAYLOAD_BYTES_MAX`] bytes.
    pub payload: String,
}

/// An entry as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Position within its run: 1, 2, 3, and so on.
    pub seq: u64,
    /// When it became true, by the clock of whoever appended it.
    pub recorded_at: Timestamp,
    /// What it is.
    pub kind: String,
    /// JSON that the store does not look into.
    pub payload: String,
    /// Covers this entry and, through the chain, every one before it.
    pub hash: EventHash,
}

/// What can still be trusted of a run's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntactEvents {
    /// From the first entry up to the first damaged one.
    pub events: Vec<StoredEvent>,
    /// The first damaged entry; nothing when all are intact.
    pub damaged_seq: Option<u64>,
}

/// Longest `kind`, in bytes.
pub const KIND_BYTES_MAX: usize = 64;
/// Longest payload, in bytes. What is larger belongs in a blob.
pub const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;
/// Most entries in one batch.
pub const BATCH_EVENTS_MAX: usize = 1_000;
/// Most entries in one run.
pub const RUN_EVENTS_MAX: u64 = 1_000_000;

impl Store {
    /// Appends `events` to the run that `lock` holds, in one durable transaction.
    ///
    /// When it returns, all of them survive a loss of power, and so does every blob that was put
    /// before. On an error, none of them was appended. Returns the entries as stored, in order.
    pub fn append(
        &self,
        lock: &RunLock,
        events: &[NewEvent<'_>],
    ) -> Result<Vec<StoredEvent>, AppendError> {
        self.refuse_unless_writable()?;
        let run = lock.run();
        if lock.home() != self.home() {
            return Err(AppendError::ForeignLock { run: run.clone() });
        }
        refuse_oversized(events)?;
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let fail = |err| At(self.path()).append(err);
        let mut conn = self.conn();
        failpoint::hit("append: before begin");
        database::set_durability(&conn, Durability::Now).map_err(fail)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        failpoint::hit("append: begun");
        let head = read_head(&tx, run)
            .map_err(fail)?
            .ok_or_else(|| AppendError::UnknownRun { run: run.clone() })?;
        refuse_overlong(&head, events.len())?;
        let stored = insert(&tx, run, &head, events).map_err(fail)?;
        failpoint::hit("append: before commit");
        tx.commit().map_err(fail)?;
        failpoint::hit("append: committed");
        Ok(stored)
    }

    /// The entries of `run` after `after_seq`, in order; all of them after 0.
    ///
    /// Each entry's hash is verified, and that nothing is missing up to the last entry that was
    /// appended; with `after_seq` > 0 the chain is taken up at that entry. Fails with
    /// [`ReadError::Damaged`] on the first entry that is not what was appended; see
    /// [`Store::events_before_damage`] for what can still be read.
    pub fn events(&self, run: &RunId, after_seq: u64) -> Result<Vec<StoredEvent>, ReadError> {
        let read = self.read_along_chain(run, after_seq)?;
        match read.damaged_seq {
            None => Ok(read.events),
            Some(seq) => Err(ReadError::Damaged { run: run.clone(), seq }),
        }
    }

    /// The entries of `run` that precede any damage, for people who want to save what is left.
    pub fn events_before_damage(&self, run: &RunId) -> Result<IntactEvents, ReadError> {
        self.read_along_chain(run, 0)
    }

    fn read_along_chain(&self, run: &RunId, after_seq: u64) -> Result<IntactEvents, ReadError> {
        let fail = |err| At(self.path()).read(err);
        let mut conn = self.conn();
        // One transaction, so that head and entries belong together while others append.
        let tx = conn.transaction().map_err(fail)?;
        let start = match after_seq {
            0 => genesis(&tx, run).map_err(fail)?,
            _ => stored_hash(&tx, run, after_seq).map_err(fail)?,
        };
        let head = read_head(&tx, run).map_err(fail)?;
        match (start, head) {
            (Some(hash), Some(head)) => {
                walk(&tx, run, Head { seq: after_seq, hash }, &head).map_err(fail)
            }
            (None, None) if genesis(&tx, run).map_err(fail)?.is_none() => {
                Err(ReadError::UnknownRun { run: run.clone() })
            }
            // Nothing was appended yet after an entry that does not exist yet.
            (None, Some(head)) if after_seq > head.seq => {
                Ok(IntactEvents { events: Vec::new(), damaged_seq: None })
            }
            (None, _) => Ok(damaged_at(after_seq.max(1))),
            (Some(_), None) => Ok(damaged_at(after_seq.saturating_add(1))),
        }
    }
}

/// The last entry of a run, or its own record at 0.
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: EventHash,
}

fn damaged_at(seq: u64) -> IntactEvents {
    IntactEvents { events: Vec::new(), damaged_seq: Some(seq) }
}

fn refuse_oversized(events: &[NewEvent<'_>]) -> Result<(), AppendError> {
    let count = events.len();
    if count > BATCH_EVENTS_MAX {
        let events_max = BATCH_EVENTS_MAX as u64;
        return Err(AppendError::TooMany { what: "a batch", events: count as u64, events_max });
    }
    for event in events {
        for (what, bytes, bytes_max) in [
            ("the kind of an event", event.kind.len(), KIND_BYTES_MAX),
            ("the payload of an event", event.payload.len(), PAYLOAD_BYTES_MAX),
        ] {
            if bytes > bytes_max {
                return Err(AppendError::TooBig { what, bytes, bytes_max });
            }
        }
    }
    Ok(())
}

fn refuse_overlong(head: &Head, more: usize) -> Result<(), AppendError> {
    let events = head.seq.saturating_add(more as u64);
    if events > RUN_EVENTS_MAX {
        return Err(AppendError::TooMany { what: "a run", events, events_max: RUN_EVENTS_MAX });
    }
    Ok(())
}

fn insert(
    tx: &Transaction<'_>,
    run: &RunId,
    head: &Head,
    events: &[NewEvent<'_>],
) -> rusqlite::Result<Vec<StoredEvent>> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO events (run, seq, recorded_at, kind, payload, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut last = Head { seq: head.seq, hash: head.hash };
    let mut stored = Vec::with_capacity(events.len());
    for NewEvent { kind, recorded_at, payload } in events {
        let seq = last.seq + 1;
        let link = Link { run, seq, recorded_at: *recorded_at, kind, payload };
        let hash = chain::next(&last.hash, &link);
        statement.execute((
            run.as_str(),
            seq.cast_signed(),
            recorded_at.0,
            kind,
            payload,
            hash.0,
        ))?;
        failpoint::hit("append: entry inserted");
        last = Head { seq, hash };
        stored.push(StoredEvent {
            seq,
            recorded_at: *recorded_at,
            kind: (*kind).to_owned(),
            payload: payload.clone(),
            hash,
        });
    }
    move_head(tx, run, &last)?;
    Ok(stored)
}

fn move_head(tx: &Transaction<'_>, run: &RunId, head: &Head) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE heads SET seq = ?2, hash = ?3 WHERE run = ?1")?
        .execute((run.as_str(), head.seq.cast_signed(), head.hash.0))
        .map(drop)
}

/// Follows the chain from `last` to `head` and stops at the first entry that does not fit.
fn walk(
    conn: &Connection,
    run: &RunId,
    mut last: Head,
    head: &Head,
) -> rusqlite::Result<IntactEvents> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, recorded_at, kind, payload, hash FROM events
         WHERE run = ?1 AND seq > ?2 ORDER BY seq",
    )?;
    let after_seq = last.seq;
    let mut rows = statement.query((run.as_str(), after_seq.cast_signed()))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let entry = read_entry(row)?.filter(|entry| fits(run, &last, entry, head));
        let Some(entry) = entry else {
            return Ok(IntactEvents { events, damaged_seq: Some(last.seq.saturating_add(1)) });
        };
        last = Head { seq: entry.seq, hash: entry.hash };
        events.push(entry);
    }
    let damaged_seq = if last.seq < head.seq {
        Some(last.seq.saturating_add(1))
    } else if last.seq > head.seq || last.hash != head.hash {
        // Entries and head disagree: one of the two is not what was recorded.
        events.pop();
        Some(last.seq.max(1))
    } else {
        None
    };
    Ok(IntactEvents { events, damaged_seq })
}

fn fits(run: &RunId, last: &Head, entry: &StoredEvent, head: &Head) -> bool {
    let StoredEvent { seq, recorded_at, kind, payload, hash } = entry;
    let link = Link { run, seq: *seq, recorded_at: *recorded_at, kind, payload };
    *seq == last.seq.saturating_add(1)
        && *seq <= head.seq
        && *hash == chain::next(&last.hash, &link)
}

/// Nothing when a column holds what loki never writes.
pub(crate) fn read_entry(row: &Row<'_>) -> rusqlite::Result<Option<StoredEvent>> {
    let number = |column| row.get_ref(column).map(|value| value.as_i64().ok());
    let text = |column| row.get_ref(column).map(|value| value.as_str().ok().map(str::to_owned));
    let hash = as_hash(row.get_ref(4)?);
    let (Some(seq), Some(recorded_at), Some(kind), Some(payload), Some(hash)) =
        (number(0)?, number(1)?, text(2)?, text(3)?, hash)
    else {
        return Ok(None);
    };
    let (seq, recorded_at) = (seq.cast_unsigned(), Timestamp(recorded_at));
    Ok(Some(StoredEvent { seq, recorded_at, kind, payload, hash }))
}

fn genesis(conn: &Connection, run: &RunId) -> rusqlite::Result<Option<EventHash>> {
    conn.prepare_cached("SELECT repo, created_at FROM runs WHERE run = ?1")?
        .query_row([run.as_str()], |row| {
            let repo = row.get_ref(0)?.as_blob()?;
            Ok(chain::genesis(run, repo, Timestamp(row.get(1)?)))
        })
        .optional()
}

fn stored_hash(conn: &Connection, run: &RunId, seq: u64) -> rusqlite::Result<Option<EventHash>> {
    let hash = conn
        .prepare_cached("SELECT hash FROM events WHERE run = ?1 AND seq = ?2")?
        .query_row((run.as_str(), seq.cast_signed()), |row| Ok(as_hash(row.get_ref(0)?)))
        .optional()?;
    Ok(hash.flatten())
}

/// Nothing when there is no such run, or its head is not what loki writes.
fn read_head(conn: &Connection, run: &RunId) -> rusqlite::Result<Option<Head>> {
    let head = conn
        .prepare_cached("SELECT seq, hash FROM heads WHERE run = ?1")?
        .query_row([run.as_str()], |row| {
            let seq = row.get::<_, i64>(0)?.cast_unsigned();
            Ok(as_hash(row.get_ref(1)?).map(|hash| Head { seq, hash }))
        })
        .optional()?;
    Ok(head.flatten())
}

pub(crate) fn as_hash(value: ValueRef<'_>) -> Option<EventHash> {
    value.as_blob().ok()?.try_into().ok().map(EventHash)
}
