//! A recording as TOML, version 1.
//!
//! ```toml
//! format = 1
//! name = "fibonacci"
//! note = "What it shows."
//!
//! [[call]]
//! [[call.step]]
//! tool = "Read"
//! detail = "README.md"
//! [[call.step]]
//! write = "fib.py"
//! content = "def fib(n): ...\n"
//! [call.result]
//! text = "Wrote it.\nLOKI: DONE"
//! outcome = "completed"
//! ```

use std::time::Duration;

use loki_model::{AgentOutcome, Deadline};
use serde::Deserialize;

use crate::files::RelativePath;

/// The only version there is.
pub(super) const FORMAT: u32 = 1;
/// Most calls of a recording.
const CALLS_MAX: usize = 1000;
/// Most steps of a call.
const STEPS_MAX: usize = 10_000;
/// Longer pauses are cut.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// The calls of one recorded run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// What it is called.
    pub name: String,
    /// What it shows, for people.
    pub note: String,
    pub(super) speed: Speed,
    pub(super) calls: Vec<RecordedCall>,
}

/// Whether pauses are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    /// Up to two seconds each.
    #[default]
    Recorded,
    /// Never.
    Instant,
}

/// Why a text is not a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct RecordingError {
    /// Counted from 1; nothing when it is about the text as a whole.
    pub line: Option<usize>,
    /// In one line.
    pub message: String,
}

impl Recording {
    /// Reads a recording. Every path in it is checked here.
    pub fn parse(text: &str) -> Result<Recording, RecordingError> {
        let whole = |message: String| RecordingError { line: None, message };
        let file: File = toml::from_str(text).map_err(|err| located(text, &err))?;
        if file.format != FORMAT {
            return Err(whole(format!(
                "format {} is not {FORMAT}, the only one known",
                file.format
            )));
        }
        if file.calls.len() > CALLS_MAX {
            return Err(whole(format!("more than {CALLS_MAX} calls")));
        }
        if file.calls.iter().any(|call| call.steps.len() > STEPS_MAX) {
            return Err(whole(format!("a call of more than {STEPS_MAX} steps")));
        }
        Ok(Recording { name: file.name, note: file.note, speed: file.speed, calls: file.calls })
    }

    /// The same at another speed.
    #[must_use]
    pub fn at(mut self, speed: Speed) -> Recording {
        self.speed = speed;
        self
    }

