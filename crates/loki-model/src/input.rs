//! What reaches the machine. Time arrives in here.

use crate::{
    Checkpoint, Control, EffectId, EffectResult, Judged, Order, Progress, Snapshot, StopCause,
    Timestamp, Usd, Verdict,
};

/// Limits for a whole run that replace its own; those that are absent stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewLimits {
    /// Of calls.
    pub iterations_max: Option<u32>,
    /// Of money.
    pub budget: Option<Usd>,
    /// Of tokens.
    pub tokens_max: Option<u64>,
    /// Of wall time.
    pub time_max_ms: Option<u64>,
}

/// What reaches the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A process took the run up: after the death of the one before, a stop, or an end that more
    /// iterations or money can change.
    Resume {
        /// When.
        at: Timestamp,
        /// When the newest event was recorded.
        last_at: Timestamp,
        /// What now holds.
        limits: NewLimits,
    },
    /// Someone wants the run to stop.
    Stop {
        /// Who.
        by: StopCause,
    },
    /// Someone asks for something while the run is under way.
    Control {
        /// What.
        control: Control,
        /// Who: a login name, as far as known.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// The run does a task of a crew, of which something was asked.
    Follow {
        /// What.
        order: Order,
        /// When it reaches the run.
        at: Timestamp,
    },
    /// A person put the files of the workspace back, while nobody drove the run.
    RollBack {
        /// To what.
        to: Checkpoint,
        /// What was there until then.
        kept: Checkpoint,
        /// The newest snapshot of that time.
        snapshot: Option<Snapshot>,
        /// The newest judgement of that time, and its verdict.
        judged: Option<Box<(Judged, Verdict)>>,
    },
    /// A person had worktree and branch removed, while nobody drove the run.
    Discard {
        /// What was there until then.
        kept: Checkpoint,
    },
    /// Something was seen while an effect is under way.
    Progress {
        /// Of which effect.
        effect: EffectId,
        /// What.
        progress: Progress,
    },
    /// An effect is over.
    Done {
        /// When.
        at: Timestamp,
        /// Which.
        effect: EffectId,
        /// What came of it.
        result: EffectResult,
    },
}
