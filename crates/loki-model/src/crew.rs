//! A crew: a run whose tasks are done side by side, each by a run of its own, and brought together by one
//! queue.
//!
//! As in the machine of a single run, [`decide`] says what an input means, [`apply`] folds the events that
//! follow, and [`due`] says what has to be under way. That is a function of the state alone, so a process that
//! takes a crew up after a crash offers the very same work again.

mod apply;
mod control;
mod decide;
mod due;
mod event;
mod limits;
mod project;
mod queue;
mod schedule;
mod scope;
mod state;
mod tasks;
#[cfg(test)]
mod tests;

pub use apply::{apply, fold};
pub use control::{Ask, asked};
pub use decide::{Input, NewCrew, Now, Rejected, Returned, Turned, create, decide};
pub use due::{Due, Work, due};
pub use event::{CrewEvent, FIRST_KIND};
pub use scope::{ScopeProblem, within};
pub use state::{
    Base, Crew, Errand, Halt, Jobs, Joined, Link, Merging, MergingStep, Part, SentBack, Standing,
};
pub use tasks::{TASKS_MAX, TasksProblem, builders, check};

/// The first kind in the journal of a run that does one task of a crew.
pub const PART_KIND: &str = "part_created";
