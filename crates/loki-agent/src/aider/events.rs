//! What Aider writes down: its log of events, and the history of what the model said.

use loki_model::{AgentOutcome, TokenUsage, Usd};
use serde_json::Value;

use crate::shown::shown_on_one_line;

/// What its log of events says of a call.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Cached tokens are counted as read.
    pub(super) tokens: TokenUsage,
    /// Nothing when it does not know what the model costs.
    pub(super) cost: Option<Usd>,
    pub(super) model: Option<String>,
    /// Lines that are no events.
    pub(super) unreadable: u64,
    asked: u64,
    answered: u64,
    /// Why it ended, as it names it.
    exit: Option<String>,
}

impl Events {
    pub(super) fn read(log: &str) -> Events {
        let mut events = Events::default();
        for line in log.lines() {
            match serde_json::from_str(line) {
                Ok(event) => events.take(&event),
                Err(_) => events.unreadable += 1,
            }
        }
        events
    }

    fn take(&mut self, event: &Value) {
        let properties = &event["properties"];
        match event["event"].as_str().unwrap_or_default() {
            "message_send_starting" => self.asked += 1,
            "message_send" => {
                self.answered += 1;
                let count = |name: &str| properties[name].as_u64().unwrap_or(0);
                self.tokens.input = self.tokens.input.saturating_add(count("prompt_tokens"));
                self.tokens.output = self.tokens.output.saturating_add(count("completion_tokens"));
                // An unknown price reads as zero.
                let total = properties["total_cost"].as_f64().filter(|&total| total > 0.0);
                self.cost = total.and_then(Usd::from_dollars);
                self.model = properties["main_model"].as_str().map(shown_on_one_line);
            }
            "exit" => self.exit = properties["reason"].as_str().map(shown_on_one_line),
            _ => {}
        }
    }

    /// Whether every question was counted.
    pub(super) fn is_counted(&self) -> bool {
        self.asked > 0 && self.asked == self.answered
    }

    /// How a call ended that ended by itself; `class` is the last failure that it named.
    pub(super) fn outcome(&self, class: Option<&str>) -> AgentOutcome {
        match (&self.exit, self.asked) {
            (None, _) => AgentOutcome::Garbage,
            (Some(reason), 0) => AgentOutcome::NotStarted { detail: reason.clone() },
            (Some(_), _) if self.is_counted() => AgentOutcome::Completed,
            (Some(_), _) => failure(class),
        }
    }
}

/// The exceptions of the library that it talks to models with, and those of them that say more
/// than that something went wrong.
const CLASSES: &[(&str, Option<AgentOutcome>)] = &[
    ("AuthenticationError", Some(AgentOutcome::Auth)),
    ("PermissionDeniedError", Some(AgentOutcome::Auth)),
    ("NotFoundError", Some(AgentOutcome::ModelNotFound)),
    ("ContextWindowExceededError", Some(AgentOutcome::ContextExceeded)),
    // It does not tell whether an allowance is used up.
    ("RateLimitError", Some(AgentOutcome::RateLimited { until: None })),
    ("InternalServerError", Some(AgentOutcome::Overloaded)),
    ("ServiceUnavailableError", Some(AgentOutcome::Overloaded)),
    ("BadGatewayError", Some(AgentOutcome::Overloaded)),
    ("APIConnectionError", Some(AgentOutcome::Overloaded)),
    ("APIError", Some(AgentOutcome::Overloaded)),
    ("Timeout", Some(AgentOutcome::Overloaded)),
    ("BadRequestError", None),
    ("UnprocessableEntityError", None),
    ("ContentPolicyViolationError", None),
];

/// The class of the failure that a line begins with: `litellm.RateLimitError: …`.
pub(super) fn class_in(line: &str) -> Option<&str> {
    let (class, _) = line.strip_prefix("litellm.")?.split_once(':')?;
    CLASSES.iter().any(|(known, _)| *known == class).then_some(class)
}

/// What a call comes to whose last failure was of this class.
pub(super) fn failure(class: Option<&str>) -> AgentOutcome {
    let known = CLASSES.iter().find(|(known, _)| Some(*known) == class);
    known.and_then(|(_, outcome)| outcome.clone()).unwrap_or_else(|| {
        let why = class.unwrap_or("it did not say why");
        AgentOutcome::Crashed { exit_code: Some(0), detail: format!("no answer: {why}") }
    })
}

/// What the model said last. Every line of a text has its speaker in front, so that no text looks
/// like the beginning of another.
pub(super) fn last_answer(history: &str) -> String {
    let mut answer = Vec::new();
    let mut is_inside = false;
    for line in history.lines() {
        if line.starts_with("LLM RESPONSE ") {
            answer.clear();
            is_inside = true;
        } else if let (true, Some(said)) = (is_inside, line.strip_prefix("ASSISTANT")) {
            answer.push(said.strip_prefix(' ').unwrap_or(said));
        } else if line.starts_with("TO LLM ") {
            is_inside = false;
        }
    }
    answer.join("\n")
}
