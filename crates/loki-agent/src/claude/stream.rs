//! Reads `--output-format stream-json`: one JSON object a line, every field of it untrusted.
//!
//! Never fails: a line that is no event is counted, a field of a wrong type is as good as absent.

use std::collections::BTreeMap;

use loki_model::{Activity, Cost, Timestamp, TokenUsage, Usage, Usd};
use serde_json::Value;

use crate::counted::sum;
use crate::lines::Lines;
use crate::session::is_session_id;
use crate::shown::{held, shown, shown_on_one_line};
use crate::telling::telling_argument;

/// The model name of messages that the program makes up itself.
const SYNTHETIC: &str = "<synthetic>";
/// More answers than this of one call are not counted before its end.
const ANSWERS_MAX: usize = 10_000;
/// Why a turn ended that was interrupted while the model answered, and while a tool ran.
const CUT_OFF: &str = "aborted_streaming";
const TOOL_CUT_OFF: &str = "aborted_tools";

/// All that one call's output said so far.
#[derive(Debug)]
pub(super) struct Transcript {
    lines: Lines,
    events: Events,
}

/// What the lines add up to.
#[derive(Debug, Default)]
struct Events {
    session: Option<String>,
    model: Option<String>,
    last_text: String,
    /// The class of the last error that the program told of.
    error_class: Option<String>,
    /// Authentication failed and the program is about to try again.
    refused: bool,
    /// The model said or did something.
    answered: bool,
    rejected_until: Option<Timestamp>,
    limit_rejected: bool,
    result: Option<EndOfTurn>,
    tokens: Option<TokenUsage>,
    /// What each answer said that it used when it began.
    answers: BTreeMap<String, TokenUsage>,
    since_last: Option<(TokenUsage, f64)>,
    unreadable: u64,
    price_unknown: bool,
}

/// The last `result` event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct EndOfTurn {
    /// Absent unless it was a boolean.
    pub(super) is_error: Option<bool>,
    pub(super) subtype: String,
    pub(super) terminal_reason: String,
    pub(super) api_error: String,
    pub(super) api_error_status: Option<u64>,
    pub(super) api_error_type: String,
    pub(super) text: Option<String>,
    pub(super) errors: Vec<String>,
    /// Cumulative over all calls of one session.
    total_cost_usd: Option<f64>,
}

impl EndOfTurn {
    /// Whether it ended because somebody interrupted it.
    pub(super) fn is_aborted(&self) -> bool {
        [CUT_OFF, TOOL_CUT_OFF].contains(&self.terminal_reason.as_str())
    }
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

    /// Whether the service refused the login and nothing but retries can follow.
    pub(super) fn is_refused(&self) -> bool {
        self.events.refused
    }

    pub(super) fn session(&self) -> Option<&str> {
        self.events.session.as_deref()
    }

    pub(super) fn model(&self) -> Option<&str> {
        self.events.model.as_deref()
    }

    /// Used until now at least; what is written of an answer is told at its end only.
    pub(super) fn used(&self) -> TokenUsage {
        self.events.answers.values().copied().fold(TokenUsage::default(), sum)
    }

    pub(super) fn error_class(&self) -> &str {
        self.events.error_class.as_deref().unwrap_or_default()
    }

    /// Whether the service said that an allowance is used up, and until when.
    pub(super) fn rejection(&self) -> Option<Option<Timestamp>> {
        self.events.limit_rejected.then_some(self.events.rejected_until)
    }

    pub(super) fn end_of_turn(&self) -> Option<&EndOfTurn> {
        self.events.result.as_ref()
    }

    /// Lines that were no events or too long.
    pub(super) fn unreadable(&self) -> u64 {
        self.events.unreadable + self.lines.dropped()
    }

    /// The answer of the turn, or else the last thing said.
    pub(super) fn final_text(&self) -> &str {
        let answer = self.end_of_turn().and_then(|end| end.text.as_deref());
        answer.unwrap_or(&self.events.last_text)
    }

    /// What this call alone used. `resumed` tells whether totals include earlier calls.
    ///
    /// `model_usage_since_last_result` is of this call even then; `total_cost_usd` is not.
    pub(super) fn usage(&self, resumed: bool) -> Usage {
        let events = &self.events;
        let Some(end) = &events.result else {
            // Refused before the first answer: nothing was sold.
            let nothing = Usage { tokens: None, cost: Cost::Known { usd: Usd::ZERO } };
            return if events.refused && !events.answered { nothing } else { Usage::UNKNOWN };
        };
        if end.terminal_reason == CUT_OFF {
            // It does not count the answer that was cut off, which may be most of it.
            return Usage::UNKNOWN;
        }
        let since_last = events.since_last;
        let tokens = since_last.map(|(tokens, _)| tokens).or(events.tokens);
        let dollars = match since_last {
            Some((_, dollars)) => Some(dollars),
            None if resumed => None,
            None => end.total_cost_usd,
        };
        let cost = match dollars.and_then(Usd::from_dollars) {
            // The program guesses for a model that it has no price of.
            Some(usd) if !events.price_unknown => Cost::Known { usd },
            _ => Cost::Unknown,
        };
        Usage { tokens, cost }
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
        if let Some(id) = event["session_id"].as_str().filter(|id| is_session_id(id)) {
            self.session = Some(id.to_owned());
        }
        match text(&event["type"]) {
            "system" => self.system(&event, seen),
            "assistant" => self.assistant(&event, seen),
            "user" => tool_results(&event, seen),
            "rate_limit_event" => self.rate_limit(&event["rate_limit_info"]),
            "result" => self.end(&event),
            // Kinds that later versions add.
            _ => {}
        }
    }

