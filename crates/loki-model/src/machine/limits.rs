//! What a run may use: calls, money, tokens, time.

use super::Rejected;
use crate::{AgentOutcome, Event, Outcome, Resource, Run, Timestamp};

/// From this part of a limit on it is said that little is left.
pub(crate) const NEARLY: (u64, u64) = (80, 100);

/// The limit that forbids a further call.
pub(super) fn in_the_way(run: &Run, at: Timestamp) -> Option<Rejected> {
    if run.calls >= run.settings.iterations_max {
        return Some(Rejected::CallsUsed);
    }
    let is_used = |resource: &Resource| is_used(run, *resource, at);
    Resource::ALL.into_iter().find(is_used).map(|resource| Rejected::Used { resource })
}

/// The limit that is reached, and how a run ends at it.
pub(super) fn reached(run: &Run, at: Timestamp) -> Option<(Outcome, String)> {
    if run.calls >= run.settings.iterations_max {
        let calls = run.settings.iterations_max;
        let plural = if calls == 1 { "" } else { "s" };
        let reason = format!("{calls} agent call{plural} allowed, all used");
        return Some((Outcome::IterationsExhausted, reason));
    }
    if let Some(resource) = Resource::ALL.into_iter().find(|of| is_used(run, *of, at)) {
        let (used, limit) = run.usage_of(resource, at).unwrap_or_default();
        let (used, limit) = (resource.shown(used), resource.shown(limit));
        let reason = match resource {
            Resource::Money => format!("{used} charged against the budget of {limit}"),
            Resource::Tokens | Resource::Time => format!("{used} used of {limit}"),
        };
        return Some((Outcome::BudgetExhausted, reason));
    }
    let call = run.last_call.as_ref();
    let is_limited = run.settings.budget.is_some() || run.settings.tokens_max.is_some();
    if is_limited && call.is_some_and(|call| call.outcome == AgentOutcome::BudgetReached) {
        let reason = "a call used what was left of the budget".to_owned();
        return Some((Outcome::BudgetExhausted, reason));
    }
    if run.cost_denied {
        let reason = "the cost of a call is not known, and such calls are not allowed".to_owned();
        return Some((Outcome::BudgetExhausted, reason));
    }
    None
}

/// The end of a run that would have to wait until `until`, for longer than it has time.
pub(super) fn no_time_to_wait(run: &Run, until: Timestamp) -> Option<(Outcome, String)> {
    if run.deadline().is_none_or(|deadline| until < deadline) {
        return None;
    }
    let limit = Resource::Time.shown(run.settings.time_max_ms.unwrap_or(0));
    let reason = format!("it would have to wait for longer than what is left of its {limit}");
    Some((Outcome::BudgetExhausted, reason))
}

/// What of `run` is nearly used and was not said to be.
pub(crate) fn warnings(run: &Run, at: Timestamp) -> Vec<Event> {
    let unsaid = Resource::ALL.into_iter().filter(|resource| !run.warned.contains(resource));
    let warning = |resource: Resource| {
        let (used, limit) = run.usage_of(resource, at)?;
        let (part, whole) = NEARLY;
        let is_near = u128::from(used) * u128::from(whole) >= u128::from(limit) * u128::from(part);
        is_near.then_some(Event::NearlyUsed { resource, used, limit })
    };
    unsaid.filter_map(warning).collect()
}

fn is_used(run: &Run, resource: Resource, at: Timestamp) -> bool {
    run.usage_of(resource, at).is_some_and(|(used, limit)| used >= limit)
}
