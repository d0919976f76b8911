//! A delta: a change of the spec that somebody approved.
//!
//! One file each below `.loki/spec/deltas/`, never edited, so that two of them never conflict.

use loki_model::{Digest, Priority, Requirement, RequirementId};
use serde::{Deserialize, Serialize};

use crate::drift::{Drift, Entry, Kind};
use crate::id;
use crate::lock::{LOCK_FORMAT, conflict_marker, line_of};

/// A change of requirements that was agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// The version of the format.
    pub format: u32,
    /// RFC 3339, UTC.
    pub approved_at: String,
    /// As git knows the person: `Name <address>`.
    pub approved_by: String,
    /// Why, in the words of whoever approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Sorted by id.
    #[serde(default)]
    pub change: Vec<Change>,
}

/// What changed about one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// As the lock named it before, or names it if it is new.
    pub id: RequirementId,
    /// What happened.
    pub kind: Kind,
    /// What the source names it now, where that is another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RequirementId>,
    /// What was asked for; nothing when it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Side>,
    /// What is asked for; nothing when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Side>,
}

/// A requirement at one side of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The statement.
    pub text: String,
    /// How much it is wanted.
    pub priority: Priority,
    /// What would show that it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<String>,
}

/// Why a text is no delta.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}: take the file from git")]
pub struct DeltaError {
    /// 1-based.
    pub line: u32,
    /// In one line.
    pub what: String,
}

impl Delta {
    /// The approval of everything in `drift` that is more than a move.
    pub fn of(drift: &Drift, at: &str, by: &str, reason: Option<&str>) -> Delta {
        let told = drift.entries.iter().filter(|entry| entry.kind != Kind::Moved);
        let change = told.map(|entry| Change {
            id: entry.id.clone(),
            kind: entry.kind,
            name: entry.differs.name.clone(),
            old: entry.old.as_ref().map(Side::of),
            new: entry.new.as_ref().map(Side::of),
        });
        Delta {
            format: LOCK_FORMAT,
            approved_at: at.to_owned(),
            approved_by: by.to_owned(),
            reason: reason.map(str::to_owned),
            change: change.collect(),
        }
    }

    /// Reads the text of a delta.
    ///
    /// # Errors
    ///
    /// Says the line.
    pub fn parse(text: &str) -> Result<Delta, DeltaError> {
        if let Some(line) = conflict_marker(text) {
            let what = "a conflict marker of a merge".to_owned();
            return Err(DeltaError { line, what });
        }
        let delta: Delta = toml::from_str(text).map_err(|error| DeltaError {
            line: line_of(text, error.span()),
            what: error.message().lines().collect::<Vec<_>>().join("; "),
        })?;
        if delta.format > LOCK_FORMAT {
            let what = format!("format {} is newer than {LOCK_FORMAT}", delta.format);
            return Err(DeltaError { line: 1, what });
        }
        Ok(delta)
    }

    /// The text of the delta.
    pub fn to_text(&self) -> String {
        let head = "# An approved change of the spec: written by `loki spec sync`, never edited.\n";
        // Strings and lists of tables: there is nothing that could not be written.
        format!("{head}{}", toml::to_string_pretty(self).unwrap_or_default())
    }

    /// A name for its file that no other delta has.
    pub fn file_name(&self) -> String {
        let moment: String =
            self.approved_at.chars().filter(char::is_ascii_digit).take(14).collect();
        let digest = Digest::of(self.to_text().as_bytes());
        format!("{moment}-{}.toml", &digest.as_str()[..8])
    }

    /// Whether this is what was agreed on for the requirement of `entry`.
    pub fn approves(&self, entry: &Entry) -> bool {
        self.change.iter().any(|change| {
            let is_it = change.id == entry.id || change.name.as_ref() == Some(&entry.id);
            is_it && is_same(change.new.as_ref(), entry.new.as_ref())
        })
    }
}

impl Side {
    fn of(requirement: &Requirement) -> Side {
        let Requirement { text, priority, acceptance, .. } = requirement;
        Side { text: text.clone(), priority: *priority, acceptance: acceptance.clone() }
    }

    /// Whether a requirement says what this says.
    pub fn says(&self, requirement: &Requirement) -> bool {
        let folded = |items: &[String]| items.iter().map(|item| id::fold(item)).collect::<Vec<_>>();
        id::fold(&self.text) == id::fold(&requirement.text)
            && self.priority == requirement.priority
            && folded(&self.acceptance) == folded(&requirement.acceptance)
    }
}

fn is_same(side: Option<&Side>, now: Option<&Requirement>) -> bool {
    match (side, now) {
        (None, None) => true,
        (Some(side), Some(now)) => side.says(now),
        _ => false,
    }
}
