//! Reads `cline --json`: one JSON object a line, every field of it untrusted.
//!
//! Never fails: a line that is no event is counted, a field of a wrong type is as good as absent.

use loki_host::process::Ended;
use loki_model::{Activity, AgentOutcome, TokenUsage};
use serde_json::Value;

use super::record::tokens_of;
use crate::lines::Lines;
use crate::shown::{held, shown, shown_on_one_line};
use crate::telling::telling_argument;

/// All that one call's output said so far.
#[derive(Debug)]
pub(super) struct Transcript {
    lines: Lines,
    events: Events,
}

impl Default for Transcript {
    fn default() -> Transcript {
        Transcript { lines: Lines::new(), events: Events::default() }
    }
}

/// What the lines add up to.
#[derive(Debug, Default)]
struct Events {
    last_text: String,
    /// The class of the error that ended the run, in Cline's words.
    error_class: Option<String>,
    error: Option<String>,
    /// How the run ended, in Cline's words.
    finish: Option<String>,
    model: Option<String>,
    tokens: Option<TokenUsage>,
    dollars: f64,
    unreadable: u64,
}

impl Transcript {
    /// Reads the next bytes of standard output, wherever they are cut.
    pub(super) fn feed(&mut self, bytes: &[u8], seen: &mut dyn FnMut(Activity)) {
        let Transcript { lines, events } = self;
        lines.feed(bytes, &mut |line| events.read(line, seen));
    }

    /// What the class of its error means, if it is one of the two that it knows.
    pub(super) fn failure(&self) -> Option<AgentOutcome> {
        match self.events.error_class.as_deref()? {
            "auth" => Some(AgentOutcome::Auth),
            "context_window_exceeded" => Some(AgentOutcome::ContextExceeded),
            _ => None,
        }
    }

    /// Whether it said that it ended in another way than well.
    pub(super) fn failed(&self) -> bool {
        self.events.finish.as_deref().is_some_and(|finish| finish != "completed")
    }

    pub(super) fn completed(&self) -> bool {
        self.events.finish.as_deref() == Some("completed")
    }

    /// An end that nothing tells more of.
    pub(super) fn crash(&self, ended: Ended) -> AgentOutcome {
        let finish = self.events.finish.as_deref().unwrap_or_default();
        let error = self.events.error.as_deref().unwrap_or_default();
        let exit_code = match ended {
            Ended::Exited(code) => Some(code),
            _ => None,
        };
        let detail = shown_on_one_line(&format!("{finish}: {error}"));
        AgentOutcome::Crashed { exit_code, detail }
    }

    pub(super) fn last_words(&self) -> &str {
        &self.events.last_text
    }

    pub(super) fn model(&self) -> Option<&str> {
        self.events.model.as_deref()
    }

    /// Tokens and dollars of this call.
    pub(super) fn used(&self) -> (Option<TokenUsage>, f64) {
        (self.events.tokens, self.events.dollars)
    }

    pub(super) fn unreadable(&self) -> u64 {
        self.events.unreadable + self.lines.dropped()
    }
}

impl Events {
    fn read(&mut self, line: &[u8], seen: &mut dyn FnMut(Activity)) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let entry = match serde_json::from_slice::<Value>(line) {
            Ok(entry) if entry["type"].is_string() => entry,
            _ => {
                self.unreadable += 1;
                return;
            }
        };
        match entry["type"].as_str().unwrap_or_default() {
            "agent_event" => self.event(&entry["event"], seen),
            "run_result" => self.end(&entry),
            "run_aborted" => self.finish = Some("aborted".to_owned()),
            _ => {}
        }
    }

    fn event(&mut self, event: &Value, seen: &mut dyn FnMut(Activity)) {
        let kind = event["type"].as_str().unwrap_or_default();
        match (kind, event["contentType"].as_str().unwrap_or_default()) {
            ("content_end", "text") => {
                let text = event["text"].as_str().unwrap_or_default();
                self.last_text = held(text);
                let text = shown(text);
                if !text.is_empty() {
                    seen(Activity::Said { text });
                }
            }
            ("content_start", "tool") => seen(Activity::Used {
                tool: shown_on_one_line(event["toolName"].as_str().unwrap_or_default()),
                detail: telling_argument(&event["input"]),
            }),
            ("content_end", "tool") => {
                if let Some(detail) = failure_of_tool(event) {
                    seen(Activity::ToolFailed { detail: shown(detail) });
                }
            }
            ("error", _) => {
                self.error_class = event["errorClass"].as_str().map(shown_on_one_line);
                self.error = event["error"]["message"].as_str().map(shown_on_one_line);
            }
            ("notice", _) => {
                let kind = &event["metadata"]["kind"];
                if event["noticeType"] == "recovery" || *kind == "context_overflow_recovery" {
                    let reason = shown_on_one_line(kind.as_str().unwrap_or("recovery"));
                    seen(Activity::Retrying { reason });
                }
            }
            // The run goes on after it.
            ("iteration_start", _) => (self.error_class, self.error) = (None, None),
            _ => {}
        }
    }

    fn end(&mut self, result: &Value) {
        self.finish = result["finishReason"].as_str().map(shown_on_one_line);
        self.model = result["model"]["id"].as_str().map(shown_on_one_line);
        let usage = &result["usage"];
        if usage.is_object() {
            self.tokens = Some(tokens_of(usage));
            self.dollars = usage["totalCost"].as_f64().unwrap_or(0.0);
        }
    }
}

/// What a failed tool printed. Its output is one object, or one for each command.
fn failure_of_tool(event: &Value) -> Option<&str> {
    let output = &event["output"];
    let outputs = output.as_array().map_or(std::slice::from_ref(output), Vec::as_slice);
    let failed = outputs.iter().find(|output| output["success"] == false);
    let words = failed.and_then(|failed| failed["error"].as_str().or(failed["result"].as_str()));
    words.or(failed.map(|_| "")).or_else(|| event["error"].as_str())
}
