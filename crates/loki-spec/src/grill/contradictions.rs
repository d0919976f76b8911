//! Statements that can not both hold.

pub(crate) mod enums;
pub(crate) mod negation;
pub(crate) mod ranges;
pub(crate) mod same_id;

use loki_model::{Priority, Severity};

use super::rule::Says;
use super::sentence::Sentence;

/// Two statements that exclude each other stop a run only when both must hold.
fn severity(a: &Sentence<'_>, b: &Sentence<'_>) -> Severity {
    let must = |sentence: &Sentence<'_>| sentence.requirement.priority == Priority::Must;
    if must(a) && must(b) { Severity::Error } else { Severity::Warning }
}

fn says(message: String, other: &Sentence<'_>) -> Says {
    Says {
        message,
        ask: "Which of the two holds?".to_owned(),
        rewording: None,
        assumption: format!("what stands first holds, and not `{}`", other.text),
    }
}