    /// How many calls it has.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    name: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    speed: Speed,
    #[serde(rename = "call", default)]
    calls: Vec<RecordedCall>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordedCall {
    #[serde(rename = "step", default, deserialize_with = "steps")]
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    pub(super) result: RecordedResult,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RecordedResult {
    /// The agent's last words; all it said when empty.
    pub(super) text: String,
    #[serde(deserialize_with = "outcome_named")]
    pub(super) outcome: AgentOutcome,
}

impl Default for RecordedResult {
    fn default() -> RecordedResult {
        RecordedResult { text: String::new(), outcome: AgentOutcome::Completed }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Say(String),
    Write { path: RelativePath, content: String },
    Delete(RelativePath),
    Pause(Duration),
    Tool { name: String, detail: String },
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepTable {
    say: Option<String>,
    write: Option<RelativePath>,
    content: Option<String>,
    delete: Option<RelativePath>,
    pause_ms: Option<u64>,
    tool: Option<String>,
    detail: Option<String>,
}

/// What one table says: a pause, a step, or both, the pause first.
#[derive(Deserialize)]
#[serde(try_from = "StepTable")]
struct PausedStep {
    pause: Option<Step>,
    step: Option<Step>,
}

fn steps<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Step>, D::Error> {
    let tables = Vec::<PausedStep>::deserialize(from)?;
    Ok(tables.into_iter().flat_map(|table| [table.pause, table.step]).flatten().collect())
}

impl TryFrom<StepTable> for PausedStep {
    type Error = &'static str;

    fn try_from(table: StepTable) -> Result<PausedStep, &'static str> {
        let StepTable { say, write, content, delete, pause_ms, tool, detail } = table;
        match (&write, &content, &tool, &detail) {
            (Some(_), None, _, _) => return Err("`write` needs `content`"),
            (None, Some(_), _, _) => return Err("`content` needs `write`"),
            (_, _, None, Some(_)) => return Err("`detail` needs `tool`"),
            _ => {}
        }
        let write = write.zip(content).map(|(path, content)| Step::Write { path, content });
        let pause = pause_ms.map(|ms| Step::Pause(Duration::from_millis(ms).min(PAUSE_MAX)));
        let tool = tool.map(|name| Step::Tool { name, detail: detail.unwrap_or_default() });
        let all = [say.map(Step::Say), write, delete.map(Step::Delete), tool];
        let mut found = all.into_iter().flatten();
        match (found.next(), found.next()) {
            (step, None) if step.is_some() || pause.is_some() => Ok(PausedStep { pause, step }),
            _ => {
                Err("a step is one of `say`, `write`, `delete` or `tool`, and may have `pause_ms`")
            }
        }
    }
}

/// Outcomes by the names that they have wherever loki writes them.
fn outcome_named<'de, D: serde::Deserializer<'de>>(from: D) -> Result<AgentOutcome, D::Error> {
    let name = String::deserialize(from)?;
    let outcome = match name.as_str() {
        "completed" => AgentOutcome::Completed,
        "rate_limited" => AgentOutcome::RateLimited { until: None },
        "overloaded" => AgentOutcome::Overloaded,
        "auth" => AgentOutcome::Auth,
        "model_not_found" => AgentOutcome::ModelNotFound,
        "context_exceeded" => AgentOutcome::ContextExceeded,
        "quota" => AgentOutcome::Quota { until: None },
        "budget_reached" => AgentOutcome::BudgetReached,
        "timed_out" => AgentOutcome::TimedOut { deadline: Deadline::Total },
        "crashed" => AgentOutcome::Crashed { exit_code: Some(1), detail: "as recorded".to_owned() },
        "garbage" => AgentOutcome::Garbage,
        _ => return Err(serde::de::Error::custom(format!("`{name}` is not an outcome"))),
    };
    Ok(outcome)
}

fn located(text: &str, err: &toml::de::Error) -> RecordingError {
    let before = err.span().and_then(|span| text.as_bytes().get(..span.start));
    let line = before.map(|before| 1 + before.iter().filter(|&&byte| byte == b'\n').count());
    RecordingError { line, message: err.message().lines().next().unwrap_or_default().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &str) -> String {
        let text = format!("format = 1\nname = \"x\"\n{body}");
        Recording::parse(&text).unwrap_err().to_string()
    }

    #[test]
    fn every_kind_of_step_is_read() {
        let text = r#"
            format = 1
            name = "all"
            speed = "instant"
            [[call]]
            step = [
              { say = "hi" }, { write = "a/b.txt", content = "x" }, { delete = "c" },
              { pause_ms = 999999 }, { tool = "Bash", detail = "ls", pause_ms = 5 },
            ]
            [call.result]
            text = "bye"
            outcome = "rate_limited"
            [[call]]
        "#;
        let recording = Recording::parse(text).unwrap();
        assert_eq!((recording.calls(), recording.speed), (2, Speed::Instant));
        let steps = &recording.calls[0].steps;
        assert_eq!(steps[3], Step::Pause(PAUSE_MAX));
        assert_eq!(steps[4], Step::Pause(Duration::from_millis(5)));
        assert_eq!(steps[5], Step::Tool { name: "Bash".to_owned(), detail: "ls".to_owned() });
        assert_eq!(recording.calls[0].result.outcome, AgentOutcome::RateLimited { until: None });
        assert_eq!(recording.calls[1].result, RecordedResult::default());
    }

    #[test]
    fn an_error_names_its_line() {
        assert!(
            error("[[call]]\n[[call.step]]\nsey = \"x\"\n")
                .starts_with("line 5: unknown field `sey`")
        );
        assert!(
            error("[[call]]\n[[call.step]]\nwrite = \"../x\"\ncontent = \"\"\n")
                .starts_with("line 5: ")
        );
        assert!(
            error("[[call]]\n[call.result]\noutcome = \"fine\"\n").starts_with("line 5: `fine`")
        );
        assert!(error("[[call]\n").starts_with("line 3: "));
    }

    #[test]
    fn a_step_is_exactly_one_thing() {
        for step in ["{}", "{ say = 'x', delete = 'y' }", "{ write = 'x' }", "{ content = 'x' }"] {
            assert!(
                error(&format!("[[call]]\nstep = [{step}]\n")).starts_with("line 4: "),
                "{step}"
            );
        }
    }

    #[test]
    fn another_format_is_refused() {
        let err = Recording::parse("format = 2\nname = \"x\"\n").unwrap_err();
        assert_eq!(err.to_string(), "format 2 is not 1, the only one known");
    }
}
