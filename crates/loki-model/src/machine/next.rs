//! What follows a judgement: the end, a wait, or a further iteration.

use super::failover::{self, Remedy, remedy};
use crate::{AgentOutcome, Claim, Ending, Event, Outcome, Rejected, Run, Timestamp, Verdict};

/// The same tree with the same findings, this often: the run goes in circles.
pub(super) const REPEATS_MAX: usize = 3;

/// Decides how `run`, whose newest tree has just been judged, goes on.
pub(super) fn after_judgement(run: &Run, at: Timestamp) -> Vec<Event> {
    let remedy = remedy(run, at);
    match ending(run, &remedy) {
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
        Remedy::Ask => vec![Event::RunPaused { now: false, by: "loki".to_owned() }, next],
        Remedy::GiveUp(ending) => vec![Event::CloseStarted { ending }],
    }
}

/// The limit that forbids a further call.
pub(super) fn limit_in_the_way(run: &Run) -> Option<Rejected> {
    if run.calls >= run.settings.iterations_max {
        Some(Rejected::CallsUsed)
    } else if run.budget_left().is_some_and(|left| left.0 == 0) {
        Some(Rejected::BudgetUsed)
    } else {
        None
    }
}

fn ending(run: &Run, remedy: &Remedy) -> Option<Ending> {
    let end = |outcome, reason: String| Some(Ending { outcome, reason });
    let verdict = run.verdict().unwrap_or(Verdict::Blocked);
    let claimed = run.claim() == Claim::Done;
    if verdict == Verdict::Verified && claimed {
        return end(Outcome::Verified, "every required gate passed".to_owned());
    }
    if verdict == Verdict::Concerns && claimed && same_complaint_twice(run) {
        let reason = "a further attempt did not resolve what could not be shown".to_owned();
        return end(Outcome::VerifiedWithGaps, reason);
    }
    if let Remedy::GiveUp(ending) = remedy {
        return Some(ending.clone());
    }
    let (outcome, limit) = limit_reached(run)?;
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
fn limit_reached(run: &Run) -> Option<(Outcome, String)> {
    if run.calls >= run.settings.iterations_max {
        let calls = run.settings.iterations_max;
        let plural = if calls == 1 { "" } else { "s" };
        Some((
            Outcome::IterationsExhausted,
            format!("{calls} agent call{plural} allowed, all used"),
        ))
    } else if out_of_money(run) {
        let charged = run.spend.charged();
        Some((Outcome::BudgetExhausted, format!("{charged} charged against the budget")))
    } else if goes_in_circles(run) {
        let reason = format!("the same tree with the same findings came up {REPEATS_MAX} times");
        Some((Outcome::Stagnated, reason))
    } else {
        None
    }
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

fn out_of_money(run: &Run) -> bool {
    let told = run.last_call.as_ref().is_some_and(|c| c.outcome == AgentOutcome::BudgetReached);
    run.budget_left().is_some_and(|left| left.0 == 0 || told)
}
