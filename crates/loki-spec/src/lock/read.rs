//! Text becomes a lock, or a sentence about the line that is in the way.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{Origin, Priority, Requirement, RequirementId};
use serde::Deserialize;

use super::{LOCK_FORMAT, Lock, LockedSource};

/// A longer text is no lock.
const LOCK_BYTES_MAX: usize = 32 << 20;

/// Why a text is no lock. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// A merge was left half done.
    #[error(
        "line {line} is a conflict marker of a merge: keep the block of each requirement once, take the \
         markers out, then run `loki spec status`"
    )]
    Conflict {
        /// 1-based.
        line: u32,
    },
    /// Written by a newer loki.
    #[error(
        "line {line}: format {found} is newer than {LOCK_FORMAT}, the newest this loki reads: update loki"
    )]
    TooNew {
        /// 1-based.
        line: u32,
        /// What it says.
        found: i64,
    },
    /// It does not say what it is.
    #[error(
        "line 1: there is no `format = {LOCK_FORMAT}`: take the file from git, or write it anew with `loki spec lock`"
    )]
    NoFormat,
    /// Something else than a lock has there.
    #[error(
        "line {line}: {what}: mend it, take the file from git, or write it anew with `loki spec lock`"
    )]
    Malformed {
        /// 1-based.
        line: u32,
        /// What is wrong, in one line.
        what: String,
    },
    /// It is too long.
    #[error("it has more than {} MiB: write it anew with `loki spec lock`", LOCK_BYTES_MAX >> 20)]
    TooLong,
}

impl LockError {
    /// Where it is, 1-based.
    pub fn line(&self) -> Option<u32> {
        match self {
            LockError::Conflict { line }
            | LockError::TooNew { line, .. }
            | LockError::Malformed { line, .. } => Some(*line),
            LockError::NoFormat => Some(1),
            LockError::TooLong => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: toml::Value,
    #[serde(default)]
    source: BTreeMap<String, Source>,
    #[serde(default)]
    requirement: BTreeMap<String, Block>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    text: String,
    priority: Priority,
    source: String,
    pointer: Option<String>,
    #[serde(default)]
    acceptance: Vec<String>,
    #[serde(default)]
    tests: BTreeSet<String>,
}

pub(super) fn read(text: &str) -> Result<Lock, LockError> {
    if text.len() > LOCK_BYTES_MAX {
        return Err(LockError::TooLong);
    }
    if let Some(line) = conflict_marker(text) {
        return Err(LockError::Conflict { line });
    }
    let malformed = |error: toml::de::Error| LockError::Malformed {
        line: line_of(text, error.span()),
        what: error.message().lines().collect::<Vec<_>>().join("; "),
    };
    // First by itself: a newer format may have anything.
    let table: toml::Table = toml::from_str(text).map_err(malformed)?;
    match table.get("format") {
        Some(toml::Value::Integer(found)) if *found == i64::from(LOCK_FORMAT) => {}
        Some(toml::Value::Integer(found)) if *found > i64::from(LOCK_FORMAT) => {
            let at = text.lines().position(|line| line.trim_start().starts_with("format"));
            let line = at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(1);
            return Err(LockError::TooNew { line, found: *found });
        }
        _ => return Err(LockError::NoFormat),
    }
    let file: File = toml::from_str(text).map_err(malformed)?;
    let mut lock = Lock::default();
    let sources = file.source.into_iter();
    lock.sources = sources.map(|(path, Source { title })| (path, LockedSource { title })).collect();
    for (id, block) in file.requirement {
        let Block { text, priority, source, pointer, acceptance, tests } = block;
        let id = RequirementId(id);
        if !tests.is_empty() {
            lock.tests.insert(id.clone(), tests);
        }
        let origin = Origin { source, line: None, pointer };
        lock.requirements.push(Requirement { id, text, priority, acceptance, origin });
    }
    Ok(lock)
}

/// The 1-based line of the first marker that a merge left.
pub(crate) fn conflict_marker(text: &str) -> Option<u32> {
    let is_marker = |line: &str| {
        ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|sign| line.starts_with(sign))
            || line.trim_end() == "======="
    };
    let at = text.lines().position(is_marker)?;
    u32::try_from(at + 1).ok()
}

/// The 1-based line where a span of `text` begins.
pub(crate) fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> u32 {
    let end = span.map_or(0, |span| span.start).min(text.len());
    let before = text.as_bytes().get(..end).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines + 1).unwrap_or(u32::MAX)
}
