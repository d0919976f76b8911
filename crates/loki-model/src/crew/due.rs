//! What has to be under way.

use super::state::{Crew, Joined, MergingStep, Standing};
use crate::{EffectId, Outcome, RunId};

/// Names what is under way. What is offered again after a crash keeps its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// The run of a task.
    Task(RunId),
    /// What all tasks share: one at a time.
    Turn(EffectId),
}

/// What to do. All of it is harmless to do twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Find out where to start from, and make the branch.
    Prepare,
    /// Have a run do a task, or go on with it.
    RunTask {
        /// Which task.
        task: String,
        /// Which run.
        run: RunId,
    },
    /// Put results on top of the tip, one after another. No branch moves.
    Join {
        /// Whose.
        batch: Vec<String>,
    },
    /// Judge all that was done so far, by all of the spec.
    Judge {
        /// What holds it.
        joined: Joined,
    },
    /// Move the branch on.
    Land {
        /// To where.
        joined: Joined,
    },
    /// Write evidence and report.
    Close {
        /// How it is about to end.
        outcome: Outcome,
    },
}

/// What has to be under way for `crew`. Nothing once it has ended, or while it comes to a halt. Runs of tasks are
/// paused themselves; of what all tasks share only the result is written during a pause.
pub fn due(crew: &Crew) -> Vec<(Due, Work)> {
    if crew.ended.is_some() || crew.halt.is_some() {
        return Vec::new();
    }
    let running = crew.tasks.iter().filter(|errand| errand.standing == Standing::Running);
    let run = |errand: &super::Errand| {
        let run = errand.run.clone()?;
        Some((Due::Task(run.clone()), Work::RunTask { task: errand.task.id.clone(), run }))
    };
    let turn = turn(crew).map(|work| (Due::Turn(crew.turn), work));
    running.filter_map(run).chain(turn).collect()
}

fn turn(crew: &Crew) -> Option<Work> {
    if let Some(ending) = &crew.ending {
        return Some(Work::Close { outcome: ending.outcome });
    }
    if crew.paused {
        return None;
    }
    if crew.base.is_none() {
        return Some(Work::Prepare);
    }
    let merging = crew.merging.as_ref()?;
    let prefix = |count: usize| merging.chain.get(count.checked_sub(1)?).map(|l| l.joined.clone());
    match merging.step {
        MergingStep::Join => Some(Work::Join { batch: merging.batch.clone() }),
        MergingStep::Judge { count } => Some(Work::Judge { joined: prefix(count)? }),
        MergingStep::Land => Some(Work::Land { joined: prefix(merging.good)? }),
    }
}
