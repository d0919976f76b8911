//! Codex: how it is started, and what a call of it came to.
//!
//! Measured on 0.169.0. `codex exec --json` tells what happens while it happens, but of a failure
//! only its words. The record that Codex keeps of the conversation ([`record`]) has the class of
//! the error, the tokens of this turn alone, the model, and when an allowance returns; outcomes
//! are decided from that.
//!
//! Codex's own sandbox is off unless `LOKI_CODEX_SANDBOX` names a mode of it: it does not nest in
//! the sandbox of a container or of loki, takes the network from package managers, and what an
//! agent did is judged on a clean copy in loki's own sandbox anyway.

mod outcome;
mod probe;
mod record;
mod stream;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

use loki_host::process::{Cancel, CommandSpec, Ended, ProcessReport, Stdin, Stream, run};
use loki_model::{AgentOutcome, CallReport, Capabilities, Cost, Effort, TokenUsage, Usage, Usd};

use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Probe};
use crate::claim::claim_of;
use crate::command::{independent_of_cwd, not_started, without_a_process};
use crate::environment::variable_of;
use crate::hold::{MODELS, Needs, Own, hold};
use crate::session::is_session_id;
use crate::shown::final_words;

use self::record::Record;
use self::stream::Transcript;

/// Names another program than `codex` on `PATH`.
const PROGRAM_VARIABLE: &str = "LOKI_CODEX_BIN";
/// Names a mode of Codex's own sandbox.
const SANDBOX_VARIABLE: &str = "LOKI_CODEX_SANDBOX";
/// The modes that there are.
const SANDBOX_MODES: [&str; 3] = ["read-only", "workspace-write", "danger-full-access"];
/// Nothing goes out but the conversation itself; the catalogues of plugins and apps are fetched.
const QUIET: [&str; 8] = [
    "-c",
    "check_for_update_on_startup=false",
    "-c",
    "analytics.enabled=false",
    "--disable",
    "plugins",
    "--disable",
    "apps",
];

/// What it can not do without. Its settings may name any service, each with a key of its own.
pub(crate) const NEEDS: Needs = Needs {
    own: &[Own::Dir(".codex"), Own::Named("CODEX_HOME")],
    variables: &[&["CODEX_*", "RUST_LOG"], MODELS],
    services: &[],
};

/// Codex.
#[derive(Clone, Debug)]
pub struct Codex {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    /// A mode of its own sandbox; none at all when not given.
    sandbox: Option<String>,
}

impl Codex {
    /// The program that `LOKI_CODEX_BIN` names, or `codex` on `PATH`.
    pub fn from_env() -> Codex {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let program = variable(PROGRAM_VARIABLE).unwrap_or_else(|| "codex".into());
        let sandbox = variable(SANDBOX_VARIABLE).and_then(|mode| mode.into_string().ok());
        Codex { sandbox, ..Codex::at(program) }
    }

    /// This program.
    pub fn at(program: impl Into<OsString>) -> Codex {
        let program = independent_of_cwd(program.into());
        Codex { program, args: Vec::new(), env: Vec::new(), sandbox: None }
    }

    /// Adds one argument of `codex exec` to every call.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Codex {
        self.args.push(arg.into());
        self
    }

    /// Sets one environment variable of every call.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Codex {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Holds what the agent runs in this mode of Codex's own sandbox: `read-only`,
    /// `workspace-write` or `danger-full-access`.
    #[must_use]
    pub fn sandbox(mut self, mode: &str) -> Codex {
        self.sandbox = Some(mode.to_owned());
        self
    }

    fn command(&self, spec: &CallSpec<'_>) -> CommandSpec {
        let mut command = CommandSpec::new(&self.program, spec.cwd).args(self.arguments(spec));
        command.env_set = self.env.clone();
        command.stdin = Stdin::Bytes(spec.prompt.as_bytes().to_vec());
        command.limits = spec.limits;
        command
    }

    fn arguments(&self, spec: &CallSpec<'_>) -> Vec<OsString> {
        let mut args: Vec<OsString> = vec!["exec".into()];
        // The id came from an agent's output: what could be read as another flag is left out.
        let resume = spec.resume.filter(|id| is_session_id(id));
        if let Some(session) = resume {
            args.extend(["resume".into(), session.into()]);
        }
        args.extend(["--json".into(), "--skip-git-repo-check".into()]);
        match &self.sandbox {
            Some(mode) => {
                // `resume` takes no `--sandbox`; a question would have nobody to answer it.
                args.extend(["-c".into(), format!("sandbox_mode=\"{mode}\"").into()]);
                args.extend(["-c".into(), "approval_policy=\"never\"".into()]);
            }
            None => args.push("--dangerously-bypass-approvals-and-sandbox".into()),
        }
        args.extend(QUIET.map(OsString::from));
        if let Some(model) = spec.model {
            args.extend(["--model".into(), model.into()]);
        }
        if let Some(effort) = spec.effort {
            let effort = format!("model_reasoning_effort=\"{}\"", effort_name(effort));
            args.extend(["-c".into(), effort.into()]);
        }
        args.extend(self.args.iter().cloned());
        // The prompt is read from standard input.
        args.push("-".into());
        args
    }

    /// Where Codex keeps its log-in and its conversations.
    fn home(&self) -> Option<PathBuf> {
        let directory = |name| self.variable(name).map(PathBuf::from);
        directory("CODEX_HOME").or_else(|| Some(directory("HOME")?.join(".codex")))
    }

    /// The value that a call sees.
    fn variable(&self, name: &str) -> Option<OsString> {
        variable_of(&self.env, name)
    }
}

