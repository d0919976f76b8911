//! Folding events into a crew. Total: an event that was once recorded can always be applied.

use super::control::{self, Ask};
use super::queue::narrowed;
use super::state::{Crew, Errand, Halt, Joined, Merging, MergingStep, SentBack, Standing};
use super::{CrewEvent, limits};
use crate::{EffectId, Ending, Event, Judged, Outcome, Task, Verdict, outbox};

/// Folds a whole journal. Nothing when it does not begin with [`CrewEvent::CrewCreated`].
pub fn fold<'a>(events: impl IntoIterator<Item = &'a CrewEvent>) -> Option<Crew> {
    let mut events = events.into_iter();
    let mut crew = begin(events.next()?)?;
    events.for_each(|event| apply(&mut crew, event));
    Some(crew)
}

fn begin(first: &CrewEvent) -> Option<Crew> {
    let CrewEvent::CrewCreated { id, at, repo, spec, settings, plan, jobs, tasks } = first else {
        return None;
    };
    Some(Crew {
        id: id.clone(),
        repo: repo.clone(),
        created_at: *at,
        spec: spec.clone(),
        settings: settings.clone(),
        plan: plan.clone(),
        jobs: *jobs,
        tasks: tasks.iter().map(errand).collect(),
        base: None,
        tip: None,
        judged: None,
        queue: Vec::new(),
        merging: None,
        asks: Vec::new(),
        paused: false,
        worked_ms: 0,
        since: Some(*at),
        warned: Vec::new(),
        outbox: Vec::new(),
        discarded: None,
        turn: EffectId(1),
        halt: None,
        ending: None,
        ended: None,
        evidence: None,
    })
}

fn errand(task: &Task) -> Errand {
    Errand {
        task: task.clone(),
        standing: Standing::Waiting,
        attempt: 0,
        run: None,
        from: None,
        share: None,
        tokens: None,
        asked_before: 0,
        result: None,
        sent_back: Vec::new(),
        alone: false,
        spent: Vec::new(),
    }
}

