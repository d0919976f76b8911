//! Aider: how it is started, and what a call of it came to.
//!
//! Measured on 0.86.2. It exits with 0 whatever happens, and its tools are edits in the model's
//! text; its own log of events says whether the model answered and what that cost, and the tree
//! says the rest. What class a failure has it tells nowhere but in the line that names the exception.

mod events;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use loki_host::process::{
    Cancel, CommandSpec, Ended, Limits, ProcessReport, Stream, find_on_path, run,
};
use loki_model::{Activity, AgentOutcome, CallReport, Capabilities, Cost, Effort, Usage, Usd};

use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program};
use crate::claim::claim_of;
use crate::command::{crash_of, independent_of_cwd, not_started, without_a_process};
use crate::environment::variable_of;
use crate::hold::{MODELS, Needs, Own, hold};
use crate::lines::Lines;
use crate::shown::{final_words, shown, shown_on_one_line};

use self::events::{Events, class_in, failure, last_answer};

/// Names another program than `aider` on `PATH`.
const PROGRAM_VARIABLE: &str = "LOKI_AIDER_BIN";
/// How long `aider --version` may take: it is slow to start.
const VERSION_MAX: Duration = Duration::from_secs(15);
/// Failures of a call before it is not waited for any longer.
const FAILURES_MAX: u32 = 5;
/// Files that it writes are not read beyond this.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// What it leaves in the working directory.
const CACHE_PREFIX: &str = ".aider.tags.cache";
/// Variables that let it use a service.
const KEYS: [&str; 6] = [
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GEMINI_API_KEY",
    "OPENROUTER_API_KEY",
    "DEEPSEEK_API_KEY",
    "OPENAI_API_BASE",
];
/// It talks to nobody but the model, asks nothing, and leaves git alone.
const ARGUMENTS: [&str; 17] = [
    "--yes-always",
    "--no-auto-commits",
    "--no-dirty-commits",
    "--no-gitignore",
    "--no-suggest-shell-commands",
    "--no-detect-urls",
    "--no-pretty",
    "--no-fancy-input",
    "--no-check-update",
    "--no-show-release-notes",
    "--no-show-model-warnings",
    "--no-analytics",
    "--no-notifications",
    "--disable-playwright",
    "--no-copy-paste",
    "--no-watch-files",
    // It takes a stream that is cut for the whole answer, and guesses what it used.
    "--no-stream",
];

/// What it can not do without.
const NEEDS: Needs = Needs {
    own: &[
        Own::Dir(".aider"),
        Own::File(".aider.conf.yml"),
        Own::File(".aider.model.settings.yml"),
    ],
    variables: &[&["AIDER_*"], MODELS],
    services: &[],
};

/// Aider.
#[derive(Clone, Debug)]
pub struct Aider {
    program: OsString,
    env: Vec<(OsString, OsString)>,
}

impl Aider {
    /// The program that `LOKI_AIDER_BIN` names, or `aider` on `PATH`.
    pub fn from_env() -> Aider {
        let named = std::env::var_os(PROGRAM_VARIABLE).filter(|program| !program.is_empty());
        Aider::at(named.unwrap_or_else(|| "aider".into()))
    }

    /// This program.
    pub fn at(program: impl Into<OsString>) -> Aider {
        Aider { program: independent_of_cwd(program.into()), env: Vec::new() }
    }

    /// Sets one environment variable of every call.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Aider {
        self.env.push((name.into(), value.into()));
        self
    }

    fn command(&self, spec: &CallSpec<'_>, files: &Path) -> CommandSpec {
        let mut command = CommandSpec::new(&self.program, spec.cwd).args(ARGUMENTS);
        for (flag, name) in [
            ("--message-file", "prompt"),
            ("--analytics-log", "events"),
            ("--llm-history-file", "history"),
            // Without these it writes into the working directory.
            ("--chat-history-file", "chat"),
            ("--input-history-file", "input"),
        ] {
            command = command.args([OsString::from(flag), files.join(name).into()]);
        }
        if let Some(model) = spec.model {
            command = command.args(["--model", model]);
        }
        if let Some(effort) = spec.effort {
            command = command.args(["--reasoning-effort", effort_name(effort)]);
        }
        // Prices that came with it will do.
        command.env_set = vec![("LITELLM_LOCAL_MODEL_COST_MAP".into(), "True".into())];
        command.env_set.extend(self.env.iter().cloned());
        command.limits = spec.limits;
        command
    }

    /// The value that a call sees, for the probe.
    fn variable(&self, name: &str) -> Option<OsString> {
        variable_of(&self.env, name)
    }

    fn version(&self, program: &Path) -> Option<String> {
        let cancel = Cancel::new().ok()?;
        let mut command = CommandSpec::new(program, std::env::temp_dir());
        command = command.args(["--version", "--no-check-update"]);
        command.limits = Limits { total: VERSION_MAX, output_bytes_max: 1024, ..Limits::default() };
        let ran = run(&command, &cancel, &mut |_, _| {}).ok()?;
        let text = shown_on_one_line(&ran.stdout.text());
        (ran.ended == Ended::Exited(0) && !text.is_empty()).then_some(text)
    }
}

impl Agent for Aider {
    fn name(&self) -> &str {
        "aider"
    }

