//! opencode: how it is started, and what a call of it came to.
//!
//! Measured on 1.18.33. It is driven over the Agent Client Protocol (`opencode acp`), which ends a
//! turn cleanly and asks for permission. What the protocol does not carry, the class of an error and
//! the tokens of a turn, is read from the record that opencode keeps ([`record`]).
//!
//! Where `opencode acp` answers nothing (a version without it, or a broken one), the call is made once
//! more as `opencode run --format json` ([`run`]).

mod failure;
mod record;
mod run;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use loki_host::process::{Cancel, find_on_path};
use loki_model::{AgentOutcome, CallReport, Capabilities, Price};

use crate::acp::{AcpAgent, Permission};
use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program};
use crate::claim::claim_of;
use crate::command::independent_of_cwd;
use crate::counted::usage_of;
use crate::environment::variable_of;
use crate::hold::{MODELS, Needs, Own};
use crate::version::version_of;

use self::record::Record;

/// Names another program than `opencode` on `PATH`.
const PROGRAM_VARIABLE: &str = "LOKI_OPENCODE_BIN";
/// As after `--provider`.
const NAME: &str = "opencode";
/// It neither changes itself nor publishes conversations.
const QUIET: [&str; 2] = ["OPENCODE_DISABLE_AUTOUPDATE", "OPENCODE_DISABLE_SHARE"];

/// What it can not do without.
pub(crate) const NEEDS: Needs = Needs {
    own: &[
        Own::Below("XDG_CONFIG_HOME", ".config", "opencode"),
        Own::Below("XDG_DATA_HOME", ".local/share", "opencode"),
        Own::Below("XDG_STATE_HOME", ".local/state", "opencode"),
        Own::Named("OPENCODE_CONFIG_DIR"),
    ],
    variables: &[&["OPENCODE_*"], MODELS],
    services: &[],
};

/// opencode.
#[derive(Clone, Debug)]
pub struct Opencode {
    program: OsString,
    env: Vec<(OsString, OsString)>,
    acp: AcpAgent,
}

impl Opencode {
    /// The program that `LOKI_OPENCODE_BIN` names, or `opencode` on `PATH`.
    pub fn from_env() -> Opencode {
        let named = std::env::var_os(PROGRAM_VARIABLE).filter(|program| !program.is_empty());
        Opencode::at(named.unwrap_or_else(|| NAME.into()))
    }

    /// This program.
    pub fn at(program: impl Into<OsString>) -> Opencode {
        let program = independent_of_cwd(program.into());
        let acp = AcpAgent::new(NAME, program.clone(), &["acp".to_owned()]).needs(&NEEDS);
        let opencode = Opencode { program, env: Vec::new(), acp };
        QUIET.into_iter().fold(opencode, |opencode, name| opencode.env(name, "1"))
    }

    /// Sets one environment variable of every call.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Opencode {
        let (name, value) = (name.into(), value.into());
        self.acp = self.acp.env(name.clone(), value.clone());
        self.env.push((name, value));
        self
    }

    /// Answers requests for permission so, where its own settings make it ask.
    #[must_use]
    pub fn permission(mut self, permission: Permission) -> Opencode {
        self.acp = self.acp.permission(permission);
        self
    }

    /// The value that a call sees.
    fn variable(&self, name: &str) -> Option<OsString> {
        variable_of(&self.env, name)
    }

    /// Where it keeps what it knows.
    fn data(&self) -> Option<PathBuf> {
        let data = self.variable("XDG_DATA_HOME").map(PathBuf::from);
        let data = data.or_else(|| Some(Path::new(&self.variable("HOME")?).join(".local/share")));
        Some(data?.join("opencode"))
    }

    fn completed_by_record(&self, result: &mut CallResult, since_ms: i64, price: Option<Price>) {
        let session = result.report.session.clone();
        let record = self.data().zip(session).and_then(|(data, session)| {
            Record::read(&data.join("opencode.db"), &session, since_ms)
        });
        let Some(record) = record else {
            // The protocol counts the last request only: that is not the turn.
            result.report.usage.tokens = None;
            return;
        };
        let CallReport { outcome, usage, claim, final_text, .. } = &mut result.report;
        if let AgentOutcome::Crashed { exit_code: None, .. } = outcome
            && let Some(known) = record.outcome()
        {
            *outcome = known;
            *claim = claim_of(outcome, final_text);
        }
        *usage = usage_of(record.tokens, record.dollars, price);
    }
}

impl Agent for Opencode {
    fn name(&self) -> &str {
        NAME
    }

    fn billing(&self) -> Billing {
        Billing::Paid
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { model: true, resume: true, live_control: true, ..Capabilities::default() }
    }

    fn probe(&self) -> Probe {
        let program = match find_on_path(&self.program) {
            Some(path) => {
                let version = version_of(&path, &self.env);
                Program::Installed { path, version }
            }
            None => Program::Missing {
                fix: format!(
                    "install opencode (npm install -g opencode-ai) or name it in \
                     {PROGRAM_VARIABLE}; `{}` was not found",
                    Path::new(&self.program).display()
                ),
            },
        };
        let credentials = self.data().map(|data| data.join("auth.json"));
        let logged_in = credentials.filter(|file| file.metadata().is_ok_and(|it| it.len() > 2));
        // Services can also be set up in its settings, with keys in any variable.
        let login = logged_in
            .map_or(Login::Unknown, |file| Login::LoggedIn { how: file.display().to_string() });
        Probe { program, login }
    }

    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        let since_ms = now_ms();
        let (mut result, spoke) = self.acp.talk(spec, cancel, observe);
        let is_unfit = matches!(
            result.report.outcome,
            AgentOutcome::Garbage | AgentOutcome::Crashed { .. } | AgentOutcome::TimedOut { .. }
        );
        if is_unfit && !spoke && !cancel.is_pulled() {
            return run::call(self, spec, cancel, observe);
        }
        if spoke {
            self.completed_by_record(&mut result, since_ms, spec.price);
        }
        result
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
