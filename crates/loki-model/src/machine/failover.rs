//! What follows from how a call ended: nothing, patience, another model, another agent, or the end.
//! The only place that weighs these against each other.

use crate::{AgentOutcome, Breaker, Ending, Event, OnQuota, Outcome, Reason, Run, Timestamp};

/// Calls without a good one between them that may fail for reasons of the agent itself.
pub(super) const FAILED_CALLS_MAX: u32 = 3;
/// Calls without a good one between them that the agent's service may turn away.
pub(super) const TURNED_AWAY_MAX: u32 = 6;
/// Calls that an overloaded service may turn away before another agent takes over.
const OVERLOADED_MAX: u32 = 2;
/// The first wait after being turned away; it doubles each time.
const WAIT_FIRST_MS: i64 = 15_000;
/// The longest wait that is not told by the service.
const WAIT_OWN_MAX_MS: i64 = 600_000;
/// A service that wants a longer wait than this ends the run instead.
const WAIT_TOLD_MAX_MS: u64 = 6 * 3_600_000;
/// A shorter wait is cheaper than making another agent read everything anew.
const WAIT_RATHER_MS: u64 = 60_000;
/// How long an agent is left alone that was left once; it doubles each time.
const COOL_DOWN_FIRST_MS: i64 = 300_000;
/// The longest of these.
const COOL_DOWN_MAX_MS: i64 = 3_600_000;

/// What is done about how the newest call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the next call is made as usual.
    None,
    /// The same agent is asked again, later.
    Wait { until: Timestamp, reason: String },
    /// The model is not to be had: its tier is served with another one.
    AnotherModel { agent: String, model: String },
    /// The model turns away too often: its tier is served with another one for a while.
    RestModel { agent: String, model: String, reason: String, back_at: Timestamp },
    /// Another agent takes over, at once or when it may be tried again.
    Switch { to: usize, reason: String, back_at: Option<Timestamp>, wait: Option<Timestamp> },
    /// Someone has to say that the run may go on.
    Ask,
    /// Nobody can go on.
    GiveUp(Ending),
}

/// Weighs what can be done about how the newest call ended.
///
/// Another agent takes over when the active one needs a person, keeps failing, used up an allowance, or
/// was turned away for longer than it takes to wait; where only its model is overloaded, another model of
/// it is asked first. The one that is left is not tried again before its
/// cool-down is over, which doubles each time in a row; nothing goes back to it by itself. Agents are
/// tried in the order of the chain, from the active one on. With nobody to take over, short troubles are
/// waited out and long ones end the run.
///
/// A run that has waited for allowances as often as it may by itself does so no more.
pub(super) fn remedy(run: &Run, at: Timestamp) -> Remedy {
    let remedy = weighed(run, at);
    let waits = matches!(remedy, Remedy::Wait { .. } | Remedy::Switch { wait: Some(_), .. });
    match run.settings.resumes_max {
        Some(max) if waits && waits_for_allowance(run, at) && run.resumes >= max => {
            let plural = if max == 1 { "" } else { "s" };
            let agent = run.active_agent();
            let reason =
                format!("`{agent}` is used up, and the run may go on by itself {max} time{plural}");
            Remedy::GiveUp(ended(run, reason))
        }
        _ => remedy,
    }
}

/// Whether the newest call was turned away because an allowance is used up.
pub(super) fn waits_for_allowance(run: &Run, at: Timestamp) -> bool {
    run.last_call.as_ref().is_some_and(|call| is_used_up(at, &call.outcome))
}

