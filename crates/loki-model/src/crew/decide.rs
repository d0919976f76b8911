//! What an input means for a crew.

use super::state::{Base, Crew, Errand, Halt, Jobs, Link, SentBack, Standing};
use super::{CrewEvent, apply, control, limits, queue, schedule};
use crate::{
    CommitId, Control, Digest, EffectId, Judged, NewLimits, Outcome, Plan, Resource, RunId,
    Settings, SpecPin, Spend, StopCause, Task, Timestamp,
};

/// What is chosen before a crew exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCrew {
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
    /// How many tasks may be under way at once.
    pub jobs: Jobs,
    /// What is to be done; [`super::check`] has nothing against it.
    pub tasks: Vec<Task>,
}

/// The event that begins a crew.
pub fn create(new: NewCrew) -> CrewEvent {
    let NewCrew { id, at, repo, spec, settings, plan, jobs, tasks } = new;
    let plan = plan.map(Box::new);
    CrewEvent::CrewCreated { id, at, repo, spec, settings, plan, jobs, tasks }
}

/// What reaches a crew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A process took it up, or begins with it.
    Resume {
        /// When anything of it was recorded last.
        last_at: Timestamp,
        /// What now holds: of calls for each run that begins from now on, of all else for all together.
        limits: NewLimits,
    },
    /// Somebody asks something of all tasks at once.
    Control {
        /// What.
        control: Control,
        /// Who: a login name, as far as known.
        by: String,
    },
    /// Somebody looks whether more can be begun now.
    Look,
    /// Somebody wants a stop.
    Stop {
        /// Who.
        by: StopCause,
    },
    /// The run of a task is over.
    TaskDone {
        /// The run.
        run: RunId,
        /// What came of it.
        returned: Returned,
    },
    /// What all tasks share is over.
    TurnDone {
        /// Which effect.
        turn: EffectId,
        /// What came of it.
        result: Turned,
    },
    /// It comes to a halt, and nothing is under way any more.
    Quiet,
}

/// How the run of a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// How.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub reason: String,
    /// The commit that holds its result: the very tree that was judged.
    pub result: Option<CommitId>,
    /// Files that it changed and that are not its own, some of them.
    pub outside: Vec<String>,
    /// What the run has cost in all.
    pub spend: Spend,
    /// How often it has called an agent in all.
    pub calls: u32,
}

/// What came of something that all tasks share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Of [`super::Work::Prepare`].
    Prepared(Base),
    /// Of [`super::Work::Join`].
    Joined {
        /// Each result on top of those before.
        chain: Vec<Link>,
        /// Whose could not be put there, and in which files.
        conflicts: Vec<(String, Vec<String>)>,
    },
    /// Of [`super::Work::Judge`].
    Judged(Judged),
    /// Of [`super::Work::Land`].
    Landed,
    /// Of [`super::Work::Close`].
    Written {
        /// The evidence document, as kept.
        evidence: Option<Digest>,
        /// The report for people, as kept.
        report: Option<Digest>,
    },
    /// Of any: it was cut short because of a stop. Nothing of it counts.
    Interrupted,
    /// Of any: something under loki failed.
    Failed {
        /// What, in one sentence.
        reason: String,
    },
}

/// Why an input means nothing to a crew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It is over.
    #[error("the run has ended")]
    Ended,
    /// Everything is merged; there is nothing to go on with.
    #[error("every task is merged: there is nothing left to do")]
    Finished,
    /// A result of something that is not under way.
    #[error("nobody waits for this result")]
    Stale,
    /// A result that what is under way can not have.
    #[error("this is no result of what is under way")]
    Mismatch,
    /// What all tasks may use together is used; going on needs a higher limit.
    #[error("its limit of {} is used", resource.label())]
    Used {
        /// Of what.
        resource: Resource,
    },
    /// Branches and worktrees were discarded.
    #[error("its branches and worktrees were discarded")]
    Discarded,
    /// What was asked could not be asked of a single run like this either.
    #[error(transparent)]
    Control(crate::Rejected),
}

/// The circumstances of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// When.
    pub at: Timestamp,
    /// For how many tasks at a time the machine has room.
    pub room: u32,
    /// How many tasks are past their last call, as far as can be told: their results may be here soon.
    pub soon: u32,
}

/// Decides the consequences of `input`. Pure. A rejected input changes nothing.
pub fn decide(crew: &Crew, input: &Input, now: Now) -> Result<Vec<CrewEvent>, Rejected> {
    let mut events = match input {
        Input::Resume { last_at, limits } => resume(crew, now.at, *last_at, limits)?,
        Input::Control { control, by } => control::asked(crew, control, by, now.at)?,
        _ if crew.ended.is_some() => return Err(Rejected::Ended),
        Input::Look => Vec::new(),
        Input::Stop { .. } if crew.halt.is_some() => return Ok(Vec::new()),
        Input::Stop { by } => vec![CrewEvent::StopRequested { by: *by }],
        Input::Quiet => vec![quiet(crew, now.at)?],
        Input::TaskDone { run, returned } => on_returned(crew, run, returned)?,
        Input::TurnDone { turn, result } => on_turned(crew, *turn, result, now.at)?,
    };
    let after = folded(crew, &events);
    events.extend(limits::warnings(&after, now.at));
    events.extend(schedule::schedule(&after, now));
    Ok(events)
}

