//! The loop: ask, do what the model wants done, tell it what came of that, ask again.

use std::time::{Duration, Instant};

use loki_model::{Activity, AgentOutcome, Deadline, Price, TokenUsage, Usd};
use serde_json::{Map, Value, json};

use super::model::{
    Again, Answer, Call, Failure, Message, Model, Question, Stop, ToolOffer, ToolResult, Watch,
};
use super::session::Session;
use crate::agent::CallSpec;
use crate::shown::shown;

/// Questions of one call, those that are asked again included.
const QUESTIONS_MAX: u32 = 250;
/// Tools that one answer may ask for.
const TOOLS_PER_ANSWER_MAX: usize = 32;
/// The same answer so often in a row leads nowhere.
const SAME_ANSWERS_MAX: u32 = 8;
/// Times that one question is asked again.
const RETRIES_MAX: u32 = 3;
/// Before the first of them; twice as long before each further one.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// When the service wants more, the call is over: others may know what to do with the time.
const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);

const GO_ON: &str =
    "Your last answer was cut off at its length limit. Go on from there, in smaller steps.";
const TOO_MANY: &str = "error: not done, an answer may ask for at most 32 tools";
const UNREADABLE: &str = "error: not done, the arguments are not a JSON object";

/// What carries the model's wishes out.
pub(super) trait Toolbox {
    fn offers(&self) -> &[ToolOffer];

    /// Does what `call` asks for, unless the time is over. Bounded, and text for the model.
    fn use_tool(&mut self, call: &Call, watch: &Watch<'_>) -> Used;
}

/// What came of a tool.
pub(super) struct Used {
    pub(super) text: String,
    pub(super) is_failure: bool,
}

/// Hears what happens.
pub(super) trait Listener {
    fn activity(&mut self, activity: Activity);
    /// Of all answers until now, as far as they count.
    fn used(&mut self, tokens: TokenUsage);
    /// One line of the transcript.
    fn note(&mut self, line: &Value);
}

/// What a call came to.
pub(super) struct Ending {
    pub(super) outcome: AgentOutcome,
    pub(super) last_words: String,
    /// Nothing when an answer did not count.
    pub(super) tokens: Option<TokenUsage>,
    pub(super) model: Option<String>,
    /// Whether a later call can go on with the conversation.
    pub(super) is_kept: bool,
}

/// One call in progress.
pub(super) struct Turn<'a, 'b> {
    pub(super) model: &'a mut dyn Model,
    pub(super) tools: &'a mut dyn Toolbox,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) session: &'a mut Session,
    pub(super) watch: &'a Watch<'b>,
    pub(super) system: &'a str,
    pub(super) model_name: &'a str,
    pub(super) spec: &'a CallSpec<'b>,
}

#[derive(Default)]
struct Count {
    questions: u32,
    tokens: TokenUsage,
    some_unknown: bool,
    last: Vec<(String, Option<Map<String, Value>>)>,
    same: u32,
    last_words: String,
    model: Option<String>,
    kept: bool,
}

impl Turn<'_, '_> {
    /// Goes on until the model has nothing more to do, or something ends it.
    pub(super) fn run(mut self) -> Ending {
        let mut count = Count::default();
        self.session.messages.push(Message::User(self.spec.prompt.to_owned()));
        let outcome = loop {
            match self.round(&mut count) {
                Ok(()) => {}
                Err(outcome) => break outcome,
            }
        };
        self.listener.note(&json!({"type": "end", "outcome": outcome.label()}));
        let tokens = (!count.some_unknown).then_some(count.tokens);
        let Count { last_words, model, kept: is_kept, .. } = count;
        Ending { outcome, last_words, tokens, model, is_kept }
    }

    /// One answer and its tools; an error is the end of the call, a good one too.
    fn round(&mut self, count: &mut Count) -> Result<(), AgentOutcome> {
        self.is_affordable(count)?;
        let answer = self.ask(count)?;
        self.hear(&answer, count);
        let Answer { text, calls, replay, stop, .. } = answer;
        if !text.is_empty() {
            count.last_words.clone_from(&text);
        }
        // An answer of nothing is not sent back: services refuse it.
        if !text.is_empty() || !calls.is_empty() {
            let said = Message::Assistant { text, calls: calls.clone(), replay };
            self.session.messages.push(said);
        }
        match (stop, calls.is_empty()) {
            (Stop::Withheld, _) => {
                let detail = "the service kept the answer back (content filter)".to_owned();
                self.session.messages.pop();
                return Err(AgentOutcome::Crashed { exit_code: None, detail });
            }
            (Stop::Done, true) => {
                self.keep(count);
                return Err(AgentOutcome::Completed);
            }
            (Stop::Length, true) => self.session.messages.push(Message::User(GO_ON.to_owned())),
            (Stop::Done | Stop::Length, false) => {
                let results = self.use_tools(&calls);
                self.session.messages.push(Message::Results(results));
            }
        }
        self.keep(count);
        self.is_wanted()?;
        // Ids differ from answer to answer.
        let anonymous: Vec<_> = calls.into_iter().map(|call| (call.tool, call.arguments)).collect();
        count.same = if count.last == anonymous { count.same + 1 } else { 1 };
        count.last = anonymous;
        if count.same >= SAME_ANSWERS_MAX {
            let detail = format!("the model asked {SAME_ANSWERS_MAX} times in a row for the same");
            return Err(AgentOutcome::Crashed { exit_code: None, detail });
        }
        Ok(())
    }

