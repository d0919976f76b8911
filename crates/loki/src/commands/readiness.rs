//! Whether agents could be called, without calling them.

use loki_agent::{Agent, Billing, Login, Program};
use serde_json::{Value, json};

/// What is known of one agent for free.
pub(super) struct Readiness {
    pub(super) agent: String,
    pub(super) billing: Billing,
    pub(super) state: Ready,
    /// The version, and by what it is logged in.
    pub(super) found: String,
    /// What to do about it, in one line.
    pub(super) fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    LoggedIn,
    /// It is there, and whether it is logged in can not be told for free.
    LoginUnknown,
    NotLoggedIn,
    NotInstalled,
}

impl Ready {
    /// Whether a call is worth trying.
    pub(super) fn is_usable(self) -> bool {
        matches!(self, Ready::LoggedIn | Ready::LoginUnknown)
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Ready::LoggedIn => "logged in",
            Ready::LoginUnknown => "ready, as far as can be told for free",
            Ready::NotLoggedIn => "not logged in",
            Ready::NotInstalled => "not installed",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Ready::LoggedIn => "logged_in",
            Ready::LoginUnknown => "login_unknown",
            Ready::NotLoggedIn => "not_logged_in",
            Ready::NotInstalled => "not_installed",
        }
    }
}

pub(super) fn readiness(agent: &dyn Agent) -> Readiness {
    let probe = agent.probe();
    let made = |state, found: String, fix| Readiness {
        agent: agent.name().to_owned(),
        billing: agent.billing(),
        state,
        found,
        fix,
    };
    let version = match probe.program {
        Program::Missing { fix } => return made(Ready::NotInstalled, String::new(), Some(fix)),
        Program::Installed { version, .. } => version.unwrap_or("version unknown".to_owned()),
        Program::BuiltIn => "part of loki".to_owned(),
    };
    match probe.login {
        Login::NotLoggedIn { fix } => made(Ready::NotLoggedIn, version, Some(fix)),
        Login::LoggedIn { how } => made(Ready::LoggedIn, format!("{version} ({how})"), None),
        Login::Unknown => made(Ready::LoginUnknown, version, None),
    }
}

impl Readiness {
    pub(super) fn lines(&self) -> Vec<String> {
        let found = if self.found.is_empty() { String::new() } else { format!(", {}", self.found) };
        let mut lines = vec![format!("{:<12} {}{found}", self.agent, self.state.label())];
        lines.extend(self.fix.iter().map(|fix| format!("             fix: {fix}")));
        lines
    }

    pub(super) fn json(&self) -> Value {
        let billing = match self.billing {
            Billing::Free => "free",
            Billing::Paid => "paid",
            Billing::Unknown => "unknown",
        };
        json!({
            "name": self.agent,
            "state": self.state.name(),
            "usable": self.state.is_usable(),
            "found": self.found,
            "billing": billing,
            "fix": self.fix,
        })
    }
}
