//! A crew, folded from its events.

use serde::{Deserialize, Serialize};

use super::control::Ask;
use crate::{
    Checkpoint, CommitId, Delivery, Digest, EffectId, Ending, Judged, Outcome, Plan, RequirementId,
    Resource, RunId, Settings, SpecPin, Spend, StopCause, Task, Timestamp, TreeId, Usd, Verdict,
};

/// How many tasks may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jobs {
    /// So many; at least 1.
    UpTo(u32),
    /// As many as the machine has room for.
    Auto,
}

/// Where the work of a crew starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The branch that was checked out; nothing when none was.
    pub branch: Option<String>,
    /// The branch that results come to, without `refs/heads/`.
    pub onto: String,
    /// The commit that it starts from.
    pub commit: CommitId,
    /// What that holds. The rules of judging are read from it.
    pub tree: TreeId,
}

/// A commit and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// Which.
    pub commit: CommitId,
    /// What it holds.
    pub tree: TreeId,
}

/// One result on top of those before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose.
    pub task: String,
    /// With everything before it.
    pub joined: Joined,
}

/// Why a task has to be done again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SentBack {
    /// It changed lines that others changed, too.
    Conflict {
        /// In which files, some of them.
        paths: Vec<String>,
    },
    /// It changed files that are not its own.
    OutOfScope {
        /// Which, some of them.
        paths: Vec<String>,
    },
    /// Together with what others did it does not hold.
    Blocked {
        /// What the gates saw, as kept in the store.
        reports: Digest,
    },
    /// It did not come to an end that could be used, and somebody wants it tried again.
    Unfinished {
        /// How it ended.
        reason: String,
    },
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// It has not begun, or has to begin again.
    Waiting,
    /// A run does it.
    Running,
    /// Its run was stopped, and goes on when the crew does.
    Stopped,
    /// Its result waits for its turn to be joined.
    Queued,
    /// Its result is being joined with others.
    Joining,
    /// Its result is part of what the crew made.
    Merged,
    /// Nothing of it can be used.
    Failed {
        /// How.
        outcome: Outcome,
        /// Why, in one sentence.
        reason: String,
    },
}

impl Standing {
    /// One word for a screen.
    pub fn label(&self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Running => "running",
            Standing::Stopped => "stopped",
            Standing::Queued => "queued",
            Standing::Joining => "joining",
            Standing::Merged => "merged",
            Standing::Failed { .. } => "failed",
        }
    }
}

/// A task and what came of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// What is to be done.
    pub task: Task,
    /// How it stands.
    pub standing: Standing,
    /// Which attempt is the newest, from 1; 0 before the first.
    pub attempt: u32,
    /// The run of the newest attempt.
    pub run: Option<RunId>,
    /// What the newest attempt started from.
    pub from: Option<Joined>,
    /// Money for the run of the newest attempt; no limit when absent.
    pub share: Option<Usd>,
    /// Tokens for it; no limit when absent.
    pub tokens: Option<u64>,
    /// How much had been asked of the crew when the newest attempt began.
    pub asked_before: u32,
    /// What the newest attempt made.
    pub result: Option<CommitId>,
    /// Why it had to be done again, oldest first.
    pub sent_back: Vec<SentBack>,
    /// Nothing else is joined from its start until its result is: it can not meet others again.
    pub alone: bool,
    /// What each of its runs has cost, and how often it called an agent.
    pub spent: Vec<(RunId, Spend, u32)>,
}

/// Results that are being brought together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merging {
    /// Whose, in the order in which they came.
    pub batch: Vec<String>,
    /// What is being done.
    pub step: MergingStep,
    /// Each on top of those before; empty until they are joined.
    pub chain: Vec<Link>,
    /// So many from the beginning are known to hold together.
    pub good: usize,
    /// So many from the beginning are known not to; nothing while no number is.
    pub bad: Option<usize>,
    /// The judgement of the good ones.
    pub judged: Option<(Judged, Verdict)>,
    /// What was seen of the bad ones, as kept in the store.
    pub against: Option<Digest>,
}

/// What is being done with results that are being brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MergingStep {
    /// They are joined without being judged.
    Join,
    /// So many from the beginning are judged.
    Judge {
        /// How many.
        count: usize,
    },
    /// The branch moves on to what holds.
    Land,
}

/// Why nothing new is begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Halt {
    /// Somebody wants a stop.
    Stop {
        /// Who.
        by: StopCause,
    },
    /// Something under loki failed.
    Failure {
        /// What, in one sentence.
        reason: String,
    },
}

