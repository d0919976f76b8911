//! Cline: how it is started, and what a call of it came to.
//!
//! Measured on 3.0.65. A new conversation is one headless run (`cline --json`), which tells classes of
//! errors and usage. That mode can not go on with one, so a resumed call goes over the Agent Client
//! Protocol (`cline --acp`, `session/load`), which tells neither.
//!
//! What the output lacks is read from two files: the id and the tokens of the conversation from the
//! record that Cline keeps ([`record`]), the status of a failed request from a log of the call alone.

mod log;
mod record;
mod settings;
mod stream;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loki_host::process::{
    Cancel, CommandSpec, Ended, Happened, ProcessReport, Stream, converse, find_on_path,
};
use loki_model::{AgentOutcome, CallReport, Capabilities, Effort, Price, Usd};

use crate::acp::{AcpAgent, Permission};
use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program};
use crate::claim::claim_of;
use crate::command::{crash_of, independent_of_cwd, not_started, without_a_process};
use crate::counted::usage_of;
use crate::environment::{set_for_agents, variable_of};
use crate::hold::{MODELS, Needs, Own, hold};
use crate::shown::final_words;
use crate::version::version_of;

use self::record::Record;
use self::settings::Settings;
use self::stream::Transcript;

/// Names another program than `cline` on `PATH`.
const PROGRAM_VARIABLE: &str = "LOKI_CLINE_BIN";
/// As after `--provider`.
const NAME: &str = "cline";
/// It wants an argument with a space in it; the prompt itself is longer than an argument may be.
const ARGUMENT: &str = "Do what the rest of this message asks for.";
/// It neither changes itself nor leaves a daemon behind.
const QUIET: [(&str, &str); 2] =
    [("CLINE_NO_AUTO_UPDATE", "1"), ("CLINE_SESSION_BACKEND_MODE", "local")];

/// What it can not do without.
pub(crate) const NEEDS: Needs = Needs {
    own: &[Own::Dir(".cline"), Own::Named("CLINE_DIR"), Own::Named("CLINE_DATA_DIR")],
    variables: &[&["CLINE_*"], MODELS],
    services: &[],
};

/// Cline.
#[derive(Clone, Debug)]
pub struct Cline {
    program: OsString,
    env: Vec<(OsString, OsString)>,
    permission: Permission,
    acp: AcpAgent,
}

impl Cline {
    /// The program that `LOKI_CLINE_BIN` names, or `cline` on `PATH`.
    pub fn from_env() -> Cline {
        let named = std::env::var_os(PROGRAM_VARIABLE).filter(|program| !program.is_empty());
        Cline::at(named.unwrap_or_else(|| NAME.into()))
    }

    /// This program.
    pub fn at(program: impl Into<OsString>) -> Cline {
        let program = independent_of_cwd(program.into());
        let acp = AcpAgent::new(NAME, program.clone(), &["--acp".to_owned()]).needs(&NEEDS);
        let permission = Permission::from_env();
        let cline = Cline { program, env: Vec::new(), permission, acp };
        QUIET.into_iter().fold(cline, |cline, (name, value)| cline.env(name, value))
    }

    /// Sets one environment variable of every call.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Cline {
        let (name, value) = (name.into(), value.into());
        self.acp = self.acp.env(name.clone(), value.clone());
        self.env.push((name, value));
        self
    }

    /// Lets it do what it asks for, or not.
    #[must_use]
    pub fn permission(mut self, permission: Permission) -> Cline {
        self.permission = permission;
        self.acp = self.acp.permission(permission);
        self
    }

    /// The value that a call sees.
    fn variable(&self, name: &str) -> Option<OsString> {
        variable_of(&self.env, name)
    }

    /// Where it keeps what it knows.
    fn data(&self) -> Option<PathBuf> {
        let own = self.variable("CLINE_DIR").map(PathBuf::from);
        let own = own.or_else(|| Some(Path::new(&self.variable("HOME")?).join(".cline")));
        Some(own?.join("data"))
    }

    fn command(&self, spec: &CallSpec<'_>) -> CommandSpec {
        let approves = match self.permission {
            Permission::Allow => "true",
            Permission::Deny => "false",
        };
        let mut args: Vec<OsString> =
            ["--json", "--auto-approve", approves].map(OsString::from).to_vec();
        args.extend(["--cwd".into(), spec.cwd.into()]);
        if let Some(model) = spec.model {
            args.extend(["--model".into(), model.into()]);
        }
        if let Some(effort) = spec.effort {
            args.extend(["--thinking".into(), thinking(effort).into()]);
        }
        args.push(ARGUMENT.into());
        let mut command = CommandSpec::new(&self.program, spec.cwd).args(args);
        command.env_set = set_for_agents();
        command.env_set.extend(self.env.iter().cloned());
        command.limits = spec.limits;
        command
    }

    /// What over the protocol only variables say, though it is in the settings.
    fn acp_with(&self, settings: &Settings) -> AcpAgent {
        let known = [("CLINE_PROVIDER", &settings.provider), ("CLINE_API_KEY", &settings.key)];
        let missing = known.into_iter().filter(|(name, _)| self.variable(name).is_none());
        missing.fold(self.acp.clone(), |acp, (name, value)| match value {
            Some(value) => acp.env(name, value),
            None => acp,
        })
    }

    fn settings(&self) -> Settings {
        self.data().map(|data| Settings::read(&data)).unwrap_or_default()
    }

    /// One headless run.
    fn run(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        let mut command = self.command(spec);
        // Without it the class of some errors is missing, which is bearable.
        let log = tempfile::NamedTempFile::new().ok();
        if let Some(log) = &log {
            command.env_set.push(("CLINE_LOG_PATH".into(), log.path().into()));
            command.env_set.push(("CLINE_LOG_LEVEL".into(), "error".into()));
        }
        let files: Vec<&Path> = log.iter().map(|log| log.path()).collect();
        let held = match hold(command, &NEEDS, spec, &files) {
            Ok(held) => held,
            Err(refusal) => return without_a_process(refusal),
        };
        let mut transcript = Transcript::default();
        let since_ms = now_ms();
        // It reads its standard input from a pipe and from nothing else.
        let ran =
            converse(
                &held.command,
                cancel,
                Duration::ZERO,
                &mut |happened, reply| match happened {
                    Happened::Started => {
                        reply.say(spec.prompt.as_bytes());
                        reply.hang_up();
                    }
                    Happened::Output(stream, bytes) => {
                        observe(AgentEvent::Output(stream, bytes));
                        if stream == Stream::Stdout {
                            transcript.feed(bytes, &mut |activity| {
                                observe(AgentEvent::Activity(activity));
                            });
                        }
                    }
                    Happened::Woken | Happened::Stopping(_) => {}
                },
            );
        let ran = match ran {
            Ok(ran) => ran,
            Err(err) => return not_started(&err),
        };
        let failure = log.and_then(|log| log::outcome_in(log.path()));
        let record = self.data().and_then(|data| Record::begun_since(&data, spec.cwd, since_ms));
        result_of(&transcript, ran, failure, record.as_ref(), spec.price)
    }
}

