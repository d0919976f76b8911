//! What follows a judgement: the end, a wait, or a further iteration.

use crate::{AgentOutcome, Claim, Ending, Event, Outcome, Rejected, Run, Timestamp, Verdict};

/// Calls without a good one between them that may fail for reasons of the agent itself.
pub(super) const FAILED_CALLS_MAX: u32 = 3;
/// Calls without a good one between them that the agent's service may turn away.
pub(super) const TURNED_AWAY_MAX: u32 = 6;
/// The same tree with the same findings, this often: the run goes in circles.
pub(super) const REPEATS_MAX: usize = 3;
/// The first wait after being turned away; it doubles each time.
const WAIT_FIRST_MS: i64 = 15_000;
/// The longest wait that is not told by the service.
const WAIT_OWN_MAX_MS: i64 = 600_000;
/// A service that wants a longer wait than this ends the run instead.
const WAIT_TOLD_MAX_MS: u64 = 6 * 3_600_000;

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

/// The end of a run whose agent needs a person before any further call.
pub(super) fn agent_can_not_work(run: &Run) -> Option<Ending> {
    let provider = &run.settings.provider;
    let reason = match &run.last_call.as_ref()?.outcome {
        outcome if !outcome.is_permanent() => return None,
        AgentOutcome::Auth => format!("`{provider}` is not logged in"),
        AgentOutcome::ModelNotFound => match &run.settings.model {
            Some(model) => format!("`{provider}` does not offer the model `{model}`"),
            None => format!("`{provider}` does not offer the model it is set to use"),
        },
        AgentOutcome::NotStarted { detail } => detail.clone(),
        other => format!("`{provider}`: {}", other.label()),
    };
    Some(Ending { outcome: Outcome::AgentUnavailable, reason })
}

fn ending(run: &Run, at: Timestamp) -> Option<Ending> {
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
    if let Some(ending) = agent_given_up(run, at) {
        return Some(ending);
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

fn agent_given_up(run: &Run, at: Timestamp) -> Option<Ending> {
    let call = run.last_call.as_ref()?;
    let (provider, label) = (&run.settings.provider, call.outcome.label());
    let reason = if run.failed_calls >= FAILED_CALLS_MAX {
        format!("{FAILED_CALLS_MAX} calls of `{provider}` in a row failed, the last one: {label}")
    } else if run.turned_away >= TURNED_AWAY_MAX {
        format!("{TURNED_AWAY_MAX} calls of `{provider}` were turned away, the last one: {label}")
    } else if let Some(until) = call.outcome.retry_not_before()
        && until.millis_since(at) > WAIT_TOLD_MAX_MS
    {
        let hours = until.millis_since(at) / 3_600_000;
        format!("`{provider}` is {label} and asks to come back in {hours} hours")
    } else {
        return None;
    };
    Some(Ending { outcome: Outcome::AgentUnavailable, reason })
}

/// Until the service's own moment, and never shorter than a wait that doubles each time.
fn wait(run: &Run, at: Timestamp) -> Option<(Timestamp, String)> {
    let outcome = &run.last_call.as_ref()?.outcome;
    if !outcome.is_turned_away() {
        return None;
    }
    let doubled = WAIT_FIRST_MS << run.turned_away.saturating_sub(1).min(10);
    let own = Timestamp(at.0.saturating_add(doubled.min(WAIT_OWN_MAX_MS)));
    let until = outcome.retry_not_before().map_or(own, |told| told.max(own));
    Some((until, outcome.label().to_owned()))
}