    fn system(&mut self, event: &Value, seen: &mut dyn FnMut(Activity)) {
        match text(&event["subtype"]) {
            "init" => self.take_model(&event["model"]),
            "model_fallback" => self.take_model(&event["fallback_model"]),
            "api_retry" => {
                let class = text(&event["error"]);
                self.error_class = Some(class.to_owned());
                self.refused |= class == "authentication_failed";
                seen(Activity::Retrying { reason: shown_on_one_line(class) });
            }
            // A denied permission comes once more, as the failure of its tool.
            _ => {}
        }
    }

    fn assistant(&mut self, event: &Value, seen: &mut dyn FnMut(Activity)) {
        let message = &event["message"];
        self.answered |= message["model"] != SYNTHETIC;
        if let Some(id) = message["id"].as_str()
            && self.answers.len() < ANSWERS_MAX
        {
            self.answers.insert(shown_on_one_line(id), tokens_of(&message["usage"]));
        }
        if let Some(class) = event["error"].as_str() {
            self.error_class = Some(class.to_owned());
        }
        // What a helper of the agent says is not its own last word.
        let own = event["parent_tool_use_id"].is_null();
        if own {
            self.take_model(&message["model"]);
        }
        for block in message["content"].as_array().into_iter().flatten() {
            match text(&block["type"]) {
                "text" => {
                    let said = text(&block["text"]);
                    if own {
                        self.last_text = held(said);
                    }
                    let said = shown(said);
                    if !said.is_empty() {
                        seen(Activity::Said { text: said });
                    }
                }
                "tool_use" => seen(Activity::Used {
                    tool: shown_on_one_line(text(&block["name"])),
                    detail: telling_argument(&block["input"]),
                }),
                _ => {}
            }
        }
    }

    fn rate_limit(&mut self, info: &Value) {
        if text(&info["status"]) == "rejected" {
            self.limit_rejected = true;
            let seconds = info["resetsAt"].as_i64();
            self.rejected_until = seconds.and_then(|at| at.checked_mul(1000)).map(Timestamp);
        } else {
            self.limit_rejected = false;
        }
    }

    fn end(&mut self, event: &Value) {
        let words = event["errors"].as_array().into_iter().flatten().filter_map(Value::as_str);
        self.result = Some(EndOfTurn {
            is_error: event["is_error"].as_bool(),
            subtype: text(&event["subtype"]).to_owned(),
            terminal_reason: text(&event["terminal_reason"]).to_owned(),
            api_error: text(&event["api_error"]).to_owned(),
            api_error_status: event["api_error_status"].as_u64(),
            api_error_type: text(&event["api_error_type"]).to_owned(),
            text: event["result"].as_str().map(held),
            errors: words.map(shown_on_one_line).collect(),
            total_cost_usd: event["total_cost_usd"].as_f64(),
        });
        let usage = &event["usage"];
        if usage.is_object() {
            self.tokens = Some(sum(self.tokens.unwrap_or_default(), tokens_of(usage)));
        }
        if let Some(models) = event["model_usage_since_last_result"].as_object() {
            for used in models.values() {
                let (tokens, dollars) = self.since_last.unwrap_or_default();
                let more = TokenUsage {
                    input: count(&used["inputTokens"]),
                    output: count(&used["outputTokens"]),
                    cache_read: count(&used["cacheReadInputTokens"]),
                    cache_write: count(&used["cacheCreationInputTokens"]),
                };
                self.price_unknown |= text(&used["costBasis"]) == "unknown";
                let cost = used["costUSD"].as_f64();
                self.price_unknown |= cost.is_none();
                self.since_last = Some((sum(tokens, more), dollars + cost.unwrap_or(0.0)));
            }
            // Nothing used is known to be nothing.
            self.since_last.get_or_insert_default();
        }
    }

    fn take_model(&mut self, name: &Value) {
        if let Some(name) = name.as_str().filter(|&name| name != SYNTHETIC && !name.is_empty()) {
            self.model = Some(shown_on_one_line(name));
        }
    }
}

fn tool_results(event: &Value, seen: &mut dyn FnMut(Activity)) {
    for block in event["message"]["content"].as_array().into_iter().flatten() {
        if text(&block["type"]) == "tool_result" && block["is_error"] == true {
            let content = &block["content"];
            let printed = content.as_str().unwrap_or_else(|| text(&content[0]["text"]));
            seen(Activity::ToolFailed { detail: shown(printed) });
        }
    }
}

fn tokens_of(usage: &Value) -> TokenUsage {
    TokenUsage {
        input: count(&usage["input_tokens"]),
        output: count(&usage["output_tokens"]),
        cache_read: count(&usage["cache_read_input_tokens"]),
        cache_write: count(&usage["cache_creation_input_tokens"]),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}
