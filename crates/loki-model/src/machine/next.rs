//! What follows a judgement: the end, a wait, or a further iteration.

use crate::{AgentOutcome, Claim, Ending, Event, Outcome, Run, Timestamp, Verdict};

/// Calls in a row that may fail for reasons of the agent itself before it is given up.
pub(super) const FAILED_CALLS_MAX: u32 = 3;
/// Calls in a row that may be turned away for load or limits before the agent is given up.
pub(super) const TURNED_AWAY_MAX: u32 = 6;
/// The same tree with the same findings, this often: the run goes in circles.
pub(super) const REPEATS_MAX: usize = 3;
/// The first wait after being turned away; it doubles each time.
const WAIT_FIRST_MS: i64 = 15_000;
/// The longest wait that is not told by the service.
const WAIT_OWN_MAX_MS: i64 = 600_000;
/// A service that wants a longer wait than this ends the run instead.
const WAIT_TOLD_MAX_MS: i64 = 6 * 3_600_000;

/// Decides how `run`, whose newest tree has just been judged, goes on.
pub(super) fn after_judgement(run: &Run, at: Timestamp) -> Vec<Event> {
    match ending(run, at) {
        Some(ending) => vec![Event::CloseStarted { ending }],
        None => match wait(run, at) {
            Some((until, reason)) => vec![Event::WaitStarted { until, reason }],
            None => vec![Event::IterationStarted { iteration: run.iteration + 1 }],
        },
    }
}

/// The limit that forbids a further call, as a sentence for people.
pub(super) fn limit_in_the_way(run: &Run) -> Option<&'static str> {
    if run.calls >= run.settings.iterations_max {
        Some("all agent calls are used; raise the limit with --max-iterations")
    } else if run.budget_left().is_some_and(|left| left.0 == 0) {
        Some("the budget is used; raise it with --budget")
    } else {
        None
    }
}

fn ending(run: &Run, at: Timestamp) -> Option<Ending> {
    let end = |outcome, reason: String| Some(Ending { outcome, reason });
    let verdict = run.verdict().unwrap_or(Verdict::Blocked);
    let claimed = run.claim() == Claim::Done && !run.last_call_lost;
    if verdict == Verdict::Verified && claimed {
        return end(Outcome::Verified, "every required gate passed".to_owned());
    }
    if verdict == Verdict::Concerns && claimed && same_complaint_twice(run) {
        let reason = "a further attempt did not resolve what could not be shown".to_owned();
        return end(Outcome::VerifiedWithGaps, reason);
    }
    if let Some(ending) = agent_given_up(run, at) {
        return Some(ending);
    }
    let limit = if run.calls >= run.settings.iterations_max {
        let calls = run.settings.iterations_max;
        let plural = if calls == 1 { "" } else { "s" };
        (Outcome::IterationsExhausted, format!("{calls} agent call{plural} allowed, all used"))
    } else if out_of_money(run) {
        let charged = run.spend.charged();
        (Outcome::BudgetExhausted, format!("{charged} charged against the budget"))
    } else if goes_in_circles(run) {
        let reason = format!("the same tree with the same findings came up {REPEATS_MAX} times");
        (Outcome::Stagnated, reason)
    } else {
        return None;
    };
    match verdict {
        Verdict::Blocked => end(limit.0, limit.1),
        Verdict::Concerns => end(
            Outcome::VerifiedWithGaps,
            format!("not everything could be shown, and {}", limit.1),
        ),
        // Gates pass, but nobody claims that the work is finished.
        Verdict::Verified => end(
            Outcome::VerifiedWithGaps,
            format!("gates pass, but the agent did not say it had finished; {}", limit.1),
        ),
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

fn agent_given_up(run: &Run, at: Timestamp) -> Option<Ending> {
    let call = run.last_call.as_ref()?;
    let max = if turned_away(&call.outcome) { TURNED_AWAY_MAX } else { FAILED_CALLS_MAX };
    let provider = &run.settings.provider;
    let label = call.outcome.label();
    let reason = if run.failed_calls >= max {
        format!("{max} calls of `{provider}` in a row failed, the last one: {label}")
    } else if let Some(until) = call.outcome.retry_not_before()
        && until.millis_since(at) > WAIT_TOLD_MAX_MS.unsigned_abs()
    {
        let hours = until.millis_since(at) / 3_600_000;
        format!("`{provider}` is {label} and asks to come back in {hours} hours")
    } else {
        return None;
    };
    Some(Ending { outcome: Outcome::AgentUnavailable, reason })
}

fn turned_away(outcome: &AgentOutcome) -> bool {
    matches!(
        outcome,
        AgentOutcome::RateLimited { .. } | AgentOutcome::Overloaded | AgentOutcome::Quota { .. }
    )
}

fn wait(run: &Run, at: Timestamp) -> Option<(Timestamp, String)> {
    let call = run.last_call.as_ref().filter(|_| !run.last_call_lost)?;
    if !turned_away(&call.outcome) {
        return None;
    }
    let doubled = WAIT_FIRST_MS << run.failed_calls.saturating_sub(1).min(10);
    let own = Timestamp(at.0.saturating_add(doubled.min(WAIT_OWN_MAX_MS)));
    let until = call.outcome.retry_not_before().unwrap_or(own).max(at);
    Some((until, call.outcome.label().to_owned()))
}
