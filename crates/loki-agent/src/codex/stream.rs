//! Reads `codex exec --json`: one JSON object a line, every field of it untrusted.
//!
//! Never fails: a line that is no event is counted, a field of a wrong type is as good as absent.

use loki_model::{Activity, TokenUsage};
use serde_json::Value;

use crate::lines::Lines;
use crate::session::is_session_id;
use crate::shown::{held, shown, shown_on_one_line};

/// How an `error` event begins that announces another attempt.
const RETRY: &str = "Reconnecting... ";
/// What stands before the status in the errors that Codex makes of answers.
const STATUS_LABELS: [&str; 2] = ["unexpected status ", "last status: "];
/// Statuses of requests that may go well when they are made again.
const PASSING: [u16; 4] = [408, 409, 425, 429];

/// All that one call's output said so far.
#[derive(Debug)]
pub(super) struct Transcript {
    lines: Lines,
    events: Events,
}

/// How the turn ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum EndOfTurn {
    Completed,
    Failed {
        /// Codex's own.
        message: String,
    },
}

/// What the lines add up to.
#[derive(Debug, Default)]
struct Events {
    session: Option<String>,
    last_text: String,
    last_error: String,
    /// The last event announced another attempt.
    retrying: bool,
    retried: bool,
    /// The status in the last announcement of another attempt, if there was one.
    retry_status: Option<u16>,
    /// A status that no further attempt changes.
    refused: Option<u16>,
    /// The model said or did something.
    answered: bool,
    end: Option<EndOfTurn>,
    total: Option<TokenUsage>,
    unreadable: u64,
}

impl Transcript {
    pub(super) fn new() -> Transcript {
        Transcript { lines: Lines::new(), events: Events::default() }
    }

    /// Reads the next bytes of standard output, wherever they are cut.
    pub(super) fn feed(&mut self, bytes: &[u8], seen: &mut dyn FnMut(Activity)) {
        let Transcript { lines, events } = self;
        lines.feed(bytes, &mut |line| events.read(line, seen));
    }

    /// Reads a last line that has no newline.
    pub(super) fn finish(&mut self, seen: &mut dyn FnMut(Activity)) {
        let Transcript { lines, events } = self;
        lines.finish(&mut |line| events.read(line, seen));
    }

    pub(super) fn session(&self) -> Option<&str> {
        self.events.session.as_deref()
    }

    /// The status of a refusal that retries can not change, if one was announced to be retried.
    ///
    /// It is the one thing that is read out of words, and out of the head that Codex puts before
    /// what the service said: the record has it only when all attempts are over.
    pub(super) fn refused(&self) -> Option<u16> {
        self.events.refused
    }

    /// Whether another attempt was announced and nothing came of it; with its reason's status.
    pub(super) fn retrying(&self) -> Option<Option<u16>> {
        self.events.retrying.then_some(self.events.retry_status)
    }

    /// Whether another attempt was announced at any time.
    pub(super) fn has_retried(&self) -> bool {
        self.events.retried
    }

    pub(super) fn has_answered(&self) -> bool {
        self.events.answered
    }

    pub(super) fn end_of_turn(&self) -> Option<&EndOfTurn> {
        self.events.end.as_ref()
    }

    /// What the last error event said.
    pub(super) fn last_error(&self) -> &str {
        &self.events.last_error
    }

    /// The last thing said.
    pub(super) fn final_text(&self) -> &str {
        &self.events.last_text
    }

    /// All tokens of the conversation up to now, earlier calls included.
    pub(super) fn total_tokens(&self) -> Option<TokenUsage> {
        self.events.total
    }

    /// Lines that were no events or too long.
    pub(super) fn unreadable(&self) -> u64 {
        self.events.unreadable + self.lines.dropped()
    }
}