pub(super) fn folded(crew: &Crew, events: &[CrewEvent]) -> Crew {
    let mut crew = crew.clone();
    events.iter().for_each(|event| apply(&mut crew, event));
    crew
}

fn resume(
    crew: &Crew,
    at: Timestamp,
    last_at: Timestamp,
    limits: &NewLimits,
) -> Result<Vec<CrewEvent>, Rejected> {
    if crew.discarded.is_some() {
        return Err(Rejected::Discarded);
    }
    if !crew.is_resumable() {
        return Err(Rejected::Finished);
    }
    let settings = &crew.settings;
    let resumed = CrewEvent::CrewResumed {
        iterations_max: limits.iterations_max.unwrap_or(settings.iterations_max).max(1),
        budget: limits.budget.or(settings.budget),
        tokens_max: limits.tokens_max.or(settings.tokens_max),
        time_max_ms: limits.time_max_ms.or(settings.time_max_ms),
        at: Some(at),
        last_at: Some(last_at),
    };
    let after = folded(crew, std::slice::from_ref(&resumed));
    let open = |errand: &Errand| matches!(errand.standing, Standing::Waiting | Standing::Stopped);
    // One that was cut off may have results to bring together, which costs nothing.
    let would_end = crew.ended.is_some() && after.ending.is_none() && after.queue.is_empty();
    if would_end
        && after.tasks.iter().any(open)
        && let Some(resource) = after.used_up(at)
    {
        return Err(Rejected::Used { resource });
    }
    Ok([resumed].into_iter().chain(limits::shares_anew(crew, &after)).collect())
}

fn quiet(crew: &Crew, at: Timestamp) -> Result<CrewEvent, Rejected> {
    let (outcome, reason) = match crew.halt.as_ref().ok_or(Rejected::Stale)? {
        Halt::Stop { .. } => (Outcome::Stopped, "it was asked to stop".to_owned()),
        Halt::Failure { reason } => (Outcome::Failed, reason.clone()),
    };
    Ok(CrewEvent::CrewEnded { outcome, reason, at: Some(at) })
}

fn on_returned(crew: &Crew, run: &RunId, returned: &Returned) -> Result<Vec<CrewEvent>, Rejected> {
    let is_it =
        |errand: &&Errand| errand.run.as_ref() == Some(run) && errand.standing == Standing::Running;
    let errand = crew.tasks.iter().find(is_it).ok_or(Rejected::Stale)?;
    let Returned { outcome, reason, result, outside, spend, calls } = returned.clone();
    let (task, run) = (errand.task.id.clone(), run.clone());
    let event = CrewEvent::TaskReturned {
        task: task.clone(),
        run,
        outcome,
        reason: reason.clone(),
        result: result.clone(),
        outside: outside.clone(),
        spend,
        calls,
    };
    let then = match outcome {
        Outcome::Stopped => None,
        Outcome::Verified | Outcome::VerifiedWithGaps if result.is_some() => {
            let why = SentBack::OutOfScope { paths: outside };
            (!is_usable(&why)).then(|| queue::back_or_fail(errand, why))
        }
        Outcome::Verified | Outcome::VerifiedWithGaps => {
            let (outcome, reason) = (Outcome::Failed, "it left nothing behind".to_owned());
            Some(CrewEvent::TaskFailed { task, outcome, reason })
        }
        _ => Some(CrewEvent::TaskFailed { task, outcome, reason }),
    };
    Ok([event].into_iter().chain(then).collect())
}

fn is_usable(why: &SentBack) -> bool {
    matches!(why, SentBack::OutOfScope { paths } if paths.is_empty())
}

fn on_turned(
    crew: &Crew,
    turn: EffectId,
    result: &Turned,
    at: Timestamp,
) -> Result<Vec<CrewEvent>, Rejected> {
    if turn != crew.turn {
        return Err(Rejected::Stale);
    }
    let events = match result {
        // Offered again when the crew is taken up.
        Turned::Interrupted | Turned::Failed { .. } if crew.halt.is_some() => Some(Vec::new()),
        Turned::Interrupted => Some(halted("it was interrupted without being asked to".to_owned())),
        Turned::Failed { reason } => Some(halted(reason.clone())),
        Turned::Prepared(base) if crew.base.is_none() => {
            Some(vec![CrewEvent::BasePrepared { base: base.clone() }])
        }
        Turned::Prepared(_) => None,
        Turned::Joined { chain, conflicts } => queue::on_joined(crew, chain, conflicts),
        Turned::Judged(judged) => queue::on_judged(crew, judged),
        Turned::Landed => queue::on_landed(crew),
        Turned::Written { evidence, report } => crew.ending.as_ref().map(|ending| {
            let written =
                CrewEvent::ResultWritten { evidence: evidence.clone(), report: report.clone() };
            let (outcome, reason) = (ending.outcome, ending.reason.clone());
            vec![written, CrewEvent::CrewEnded { outcome, reason, at: Some(at) }]
        }),
    };
    events.ok_or(Rejected::Mismatch)
}

fn halted(reason: String) -> Vec<CrewEvent> {
    vec![CrewEvent::CrewHalted { reason }]
}