fn weighed(run: &Run, at: Timestamp) -> Remedy {
    let Some(call) = &run.last_call else { return Remedy::None };
    let outcome = &call.outcome;
    if run.choice.as_ref().is_some_and(|choice| choice.agent != run.active_agent()) {
        // The user has chosen who goes on.
        return Remedy::None;
    }
    if outcome.is_permanent() {
        if let Some(remedy) = another_model(run, outcome) {
            return remedy;
        }
        let reason = outcome.label().to_owned();
        return switch(run, at, reason, None).unwrap_or_else(|| Remedy::GiveUp(can_not_work(run)));
    }
    if *outcome == AgentOutcome::Overloaded
        && run.turned_away >= OVERLOADED_MAX
        && let Some((agent, model, Some(_))) = replaceable_model(run)
    {
        let doubled = doubled(COOL_DOWN_FIRST_MS, trips(run, &agent, Some(&model)));
        let back_at = Timestamp(at.0.saturating_add(doubled.min(COOL_DOWN_MAX_MS)));
        return Remedy::RestModel { agent, model, reason: outcome.label().to_owned(), back_at };
    }
    let wait = wait(run, at, outcome);
    match run.settings.on_quota {
        OnQuota::Ask if is_used_up(at, outcome) => return Remedy::Ask,
        OnQuota::Stop if is_used_up(at, outcome) => {
            let reason = format!("`{}` is {}", run.active_agent(), outcome.label());
            return Remedy::GiveUp(ended(run, reason));
        }
        OnQuota::Wait if is_used_up(at, outcome) && run.turned_away < TURNED_AWAY_MAX => {
            let until = wait.unwrap_or(at);
            return Remedy::Wait { until, reason: outcome.label().to_owned() };
        }
        _ => {}
    }
    if is_to_be_left(run, at, outcome) {
        let back_at = Some(cool_down(run, at, outcome));
        let switch = switch(run, at, outcome.label().to_owned(), back_at);
        // Whoever can go on first does; a wait for another agent is worth it only when it is shorter.
        let sooner = |switch: &Remedy| match (switch, &wait) {
            (Remedy::Switch { wait: Some(theirs), .. }, Some(ours)) => theirs < ours,
            _ => true,
        };
        if let Some(switch) = switch.filter(sooner) {
            return switch;
        }
    }
    if let Some(ending) = given_up(run, at) {
        return Remedy::GiveUp(ending);
    }
    match wait {
        Some(until) => Remedy::Wait { until, reason: outcome.label().to_owned() },
        None => Remedy::None,
    }
}

/// How often in a row `agent`, or its `model`, had to be left.
pub(super) fn trips(run: &Run, agent: &str, model: Option<&str>) -> u32 {
    run.breakers.iter().find(|b| b.is_of(agent, model)).map_or(0, |breaker| breaker.trips)
}

/// The models whose rest is over.
pub(super) fn returned(run: &Run, at: Timestamp) -> Vec<Event> {
    let over = |breaker: &&Breaker| breaker.open_until.is_some_and(|until| until <= at);
    let rests = run.breakers.iter().filter(over);
    let models = rests.filter_map(|rest| Some((rest.agent.clone(), rest.model.clone()?)));
    models.map(|(agent, model)| Event::ModelReturned { agent, model }).collect()
}

fn doubled(first_ms: i64, times: u32) -> i64 {
    first_ms << times.min(10)
}

/// Whether the active agent is to be left, if another one can take over.
fn is_to_be_left(run: &Run, at: Timestamp, outcome: &AgentOutcome) -> bool {
    match outcome {
        AgentOutcome::RateLimited { .. } | AgentOutcome::Quota { .. } => is_used_up(at, outcome),
        AgentOutcome::Overloaded => run.turned_away >= OVERLOADED_MAX,
        AgentOutcome::Completed | AgentOutcome::BudgetReached | AgentOutcome::Cancelled => false,
        _ => run.failed_calls >= FAILED_CALLS_MAX,
    }
}

/// Whether an allowance is used up, for longer than it takes to wait or nobody knows how long.
fn is_used_up(at: Timestamp, outcome: &AgentOutcome) -> bool {
    match outcome {
        AgentOutcome::RateLimited { until } | AgentOutcome::Quota { until } => {
            until.is_none_or(|until| until.millis_since(at) > WAIT_RATHER_MS)
        }
        _ => false,
    }
}

/// When the active agent may be tried again once it is left.
fn cool_down(run: &Run, at: Timestamp, outcome: &AgentOutcome) -> Timestamp {
    let doubled = doubled(COOL_DOWN_FIRST_MS, trips(run, run.active_agent(), None));
    let own = Timestamp(at.0.saturating_add(doubled.min(COOL_DOWN_MAX_MS)));
    outcome.retry_not_before().map_or(own, |told| told.max(own))
}