    fn is_affordable(&self, count: &Count) -> Result<(), AgentOutcome> {
        let (Some(budget), Some(price)) = (self.spec.budget_left, self.spec.price) else {
            return Ok(());
        };
        if price.of(&count.tokens) >= budget && (budget == Usd::ZERO || count.questions > 0) {
            return Err(AgentOutcome::BudgetReached);
        }
        Ok(())
    }

    /// An answer, however often the question has to be asked.
    fn ask(&mut self, count: &mut Count) -> Result<Answer, AgentOutcome> {
        let mut retries = 0;
        loop {
            if count.questions >= QUESTIONS_MAX {
                let detail = format!("the model was asked {QUESTIONS_MAX} times without an end");
                return Err(AgentOutcome::Crashed { exit_code: None, detail });
            }
            count.questions += 1;
            let question = Question {
                model: self.model_name,
                effort: self.spec.effort,
                system: self.system,
                tools: self.tools.offers(),
                messages: &self.session.messages,
            };
            let failure = match self.model.ask(&question, self.watch) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            self.listener.note(&json!({"type": "refused", "as": failure.outcome.label()}));
            let Some(pause) = pause_before_retry(&failure, retries) else {
                return Err(failure.outcome);
            };
            retries += 1;
            let reason = failure.outcome.label().to_owned();
            self.listener.activity(Activity::Retrying { reason });
            self.sleep(pause)?;
        }
    }

    fn sleep(&self, pause: Duration) -> Result<(), AgentOutcome> {
        let left = self.watch.left();
        self.watch.cancel.sleep(left.map_or(pause, |left| left.min(pause)));
        self.is_wanted()
    }

    /// Whether anybody still waits for the end of this call.
    fn is_wanted(&self) -> Result<(), AgentOutcome> {
        if self.watch.cancel.is_pulled() {
            return Err(AgentOutcome::Cancelled);
        }
        if self.watch.left().is_some_and(|left| left.is_zero()) {
            return Err(AgentOutcome::TimedOut { deadline: Deadline::Total });
        }
        Ok(())
    }

    fn hear(&mut self, answer: &Answer, count: &mut Count) {
        match answer.usage {
            Some(usage) => add(&mut count.tokens, usage),
            None => count.some_unknown = true,
        }
        if answer.model.is_some() {
            count.model.clone_from(&answer.model);
        }
        self.listener.used(count.tokens);
        self.listener.note(&json!({"type": "answer", "text": answer.text, "usage": answer.usage,
            "model": answer.model}));
        let text = shown(&answer.text);
        if !text.is_empty() {
            self.listener.activity(Activity::Said { text });
        }
    }

    /// One result for each call, whatever happens: services refuse a conversation without.
    fn use_tools(&mut self, calls: &[Call]) -> Vec<ToolResult> {
        let mut results = Vec::new();
        for (number, call) in calls.iter().enumerate() {
            let arguments = call.arguments.as_ref();
            self.listener.note(&json!({"type": "tool", "tool": call.tool, "arguments": arguments}));
            let detail = shown(arguments.map(telling).unwrap_or_default());
            self.listener.activity(Activity::Used { tool: shown(&call.tool), detail });
            let used = if number >= TOOLS_PER_ANSWER_MAX {
                Used { text: TOO_MANY.to_owned(), is_failure: true }
            } else if arguments.is_none() {
                Used { text: UNREADABLE.to_owned(), is_failure: true }
            } else if self.is_wanted().is_err() {
                Used { text: "error: not done, the call was ended".to_owned(), is_failure: true }
            } else {
                self.tools.use_tool(call, self.watch)
            };
            self.listener.note(&json!({"type": "result", "tool": call.tool, "text": used.text,
                "failed": used.is_failure}));
            if used.is_failure {
                self.listener.activity(Activity::ToolFailed { detail: shown(&used.text) });
            }
            results.push(ToolResult { id: call.id.clone(), text: used.text });
        }
        results
    }

    /// A conversation that can not be kept can not be gone on with, which costs money and no more.
    fn keep(&mut self, count: &mut Count) {
        match self.session.save() {
            Ok(()) => count.kept = true,
            Err(err) => self.listener.note(&json!({"type": "not kept", "why": err.to_string()})),
        }
    }
}

impl Watch<'_> {
    /// Time until the end of the call; nothing when it has none.
    pub(super) fn left(&self) -> Option<Duration> {
        Some(self.total_at?.saturating_duration_since(Instant::now()))
    }
}

/// What the call cost, as far as that is known.
pub(super) fn cost_of(tokens: Option<TokenUsage>, price: Option<Price>) -> Option<Usd> {
    Some(price?.of(&tokens?))
}

fn pause_before_retry(failure: &Failure, retries: u32) -> Option<Duration> {
    if retries >= RETRIES_MAX {
        return None;
    }
    match failure.again {
        Again::Never => None,
        Again::Soon => Some(RETRY_PAUSE * 2_u32.pow(retries)),
        Again::After(wait) => (wait <= RETRY_WAIT_MAX).then_some(wait),
    }
}

fn add(sum: &mut TokenUsage, more: TokenUsage) {
    sum.input = sum.input.saturating_add(more.input);
    sum.output = sum.output.saturating_add(more.output);
    sum.cache_read = sum.cache_read.saturating_add(more.cache_read);
    sum.cache_write = sum.cache_write.saturating_add(more.cache_write);
}

/// The argument that says most.
fn telling(arguments: &Map<String, Value>) -> &str {
    let keys = ["command", "path", "pattern", "glob"];
    keys.iter().find_map(|&key| arguments.get(key)?.as_str()).unwrap_or_default()
}
