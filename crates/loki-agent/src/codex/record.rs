//! The record that Codex keeps of a conversation: one JSON object a line, below `sessions/` in its
//! own directory. Untrusted like its output: whoever may write there may write anything.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use loki_model::{Timestamp, TokenUsage};
use serde_json::Value;

use crate::lines::Lines;
use crate::shown::shown_on_one_line;

use super::tokens_of;

/// Longer records are not read.
const RECORD_BYTES_MAX: u64 = 512 << 20;
/// Days that are looked through, newest first.
const DAYS_MAX: usize = 400;
/// Bytes read at once.
const CHUNK_BYTES: usize = 64 << 10;
/// Of an allowance that is used up.
const USED_UP_PERCENT: f64 = 100.0;
/// A line with none of these words is not parsed.
const TELLING: [&str; 4] = ["task_started", "task_complete", "token_count", "turn_context"];

/// What a record says of its last turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) model: Option<String>,
    /// Why the turn failed, if it did.
    pub(super) error: Option<TurnError>,
    /// When every allowance that is used up has returned.
    pub(super) used_up_until: Option<Timestamp>,
    before: Option<TokenUsage>,
    now: Option<TokenUsage>,
}

/// A failed turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TurnError {
    /// As `context_window_exceeded`.
    pub(super) class: String,
    /// Of the answer that made it fail, if there was one.
    pub(super) status: Option<u16>,
}

impl Record {
    /// The tokens of the last turn; nothing when no answer of it was counted.
    pub(super) fn tokens_of_turn(&self) -> Option<TokenUsage> {
        let (before, now) = (self.before.unwrap_or_default(), self.now?);
        Some(TokenUsage {
            input: now.input.saturating_sub(before.input),
            output: now.output.saturating_sub(before.output),
            cache_read: now.cache_read.saturating_sub(before.cache_read),
            cache_write: now.cache_write.saturating_sub(before.cache_write),
        })
    }

    fn take(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        if !TELLING.iter().any(|word| text.contains(word)) {
            return;
        }
        let Ok(entry) = serde_json::from_str::<Value>(&text) else { return };
        let payload = &entry["payload"];
        match (entry["type"].as_str(), payload["type"].as_str()) {
            (Some("turn_context"), _) => {
                self.model = payload["model"].as_str().map(shown_on_one_line);
            }
            (Some("event_msg"), Some("task_started")) => {
                self.before = self.now.take().or(self.before);
                (self.error, self.used_up_until) = (None, None);
            }
            (Some("event_msg"), Some("token_count")) => {
                // After a context that was exceeded stands a total that nobody used.
                let total = tokens_of(&payload["info"]["total_token_usage"]);
                let used = total.filter(|total| *total != TokenUsage::default());
                self.now = used.or(self.now);
                self.used_up_until = used_up_until(&payload["rate_limits"]);
            }
            (Some("event_msg"), Some("task_complete")) => {
                self.error = error_in(&payload["error"]["codex_error_info"]);
            }
            _ => {}
        }
    }
}

/// Where the record of the conversation `id` is. `id` must be one that can be part of a name.
pub(super) fn find(home: &Path, id: &str) -> Option<PathBuf> {
    let end = format!("-{id}.jsonl");
    let ends = |path: &PathBuf| path.file_name().is_some_and(|name| has_end(name, &end));
    let years = newest_first(&home.join("sessions"));
    let months = years.into_iter().flat_map(|year| newest_first(&year));
    let days = months.flat_map(|month| newest_first(&month));
    days.take(DAYS_MAX).find_map(|day| newest_first(&day).into_iter().find(ends))
}

fn has_end(name: &std::ffi::OsStr, end: &str) -> bool {
    name.as_encoded_bytes().ends_with(end.as_bytes())
}

fn newest_first(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable_by(|a, b| b.cmp(a));
    paths
}

/// Reads a record to its end, as far as it is one.
pub(super) fn read(path: &Path) -> io::Result<Record> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_file() || found.len() > RECORD_BYTES_MAX {
        return Err(io::Error::other("not a regular file of at most 512 MiB"));
    }
    let mut file = File::open(path)?.take(RECORD_BYTES_MAX);
    let (mut record, mut lines) = (Record::default(), Lines::new());
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => lines.feed(&chunk[..read], &mut |line| record.take(line)),
        }
    }
    lines.finish(&mut |line| record.take(line));
    Ok(record)
}

/// A class is a name, or an object of one name with what more is known.
fn error_in(info: &Value) -> Option<TurnError> {
    if let Some(class) = info.as_str() {
        return Some(TurnError { class: class.to_owned(), status: None });
    }
    let (class, more) = info.as_object()?.iter().next()?;
    let status = more["http_status_code"].as_u64().and_then(|status| status.try_into().ok());
    Some(TurnError { class: class.clone(), status })
}

fn used_up_until(limits: &Value) -> Option<Timestamp> {
    let windows = [&limits["primary"], &limits["secondary"]].into_iter();
    let used_up = windows.filter(|window| window["used_percent"].as_f64() >= Some(USED_UP_PERCENT));
    let seconds = used_up.filter_map(|window| window["resets_at"].as_i64()).max()?;
    seconds.checked_mul(1000).map(Timestamp)
}
