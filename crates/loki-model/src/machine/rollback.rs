//! What a person does to the workspace while nobody drives the run.

use crate::{Checkpoint, Event, Outcome, Run, Step};

use super::{Decision, Rejected, folded, pending};

/// The run stands where a further iteration begins, whatever it stood at, and waits to be resumed.
pub(super) fn on_roll_back(run: &Run, back: Event) -> Result<Decision, Rejected> {
    let mut events = taken_up(run)?;
    events.push(back);
    events.push(Event::IterationStarted { iteration: run.iteration + 1 });
    let reason = "its files were put back to a checkpoint".to_owned();
    events.push(Event::RunEnded { outcome: Outcome::Stopped, reason });
    Ok(decision(run, events))
}

/// How it ended stays as it is.
pub(super) fn on_discard(run: &Run, kept: &Checkpoint) -> Result<Decision, Rejected> {
    if run.discarded.is_some() {
        return Err(Rejected::Discarded);
    }
    let mut events = taken_up(run)?;
    events.push(Event::WorkspaceDiscarded { kept: kept.clone() });
    if run.ended.is_none() {
        let reason = "its worktree and branch were discarded".to_owned();
        events.push(Event::RunEnded { outcome: Outcome::Stopped, reason });
    }
    Ok(decision(run, events))
}

/// A call that the death of its process cut off is charged before anything else.
fn taken_up(run: &Run) -> Result<Vec<Event>, Rejected> {
    if run.workspace.is_none() {
        return Err(Rejected::NoWorkspace);
    }
    let lost = run.ended.is_none() && run.step == Step::Act;
    Ok(lost.then_some(Event::AgentCallLost { call: run.calls }).into_iter().collect())
}

fn decision(run: &Run, events: Vec<Event>) -> Decision {
    Decision { effect: pending(&folded(run, &events)), events }
}
