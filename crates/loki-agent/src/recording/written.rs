//! A recording as it is written, from what was seen of real calls.

use loki_model::{Activity, AgentOutcome};
use serde::Serialize;

use super::format::FORMAT;
use crate::files::RelativePath;

/// The calls of a run, to be written as a recording.
#[derive(Clone, Debug, Serialize)]
pub struct NewRecording {
    format: u32,
    name: String,
    note: String,
    #[serde(rename = "call")]
    calls: Vec<NewCall>,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub struct NewCall {
    #[serde(rename = "step")]
    steps: Vec<NewStep>,
    result: NewResult,
}

#[derive(Clone, Debug, Default, Serialize)]
struct NewStep {
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    say: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct NewResult {
    outcome: &'static str,
    text: String,
}

/// A path that a recording can not lead to: git's own, or none of plain names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotRecordable(String);

impl NewRecording {
    /// Without calls yet.
    pub fn new(name: &str, note: &str) -> NewRecording {
        NewRecording {
            format: FORMAT,
            name: name.to_owned(),
            note: note.to_owned(),
            calls: Vec::new(),
        }
    }

    /// Adds the next call.
    pub fn push(&mut self, call: NewCall) {
        self.calls.push(call);
    }

    /// The file's text.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }
}

impl NewCall {
    /// A call that ended with `outcome` and these last words; one that was cut off has none.
    pub fn new(outcome: Option<&AgentOutcome>, text: &str) -> NewCall {
        let result = NewResult { outcome: name_of(outcome), text: text.to_owned() };
        NewCall { steps: Vec::new(), result }
    }

    /// Something that was seen, so many milliseconds after what came before.
    pub fn saw(&mut self, activity: &Activity, pause_ms: u64) {
        let pause_ms = (pause_ms > 0).then_some(pause_ms);
        let step = match activity {
            Activity::Said { text } => NewStep { say: Some(text.clone()), ..NewStep::default() },
            Activity::Used { tool, detail } => NewStep {
                tool: Some(tool.clone()),
                detail: Some(detail.clone()),
                ..NewStep::default()
            },
            Activity::ToolFailed { detail } => {
                NewStep { say: Some(format!("A tool failed: {detail}")), ..NewStep::default() }
            }
            Activity::Retrying { reason } => {
                NewStep { say: Some(format!("Tries again: {reason}")), ..NewStep::default() }
            }
        };
        self.steps.push(NewStep { pause_ms, ..step });
    }

    /// A file with this text.
    pub fn wrote(&mut self, path: &str, content: &str) -> Result<(), NotRecordable> {
        checked(path)?;
        let (write, content) = (Some(path.to_owned()), Some(content.to_owned()));
        self.steps.push(NewStep { write, content, ..NewStep::default() });
        Ok(())
    }

    /// A file that is gone.
    pub fn deleted(&mut self, path: &str) -> Result<(), NotRecordable> {
        checked(path)?;
        self.steps.push(NewStep { delete: Some(path.to_owned()), ..NewStep::default() });
        Ok(())
    }
}

fn checked(path: &str) -> Result<(), NotRecordable> {
    RelativePath::try_from(path.to_owned()).map(|_| ()).map_err(NotRecordable)
}

/// Outcomes that can not be played end as a crash.
fn name_of(outcome: Option<&AgentOutcome>) -> &'static str {
    match outcome {
        Some(AgentOutcome::Completed) => "completed",
        Some(AgentOutcome::RateLimited { .. }) => "rate_limited",
        Some(AgentOutcome::Overloaded) => "overloaded",
        Some(AgentOutcome::Auth) => "auth",
        Some(AgentOutcome::ModelNotFound) => "model_not_found",
        Some(AgentOutcome::ContextExceeded) => "context_exceeded",
        Some(AgentOutcome::Quota { .. }) => "quota",
        Some(AgentOutcome::BudgetReached) => "budget_reached",
        Some(AgentOutcome::TimedOut { .. }) => "timed_out",
        Some(AgentOutcome::Garbage) => "garbage",
        Some(
            AgentOutcome::Crashed { .. }
            | AgentOutcome::Cancelled
            | AgentOutcome::NotStarted { .. },
        )
        | None => "crashed",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Recording;

    #[test]
    fn a_path_that_could_not_be_played_is_refused() {
        let mut call = NewCall::new(None, "");
        for path in [".git/config", "../x", "/etc/passwd", ""] {
            assert!(call.wrote(path, "x").is_err() && call.deleted(path).is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_said_and_written_reads_back(
            said in ".*",
            content in any::<String>(),
            name in "[a-z]{1,8}",
            pause in 0..1_000_u64,
        ) {
            let mut call = NewCall::new(Some(&AgentOutcome::Completed), &said);
            call.saw(&Activity::Said { text: said.clone() }, pause);
            call.saw(&Activity::Used { tool: name.clone(), detail: said.clone() }, 0);
            call.wrote(&name, &content).unwrap();
            call.deleted(&format!("gone/{name}")).unwrap();
            let mut recording = NewRecording::new(&name, &said);
            recording.push(call);
            let read = Recording::parse(&recording.to_toml().unwrap()).unwrap();
            prop_assert_eq!((read.calls(), read.name, read.note), (1, name, said));
        }
    }
}
