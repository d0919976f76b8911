//! The record that opencode keeps of a session, in a database of its own. Only read, and untrusted
//! like its output. A database of another shape is as good as none.

use std::path::Path;

use loki_model::{AgentOutcome, TokenUsage};
use rusqlite::{Connection, OpenFlags, params};
use serde_json::Value;

use super::failure;
use crate::counted::sum;

/// Messages of one call that are read; a call has one for each request to the model.
const MESSAGES_MAX: usize = 10_000;
/// Longer messages are not read.
const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Times that a conversation is summarised because it is too long before that is no way out.
const OVERFLOWS_MAX: u32 = 3;

/// What a record says of one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// Of all requests to the model; nothing when there was none.
    pub(super) tokens: Option<TokenUsage>,
    pub(super) dollars: f64,
    /// Of the last message, if it failed.
    error: Option<Value>,
    overflows: u32,
}

impl Record {
    /// What `session` did since `since_ms`, in milliseconds of the Unix clock.
    pub(super) fn read(path: &Path, session: &str, since_ms: i64) -> Option<Record> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(path, flags).ok()?;
        let mut messages = database
            .prepare(
                "select data from message where session_id = ?1 and time_created >= ?2 \
                 and length(data) <= ?3 order by time_created, id limit ?4",
            )
            .ok()?;
        let found = messages.query_map(
            params![session, since_ms, MESSAGE_BYTES_MAX as i64, MESSAGES_MAX as i64],
            |row| row.get::<_, String>(0),
        );
        let mut record = Record::default();
        for text in found.ok()?.flatten() {
            record.take(&serde_json::from_str(&text).unwrap_or_default());
        }
        let overflows = database.query_row(
            "select count(*) from part where session_id = ?1 and time_created >= ?2 \
             and data like '{\"type\":\"compaction\"%\"overflow\":true%'",
            params![session, since_ms],
            |row| row.get::<_, u32>(0),
        );
        record.overflows = overflows.unwrap_or(0);
        Some(record)
    }

    fn take(&mut self, message: &Value) {
        if message["role"] != "assistant" {
            return;
        }
        self.error = Some(message["error"].clone()).filter(Value::is_object);
        self.dollars += message["cost"].as_f64().unwrap_or(0.0);
        let tokens = tokens_of(&message["tokens"]);
        self.tokens = Some(sum(self.tokens.unwrap_or_default(), tokens));
    }

    /// How the call ended, as far as the record says that it failed.
    pub(super) fn outcome(&self) -> Option<AgentOutcome> {
        if self.overflows >= OVERFLOWS_MAX {
            return Some(AgentOutcome::ContextExceeded);
        }
        failure::outcome_of(self.error.as_ref()?)
    }
}

/// Tokens in opencode's words.
pub(super) fn tokens_of(tokens: &Value) -> TokenUsage {
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    TokenUsage {
        input: count(&tokens["input"]),
        // What was thought was written by the model, and is paid like it.
        output: count(&tokens["output"]).saturating_add(count(&tokens["reasoning"])),
        cache_read: count(&tokens["cache"]["read"]),
        cache_write: count(&tokens["cache"]["write"]),
    }
}
