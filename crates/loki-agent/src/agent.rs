//! The trait, and what goes in and out of a call.

use std::path::{Path, PathBuf};

use loki_host::process::{Cancel, Captured, Limits, Stream};
use loki_model::{
    Activity, CallReport, Capabilities, Confinement, Effort, Price, Tier, Usage, Usd,
};

use crate::hold::Hold;

/// A program, or something that behaves like one, that writes code.
pub trait Agent: Send + Sync {
    /// As the user writes it after `--provider`.
    fn name(&self) -> &str;

    /// Whether a call costs money; decides whether consent is needed.
    fn billing(&self) -> Billing;

    /// Which wishes of a call it honours; the others are not passed to it.
    fn capabilities(&self) -> Capabilities;

    /// The model that the agent's own settings name, if the user wrote one there: it goes before
    /// what loki would choose by itself.
    fn model_of_its_settings(&self) -> Option<String> {
        None
    }

    /// What a call is held to by `hold` on this machine; nothing for an agent that runs no program.
    fn confinement(&self, hold: &Hold) -> Option<Confinement> {
        Some(hold.confinement())
    }

    /// Looks whether calls can work. Spends nothing and ends within seconds.
    fn probe(&self) -> Probe;

    /// Makes one call and waits for its end. Never fails: everything is an outcome.
    ///
    /// `observe` hears of every activity and all output while the call runs, in order. When this
    /// returns nothing that the agent started is left.
    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult;
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct CallSpec<'a> {
    /// Where the agent works.
    pub cwd: &'a Path,
    /// All it is told.
    pub prompt: &'a str,
    /// Which call of the run this is, counted from 1.
    pub call: u32,
    /// What the call is for.
    pub tier: Tier,
    /// The model to use; the agent's own choice when not given.
    pub model: Option<&'a str>,
    /// What the model costs, where that is known; for agents that count their own spend.
    pub price: Option<Price>,
    /// How much the model is to think; the agent's own choice when not given.
    pub effort: Option<Effort>,
    /// The model to go on with when the first one is overloaded.
    pub fallback_model: Option<&'a str>,
    /// A conversation of this agent to go on with.
    pub resume: Option<&'a str>,
    /// Money that this call may spend.
    pub budget_left: Option<Usd>,
    /// Helpers that the agent may call on its own.
    pub sub_agents: &'a [SubAgent],
    /// When the call is ended, and how much of its output is kept.
    pub limits: Limits,
    /// What the agent is held to.
    pub hold: &'a Hold,
}

/// A helper that an agent may call on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAgent {
    /// Small letters and hyphens.
    pub name: String,
    /// When to call it, in one line.
    pub description: String,
    /// What it is told before its task.
    pub prompt: String,
}

/// What a call does while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentEvent<'a> {
    /// Something for people who watch. Bounded, and free of control characters.
    Activity(Activity),
    /// What the call has used until now, as far as its agent tells. Never less than before.
    Used(Usage),
    /// Raw bytes as they came.
    Output(Stream, &'a [u8]),
}

/// What a call came to.
#[derive(Clone, Debug)]
pub struct CallResult {
    /// What it says of itself.
    pub report: CallReport,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
    /// Lines of standard output that were no part of the agent's protocol, if it has one.
    pub lines_unreadable: u64,
}

/// Whether a call costs money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billing {
    /// Never.
    Free,
    /// In general.
    Paid,
    /// Nobody told.
    Unknown,
}

/// Whether calls can work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The program itself.
    pub program: Program,
    /// Whether it may use its service.
    pub login: Login,
}

/// Whether an agent's program is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// It is.
    Installed {
        /// Where.
        path: PathBuf,
        /// One line, when it told.
        version: Option<String>,
    },
    /// It is not.
    Missing {
        /// What to do, in one line.
        fix: String,
    },
    /// There is no program: the agent is part of loki.
    BuiltIn,
}

/// Whether an agent may use its service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// It looks so.
    LoggedIn {
        /// The variable or the file that says so; never its value.
        how: String,
    },
    /// Nothing that would let it was found.
    NotLoggedIn {
        /// What to do, in one line.
        fix: String,
    },
    /// The agent has no such notion, or does not tell.
    Unknown,
}
