//! What the suite must know of an agent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use loki_agent::Agent;
use loki_testkit::{ModelScript, PinnedAgent, TestRepo, pinned_agent};

use crate::scenario::Scenario;

/// One agent: an entry of the table.
pub(crate) struct Client {
    /// As after `--provider`, as far as that goes; part of the names of tests.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) what: &'static str,
    /// How it speaks with its service.
    pub(crate) wire: Wire,
    /// The program to find in `.tools/` or on `PATH`.
    pub(crate) program: Program,
    /// The model that it is told to use.
    pub(crate) model: Option<&'static str>,
    /// How long it may be silent where the scenario is about silence: longer than it needs to start.
    pub(crate) idle: Duration,
    /// What it says of what it used.
    pub(crate) counts: Counts,
    /// Makes the agent for one test.
    pub(crate) build: fn(&Site<'_>) -> Box<dyn Agent>,
    /// Where it differs from what the scenario expects of all.
    pub(crate) exceptions: &'static [(&'static str, Cell)],
}

/// How a client speaks with its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Anthropic,
    Chat,
    /// The same, by a client that offers no tools and reads edits out of the text.
    ChatWithoutTools,
    Responses,
    Gemini,
    /// It has none: it plays the script itself.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// By name, as `xtask tools` installs it.
    Installed(&'static str),
    /// Part of this build.
    Scripted,
    /// No program: it is part of loki.
    BuiltIn,
}

/// What a client says of what it used, when it completed and its model has a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    TokensAndCost,
    Tokens,
    Nothing,
}

/// What is expected of an agent in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The call ends so, as [`crate::stage::class_of`] calls it; ` or ` is between several.
    Ends(&'static str),
    /// It ends otherwise than expected of all; why.
    EndsElse(&'static str, &'static str),
    /// The scenario does not exist for it; why.
    CanNot(&'static str),
}

/// A service that is to be asked again later, and said when.
pub(crate) const UNTIL: Cell = Cell::EndsElse("rate_limited until", "the service says until when");

/// Where an agent is built for.
pub(crate) struct Site<'a> {
    /// The program; `scripted-agent` or nothing where there is none to install.
    pub(crate) program: &'a Path,
    /// Of the scripted service, without `/v1`.
    pub(crate) base_url: String,
    pub(crate) repo: &'a TestRepo,
    /// What the service plays.
    pub(crate) script: &'a ModelScript,
    pub(crate) wish: Wish,
}

impl Site<'_> {
    /// `HOME` of the agent, which also marks its processes. It exists.
    pub(crate) fn home(&self) -> PathBuf {
        let home = self.repo.home();
        std::fs::create_dir_all(&home).unwrap();
        home
    }
}

/// How an agent is to be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// As its users have it, apart from fewer and shorter retries.
    Plain,
    /// As always, and with as many retries as it makes when nobody tells it otherwise.
    OwnRetries,
    /// It may neither write nor run anything, and has nobody to ask.
    Denied,
    /// It is paid for by a subscription with allowances, where there is such a thing.
    Subscription,
}

impl Client {
    /// Driven in every run of the tests.
    pub(crate) fn is_of_every_run(&self) -> bool {
        self.pinned().is_none_or(|agent| agent.every_run)
    }

    /// The version that the cells are true of; nothing for what is of this build.
    pub(crate) fn pinned(&self) -> Option<&'static PinnedAgent> {
        match self.program {
            Program::Installed(program) => pinned_agent(program),
            Program::Scripted | Program::BuiltIn => None,
        }
    }

    pub(crate) fn cell(&self, scenario: &Scenario) -> Cell {
        let exception = self.exceptions.iter().find(|(id, _)| *id == scenario.id);
        exception.map_or(Cell::Ends(scenario.ends), |(_, cell)| *cell)
    }
}
