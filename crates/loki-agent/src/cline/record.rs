//! The record that Cline keeps of a conversation, below `sessions/` in its data. Only read, and
//! untrusted like its output.

use std::fs;
use std::path::Path;

use loki_model::TokenUsage;
use serde_json::Value;

use crate::counted::sum;
use crate::session::is_session_id;
use crate::shown::shown_on_one_line;

/// Sessions that are looked at, newest first.
const SESSIONS_MAX: usize = 50;
/// Longer records are not read.
const RECORD_BYTES_MAX: u64 = 256 << 20;

/// What a record says of one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) session: String,
    pub(super) model: Option<String>,
    /// Of all requests to the model that were answered; nothing when there was none.
    pub(super) tokens: Option<TokenUsage>,
}

impl Record {
    /// The conversation in `cwd` that began at `since_ms`, in milliseconds of the Unix clock, or
    /// later; the newest when there are several.
    pub(super) fn begun_since(data: &Path, cwd: &Path, since_ms: i64) -> Option<Record> {
        let mut ids: Vec<(i64, String)> = fs::read_dir(data.join("sessions"))
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|id| is_session_id(id))
            .filter_map(|id| Some((id.split('_').next()?.parse().ok()?, id)))
            .filter(|(began_ms, _)| *began_ms >= since_ms)
            .collect();
        ids.sort_unstable();
        let is_here = |id: &str| {
            let path = data.join("sessions").join(id).join(format!("{id}.json"));
            let named = read(&path)["cwd"].as_str().map(str::to_owned);
            named.is_some_and(|named| same_place(Path::new(&named), cwd))
        };
        let newest = ids.into_iter().rev().take(SESSIONS_MAX).map(|(_, id)| id);
        let id = newest.into_iter().find(|id| is_here(id))?;
        Record::of(data, &id, since_ms)
    }

    /// What `session` did since `since_ms`.
    pub(super) fn of(data: &Path, session: &str, since_ms: i64) -> Option<Record> {
        if !is_session_id(session) {
            return None;
        }
        let path = data.join("sessions").join(session).join(format!("{session}.messages.json"));
        let messages = read(&path);
        let mut record = Record { session: session.to_owned(), ..Record::default() };
        for message in messages["messages"].as_array().into_iter().flatten() {
            let is_new = message["ts"].as_i64().is_some_and(|at| at >= since_ms);
            if is_new && message["role"] == "assistant" {
                record.take(message);
            }
        }
        Some(record)
    }

    fn take(&mut self, message: &Value) {
        if let Some(model) = message["modelInfo"]["id"].as_str() {
            self.model = Some(shown_on_one_line(model));
        }
        let metrics = &message["metrics"];
        if metrics.is_object() {
            self.tokens = Some(sum(self.tokens.unwrap_or_default(), tokens_of(metrics)));
        }
    }
}

/// Tokens in Cline's words, whose input includes what came from the cache and went there.
pub(super) fn tokens_of(usage: &Value) -> TokenUsage {
    let count = |name: &str| usage[name].as_u64().unwrap_or(0);
    let (cache_read, cache_write) = (count("cacheReadTokens"), count("cacheWriteTokens"));
    TokenUsage {
        input: count("inputTokens").saturating_sub(cache_read).saturating_sub(cache_write),
        output: count("outputTokens"),
        cache_read,
        cache_write,
    }
}

fn same_place(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

fn read(path: &Path) -> Value {
    let small =
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= RECORD_BYTES_MAX);
    let text = if small { fs::read(path).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).unwrap_or_default()
}
