//! What is known before a run begins: how large it is, who works on what, what was taken for granted.

use serde::{Deserialize, Serialize};

use crate::{Origin, RequirementId};

/// What was planned, pinned at the start of a run, so that what came of it can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// How large it is.
    pub complexity: Complexity,
    /// What it was expected to take.
    pub estimate: Estimate,
    /// What is to be done, in an order that keeps every `after`.
    pub tasks: Vec<Task>,
    /// What was taken for granted.
    #[serde(default)]
    pub assumptions: Vec<Assumption>,
}

/// How large a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// One sitting.
    Simple,
    /// Several parts.
    Standard,
    /// Many parts that depend on each other or on services of others.
    Complex,
}

impl Complexity {
    /// As in JSON and on screens.
    pub const fn label(self) -> &'static str {
        match self {
            Complexity::Simple => "simple",
            Complexity::Standard => "standard",
            Complexity::Complex => "complex",
        }
    }
}

/// From where to where something is expected to be, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Seldom less.
    pub low: u64,
    /// As often more as less.
    pub likely: u64,
    /// Seldom more.
    pub high: u64,
}

impl Span {
    /// Whether `actual` was to be expected.
    pub fn holds(&self, actual: u64) -> bool {
        (self.low..=self.high).contains(&actual)
    }
}

/// What a run is expected to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Calls of the agent.
    pub iterations: Span,
    /// Wall time of the whole run, in seconds.
    pub seconds: Span,
    /// Tokens of every kind.
    pub tokens: Span,
    /// Money, in millionths of a US dollar; nothing where no price is known.
    pub cost: Option<Span>,
    /// What all of this rests on.
    pub basis: Basis,
}

/// What an estimate rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// Finished runs of the same agent and the same complexity on this machine.
    History {
        /// How many.
        runs: u32,
    },
    /// Figures of loki's own, because there are not enough such runs.
    Default {
        /// How many there are.
        runs: u32,
    },
}

/// A part of the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// `T1`, `T2`, …
    pub id: String,
    /// In a few words.
    pub title: String,
    /// The role of whoever does it.
    pub role: String,
    /// What it serves; nothing for all of it.
    pub requirements: Vec<RequirementId>,
    /// The tasks that have to be done before.
    #[serde(default)]
    pub after: Vec<String>,
    /// Patterns of the files that it may change; nothing for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<String>,
    /// What its source says of it besides its title; lines. Untrusted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// A step on the way: it is told all of the spec, and its own judgement asks for no requirement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub serves_none: bool,
}

/// Something that was taken for granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// The question that it stands for, `Q-1a2b`, or its own name, `A-1a2b`.
    pub id: String,
    /// What is open, in one sentence.
    pub about: String,
    /// What holds until somebody says otherwise.
    pub assumed: String,
    /// Where it comes from.
    pub origin: Option<Origin>,
    /// How it stands.
    pub standing: Standing,
}

/// How an assumption stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody said anything about it.
    Assumed,
    /// A contradiction that somebody accepted.
    Waived {
        /// Why.
        reason: String,
    },
}
