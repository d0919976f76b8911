//! Drives a crew: tasks side by side, each done by a run of its own, and one queue that brings their results
//! together. Record, then do, as for a single run.

mod drive;
mod file;
pub(crate) mod journal;
mod order;
mod part;
mod work;

pub use drive::{CrewError, CrewObserver, CrewWorld, Done, drive_crew};
pub use file::{FileProblem, read_tasks};
pub use journal::{CrewJournal, CrewRecorded, read_crew, read_crew_events};
pub use order::{OrderProblem, tasks_of_order};
pub use part::tasks_of_plan;
pub use work::{Observers, RealCrew, Worlds};

#[cfg(test)]
mod tests;
