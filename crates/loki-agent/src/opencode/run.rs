//! `opencode run --format json`: one JSON object a line, every field of it untrusted.
//!
//! There is no last event: a turn has ended well when its last step says that it stopped and the
//! program exits with 0.

use std::ffi::OsString;

use loki_host::process::{Cancel, CommandSpec, Ended, ProcessReport, Stdin, Stream, run};
use loki_model::{Activity, AgentOutcome, CallReport, TokenUsage, Usd};
use serde_json::Value;

use super::{NEEDS, Opencode, failure, record};
use crate::agent::{AgentEvent, CallResult, CallSpec};
use crate::claim::claim_of;
use crate::command::{crash_of, not_started, without_a_process};
use crate::counted::{sum, usage_of};
use crate::environment::set_for_agents;
use crate::hold::hold;
use crate::lines::Lines;
use crate::session::is_session_id;
use crate::shown::{final_words, held, shown, shown_on_one_line};
use crate::telling::telling_argument;

/// Makes one call.
pub(super) fn call(
    opencode: &Opencode,
    spec: &CallSpec<'_>,
    cancel: &Cancel,
    observe: &mut dyn FnMut(AgentEvent<'_>),
) -> CallResult {
    if spec.budget_left == Some(Usd::ZERO) {
        return without_a_process(AgentOutcome::BudgetReached);
    }
    let own = match cancel.child() {
        Ok(own) => own,
        Err(err) => {
            return without_a_process(AgentOutcome::NotStarted { detail: err.to_string() });
        }
    };
    let mut transcript = Transcript::default();
    let held = match hold(command(opencode, spec), &NEEDS, spec, &[]) {
        Ok(held) => held,
        Err(refusal) => return without_a_process(refusal),
    };
    let mut told = None;
    let ran = run(&held.command, &own, &mut |stream, bytes| {
        observe(AgentEvent::Output(stream, bytes));
        if stream == Stream::Stdout {
            transcript.feed(bytes, &mut |activity| observe(AgentEvent::Activity(activity)));
            let events = &transcript.events;
            if events.tokens != told {
                told = events.tokens;
                observe(AgentEvent::Used(usage_of(told, events.dollars, spec.price)));
            }
            if transcript.is_lost() {
                // It would summarise and try again without end.
                own.pull();
            }
        }
    });
    match ran {
        Ok(ran) => result_of(&transcript, ran, spec, cancel.is_pulled()),
        Err(err) => not_started(&err),
    }
}

fn command(opencode: &Opencode, spec: &CallSpec<'_>) -> CommandSpec {
    let mut args: Vec<OsString> =
        ["run", "--format", "json", "--auto"].map(OsString::from).to_vec();
    if let Some(model) = spec.model {
        args.extend(["--model".into(), model.into()]);
    }
    if let Some(session) = spec.resume.filter(|id| is_session_id(id)) {
        args.extend(["--session".into(), session.into()]);
    }
    let mut command = CommandSpec::new(&opencode.program, spec.cwd).args(args);
    command.env_set = set_for_agents();
    command.env_set.extend(opencode.env.iter().cloned());
    command.stdin = Stdin::Bytes(spec.prompt.as_bytes().to_vec());
    command.limits = spec.limits;
    command
}

pub(super) fn result_of(
    transcript: &Transcript,
    ran: ProcessReport,
    spec: &CallSpec<'_>,
    stopped: bool,
) -> CallResult {
    let events = &transcript.events;
    let failed = events.error.as_ref().map(|error| {
        let detail = shown_on_one_line(error["data"]["message"].as_str().unwrap_or_default());
        failure::outcome_of(error).unwrap_or(AgentOutcome::Crashed { exit_code: None, detail })
    });
    let outcome = match (ran.ended, failed) {
        (Ended::Cancelled, _) if stopped => AgentOutcome::Cancelled,
        (Ended::TimedOut(deadline), _) => AgentOutcome::TimedOut { deadline },
        (_, Some(failed)) => failed,
        (Ended::Exited(0), None) if events.stopped => AgentOutcome::Completed,
        (Ended::Exited(0), None) => AgentOutcome::Garbage,
        (ended, None) => crash_of(ended, &ran.stderr),
    };
    let report = CallReport {
        claim: claim_of(&outcome, &events.last_text),
        outcome,
        usage: usage_of(events.tokens, events.dollars, spec.price),
        session: events.session.clone(),
        model: spec.model.map(shown_on_one_line),
        final_text: final_words(&events.last_text),
    };
    let lines_unreadable = events.unreadable + transcript.lines.dropped();
    CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable }
}

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

#[derive(Debug, Default)]
struct Events {
    session: Option<String>,
    last_text: String,
    /// The last step said that nothing follows.
    stopped: bool,
    /// The last one, unless a step followed that it recovered with.
    error: Option<Value>,
    tokens: Option<TokenUsage>,
    dollars: f64,
    unreadable: u64,
}

impl Transcript {
    pub(super) fn feed(&mut self, bytes: &[u8], seen: &mut dyn FnMut(Activity)) {
        let Transcript { lines, events } = self;
        lines.feed(bytes, &mut |line| events.read(line, seen));
    }

    /// What went wrong goes wrong again, however often it is tried.
    fn is_lost(&self) -> bool {
        let outcome = self.events.error.as_ref().and_then(failure::outcome_of);
        matches!(outcome, Some(AgentOutcome::ContextExceeded | AgentOutcome::Auth))
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
        if let Some(id) = event["sessionID"].as_str().filter(|id| is_session_id(id)) {
            self.session = Some(id.to_owned());
        }
        let part = &event["part"];
        match event["type"].as_str().unwrap_or_default() {
            "text" if part["synthetic"] != true => {
                let text = part["text"].as_str().unwrap_or_default();
                self.last_text = held(text);
                let text = shown(text);
                if !text.is_empty() {
                    seen(Activity::Said { text });
                }
            }
            "tool_use" => tool(part, seen),
            "step_start" => self.stopped = false,
            "step_finish" => self.step(part),
            "error" => self.error = Some(event["error"].clone()),
            _ => {}
        }
    }

    fn step(&mut self, part: &Value) {
        self.stopped = part["reason"] == "stop";
        self.error = None;
        self.dollars += part["cost"].as_f64().unwrap_or(0.0);
        let tokens = record::tokens_of(&part["tokens"]);
        self.tokens = Some(sum(self.tokens.unwrap_or_default(), tokens));
    }
}

fn tool(part: &Value, seen: &mut dyn FnMut(Activity)) {
    let state = &part["state"];
    let name = part["tool"].as_str().unwrap_or_default();
    seen(Activity::Used {
        tool: shown_on_one_line(name),
        detail: telling_argument(&state["input"]),
    });
    let exit = state["metadata"]["exit"].as_i64().unwrap_or(0);
    if state["status"] == "error" || exit != 0 {
        let printed = state["error"].as_str().or(state["output"].as_str()).unwrap_or_default();
        seen(Activity::ToolFailed { detail: shown(printed) });
    }
}
