//! Drives a crew: tasks side by side, each done by a run of its own, and one queue that brings their results
//! together. Record, then do, as for a single run.

mod as_run;
mod discard;
mod drive;
mod file;
mod follow;
pub(crate) mod journal;
mod order;
mod part;
mod soon;
mod work;

pub use as_run::CrewLedger;
pub use discard::{discard_crew, remove_crew};
pub use drive::{
    CrewError, CrewMailbox, CrewObserver, CrewSlot, CrewWorld, Done, ask_crew, drive_crew,
};
pub use file::{FileProblem, read_tasks};
pub use follow::Followers;
pub use journal::{CrewJournal, CrewRecorded, read_crew, read_crew_events};
pub use order::{OrderProblem, tasks_of_order};
pub use part::tasks_of_plan;
pub use soon::Soon;
pub use work::{Observers, RealCrew, Worlds};

#[cfg(test)]
mod tests;