/// The next agent of the chain that may be called, or else the one that may be soonest.
fn switch(run: &Run, at: Timestamp, reason: String, back_at: Option<Timestamp>) -> Option<Remedy> {
    let agents = run.agents();
    let others = (1..agents).map(|step| (run.active + step) % agents);
    let free_at = |index: usize| {
        let agent = run.settings.agents.get(index)?.agent.as_str();
        match run.breakers.iter().find(|breaker| breaker.is_of(agent, None)) {
            None => Some(at),
            Some(breaker) => breaker.open_until.map(|until| until.max(at)),
        }
    };
    let free = others.filter_map(|index| Some((index, free_at(index)?)));
    // The first of those that may be called at once: the order is the user's.
    let (to, when) = free.min_by_key(|(_, when)| *when)?;
    if when.millis_since(at) > WAIT_TOLD_MAX_MS {
        return None;
    }
    Some(Remedy::Switch { to, reason, back_at, wait: (when > at).then_some(when) })
}

/// What loki chose by itself is replaced where it is not offered; what the user named is not.
fn another_model(run: &Run, outcome: &AgentOutcome) -> Option<Remedy> {
    if *outcome != AgentOutcome::ModelNotFound {
        return None;
    }
    let (agent, model, _) = replaceable_model(run)?;
    Some(Remedy::AnotherModel { agent, model })
}

/// The agent and the model of the newest call, where loki can ask for another one in its place, and that
/// one; nothing stands for the agent's own choice.
fn replaceable_model(run: &Run) -> Option<(String, String, Option<String>)> {
    let choice = run.choice.as_ref()?;
    if !matches!(choice.reason, Reason::Offered | Reason::Collapsed { .. }) {
        return None;
    }
    let (agent, model) = (choice.agent.clone(), choice.model.clone()?);
    let mut after = run.clone();
    after.unavailable.push((agent.clone(), model.clone()));
    let next = after.choose(choice.tier).model;
    (next.as_ref() != Some(&model)).then_some((agent, model, next))
}

/// Until the service's own moment, and never shorter than a wait that doubles each time.
fn wait(run: &Run, at: Timestamp, outcome: &AgentOutcome) -> Option<Timestamp> {
    if !outcome.is_turned_away() {
        return None;
    }
    let doubled = doubled(WAIT_FIRST_MS, run.turned_away.saturating_sub(1));
    let own = Timestamp(at.0.saturating_add(doubled.min(WAIT_OWN_MAX_MS)));
    Some(outcome.retry_not_before().map_or(own, |told| told.max(own)))
}

/// The end of a run whose agent needs a person before any further call.
fn can_not_work(run: &Run) -> Ending {
    let agent = run.active_agent();
    let reason = match run.last_call.as_ref().map(|call| &call.outcome) {
        Some(AgentOutcome::Auth) => format!("`{agent}` is not logged in"),
        Some(AgentOutcome::ModelNotFound) => {
            match run.choice.as_ref().and_then(|choice| choice.model.as_deref()) {
                Some(model) => format!("`{agent}` does not offer the model `{model}`"),
                None => format!("`{agent}` does not offer the model it is set to use"),
            }
        }
        Some(AgentOutcome::NotStarted { detail }) => detail.clone(),
        Some(other) => format!("`{agent}`: {}", other.label()),
        None => format!("`{agent}` can not work"),
    };
    ended(run, reason)
}

fn given_up(run: &Run, at: Timestamp) -> Option<Ending> {
    let call = run.last_call.as_ref()?;
    let (agent, label) = (run.active_agent(), call.outcome.label());
    let reason = if run.failed_calls >= FAILED_CALLS_MAX {
        format!("{FAILED_CALLS_MAX} calls of `{agent}` in a row failed, the last one: {label}")
    } else if run.turned_away >= TURNED_AWAY_MAX {
        format!("{TURNED_AWAY_MAX} calls of `{agent}` were turned away, the last one: {label}")
    } else if let Some(until) = call.outcome.retry_not_before()
        && until.millis_since(at) > WAIT_TOLD_MAX_MS
    {
        let hours = until.millis_since(at) / 3_600_000;
        format!("`{agent}` is {label} and asks to come back in {hours} hours")
    } else {
        return None;
    };
    Some(ended(run, reason))
}

/// Names the agents that had to be left before, too.
fn ended(run: &Run, reason: String) -> Ending {
    let active = run.active_agent();
    let of_others = |breaker: &&Breaker| breaker.agent != active && breaker.model.is_none();
    let left = run.breakers.iter().filter(of_others);
    let left: Vec<String> = left.map(|b| format!("`{}` is {}", b.agent, b.reason)).collect();
    let reason = if left.is_empty() { reason } else { format!("{reason}; {}", left.join(", ")) };
    Ending { outcome: Outcome::AgentUnavailable, reason }
}