/// Folds one event into `crew`.
pub fn apply(crew: &mut Crew, event: &CrewEvent) {
    match event {
        // A second creation can not happen; the first one counts.
        CrewEvent::CrewCreated { .. } => {}
        CrewEvent::CrewResumed { iterations_max, budget, tokens_max, time_max_ms, at, last_at } => {
            crew.settings.iterations_max = *iterations_max;
            crew.settings.budget = *budget;
            crew.settings.tokens_max = *tokens_max;
            crew.settings.time_max_ms = *time_max_ms;
            limits::stop_clock(crew, *last_at);
            crew.since = *at;
            crew.warned.clear();
            crew.paused = false;
            take_up(crew);
        }
        CrewEvent::CrewAsked { control, by, at } => {
            control::apply(crew, Ask { control: control.clone(), by: by.clone(), at: *at });
        }
        CrewEvent::TaskShareChanged { task, share } => {
            change(crew, task, |errand| errand.share = Some(*share));
        }
        CrewEvent::NearlyUsed { resource, .. } => crew.warned.push(*resource),
        CrewEvent::HappenedAsRun { what } => match &**what {
            Event::WorkspaceDiscarded { kept } => crew.discarded = Some(kept.clone()),
            what => outbox::apply(&mut crew.outbox, what),
        },
        CrewEvent::BasePrepared { base } => {
            crew.tip = Some(Joined { commit: base.commit.clone(), tree: base.tree.clone() });
            crew.base = Some(base.clone());
            next_turn(crew);
        }
        CrewEvent::TaskStarted { task, attempt, run, from, share, tokens } => {
            let asked = crew.asked();
            change(crew, task, |errand| {
                if errand.run.as_ref() != Some(run) {
                    errand.asked_before = asked;
                }
                errand.attempt = *attempt;
                errand.run = Some(run.clone());
                errand.from = Some(from.clone());
                errand.share = *share;
                errand.tokens = *tokens;
                errand.standing = Standing::Running;
            });
        }
        CrewEvent::TaskReturned { task, run, outcome, result, outside, spend, calls, .. } => {
            let is_usable = result.is_some() && outside.is_empty();
            let standing = match outcome {
                Outcome::Stopped => Standing::Stopped,
                Outcome::Verified | Outcome::VerifiedWithGaps if is_usable => Standing::Queued,
                // What follows says which.
                _ => Standing::Waiting,
            };
            if standing == Standing::Queued {
                crew.queue.push(task.clone());
            }
            change(crew, task, |errand| {
                errand.spent.retain(|(of, ..)| of != run);
                errand.spent.push((run.clone(), *spend, *calls));
                errand.result.clone_from(result);
                errand.standing = standing;
            });
        }
        CrewEvent::TaskSentBack { task, why } => {
            crew.queue.retain(|queued| queued != task);
            change(crew, task, |errand| {
                errand.alone |= matches!(why, SentBack::Conflict { .. } | SentBack::Blocked { .. });
                errand.sent_back.push(why.clone());
                errand.standing = Standing::Waiting;
            });
        }
        CrewEvent::TaskFailed { task, outcome, reason } => {
            crew.queue.retain(|queued| queued != task);
            let (outcome, reason) = (*outcome, reason.clone());
            change(crew, task, |errand| {
                errand.alone = false;
                errand.standing = Standing::Failed { outcome, reason };
            });
        }
        CrewEvent::BatchBegun { tasks } => {
            crew.queue.retain(|queued| !tasks.contains(queued));
            tasks.iter().for_each(|task| stand(crew, task, Standing::Joining));
            crew.merging = Some(Merging {
                batch: tasks.clone(),
                step: MergingStep::Join,
                chain: Vec::new(),
                good: 0,
                bad: None,
                judged: None,
                against: None,
            });
        }
        CrewEvent::BatchJoined { chain } => {
            next_turn(crew);
            crew.merging = crew.merging.take().filter(|_| !chain.is_empty()).map(|merging| {
                let step = MergingStep::Judge { count: chain.len() };
                Merging { chain: chain.clone(), step, ..merging }
            });
        }
        CrewEvent::BatchJudged { count, judged, verdict } => {
            next_turn(crew);
            if let Some(merging) = crew.merging.take() {
                on_judged(crew, merging, *count, judged, *verdict);
            }
        }
        CrewEvent::TasksMerged { tasks, joined } => {
            next_turn(crew);
            tasks.iter().for_each(|task| stand(crew, task, Standing::Merged));
            crew.tip = Some(joined.clone());
            crew.judged = crew.merging.take().and_then(|merging| merging.judged);
        }
        CrewEvent::StopRequested { by } => crew.halt = Some(Halt::Stop { by: *by }),
        CrewEvent::CrewHalted { reason } => {
            let reason = reason.clone();
            crew.halt = Some(Halt::Failure { reason });
        }
        CrewEvent::CloseStarted { ending } => crew.ending = Some(ending.clone()),
        CrewEvent::ResultWritten { evidence, .. } => {
            next_turn(crew);
            crew.evidence.clone_from(evidence);
        }
        CrewEvent::CrewEnded { outcome, reason, at } => {
            limits::stop_clock(crew, *at);
            crew.ended = Some(Ending { outcome: *outcome, reason: reason.clone() });
            crew.halt = None;
        }
    }
}

/// Who failed has all chances again. What was cut off while its end was written has that end still.
fn take_up(crew: &mut Crew) {
    crew.halt = None;
    if crew.ended.take().is_some_and(|ending| Some(&ending) == crew.ending.as_ref()) {
        crew.ending = None;
    }
    if crew.ending.is_some() {
        return;
    }
    control::begin_again(crew);
}

fn on_judged(
    crew: &mut Crew,
    mut merging: Merging,
    count: usize,
    judged: &Judged,
    verdict: Verdict,
) {
    (merging.good, merging.bad) = narrowed(merging.good, merging.bad, count, verdict);
    if verdict == Verdict::Blocked {
        merging.against = Some(judged.reports.clone());
    } else {
        merging.judged = Some((judged.clone(), verdict));
    }
    let good = merging.good;
    merging.step = match merging.bad {
        None => MergingStep::Land,
        Some(bad) if bad > good + 1 => MergingStep::Judge { count: usize::midpoint(good, bad) },
        Some(bad) => {
            // What came after the one that breaks it was never looked at for itself.
            let behind: Vec<String> =
                merging.chain.iter().skip(bad).map(|link| link.task.clone()).collect();
            behind.iter().for_each(|task| stand(crew, task, Standing::Queued));
            crew.queue.splice(..0, behind);
            merging.chain.truncate(good);
            MergingStep::Land
        }
    };
    crew.merging = (!merging.chain.is_empty()).then_some(merging);
}

fn next_turn(crew: &mut Crew) {
    crew.turn = EffectId(crew.turn.0 + 1);
}

fn stand(crew: &mut Crew, task: &str, standing: Standing) {
    change(crew, task, |errand| {
        errand.alone &= standing != Standing::Merged;
        errand.standing = standing;
    });
}

fn change(crew: &mut Crew, task: &str, change: impl FnOnce(&mut Errand)) {
    if let Some(errand) = crew.tasks.iter_mut().find(|errand| errand.task.id == task) {
        change(errand);
    }
}