    fn billing(&self) -> Billing {
        Billing::Paid
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { model: true, effort: true, ..Capabilities::default() }
    }

    fn probe(&self) -> Probe {
        let program = match find_on_path(&self.program) {
            Some(path) => Program::Installed { version: self.version(&path), path },
            None => Program::Missing {
                fix: "install Aider (python3 -m pip install aider-chat) or name it in \
                      LOKI_AIDER_BIN"
                    .to_owned(),
            },
        };
        // Keys may also be in its own settings, in many places.
        let login = match KEYS.iter().find(|name| self.variable(name).is_some()) {
            Some(&name) => Login::LoggedIn { how: name.to_owned() },
            None => Login::Unknown,
        };
        Probe { program, login }
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
        let files = match prompt_in_a_file(spec.prompt) {
            Ok(files) => files,
            Err(err) => {
                let detail = format!("the prompt can not be written: {err}");
                return without_a_process(AgentOutcome::NotStarted { detail });
            }
        };
        // The call can be ended from within without ending what else the caller's rope holds.
        let own = match cancel.child() {
            Ok(own) => own,
            Err(err) => {
                return without_a_process(AgentOutcome::NotStarted { detail: err.to_string() });
            }
        };
        let before = caches_in(spec.cwd);
        let mut lines = Lines::new();
        let mut heard = Heard::default();
        let held = match hold(self.command(spec, files.path()), &NEEDS, spec, &[files.path()]) {
            Ok(held) => held,
            Err(refusal) => return without_a_process(refusal),
        };
        let ran = run(&held.command, &own, &mut |stream, bytes| {
            observe(AgentEvent::Output(stream, bytes));
            if stream == Stream::Stdout {
                lines.feed(bytes, &mut |line| heard.line(line, observe));
                if heard.failures >= FAILURES_MAX {
                    // It would go on for a minute, and others may have something to offer.
                    own.pull();
                }
            }
        });
        lines.finish(&mut |line| heard.line(line, observe));
        // What it keeps of the code is none of the change.
        for cache in caches_in(spec.cwd).difference(&before) {
            let _ = fs::remove_dir_all(spec.cwd.join(cache));
        }
        match ran {
            Ok(ran) => result_of(ran, &heard, cancel.is_pulled(), files.path(), spec),
            Err(err) => not_started(&err),
        }
    }
}

/// A directory for one call, gone when dropped.
fn prompt_in_a_file(prompt: &str) -> io::Result<tempfile::TempDir> {
    let files = tempfile::tempdir()?;
    fs::write(files.path().join("prompt"), prompt)?;
    Ok(files)
}

fn caches_in(directory: &Path) -> BTreeSet<OsString> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    names.filter(|name| name.as_encoded_bytes().starts_with(CACHE_PREFIX.as_bytes())).collect()
}

fn effort_name(effort: Effort) -> &'static str {
    match effort {
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High | Effort::XHigh | Effort::Max => "high",
    }
}

/// What was heard of failures.
#[derive(Default)]
struct Heard {
    /// Of the last one.
    class: Option<String>,
    failures: u32,
}

impl Heard {
    /// Shows a line, and keeps the class of a failure if it names one.
    fn line(&mut self, line: &[u8], observe: &mut dyn FnMut(AgentEvent<'_>)) {
        let line = String::from_utf8_lossy(line);
        let activity = match class_in(&line) {
            Some(class) => {
                self.class = Some(class.to_owned());
                self.failures += 1;
                Activity::Retrying { reason: class.to_owned() }
            }
            None => Activity::Said { text: shown(&line) },
        };
        if !line.trim().is_empty() {
            observe(AgentEvent::Activity(activity));
        }
    }
}

fn result_of(
    ran: ProcessReport,
    heard: &Heard,
    stopped: bool,
    files: &Path,
    spec: &CallSpec<'_>,
) -> CallResult {
    let events = Events::read(&text_of(&files.join("events")));
    let words = last_answer(&text_of(&files.join("history")));
    let outcome = match ran.ended {
        Ended::TimedOut(deadline) => AgentOutcome::TimedOut { deadline },
        Ended::Cancelled if stopped => AgentOutcome::Cancelled,
        Ended::Cancelled => failure(heard.class.as_deref()),
        // It never exits with another code when it came as far as the model.
        Ended::Exited(code) if code != 0 => crash_of(ran.ended, &ran.stderr),
        Ended::Signalled(_) => crash_of(ran.ended, &ran.stderr),
        Ended::Exited(_) => events.outcome(heard.class.as_deref()),
    };
    let usd = spec.price.map(|price| price.of(&events.tokens)).or(events.cost);
    let cost = usd.map_or(Cost::Unknown, |usd| Cost::Known { usd });
    let report = CallReport {
        claim: claim_of(&outcome, &words),
        outcome,
        usage: Usage { tokens: events.is_counted().then_some(events.tokens), cost },
        session: None,
        model: events.model,
        final_text: final_words(&words),
    };
    let lines_unreadable = events.unreadable;
    CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable }
}

/// What is there of it.
fn text_of(path: &Path) -> String {
    let small = fs::metadata(path).is_ok_and(|found| found.len() <= FILE_BYTES_MAX);
    let bytes = if small { fs::read(path).unwrap_or_default() } else { Vec::new() };
    String::from_utf8_lossy(&bytes).into_owned()
}
