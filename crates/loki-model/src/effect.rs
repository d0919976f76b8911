//! What must now be done, and what came of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Activity, CallReport, Checkpoint, Choice, CommitId, Confinement, Digest, GateSummary, Judged,
    Outcome, Snapshot, Timestamp, Usd, Workspace,
};

/// Names one effect of one run. Counted from 1; an effect re-offered after a crash keeps its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(pub u64);

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{}", self.0)
    }
}

/// Something to be done for a run. Everything else that its executor needs stands in the [`Run`].
///
/// Every effect but [`EffectKind::CallAgent`] is harmless to do twice.
///
/// [`Run`]: crate::Run
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Its name, to be given back with the result.
    pub id: EffectId,
    /// What to do.
    pub kind: EffectKind,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// Make branch and worktree, or find them made.
    PrepareWorkspace,
    /// Compose the prompt of this iteration and keep it.
    ComposePrompt {
        /// The iteration that is about to begin, from 1.
        iteration: u32,
    },
    /// Do nothing until the effect is cut short: the run is paused.
    Hold,
    /// Do nothing until then.
    WaitUntil {
        /// When to go on.
        until: Timestamp,
    },
    /// Let the agent work.
    CallAgent {
        /// Which call of the run, from 1.
        call: u32,
        /// Which agent, which model, and why.
        choice: Box<Choice>,
        /// The prompt, as kept.
        prompt: Digest,
        /// The conversation to go on with.
        resume: Option<String>,
        /// Money that the call may use.
        budget_left: Option<Usd>,
        /// Tokens that the call may use.
        tokens_left: Option<u64>,
        /// When it has to be over.
        until: Option<Timestamp>,
    },
    /// Keep the whole tree of the workspace.
    TakeSnapshot,
    /// Judge the newest snapshot on a clean copy.
    JudgeTree,
    /// Write evidence, report and result.
    WriteResult {
        /// How the run is about to end.
        outcome: Outcome,
    },
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectResult {
    /// Of [`EffectKind::PrepareWorkspace`].
    WorkspacePrepared(Workspace),
    /// Of [`EffectKind::ComposePrompt`].
    PromptComposed {
        /// The prompt, as kept.
        prompt: Digest,
        /// Its length.
        bytes: u64,
        /// The call is not to be made before: quiet hours end then.
        not_before: Option<Timestamp>,
    },
    /// Of [`EffectKind::WaitUntil`].
    Waited,
    /// Of [`EffectKind::CallAgent`].
    AgentReturned {
        /// What the agent said of itself.
        report: CallReport,
        /// Its raw output, as kept.
        transcript: Digest,
        /// Wall time.
        duration_ms: u64,
        /// What it was held to; nothing when no program was run.
        sandbox: Option<Confinement>,
    },
    /// Of [`EffectKind::TakeSnapshot`].
    SnapshotTaken(Snapshot),
    /// Of [`EffectKind::JudgeTree`].
    TreeJudged(Judged),
    /// Of [`EffectKind::WriteResult`].
    ResultWritten {
        /// The evidence document, as kept; nothing when no tree was ever judged.
        evidence: Option<Digest>,
        /// The report for people, as kept, likewise.
        report: Option<Digest>,
        /// The commit that holds the result; nothing when there is nothing to hold.
        commit: Option<CommitId>,
    },
    /// Of any: it was cut short because the run is stopping. Nothing of it counts.
    Interrupted,
    /// Of any: something under loki failed.
    Failed {
        /// What, in one sentence for people, with the fix if there is one.
        reason: String,
    },
}

/// Something seen while an effect is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The workspace was kept, before the agent begins.
    CheckpointMade(Checkpoint),
    /// The agent was seen doing things.
    AgentActed(Vec<Activity>),
    /// One gate finished.
    GateJudged(GateSummary),
}