impl Events {
    fn read(&mut self, line: &[u8], seen: &mut dyn FnMut(Activity)) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let event = match serde_json::from_slice::<Value>(line) {
            Ok(event) if event["type"].is_string() => event,
            _ => {
                self.unreadable += 1;
                return;
            }
        };
        let kind = text(&event["type"]);
        // What follows an announced attempt is what came of it.
        self.retrying = false;
        match kind {
            "thread.started" => {
                let id = event["thread_id"].as_str().filter(|id| is_session_id(id));
                self.session = id.map(str::to_owned).or(self.session.take());
            }
            "item.started" => started(&event["item"], seen),
            "item.completed" => self.completed(&event["item"], seen),
            "error" => self.error(text(&event["message"]), seen),
            "turn.completed" => {
                self.end = Some(EndOfTurn::Completed);
                self.total = super::tokens_of(&event["usage"]);
            }
            "turn.failed" => {
                let message = shown_on_one_line(text(&event["error"]["message"]));
                self.end = Some(EndOfTurn::Failed { message });
            }
            // Kinds that later versions add.
            _ => {}
        }
    }

    fn completed(&mut self, item: &Value, seen: &mut dyn FnMut(Activity)) {
        // An item that is an error is a warning, not the end and not the model's.
        self.answered |= item["type"] != "error";
        let failed = item["status"] == "failed";
        match text(&item["type"]) {
            "agent_message" => {
                let said = text(&item["text"]);
                self.last_text = held(said);
                let said = shown(said);
                if !said.is_empty() {
                    seen(Activity::Said { text: said });
                }
            }
            "command_execution" if failed => {
                seen(Activity::ToolFailed { detail: shown(text(&item["aggregated_output"])) });
            }
            "mcp_tool_call" if failed => {
                seen(Activity::ToolFailed { detail: shown(text(&item["error"]["message"])) });
            }
            "file_change" if failed => seen(Activity::ToolFailed { detail: changed(item) }),
            _ => {}
        }
    }

    fn error(&mut self, message: &str, seen: &mut dyn FnMut(Activity)) {
        let Some(rest) = message.strip_prefix(RETRY) else {
            self.last_error = shown_on_one_line(message);
            return;
        };
        let reason = rest.split_once(" (").map_or(rest, |(_, reason)| reason);
        let reason = reason.strip_suffix(')').unwrap_or(reason);
        (self.retrying, self.retried) = (true, true);
        self.retry_status = status_in(reason);
        let final_one = |status: &u16| (400..500).contains(status) && !PASSING.contains(status);
        self.refused = self.refused.or(self.retry_status.filter(final_one));
        seen(Activity::Retrying { reason: shown_on_one_line(reason) });
    }
}

/// The status that an error of Codex begins with; what the service said comes after it.
pub(super) fn status_in(error: &str) -> Option<u16> {
    let after = |label: &&str| {
        let rest = error.strip_prefix("exceeded retry limit, ").unwrap_or(error);
        rest.strip_prefix(*label)
    };
    let digits = STATUS_LABELS.iter().find_map(after)?.split(' ').next()?;
    digits.trim_end_matches(':').parse().ok()
}

fn started(item: &Value, seen: &mut dyn FnMut(Activity)) {
    let used = |tool: &str, detail: &str| Activity::Used {
        tool: shown_on_one_line(tool),
        detail: shown_on_one_line(detail),
    };
    match text(&item["type"]) {
        "command_execution" => seen(used("shell", text(&item["command"]))),
        "file_change" => seen(used("edit", &changed(item))),
        "mcp_tool_call" => seen(used(text(&item["tool"]), text(&item["server"]))),
        "web_search" => seen(used("web_search", text(&item["query"]))),
        _ => {}
    }
}

/// The files of a change, on one line.
fn changed(item: &Value) -> String {
    let changes = item["changes"].as_array().into_iter().flatten();
    let paths: Vec<&str> = changes.map(|change| text(&change["path"])).collect();
    shown_on_one_line(&paths.join(", "))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
