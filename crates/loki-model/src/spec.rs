//! What was asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// What was asked for, normalised from any source and pinned by digest at the start of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Names the spec among others, and stays when its text changes: `prd`, `acme/shop#42`.
    #[serde(default)]
    pub id: String,
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
    /// What holds for every requirement, such as a language or a platform.
    #[serde(default)]
    pub constraints: Vec<Note>,
    /// What was taken for granted because the source does not say it.
    #[serde(default)]
    pub assumptions: Vec<Note>,
    /// What the source says besides: goals, personas, keys that no reader knows.
    #[serde(default)]
    pub context: Vec<Note>,
    /// What is left to be done, where the source gives its work an order of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<ListedTask>,
}

impl Spec {
    /// A spec of `text` that asks for nothing yet. Its id is `source`.
    pub fn of(source: &str, title: &str, text: &str) -> Spec {
        Spec {
            id: source.to_owned(),
            title: title.to_owned(),
            source: source.to_owned(),
            digest: Digest::of(text.as_bytes()),
            text: text.to_owned(),
            requirements: Vec::new(),
            constraints: Vec::new(),
            assumptions: Vec::new(),
            context: Vec::new(),
            order: Vec::new(),
        }
    }
}

/// One task of the order that a source gives its work. Not checked: names may be missing, or wait in a circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTask {
    /// As its source calls it: `2.1`, `T014`.
    pub id: String,
    /// In one line.
    pub title: String,
    /// What is said of it besides; lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What it is for, as far as the source says.
    pub requirements: Vec<RequirementId>,
    /// Names of those that have to be done before.
    pub after: Vec<String>,
    /// Where it stands.
    pub origin: Origin,
}

/// Something that a spec says and that is not a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// In one line.
    pub text: String,
    /// Where it stands in the source.
    pub origin: Origin,
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

/// Where something stands in its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The source as the user named it: a path, the address of an issue, or `brief`.
    pub source: String,
    /// 1-based line of the statement, where the source has lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// JSON pointer of the statement, where the source has a structure: `/paths/~1pets/get`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Origin {
    /// `line` of `source`.
    pub fn line(source: &str, line: u32) -> Origin {
        Origin { source: source.to_owned(), line: Some(line), pointer: None }
    }
}

impl fmt::Display for Origin {
    /// `prd.md:12`, `api.yaml:40 /paths/~1pets/get`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.pointer {
            Some(pointer) => write!(f, " {pointer}"),
            None => Ok(()),
        }
    }
}
