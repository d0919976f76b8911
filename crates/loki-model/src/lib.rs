//! What a run is and what may happen next.
//!
//! Owns the words of the domain, the machine (`decide` and `apply`) and the verdict algebra.
//! Refuses I/O, async, clocks, randomness and logging: time and ids arrive inside inputs. A type
//! enters only when two crates above need it and it is pure.
#![warn(missing_docs)]

pub mod agent;
mod asking;
pub mod brevity;
pub mod change;
pub mod choice;
pub mod control;
pub mod crew;
pub mod effect;
pub mod event;
#[cfg(test)]
mod fixtures;
pub mod gate;
pub mod ids;
pub mod input;
pub mod machine;
pub mod offer;
pub mod outbox;
pub mod outcome;
pub mod plan;
pub mod quiet;
pub mod run;
pub mod sandbox;
pub mod spec;
pub mod units;
pub mod verdict;

pub use agent::{
    Activity, AgentOutcome, CallReport, Claim, Cost, Deadline, Tier, TokenUsage, Usage,
};
pub use asking::{ASKING_KIND, Asking, AskingEvent, Purpose};
pub use brevity::Brevity;
pub use change::{ChangeKind, ChangeStats, FileChange};
pub use choice::{Ceiling, Choice, ModelWishes, Reason, choose};
pub use control::{BudgetChange, Control, Order, STEER_BYTES_MAX, STEERS_MAX, Steer};
pub use effect::{Effect, EffectId, EffectKind, EffectResult, Progress};
pub use event::Event;
pub use gate::{
    CommandRun, Evidence, Exit, Finding, GateId, GateReport, Judgement, Location, Output, Severity,
    TestCounts,
};
pub use ids::{CommitId, Digest, InvalidId, RunId, TreeId};
pub use input::{Input, NewLimits};
pub use machine::{
    Decision, NewRun, Rejected, apply, create, create_part, cuts_short, decide, fold, pending,
};
pub use offer::{Capabilities, Effort, Model, Offer, PerTier, Price, TierModel};
pub use outbox::{Action, Delivery, DeliveryState, ForgeKind, Place, Receipt, Target};
pub use outcome::Outcome;
pub use plan::{Assumption, Basis, Complexity, Estimate, Plan, Span, Standing, Task};
pub use quiet::QuietHours;
pub use run::{
    Breaker, Checkpoint, Ending, GateSummary, Handover, Judged, NextAgent, OnQuota, PastJudgement,
    Phase, Resource, Run, Session, Settings, Snapshot, SpecPin, Spend, Step, StopCause,
    UnknownCost, Workspace,
};
pub use sandbox::{Confinement, Layer, SandboxLevel};
pub use spec::{ListedTask, Note, Origin, Priority, Requirement, RequirementId, Spec};
pub use units::{Timestamp, Usd};
pub use verdict::{Policy, Role, Verdict, conclude, worst_of_each};
