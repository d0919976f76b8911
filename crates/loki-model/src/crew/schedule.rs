//! What is begun next: tasks within the limits, a batch of results, the end.

use super::decide::{Now, folded};
use super::limits::share;
use super::state::{Crew, Errand, Jobs, Joined, Standing};
use super::{CrewEvent, apply};
use crate::{Digest, Ending, Outcome, Resource, RunId, Timestamp, Verdict};

/// Everything that can be begun now.
pub(super) fn schedule(crew: &Crew, now: Now) -> Vec<CrewEvent> {
    let mut crew = folded(crew, &[]);
    let mut events = Vec::new();
    while let Some(event) = next(&crew, now) {
        apply(&mut crew, &event);
        events.push(event);
    }
    events
}

fn next(crew: &Crew, now: Now) -> Option<CrewEvent> {
    let tip = crew.tip.as_ref()?;
    if crew.halt.is_some() || crew.paused || crew.ending.is_some() || crew.ended.is_some() {
        return None;
    }
    next_task(crew, tip, now).or_else(|| next_batch(crew, now)).or_else(|| the_end(crew, now.at))
}

fn next_task(crew: &Crew, tip: &Joined, Now { at, room, .. }: Now) -> Option<CrewEvent> {
    let jobs = match crew.jobs {
        Jobs::UpTo(jobs) => jobs.min(room),
        Jobs::Auto => room,
    };
    if crew.running() >= usize::try_from(jobs.max(1)).unwrap_or(usize::MAX) {
        return None;
    }
    // Those whose runs were cut off first, then those that hold everything up, then as they were given.
    let rank = |errand: &&Errand| (errand.standing != Standing::Stopped, !errand.alone);
    let errand = crew.tasks.iter().filter(|errand| can_begin(crew, errand)).min_by_key(rank)?;
    let share = share(crew, errand, at)?;
    let goes_on = errand.standing == Standing::Stopped;
    let attempt = if goes_on { errand.attempt } else { errand.attempt + 1 };
    let run = errand.run.clone().filter(|_| goes_on);
    let from = errand.from.clone().filter(|_| goes_on);
    Some(CrewEvent::TaskStarted {
        task: errand.task.id.clone(),
        attempt,
        run: run.unwrap_or_else(|| name(crew, &errand.task.id, attempt)),
        from: from.unwrap_or_else(|| tip.clone()),
        share: share.budget,
        tokens: share.tokens,
    })
}

fn can_begin(crew: &Crew, errand: &Errand) -> bool {
    match errand.standing {
        Standing::Stopped => true,
        // What it starts from must not move before its own result is there.
        Standing::Waiting if errand.alone => crew.merging.is_none() && !is_held(crew),
        Standing::Waiting => {
            let merged = |task: &String| {
                crew.errand(task).is_some_and(|before| before.standing == Standing::Merged)
            };
            errand.task.after.iter().all(merged)
        }
        _ => false,
    }
}

/// Whether the tip belongs to a task that is done alone.
fn is_held(crew: &Crew) -> bool {
    let holds = |standing: &Standing| {
        matches!(standing, Standing::Running | Standing::Stopped | Standing::Queued)
    };
    crew.tasks.iter().any(|errand| errand.alone && holds(&errand.standing))
}

/// The same name whenever it is asked for, so that a run is never begun twice.
fn name(crew: &Crew, task: &str, attempt: u32) -> RunId {
    let taken = |run: &RunId| {
        let runs = crew.tasks.iter().flat_map(|errand| &errand.spent).map(|(run, ..)| run);
        *run == crew.id
            || runs.chain(crew.tasks.iter().filter_map(|e| e.run.as_ref())).any(|r| r == run)
    };
    let nth = |salt: u32| {
        let digest = Digest::of(format!("{}\0{task}\0{attempt}\0{salt}", crew.id).as_bytes());
        RunId::from_bits(u32::from_str_radix(&digest.as_str()[..8], 16).unwrap_or(salt))
    };
    let mut names = (0..).map(nth);
    names.find(|run| !taken(run)).unwrap_or_else(|| nth(0))
}

fn next_batch(crew: &Crew, Now { at, soon, .. }: Now) -> Option<CrewEvent> {
    if crew.merging.is_some() || crew.queue.is_empty() {
        return None;
    }
    let mut alone = crew.tasks.iter().filter(|errand| errand.alone);
    if let Some(errand) = alone.clone().find(|errand| errand.standing == Standing::Queued) {
        return Some(CrewEvent::BatchBegun { tasks: vec![errand.task.id.clone()] });
    }
    // One judgement of all of them costs less than two, and nobody misses the first.
    if soon > 0 && !is_waited_for(crew) {
        return None;
    }
    let can_pay = crew.used_up(at).is_none();
    let is_to_come = |errand: &Errand| match errand.standing {
        Standing::Running => true,
        // Without money nobody has to wait for it.
        Standing::Waiting | Standing::Stopped => can_pay,
        _ => false,
    };
    let tasks = crew.queue.clone();
    (!alone.any(is_to_come)).then_some(CrewEvent::BatchBegun { tasks })
}

/// Whether a task can not begin before others are merged.
fn is_waited_for(crew: &Crew) -> bool {
    let waits = |errand: &Errand| errand.standing == Standing::Waiting && !can_begin(crew, errand);
    crew.tasks.iter().any(waits)
}

/// Nothing is under way, and nothing can be begun.
fn the_end(crew: &Crew, at: Timestamp) -> Option<CrewEvent> {
    if crew.running() > 0 || crew.merging.is_some() {
        return None;
    }
    let ending = |outcome, reason: String| {
        Some(CrewEvent::CloseStarted { ending: Ending { outcome, reason } })
    };
    let failed = crew.tasks.iter().find_map(|errand| match &errand.standing {
        Standing::Failed { outcome, reason } => Some((errand, *outcome, reason)),
        _ => None,
    });
    let open = crew.tasks.iter().filter(|errand| errand.standing != Standing::Merged).count();
    // A task that all its money, tokens or time kept from an end is one that is left.
    let failed = failed.filter(|(_, outcome, _)| {
        *outcome != Outcome::BudgetExhausted || crew.used_up(at).is_none()
    });
    match (failed, crew.judged.as_ref().map(|(_, verdict)| *verdict)) {
        (Some((errand, outcome, reason)), _) => {
            let of = crew.tasks.len();
            let reason = format!(
                "task {}: {reason} ({} of {of} tasks are merged)",
                errand.task.id,
                of - open
            );
            ending(outcome, reason)
        }
        (None, _) if open > 0 => {
            let used = match crew.used_up(at) {
                Some(resource @ (Resource::Tokens | Resource::Time)) => {
                    let run = crew.as_run();
                    let (used, limit) = run.and_then(|run| run.usage_of(resource, at))?;
                    format!("{} used of {}", resource.shown(used), resource.shown(limit))
                }
                _ => format!("{} charged against the budget", crew.spend().charged()),
            };
            ending(Outcome::BudgetExhausted, format!("{used}, and {open} tasks left"))
        }
        (None, Some(Verdict::Verified)) => ending(
            Outcome::Verified,
            "every task is merged and every required gate passed".to_owned(),
        ),
        (None, _) => ending(
            Outcome::VerifiedWithGaps,
            "every task is merged, but not everything could be shown".to_owned(),
        ),
    }
}
