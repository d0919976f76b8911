//! What is then true of a crew for ever.

use serde::{Deserialize, Serialize};

use super::state::{Base, Jobs, Joined, Link, SentBack};
use crate::{
    CommitId, Control, Digest, Ending, Event, Judged, Outcome, Plan, Resource, RunId, Settings,
    SpecPin, Spend, StopCause, Task, Timestamp, Usd, Verdict,
};

/// The first kind in the journal of a crew.
pub const FIRST_KIND: &str = "crew_created";

/// Something that happened to a crew. Only ever added to, never changed: old journals must fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one of each crew's events is the large one")]
pub enum CrewEvent {
    /// It exists.
    CrewCreated {
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
        /// What was planned, if anything was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Box<Plan>>,
        /// How many tasks may be under way at once.
        jobs: Jobs,
        /// What is to be done.
        tasks: Vec<Task>,
    },
    /// A further process took it up.
    CrewResumed {
        /// The limit of calls for each run that begins from now on.
        iterations_max: u32,
        /// The budget that now holds.
        budget: Option<Usd>,
        /// The limit of tokens that now holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tokens_max: Option<u64>,
        /// The limit of wall time that now holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_max_ms: Option<u64>,
        /// When. Journals of older versions do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// When anything of it was recorded last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_at: Option<Timestamp>,
    },
    /// Something was asked of all tasks at once. The runs of tasks follow it, each once.
    CrewAsked {
        /// What.
        control: Control,
        /// Who asked.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// A task under way may use more money than before, or less.
    TaskShareChanged {
        /// Which.
        task: String,
        /// Money for its run in all.
        share: Usd,
    },
    /// Most of what all tasks may use together is used.
    NearlyUsed {
        /// Of what.
        resource: Resource,
        /// So much, in the unit of the resource.
        used: u64,
        /// Of so much.
        limit: u64,
    },
    /// Something happened to it as to any run: it does something outside of this machine, or was discarded.
    HappenedAsRun {
        /// What.
        what: Box<Event>,
    },
    /// Where it starts from is known.
    BasePrepared {
        /// What that is.
        base: Base,
    },
    /// A run is about to do a task, or to go on with it.
    TaskStarted {
        /// Which.
        task: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// The run.
        run: RunId,
        /// What it starts from.
        from: Joined,
        /// Money for it; no limit when absent.
        share: Option<Usd>,
        /// Tokens for it; no limit when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tokens: Option<u64>,
    },
    /// The run of a task is over.
    TaskReturned {
        /// Which task.
        task: String,
        /// Which run.
        run: RunId,
        /// How the run ended.
        outcome: Outcome,
        /// Why, in one sentence.
        reason: String,
        /// The commit that holds its result.
        result: Option<CommitId>,
        /// Files that it changed and that are not its own, some of them.
        outside: Vec<String>,
        /// What the run has cost in all.
        spend: Spend,
        /// How often it has called an agent in all.
        calls: u32,
    },
    /// A task has to be done again, on what the others have made by then.
    TaskSentBack {
        /// Which.
        task: String,
        /// Why.
        why: SentBack,
    },
    /// Nothing of a task can be used.
    TaskFailed {
        /// Which.
        task: String,
        /// How.
        outcome: Outcome,
        /// Why, in one sentence.
        reason: String,
    },
    /// Results are being brought together.
    BatchBegun {
        /// Whose, in order.
        tasks: Vec<String>,
    },
    /// Results stand on top of each other.
    BatchJoined {
        /// Each with those before it; who is not in here met the same lines as another one.
        chain: Vec<Link>,
    },
    /// The first so many of them were judged together.
    BatchJudged {
        /// How many.
        count: usize,
        /// What the gates concluded.
        judged: Judged,
        /// What that amounts to.
        verdict: Verdict,
    },
    /// Results that hold together are on the branch.
    TasksMerged {
        /// Whose.
        tasks: Vec<String>,
        /// Where the branch is.
        joined: Joined,
    },
    /// A stop was asked for.
    StopRequested {
        /// By whom.
        by: StopCause,
    },
    /// Something under loki failed: what is under way is ended, and nothing new is begun.
    CrewHalted {
        /// What, in one sentence.
        reason: String,
    },
    /// Nothing is left to be done; the result is about to be written.
    CloseStarted {
        /// How it is about to end.
        ending: Ending,
    },
    /// The result is written.
    ResultWritten {
        /// The evidence document, as kept.
        evidence: Option<Digest>,
        /// The report for people, as kept.
        report: Option<Digest>,
    },
    /// It is over.
    CrewEnded {
        /// How.
        outcome: Outcome,
        /// Why, in one sentence for people.
        reason: String,
        /// When. Journals of older versions do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
}

impl CrewEvent {
    /// The event's name as it stands in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            CrewEvent::CrewCreated { .. } => FIRST_KIND,
            CrewEvent::CrewResumed { .. } => "crew_resumed",
            CrewEvent::CrewAsked { .. } => "crew_asked",
            CrewEvent::TaskShareChanged { .. } => "task_share_changed",
            CrewEvent::NearlyUsed { .. } => "nearly_used",
            CrewEvent::HappenedAsRun { .. } => "happened_as_run",
            CrewEvent::BasePrepared { .. } => "base_prepared",
            CrewEvent::TaskStarted { .. } => "task_started",
            CrewEvent::TaskReturned { .. } => "task_returned",
            CrewEvent::TaskSentBack { .. } => "task_sent_back",
            CrewEvent::TaskFailed { .. } => "task_failed",
            CrewEvent::BatchBegun { .. } => "batch_begun",
            CrewEvent::BatchJoined { .. } => "batch_joined",
            CrewEvent::BatchJudged { .. } => "batch_judged",
            CrewEvent::TasksMerged { .. } => "tasks_merged",
            CrewEvent::StopRequested { .. } => "stop_requested",
            CrewEvent::CrewHalted { .. } => "crew_halted",
            CrewEvent::CloseStarted { .. } => "close_started",
            CrewEvent::ResultWritten { .. } => "result_written",
            CrewEvent::CrewEnded { .. } => "crew_ended",
        }
    }
}