/// The most that Codex knows is `xhigh`.
fn effort_name(effort: Effort) -> &'static str {
    match effort {
        Effort::Max => Effort::XHigh.label(),
        effort => effort.label(),
    }
}

impl Agent for Codex {
    fn name(&self) -> &str {
        "codex"
    }

    fn billing(&self) -> Billing {
        Billing::Paid
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { model: true, effort: true, resume: true, ..Capabilities::default() }
    }

    fn probe(&self) -> Probe {
        probe::probe(self)
    }

    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        if spec.budget_left == Some(Usd::ZERO) {
            return without_a_process(AgentOutcome::BudgetReached);
        }
        if let Some(mode) = self.sandbox.as_ref().filter(|mode| !is_mode(mode)) {
            let modes = SANDBOX_MODES.join(", ");
            let detail = format!("{SANDBOX_VARIABLE} is `{mode}`, not one of {modes}");
            return without_a_process(AgentOutcome::NotStarted { detail });
        }
        // The call can be ended from within without ending what else the caller's rope holds.
        let own = match cancel.child() {
            Ok(own) => own,
            Err(err) => {
                return without_a_process(AgentOutcome::NotStarted { detail: err.to_string() });
            }
        };
        let held = match hold(self.command(spec), &NEEDS, spec, &[]) {
            Ok(held) => held,
            Err(refusal) => return without_a_process(refusal),
        };
        let mut transcript = Transcript::new();
        let ran = run(&held.command, &own, &mut |stream, bytes| {
            observe(AgentEvent::Output(stream, bytes));
            if stream == Stream::Stdout {
                transcript.feed(bytes, &mut |activity| observe(AgentEvent::Activity(activity)));
                if transcript.refused().is_some() {
                    // It would try five more times before it said so itself.
                    own.pull();
                }
            }
        });
        match ran {
            Ok(ran) => {
                transcript.finish(&mut |activity| observe(AgentEvent::Activity(activity)));
                let home = self.home();
                let record = transcript.session().zip(home).and_then(|(id, home)| {
                    record::find(&home, id).and_then(|path| record::read(&path).ok())
                });
                result_of(&transcript, record.as_ref(), ran, spec, cancel.is_pulled())
            }
            Err(err) => not_started(&err),
        }
    }
}

fn is_mode(mode: &str) -> bool {
    SANDBOX_MODES.contains(&mode)
}

fn result_of(
    transcript: &Transcript,
    record: Option<&Record>,
    ran: ProcessReport,
    spec: &CallSpec<'_>,
    stopped: bool,
) -> CallResult {
    // Who pulled: the caller, or the transcript above.
    let outcome = match ran.ended {
        Ended::Cancelled if stopped => AgentOutcome::Cancelled,
        ended => outcome::outcome_of(transcript, record, ended, &ran.stderr),
    };
    let words = transcript.final_text();
    let report = CallReport {
        claim: claim_of(&outcome, words),
        usage: usage_of(transcript, record, spec, &outcome),
        outcome,
        session: transcript.session().map(str::to_owned),
        model: record.and_then(|record| record.model.clone()),
        final_text: final_words(words),
    };
    let lines_unreadable = transcript.unreadable();
    CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable }
}

/// What this call alone used. What the program prints itself is the total of the conversation.
fn usage_of(
    transcript: &Transcript,
    record: Option<&Record>,
    spec: &CallSpec<'_>,
    outcome: &AgentOutcome,
) -> Usage {
    let printed = transcript.total_tokens().filter(|_| spec.resume.is_none());
    let tokens = record.and_then(Record::tokens_of_turn).or(printed);
    // Refused before the first answer: nothing was sold.
    let refused = matches!(
        outcome,
        AgentOutcome::Auth
            | AgentOutcome::ContextExceeded
            | AgentOutcome::ModelNotFound
            | AgentOutcome::Quota { .. }
            | AgentOutcome::RateLimited { .. }
    );
    let sold_nothing = tokens.is_none() && !transcript.has_answered() && refused;
    let cost = match (tokens, spec.price) {
        (Some(tokens), Some(price)) => Cost::Known { usd: price.of(&tokens) },
        _ if sold_nothing => Cost::Known { usd: Usd::ZERO },
        _ => Cost::Unknown,
    };
    Usage { tokens, cost }
}

/// Codex counts cached tokens as part of the input.
fn tokens_of(usage: &serde_json::Value) -> Option<TokenUsage> {
    let count = |name: &str| usage[name].as_u64();
    let (cache_read, cache_write) =
        (count("cached_input_tokens").unwrap_or(0), count("cache_write_input_tokens").unwrap_or(0));
    let input = count("input_tokens")?.saturating_sub(cache_read).saturating_sub(cache_write);
    Some(TokenUsage { input, output: count("output_tokens")?, cache_read, cache_write })
}
