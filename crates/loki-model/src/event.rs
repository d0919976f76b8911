//! What is then true for ever.

use serde::{Deserialize, Serialize};

use crate::crew::{PART_KIND, Part};
use crate::{
    Action, Activity, CallReport, Checkpoint, Choice, CommitId, Confinement, Digest, Ending,
    GateSummary, Judged, Offer, Outcome, Plan, Receipt, Resource, RunId, Settings, Snapshot,
    SpecPin, StopCause, Timestamp, Usd, Verdict, Workspace,
};

/// Something that happened to a run. Only ever added to, never changed: old journals must fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run exists.
    RunCreated {
        /// Its name.
        id: RunId,
        /// When.
        at: Timestamp,
        /// Absolute path of the repository's work tree.
        repo: String,
        /// What was asked for.
        spec: SpecPin,
        /// What the user chose.
        settings: Settings,
        /// What was planned. Journals of older versions have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Box<Plan>>,
    },
    /// The run exists, and does one task of a crew. A loki that knows no crews must not take it up: it would
    /// start from the wrong commit.
    PartCreated {
        /// Its name.
        id: RunId,
        /// When.
        at: Timestamp,
        /// Absolute path of the repository's work tree.
        repo: String,
        /// What was asked for of this task.
        spec: SpecPin,
        /// What the user chose.
        settings: Settings,
        /// Which task of which crew.
        part: Box<Part>,
    },
    /// A further process took it up.
    RunResumed {
        /// The limit of calls that now holds.
        iterations_max: u32,
        /// The budget that now holds.
        budget: Option<Usd>,
        /// The limit of tokens that now holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tokens_max: Option<u64>,
        /// The limit of wall time that now holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_max_ms: Option<u64>,
        /// When. Journals of older versions do not say, here and in the next one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// When the event before was recorded: from then on nobody drove it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_at: Option<Timestamp>,
    },
    /// Branch and worktree are there.
    WorkspacePrepared {
        /// Where the agent works.
        workspace: Workspace,
    },
    /// A prompt was composed and kept.
    PromptComposed {
        /// For which iteration.
        iteration: u32,
        /// As kept.
        prompt: Digest,
        /// Its length.
        bytes: u64,
    },
    /// The agent is about to be called. From here on the call counts, whatever becomes of it.
    AgentCalled {
        /// Which call, from 1.
        call: u32,
        /// Which agent, which model, at which price, and why. Journals of older versions have none.
        #[serde(default)]
        choice: Option<Box<Choice>>,
        /// Whether it goes on with the conversation of the call before.
        #[serde(default)]
        resumed: bool,
    },
    /// A model that was asked for is not offered: the tier is served with another one.
    ModelUnavailable {
        /// By whom.
        agent: String,
        /// Which.
        model: String,
    },
    /// A model that turned away too often is left alone for a while: the tier is served with another.
    ModelRested {
        /// Of which agent.
        agent: String,
        /// Which.
        model: String,
        /// Why, in one or two words.
        reason: String,
        /// When it may be asked again.
        back_at: Timestamp,
    },
    /// A model that was left alone may be asked again.
    ModelReturned {
        /// Of which agent.
        agent: String,
        /// Which.
        model: String,
    },
    /// From the next call on the active agent is asked for another model.
    ModelSwitched {
        /// Which; nothing for what would have been asked without a switch.
        model: Option<String>,
        /// Who wanted it. Journals of older versions do not say.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        by: String,
    },
    /// From the next call on another agent works in the same workspace, because someone wants it.
    AgentChosen {
        /// The one that is left.
        from: String,
        /// What the one that takes over offers.
        offer: Box<Offer>,
        /// The model that it is asked for; nothing for what its tier has.
        model: Option<String>,
        /// Who wanted it.
        by: String,
    },
    /// Nothing further is done until someone lets the run continue.
    RunPaused {
        /// Whether the call that was under way was ended, too.
        now: bool,
        /// Who wanted it.
        by: String,
        /// When. Journals of older versions do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// The pause is over.
    RunContinued {
        /// Who ended it.
        by: String,
        /// When. Journals of older versions do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// The user has something to say to the agent.
    Steered {
        /// In the user's words.
        text: String,
        /// Who.
        by: String,
    },
    /// Waits end, and what agents and models failed at is forgiven.
    RetryRequested {
        /// Who wanted it.
        by: String,
    },
    /// Another budget holds.
    BudgetChanged {
        /// For the whole run.
        budget: Usd,
        /// Who changed it.
        by: String,
    },
    /// What was asked of the crew so far, up to this, was followed as far as it means anything to the run.
    CrewFollowed {
        /// Which, from 1.
        order: u32,
    },
    /// Most of what the run may use is used.
    NearlyUsed {
        /// Of what.
        resource: Resource,
        /// So much, in the unit of the resource.
        used: u64,
        /// Of so much.
        limit: u64,
    },
    /// The active agent can not go on: another one takes over in the same workspace.
    AgentSwitched {
        /// The one that is left.
        from: String,
        /// The one that takes over.
        to: String,
        /// Its place in the settings, from 0.
        index: usize,
        /// Why, in one or two words.
        reason: String,
        /// When the one that is left may be tried again; nothing when a person has to act first.
        back_at: Option<Timestamp>,
    },
    /// The whole workspace was kept, before the agent begins.
    CheckpointMade {
        /// Before which call.
        call: u32,
        /// What it held.
        checkpoint: Checkpoint,
    },
    /// A person put the files of the workspace back.
    RolledBack {
        /// To what.
        to: Checkpoint,
        /// What was there until then.
        kept: Checkpoint,
        /// The newest snapshot of that time.
        snapshot: Option<Snapshot>,
        /// The newest judgement of that time, and its verdict.
        judged: Option<(Judged, Verdict)>,
    },
    /// A person had worktree and branch removed.
    WorkspaceDiscarded {
        /// What was there until then, on top of the branch's newest commit.
        kept: Checkpoint,
    },
    /// The agent was seen doing things.
    AgentActed {
        /// In order.
        activities: Vec<Activity>,
    },
    /// The call is over.
    AgentReturned {
        /// What the agent said of itself.
        report: CallReport,
        /// Its raw output, as kept.
        transcript: Digest,
        /// Wall time.
        duration_ms: u64,
        /// What it was held to; nothing when no program was run. Journals of older versions have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sandbox: Option<Confinement>,
    },
    /// The process that drove the call died; what the agent did until then is in the workspace.
    AgentCallLost {
        /// Which call.
        call: u32,
    },
    /// A stop came before the announced call was made: it was not, and does not count.
    AgentCallWithdrawn {
        /// Which call.
        call: u32,
    },
    /// The agent's service wants patience.
    WaitStarted {
        /// When the run goes on.
        until: Timestamp,
        /// Why, in one or two words.
        reason: String,
        /// Whether an allowance has to come back. Journals of older versions do not say.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        window: bool,
    },
    /// The wait is over.
    WaitEnded,
    /// The whole tree was kept.
    SnapshotTaken {
        /// What it holds.
        snapshot: Snapshot,
    },
    /// One gate finished.
    GateJudged {
        /// What it concluded.
        gate: GateSummary,
    },
    /// All gates finished.
    TreeJudged {
        /// What they concluded.
        judged: Judged,
        /// What that amounts to.
        verdict: Verdict,
    },
    /// The tree is the one judged last: the same question has the same answer.
    JudgementReused {
        /// The answer.
        verdict: Verdict,
    },
    /// Work is left to do: a further iteration begins.
    IterationStarted {
        /// Which, from 1.
        iteration: u32,
    },
    /// A stop was asked for.
    StopRequested {
        /// By whom.
        by: StopCause,
    },
    /// No further call is made; the result is about to be written.
    CloseStarted {
        /// How the run is about to end.
        ending: Ending,
    },
    /// The result is written.
    ResultWritten {
        /// The evidence document, as kept.
        evidence: Option<Digest>,
        /// The report for people, as kept.
        report: Option<Digest>,
        /// The commit that holds the result.
        commit: Option<CommitId>,
    },
    /// Something is to be done outside of this machine. Nothing was tried yet.
    DeliveryIntended {
        /// Its number within the run, from 1.
        id: u32,
        /// What.
        action: Box<Action>,
        /// The delivery that has to be confirmed before.
        needs: Option<u32>,
        /// Who wanted it.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// It is about to be done. From here on it may have been, whatever becomes of the process.
    DeliveryTried {
        /// Which.
        id: u32,
        /// Which attempt, from 1.
        attempt: u32,
        /// When.
        at: Timestamp,
    },
    /// It is done.
    DeliveryConfirmed {
        /// Which.
        id: u32,
        /// What the other side calls it.
        receipt: Receipt,
        /// Whether it was found to be done, instead of being told so.
        found: bool,
    },
    /// Whether it was done can not be seen.
    DeliveryUnknown {
        /// Which.
        id: u32,
        /// What happened.
        reason: String,
    },
    /// It was not done.
    DeliveryFailed {
        /// Which.
        id: u32,
        /// Why.
        reason: String,
    },
    /// A person wants it done again.
    DeliveryRetried {
        /// Which.
        id: u32,
        /// Who.
        by: String,
    },
    /// A person does not want it done any more.
    DeliveryGivenUp {
        /// Which.
        id: u32,
        /// Who.
        by: String,
    },
    /// The run is over.
    RunEnded {
        /// How.
        outcome: Outcome,
        /// Why, in one sentence for people.
        reason: String,
    },
}

impl Event {
    /// The event's name as it stands in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::RunCreated { .. } => "run_created",
            Event::PartCreated { .. } => PART_KIND,
            Event::RunResumed { .. } => "run_resumed",
            Event::WorkspacePrepared { .. } => "workspace_prepared",
            Event::PromptComposed { .. } => "prompt_composed",
            Event::AgentCalled { .. } => "agent_called",
            Event::ModelUnavailable { .. } => "model_unavailable",
            Event::ModelRested { .. } => "model_rested",
            Event::ModelReturned { .. } => "model_returned",
            Event::ModelSwitched { .. } => "model_switched",
            Event::AgentChosen { .. } => "agent_chosen",
            Event::RunPaused { .. } => "run_paused",
            Event::RunContinued { .. } => "run_continued",
            Event::Steered { .. } => "steered",
            Event::RetryRequested { .. } => "retry_requested",
            Event::BudgetChanged { .. } => "budget_changed",
            Event::CrewFollowed { .. } => "crew_followed",
            Event::NearlyUsed { .. } => "nearly_used",
            Event::AgentSwitched { .. } => "agent_switched",
            Event::CheckpointMade { .. } => "checkpoint_made",
            Event::RolledBack { .. } => "rolled_back",
            Event::WorkspaceDiscarded { .. } => "workspace_discarded",
            Event::AgentActed { .. } => "agent_acted",
            Event::AgentReturned { .. } => "agent_returned",
            Event::AgentCallLost { .. } => "agent_call_lost",
            Event::AgentCallWithdrawn { .. } => "agent_call_withdrawn",
            Event::WaitStarted { .. } => "wait_started",
            Event::WaitEnded => "wait_ended",
            Event::SnapshotTaken { .. } => "snapshot_taken",
            Event::GateJudged { .. } => "gate_judged",
            Event::TreeJudged { .. } => "tree_judged",
            Event::JudgementReused { .. } => "judgement_reused",
            Event::IterationStarted { .. } => "iteration_started",
            Event::StopRequested { .. } => "stop_requested",
            Event::CloseStarted { .. } => "close_started",
            Event::ResultWritten { .. } => "result_written",
            Event::DeliveryIntended { .. } => "delivery_intended",
            Event::DeliveryTried { .. } => "delivery_tried",
            Event::DeliveryConfirmed { .. } => "delivery_confirmed",
            Event::DeliveryUnknown { .. } => "delivery_unknown",
            Event::DeliveryFailed { .. } => "delivery_failed",
            Event::DeliveryRetried { .. } => "delivery_retried",
            Event::DeliveryGivenUp { .. } => "delivery_given_up",
            Event::RunEnded { .. } => "run_ended",
        }
    }
}