fn thinking(effort: Effort) -> &'static str {
    match effort {
        // The most that it knows.
        Effort::Max => Effort::XHigh.label(),
        effort => effort.label(),
    }
}

fn result_of(
    transcript: &Transcript,
    ran: ProcessReport,
    failure: Option<AgentOutcome>,
    record: Option<&Record>,
    price: Option<Price>,
) -> CallResult {
    let outcome = match (ran.ended, transcript.failure()) {
        (Ended::TimedOut(deadline), _) => AgentOutcome::TimedOut { deadline },
        (Ended::Cancelled, _) => AgentOutcome::Cancelled,
        (_, Some(class)) => class,
        (_, None) if transcript.failed() => failure.unwrap_or_else(|| transcript.crash(ran.ended)),
        (Ended::Exited(0), None) if transcript.completed() => AgentOutcome::Completed,
        // Also what an interrupt from elsewhere leaves.
        (Ended::Exited(0), None) => AgentOutcome::Garbage,
        (ended, None) => failure.unwrap_or_else(|| crash_of(ended, &ran.stderr)),
    };
    let words = transcript.last_words();
    let (tokens, dollars) = transcript.used();
    let tokens = tokens.or_else(|| record.and_then(|record| record.tokens));
    let report = CallReport {
        claim: claim_of(&outcome, words),
        outcome,
        usage: usage_of(tokens, dollars, price),
        session: record.map(|record| record.session.clone()),
        model: transcript.model().or(record.and_then(|it| it.model.as_deref())).map(str::to_owned),
        final_text: final_words(words),
    };
    let lines_unreadable = transcript.unreadable();
    CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable }
}

impl Agent for Cline {
    fn name(&self) -> &str {
        NAME
    }

    fn billing(&self) -> Billing {
        Billing::Paid
    }

    fn capabilities(&self) -> Capabilities {
        // Over the protocol it accepts a key, and a login with a browser only anew.
        let resume = self.settings().key.is_some() || self.variable("CLINE_API_KEY").is_some();
        Capabilities { model: true, effort: true, resume, ..Capabilities::default() }
    }

    fn probe(&self) -> Probe {
        let program = match find_on_path(&self.program) {
            Some(path) => {
                let version = version_of(&path, &self.env);
                Program::Installed { path, version }
            }
            None => Program::Missing {
                fix: format!(
                    "install Cline (npm install -g cline) or name it in {PROGRAM_VARIABLE}; `{}` \
                     was not found",
                    Path::new(&self.program).display()
                ),
            },
        };
        let settings = self.data().map(|data| data.join("settings/providers.json"));
        let login = match settings.filter(|file| file.metadata().is_ok_and(|it| it.len() > 2)) {
            Some(file) => Login::LoggedIn { how: file.display().to_string() },
            None => Login::NotLoggedIn { fix: "run `cline auth`".to_owned() },
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
        let Some(session) = spec.resume else { return self.run(spec, cancel, observe) };
        let since_ms = now_ms();
        let settings = self.settings();
        // Over the protocol it would use another one than a headless run does.
        let model = spec.model.or(settings.model.as_deref());
        let wanted = CallSpec { model, ..*spec };
        let mut result = self.acp_with(&settings).call(&wanted, cancel, observe);
        let data = self.data();
        let record = data.and_then(|data| Record::of(&data, session, since_ms));
        if let Some(record) = record {
            result.report.usage = usage_of(record.tokens, 0.0, spec.price);
            result.report.model = record.model.or(result.report.model);
        }
        result
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
