//! What the loop knows of a model: it is asked with a conversation, and answers or fails.

use std::time::{Duration, Instant};

use loki_host::process::Cancel;
use loki_model::{AgentOutcome, Effort, TokenUsage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A model behind some protocol.
pub(super) trait Model {
    /// Asks once, without trying again, and waits for the whole answer.
    fn ask(&mut self, question: &Question<'_>, watch: &Watch<'_>) -> Result<Answer, Failure>;

    /// The names of the models that there are.
    fn models(&mut self, watch: &Watch<'_>) -> Result<Vec<String>, Failure>;
}

/// What a model is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) model: &'a str,
    pub(super) effort: Option<Effort>,
    pub(super) system: &'a str,
    pub(super) tools: &'a [ToolOffer],
    pub(super) messages: &'a [Message],
}

/// A tool, as the model is told of it.
#[derive(Clone, Debug)]
pub(super) struct ToolOffer {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// JSON schema of its arguments.
    pub(super) schema: Value,
}

/// When an answer is no longer waited for.
pub(super) struct Watch<'a> {
    pub(super) cancel: &'a Cancel,
    /// The end of the call.
    pub(super) total_at: Option<Instant>,
    /// Longest silence.
    pub(super) idle: Option<Duration>,
}

/// One part of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Message {
    /// What the model is told to do.
    User(String),
    /// What it answered.
    Assistant {
        text: String,
        calls: Vec<Call>,
        /// The same as its protocol wants it back, thoughts included.
        replay: Value,
    },
    /// What its tools gave, one for each call.
    Results(Vec<ToolResult>),
}

/// The model wants a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) tool: String,
    /// Nothing when they were no JSON object.
    pub(super) arguments: Option<Map<String, Value>>,
}

/// What came of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolResult {
    /// That of the call.
    pub(super) id: String,
    pub(super) text: String,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) replay: Value,
    pub(super) usage: Option<TokenUsage>,
    pub(super) stop: Stop,
    /// Which model answered, when told.
    pub(super) model: Option<String>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The model had said all, or wants its tools.
    Done,
    /// It may not say more at once.
    Length,
    /// The service keeps the rest back.
    Withheld,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What the call comes to if it is not tried again.
    pub(super) outcome: AgentOutcome,
    pub(super) again: Again,
}

/// Whether the same question may be answered another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    Soon,
    /// The service said when.
    After(Duration),
}

impl Failure {
    pub(super) fn for_good(outcome: AgentOutcome) -> Failure {
        Failure { outcome, again: Again::Never }
    }
}
