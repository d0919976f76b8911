//! The machine: what may happen next in a run.
//!
//! `decide` says what an input means, `apply` folds the events that follow from it, `pending`
//! says what must now be done. What must be done is a function of the state alone, so a process
//! that takes a run up after a crash offers the very same effect again.

mod act;
mod apply;
mod close;
pub(crate) mod control;
mod failover;
pub(crate) mod limits;
mod next;
mod prepare;
mod reason;
mod reflect;
mod rollback;
mod session;
#[cfg(test)]
mod tests;
mod verify;

pub use apply::{apply, fold};
pub use control::cuts_short;

use crate::crew::Part;
use crate::{
    Effect, EffectId, EffectKind, EffectResult, Ending, Event, Input, NewLimits, Outcome, Plan,
    Progress, Resource, Run, RunId, STEER_BYTES_MAX, STEERS_MAX, Settings, SpecPin, Step,
    Timestamp,
};

/// What the engine must do about one input, in this order: record `events`, then start `effect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What happened. Durable before anything else.
    pub events: Vec<Event>,
    /// What must now be done; nothing while an effect is still under way, or at the end.
    pub effect: Option<Effect>,
}

/// Why an input means nothing to a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The run is over.
    #[error("the run has ended")]
    Ended,
    /// A result of an effect that is not awaited.
    #[error("effect {got} is not awaited, {awaited} is")]
    Stale {
        /// The one that reported.
        got: EffectId,
        /// The one that is awaited.
        awaited: EffectId,
    },
    /// A result that the awaited effect can not have.
    #[error("effect {effect} can not have this result")]
    Mismatch {
        /// The awaited effect.
        effect: EffectId,
    },
    /// The run ended verified; there is nothing to go on with.
    #[error("the run is verified: there is nothing left to do")]
    Finished,
    /// Its worktree and branch were discarded; they can be brought back.
    #[error("its worktree and branch were discarded")]
    Discarded,
    /// It has no workspace that could be changed by hand.
    #[error("the run has no workspace")]
    NoWorkspace,
    /// All agent calls are used; going on needs a higher limit.
    #[error("all agent calls are used")]
    CallsUsed,
    /// The budget is used; going on needs a higher one.
    #[error("its limit of {} is used", resource.label())]
    Used {
        /// The budget of what.
        resource: Resource,
    },
    /// The agent can not be told which model to use.
    #[error("`{agent}` can not be told which model to use")]
    ModelNotChoosable {
        /// Which.
        agent: String,
    },
    /// The agent does not offer the model.
    #[error("`{agent}` is not known to offer `{model}`: {}", known.join(", "))]
    ModelNotOffered {
        /// Which.
        agent: String,
        /// What was wanted.
        model: String,
        /// What it offers.
        known: Vec<String>,
    },
    /// The run is not paused.
    #[error("the run is not paused")]
    NotPaused,
    /// An instruction is empty, too long, or there are too many.
    #[error(
        "an instruction has 1 to {STEER_BYTES_MAX} bytes, and a run at most {STEERS_MAX} of them"
    )]
    NotSteerable,
    /// A budget that never was can not be raised.
    #[error("the run has no budget that could be raised")]
    NoBudget,
}

/// What is chosen before a run exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Its name.
    pub id: RunId,
    /// When.
    pub at: Timestamp,
    /// Absolute path of the repository's work tree.
    pub repo: String,
    /// What was asked for.
    pub spec: SpecPin,
    /// What the user chose.
    pub settings: Settings,
    /// What was planned, if anything was.
    pub plan: Option<Plan>,
}

/// The event that begins a run.
pub fn create(new: NewRun) -> Event {
    let NewRun { id, at, repo, spec, settings, plan } = new;
    Event::RunCreated { id, at, repo, spec, settings, plan: plan.map(Box::new) }
}

/// The event that begins a run which does one task of a crew. Its plan is the crew's.
pub fn create_part(new: NewRun, part: Part) -> Event {
    let NewRun { id, at, repo, spec, settings, plan: _ } = new;
    Event::PartCreated { id, at, repo, spec, settings, part: Box::new(part) }
}

/// Decides the consequences of `input`. Pure: no clock, no I/O, no randomness.
///
/// A rejected input changes nothing.
pub fn decide(run: &Run, input: &Input) -> Result<Decision, Rejected> {
    let events = match input {
        Input::Resume { at, last_at, limits } => return resume(run, *at, *last_at, limits),
        Input::Control { control, by, at } => {
            let events = vec![control::on_control(run, control, by, *at)?];
            return Ok(Decision { events, effect: None });
        }
        Input::Follow { order, at } => {
            let events = control::on_order(run, order, *at)?;
            return Ok(Decision { events, effect: None });
        }
        Input::RollBack { to, kept, snapshot, judged } => {
            let judged = judged.as_deref().cloned();
            let (to, kept, snapshot) = (to.clone(), kept.clone(), snapshot.clone());
            let back = Event::RolledBack { to, kept, snapshot, judged };
            return rollback::on_roll_back(run, back);
        }
        Input::Discard { kept } => return rollback::on_discard(run, kept),
        _ if run.ended.is_some() => return Err(Rejected::Ended),
        Input::Stop { by } => {
            let events = vec![Event::StopRequested { by: *by }];
            return Ok(Decision { events, effect: None });
        }
        Input::Progress { effect, progress } => {
            awaited(run, *effect)?;
            let events = vec![on_progress(run, progress)?];
            return Ok(Decision { events, effect: None });
        }
        Input::Done { at, effect, result } => {
            awaited(run, *effect)?;
            on_result(run, *at, result)?
        }
    };
    let mut after = folded(run, &events);
    let mut events = events;
    if after.stopping.is_some() && after.ended.is_none() {
        let stopped = Event::RunEnded {
            outcome: Outcome::Stopped,
            reason: "it was asked to stop".to_owned(),
        };
        apply(&mut after, &stopped);
        events.push(stopped);
    }
    Ok(Decision { effect: pending(&after), events })
}