/// One crew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crew {
    /// Its name.
    pub id: RunId,
    /// Absolute path of the repository's work tree.
    pub repo: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What was asked for as a whole.
    pub spec: SpecPin,
    /// What the user chose. Calls are limited for each task, all else for all of them together.
    pub settings: Settings,
    /// What was planned, if anything was.
    pub plan: Option<Box<Plan>>,
    /// How many tasks may be under way at once.
    pub jobs: Jobs,
    /// In the order in which they were given.
    pub tasks: Vec<Errand>,
    /// Once prepared.
    pub base: Option<Base>,
    /// What everything that is merged amounts to; the base as long as nothing is.
    pub tip: Option<Joined>,
    /// The judgement of the tip, by all of the spec; nothing as long as nothing is merged.
    pub judged: Option<(Judged, Verdict)>,
    /// Whose results wait to be joined, in the order in which they came.
    pub queue: Vec<String>,
    /// Those that are being joined.
    pub merging: Option<Merging>,
    /// What was asked of all tasks at once, oldest first.
    pub asks: Vec<Ask>,
    /// Nothing further is begun until somebody lets it continue.
    pub paused: bool,
    /// Wall time until `since`.
    pub worked_ms: u64,
    /// From when on time counts that is not in `worked_ms`; nothing during a pause.
    pub since: Option<Timestamp>,
    /// What is nearly used up, as was said.
    pub warned: Vec<Resource>,
    /// What it does outside of this machine, in the order in which it was wanted.
    pub outbox: Vec<Delivery>,
    /// Branches and worktrees are gone; what it had made is kept here.
    pub discarded: Option<Checkpoint>,
    /// The effect that all tasks share: counted from 1.
    pub turn: EffectId,
    /// Nothing new is begun, because of this.
    pub halt: Option<Halt>,
    /// Decided, and being written down.
    pub ending: Option<Ending>,
    /// It is over. It may still be resumed.
    pub ended: Option<Ending>,
    /// The evidence document, as kept in the store.
    pub evidence: Option<Digest>,
}

impl Crew {
    /// The task of this name.
    pub fn errand(&self, task: &str) -> Option<&Errand> {
        self.tasks.iter().find(|errand| errand.task.id == task)
    }

    /// How many tasks are under way.
    pub fn running(&self) -> usize {
        self.tasks.iter().filter(|errand| errand.standing == Standing::Running).count()
    }

    /// What all of it has cost, as far as runs that returned have told.
    pub fn spend(&self) -> Spend {
        let mut sum = Spend::default();
        for (_, spend, _) in self.tasks.iter().flat_map(|errand| &errand.spent) {
            sum.known += spend.known;
            sum.computed += spend.computed;
            sum.estimated += spend.estimated;
            sum.unknown_calls += spend.unknown_calls;
            let (all, tokens) = (&mut sum.tokens, spend.tokens);
            all.input = all.input.saturating_add(tokens.input);
            all.output = all.output.saturating_add(tokens.output);
            all.cache_read = all.cache_read.saturating_add(tokens.cache_read);
            all.cache_write = all.cache_write.saturating_add(tokens.cache_write);
        }
        sum
    }

    /// Calls of agents, as far as runs that returned have told.
    pub fn calls(&self) -> u32 {
        self.tasks.iter().flat_map(|errand| &errand.spent).map(|(.., calls)| calls).sum()
    }

    /// Whether a further process may take it up.
    pub fn is_resumable(&self) -> bool {
        let all_merged = self.tasks.iter().all(|errand| errand.standing == Standing::Merged);
        // One that was stopped while its end was written still has that to do.
        self.discarded.is_none()
            && (self.ended.is_none() || !all_merged || self.ended != self.ending)
    }
}

/// What a run is told that does one task of a crew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The crew.
    pub of: RunId,
    /// The task's name.
    pub task: String,
    /// What it serves.
    pub requirements: Vec<RequirementId>,
    /// Patterns of the files that it may change; nothing for all.
    pub scope: Vec<String>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The commit that it starts from.
    pub base: CommitId,
    /// The tree that the rules of judging are read from: that of before anyone worked.
    pub rules: TreeId,
    /// Why the attempt before was of no use.
    pub sent_back: Option<SentBack>,
    /// What the attempt before made.
    pub earlier: Option<CommitId>,
}
