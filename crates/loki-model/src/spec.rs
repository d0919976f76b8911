//! What was asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// What was asked for, normalised from any source and pinned by digest at the start of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// One line for people, for branch descriptions and reports.
    pub title: String,
    /// Where the text came from: a path as given, or `brief`.
    pub source: String,
    /// Digest of [`Spec::text`].
    pub digest: Digest,
    /// The whole source text. Untrusted.
    pub text: String,
    /// In order of appearance; ids are unique.
    pub requirements: Vec<Requirement>,
}

/// One checkable statement of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// Stable: derived from the statement, so that moving it does not rename it.
    pub id: RequirementId,
    /// The statement, in one line.
    pub text: String,
    /// How much it is wanted.
    pub priority: Priority,
    /// What would show that it holds, as far as the source says.
    pub acceptance: Vec<String>,
    /// Where it stands in the source.
    pub origin: Origin,
}

/// Names one requirement within its spec, such as `R-3f9a`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequirementId(pub String);

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much a requirement is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// The run is not done without it.
    Must,
    /// Wanted; its absence is a gap.
    Should,
    /// Welcome.
    Could,
}

/// Where a requirement stands in its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The source as the user named it.
    pub source: String,
    /// 1-based line of the statement.
    pub line: u32,
}