/// What must now be done for `run`. Nothing once it has ended.
pub fn pending(run: &Run) -> Option<Effect> {
    if run.ended.is_some() {
        return None;
    }
    let kind = match run.step {
        _ if run.is_held() => EffectKind::Hold,
        Step::Prepare => EffectKind::PrepareWorkspace,
        Step::Reason => EffectKind::ComposePrompt { iteration: run.iteration },
        Step::Wait => EffectKind::WaitUntil { until: run.wait_until? },
        Step::Act => EffectKind::CallAgent {
            call: run.calls,
            choice: Box::new(run.choice.clone().unwrap_or_else(|| run.choose(run.settings.tier))),
            prompt: run.prompt.clone()?,
            resume: run.session.as_ref().filter(|_| run.resumed).map(|session| session.id.clone()),
            budget_left: run.budget_left(),
            tokens_left: run.tokens_left(),
            until: run.deadline(),
        },
        Step::Reflect => EffectKind::TakeSnapshot,
        Step::Verify => EffectKind::JudgeTree,
        Step::Close => EffectKind::WriteResult { outcome: run.ending.as_ref()?.outcome },
    };
    Some(Effect { id: run.awaiting, kind })
}

fn awaited(run: &Run, effect: EffectId) -> Result<(), Rejected> {
    if effect == run.awaiting {
        Ok(())
    } else {
        Err(Rejected::Stale { got: effect, awaited: run.awaiting })
    }
}

fn on_progress(run: &Run, progress: &Progress) -> Result<Event, Rejected> {
    match (run.step, progress) {
        (Step::Act, Progress::CheckpointMade(checkpoint)) => {
            Ok(Event::CheckpointMade { call: run.calls, checkpoint: checkpoint.clone() })
        }
        (Step::Act, Progress::AgentActed(activities)) => {
            Ok(Event::AgentActed { activities: activities.clone() })
        }
        (Step::Verify, Progress::GateJudged(gate)) => Ok(Event::GateJudged { gate: gate.clone() }),
        _ => Err(Rejected::Mismatch { effect: run.awaiting }),
    }
}

/// One arm for every step, each in its own file. What ends any effect alike comes first.
fn on_result(run: &Run, at: Timestamp, result: &EffectResult) -> Result<Vec<Event>, Rejected> {
    match result {
        EffectResult::Failed { reason } => {
            let reason = reason.clone();
            return Ok(vec![Event::RunEnded { outcome: Outcome::Failed, reason }]);
        }
        EffectResult::Interrupted => {
            // Without a stop this can only be the executor's own fault; nothing of it counts.
            let ended = (Outcome::Failed, "it was interrupted without being asked to");
            return Ok(match run.stopping {
                // Nothing was asked of the agent: a call that was made returns as cancelled.
                Some(_) if run.step == Step::Act => {
                    vec![Event::AgentCallWithdrawn { call: run.calls }]
                }
                Some(_) => Vec::new(),
                None => vec![Event::RunEnded { outcome: ended.0, reason: ended.1.to_owned() }],
            });
        }
        _ => {}
    }
    match run.step {
        Step::Prepare => prepare::on_result(result),
        Step::Reason => reason::on_prompt(run, at, result),
        Step::Wait => reason::on_waited(run, at, result),
        Step::Act => act::on_result(run, at, result),
        Step::Reflect => reflect::on_result(run, at, result),
        Step::Verify => verify::on_result(run, at, result),
        Step::Close => close::on_result(run, result),
    }
    .ok_or(Rejected::Mismatch { effect: run.awaiting })
}

fn resume(
    run: &Run,
    at: Timestamp,
    last_at: Timestamp,
    limits: &NewLimits,
) -> Result<Decision, Rejected> {
    if run.discarded.is_some() {
        return Err(Rejected::Discarded);
    }
    if !run.is_resumable() {
        return Err(Rejected::Finished);
    }
    let settings = &run.settings;
    let mut events = vec![Event::RunResumed {
        iterations_max: limits.iterations_max.unwrap_or(settings.iterations_max).max(1),
        budget: limits.budget.or(settings.budget),
        tokens_max: limits.tokens_max.or(settings.tokens_max),
        time_max_ms: limits.time_max_ms.or(settings.time_max_ms),
        at: Some(at),
        last_at: Some(last_at),
    }];
    let cut_short = match &run.ended {
        None => true,
        Some(Ending { outcome, .. }) => matches!(outcome, Outcome::Stopped | Outcome::Failed),
    };
    if !cut_short {
        // The run came to a verdict of its own: going on means a further iteration.
        events.push(Event::IterationStarted { iteration: run.iteration + 1 });
    } else if run.step == Step::Act {
        // Never called again blindly: what it did is in the workspace, what it cost is charged.
        events.push(Event::AgentCallLost { call: run.calls });
    }
    let leads_to_a_call = |run: &Run| matches!(run.step, Step::Prepare | Step::Reason | Step::Wait);
    let after = folded(run, &events);
    if leads_to_a_call(&after)
        && let Some(rejected) = limits::in_the_way(&after, at)
    {
        return Err(rejected);
    }
    Ok(Decision { effect: pending(&after), events })
}

fn folded(run: &Run, events: &[Event]) -> Run {
    let mut run = run.clone();
    for event in events {
        apply(&mut run, event);
    }
    run
}
