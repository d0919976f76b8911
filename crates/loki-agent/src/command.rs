//! Any program that takes a prompt on its standard input and works where it is started.
//!
//! Its exit code is all that is understood; every line it prints is shown.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loki_host::process::{
    Cancel, Captured, CommandSpec, Ended, ProcessReport, SpawnError, Stdin, Stream, find_on_path,
    run,
};
use loki_model::{Activity, AgentOutcome, CallReport, Capabilities, Cost, Usage, Usd};

use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program};
use crate::claim::claim_of;
use crate::hold::{MODELS, Needs, customary, hold};
use crate::lines::Lines;
use crate::shown::{final_words, shown, shown_on_one_line};

/// Lines shown in one second; more are kept in the output only.
const SAID_PER_SECOND_MAX: u32 = 20;

/// What it needs nobody declared: it gets what is called as it is, and what services of models need.
const NEEDS: Needs = Needs { own: &[], variables: &[MODELS], services: &[] };

/// A program that the user named.
#[derive(Clone, Debug)]
pub struct CommandAgent {
    name: String,
    program: OsString,
    args: Vec<OsString>,
}

impl CommandAgent {
    /// A path that is not absolute is below loki's own working directory, not below that of a
    /// call; a bare name is looked up in `PATH`.
    pub fn new(name: &str, program: &str, args: &[String]) -> CommandAgent {
        let program = independent_of_cwd(program.into());
        CommandAgent { name: name.to_owned(), program, args: args.iter().map(Into::into).collect() }
    }
}

/// A path below loki's own working directory is made absolute, because calls run elsewhere.
pub(crate) fn independent_of_cwd(program: OsString) -> OsString {
    let is_path = program.as_encoded_bytes().contains(&b'/');
    match std::path::absolute(&program) {
        Ok(absolute) if is_path => absolute.into_os_string(),
        _ => program,
    }
}

impl Agent for CommandAgent {
    fn name(&self) -> &str {
        &self.name
    }

    fn billing(&self) -> Billing {
        Billing::Unknown
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn probe(&self) -> Probe {
        let program = match find_on_path(&self.program) {
            Some(path) => Program::Installed { path, version: None },
            None => Program::Missing { fix: missing(&self.program) },
        };
        Probe { program, login: Login::Unknown }
    }

    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        let mut command = CommandSpec::new(&self.program, spec.cwd).args(&self.args);
        command.stdin = Stdin::Bytes(spec.prompt.as_bytes().to_vec());
        command.limits = spec.limits;
        let own = customary(&self.program);
        let own: Vec<&Path> = own.iter().map(PathBuf::as_path).collect();
        let held = match hold(command, &NEEDS, spec, &own) {
            Ok(held) => held,
            Err(refusal) => return without_a_process(refusal),
        };
        let mut lines = Lines::new();
        let mut rate = Rate::new(SAID_PER_SECOND_MAX);
        let ran = run(&held.command, cancel, &mut |stream, bytes| {
            observe(AgentEvent::Output(stream, bytes));
            if stream == Stream::Stdout {
                lines.feed(bytes, &mut |line| say(line, &mut rate, observe));
            }
        });
        lines.finish(&mut |line| say(line, &mut rate, observe));
        match ran {
            Ok(report) => result_of(report),
            Err(err) => not_started(&err),
        }
    }
}

/// What to do about a program that is not there.
pub(crate) fn missing(program: &std::ffi::OsStr) -> String {
    let program = PathBuf::from(program);
    format!("`{}` is not an executable file or not on PATH: check its name", program.display())
}

/// A call that never began, whatever the agent.
pub(crate) fn not_started(err: &SpawnError) -> CallResult {
    let detail = match err {
        SpawnError::NotFound { program } => missing(program.as_ref()),
        SpawnError::Refused { source, .. } => format!("{err}: {source}"),
    };
    without_a_process(AgentOutcome::NotStarted { detail: shown_on_one_line(&detail) })
}

/// A call that ended before there was a process.
pub(crate) fn without_a_process(outcome: AgentOutcome) -> CallResult {
    let claim = claim_of(&outcome, "");
    // What never ran is known to have cost nothing.
    let usage = Usage { tokens: None, cost: Cost::Known { usd: Usd::ZERO } };
    let report =
        CallReport { outcome, claim, usage, session: None, model: None, final_text: String::new() };
    CallResult {
        report,
        stdout: Captured::default(),
        stderr: Captured::default(),
        lines_unreadable: 0,
    }
}

/// Why a process that ended badly did so: the last words of its standard error, or its exit.
pub(crate) fn crash_of(ended: Ended, stderr: &Captured) -> AgentOutcome {
    let text = stderr.text();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let (exit_code, how) = match ended {
        Ended::Exited(code) => (Some(code), format!("it exited with code {code}")),
        Ended::Signalled(signal) => (None, format!("signal {signal} ended it")),
        Ended::TimedOut(_) | Ended::Cancelled => (None, "it was ended".to_owned()),
    };
    let detail = last.map_or(how, shown_on_one_line);
    AgentOutcome::Crashed { exit_code, detail }
}

fn result_of(ran: ProcessReport) -> CallResult {
    let outcome = match ran.ended {
        Ended::Exited(0) => AgentOutcome::Completed,
        Ended::Exited(_) | Ended::Signalled(_) => crash_of(ran.ended, &ran.stderr),
        Ended::TimedOut(deadline) => AgentOutcome::TimedOut { deadline },
        Ended::Cancelled => AgentOutcome::Cancelled,
    };
    let said = ran.stdout.text();
    let report = CallReport {
        claim: claim_of(&outcome, &said),
        outcome,
        usage: Usage::UNKNOWN,
        session: None,
        model: None,
        final_text: final_words(&said),
    };
    CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable: 0 }
}

fn say(line: &[u8], rate: &mut Rate, observe: &mut dyn FnMut(AgentEvent<'_>)) {
    let text = shown(&String::from_utf8_lossy(line));
    if !text.is_empty() && rate.allows() {
        observe(AgentEvent::Activity(Activity::Said { text }));
    }
}

/// So many a second and no more.
struct Rate {
    per_second_max: u32,
    since: Instant,
    used: u32,
}

impl Rate {
    fn new(per_second_max: u32) -> Rate {
        Rate { per_second_max, since: Instant::now(), used: 0 }
    }

    fn allows(&mut self) -> bool {
        if self.since.elapsed() >= Duration::from_secs(1) {
            (self.since, self.used) = (Instant::now(), 0);
        }
        self.used = self.used.saturating_add(1);
        self.used <= self.per_second_max
    }
}
