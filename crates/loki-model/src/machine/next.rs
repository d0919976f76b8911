//! What follows a judgement: the end, a wait, or a further iteration.

use super::failover::{self, Remedy, remedy};
use super::limits;
use crate::{Claim, Ending, Event, Outcome, Run, Timestamp, Verdict};

/// The same tree with the same findings, this often: the run goes in circles.
pub(super) const REPEATS_MAX: usize = 3;

/// The same findings, this often in a row, whatever was changed: nothing that is tried helps.
pub(super) const ALIKE_MAX: usize = 4;

/// Decides how `run`, whose newest tree has just been judged, goes on.
pub(super) fn after_judgement(run: &Run, at: Timestamp) -> Vec<Event> {
    let remedy = remedy(run, at);
    match ending(run, at, &remedy) {
        Some(ending) => vec![Event::CloseStarted { ending }],
        None => [failover::returned(run, at), after_remedy(run, at, remedy)].concat(),
    }
}

/// What follows when the run goes on.
pub(super) fn after_remedy(run: &Run, at: Timestamp, remedy: Remedy) -> Vec<Event> {
    let window = failover::waits_for_allowance(run, at);
    let next = Event::IterationStarted { iteration: run.iteration + 1 };
    match remedy {
        Remedy::None => vec![next],
        Remedy::Wait { until, reason } => vec![Event::WaitStarted { until, reason, window }],
        Remedy::AnotherModel { agent, model } => {
            vec![Event::ModelUnavailable { agent, model }, next]
        }
        Remedy::RestModel { agent, model, reason, back_at } => {
            vec![Event::ModelRested { agent, model, reason, back_at }, next]
        }
        Remedy::Switch { to, reason, back_at, wait } => {
            let (from, to, index) = (run.active_agent().to_owned(), run.offer(to).agent, to);
            let waits =
                wait.map(|until| Event::WaitStarted { until, reason: reason.clone(), window });
            let then = waits.unwrap_or(next);
            vec![Event::AgentSwitched { from, to, index, reason, back_at }, then]
        }
        Remedy::Ask => {
            vec![Event::RunPaused { now: false, by: "loki".to_owned(), at: Some(at) }, next]
        }
        Remedy::GiveUp(ending) => vec![Event::CloseStarted { ending }],
    }
}

fn ending(run: &Run, at: Timestamp, remedy: &Remedy) -> Option<Ending> {
    let end = |outcome, reason: String| Some(Ending { outcome, reason });
    let verdict = run.verdict().unwrap_or(Verdict::Blocked);
    let claimed = run.claim() == Claim::Done;
    if verdict == Verdict::Verified && claimed {
        return end(Outcome::Verified, "every required gate passed".to_owned());
    }
    if verdict == Verdict::Concerns
        && claimed
        && let Some(missing) = missing_on_this_machine(run)
    {
        // A further attempt could not help, and would cost money.
        return end(Outcome::VerifiedWithGaps, format!("this machine can not show it: {missing}"));
    }
    if verdict == Verdict::Concerns && claimed && same_complaint_twice(run) {
        let reason = "a further attempt did not resolve what could not be shown".to_owned();
        return end(Outcome::VerifiedWithGaps, reason);
    }
    if let Remedy::GiveUp(ending) = remedy {
        return Some(ending.clone());
    }
    let (outcome, limit) = limit_reached(run, at, remedy)?;
    match verdict {
        Verdict::Concerns if claimed => {
            end(Outcome::VerifiedWithGaps, format!("not everything could be shown, and {limit}"))
        }
        // Gates pass, but nobody claims that the work is finished.
        Verdict::Verified => end(
            Outcome::VerifiedWithGaps,
            format!("gates pass, but the agent did not say it had finished; {limit}"),
        ),
        Verdict::Concerns | Verdict::Blocked => end(outcome, limit),
    }
}

/// A limit on what may still be tried, and how a run ends at it.
fn limit_reached(run: &Run, at: Timestamp, remedy: &Remedy) -> Option<(Outcome, String)> {
    let waits = match remedy {
        Remedy::Wait { until, .. } | Remedy::Switch { wait: Some(until), .. } => {
            limits::no_time_to_wait(run, *until)
        }
        _ => None,
    };
    limits::reached(run, at).or(waits).or_else(|| {
        let reason = if goes_in_circles(run) {
            format!("the same tree with the same findings came up {REPEATS_MAX} times")
        } else if fails_alike(run) {
            format!("{ALIKE_MAX} changes in a row left the same findings")
        } else {
            return None;
        };
        Some((Outcome::Stagnated, reason))
    })
}

/// What every gate that is open could not tell for want of, when it is that alone.
fn missing_on_this_machine(run: &Run) -> Option<String> {
    let (judged, _) = run.judged.as_ref()?;
    let open: Vec<_> = judged.gates.iter().filter(|gate| gate.judgement.is_open()).collect();
    let is_outside = !open.is_empty() && open.iter().all(|gate| gate.environment);
    let summaries = open.iter().map(|gate| format!("{}: {}", gate.gate, gate.summary));
    is_outside.then(|| summaries.collect::<Vec<_>>().join("; "))
}

fn same_complaint_twice(run: &Run) -> bool {
    match run.history.as_slice() {
        [.., before, last] => {
            before.verdict == Verdict::Concerns && before.findings == last.findings
        }
        _ => false,
    }
}

fn goes_in_circles(run: &Run) -> bool {
    let Some(last) = run.history.last() else { return false };
    let same =
        |past: &&crate::PastJudgement| past.tree == last.tree && past.findings == last.findings;
    run.history.iter().filter(same).count() >= REPEATS_MAX
}

/// An agent that says that work is left may well leave the same findings for a while.
fn fails_alike(run: &Run) -> bool {
    if run.claim() != Claim::Done {
        return false;
    }
    let newest = run.history.iter().rev().take(ALIKE_MAX);
    let same = newest.clone().zip(newest.skip(1)).filter(|(late, early)| {
        late.verdict == Verdict::Blocked && late.findings == early.findings
    });
    same.count() + 1 >= ALIKE_MAX
}
