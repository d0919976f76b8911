//! Runs of this machine that are over.

use loki_model::{Complexity, Estimate, Outcome, Run, RunId, Timestamp};
use loki_store::{ReadError, RunFilter, Store};

use crate::journal::read_run;

/// What a run came to, as far as a plan can speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Which.
    pub run: RunId,
    /// The agent that it began with.
    pub agent: String,
    /// As it was planned.
    pub complexity: Complexity,
    /// What was expected.
    pub estimate: Estimate,
    /// How it ended.
    pub outcome: Outcome,
    /// Calls of agents.
    pub iterations: u64,
    /// From its creation to its last event.
    pub seconds: u64,
    /// Of every kind; nothing when no agent told.
    pub tokens: Option<u64>,
    /// In millionths of a dollar; nothing when a call did not tell.
    pub cost: Option<u64>,
}

/// As many events are read before a plan is shown.
pub const HISTORY_EVENTS_MAX: u64 = 4_000;

/// The newest runs of `store` that came to an end of their own and had been planned, read until
/// `events_max` events. Runs that this loki can not read are left out.
pub fn history(store: &Store, events_max: u64) -> Result<Vec<Past>, ReadError> {
    let mut events = 0;
    let mut past = Vec::new();
    for row in store.runs(RunFilter::default())? {
        if row.last_kind.as_deref() != Some("run_ended") {
            continue;
        }
        events += row.events;
        if events > events_max {
            break;
        }
        let Ok(run) = read_run(store, &row.id) else { continue };
        let ended_at = row.last_event_at.unwrap_or(row.created_at);
        past.extend(of(&run, ended_at));
    }
    Ok(past)
}

fn of(run: &Run, ended_at: Timestamp) -> Option<Past> {
    let plan = run.plan.as_ref()?;
    let outcome = run.ended.as_ref()?.outcome;
    // What was cut off says nothing of how long it takes.
    let of_its_own = !matches!(
        outcome,
        Outcome::Stopped | Outcome::Failed | Outcome::AgentUnavailable | Outcome::BudgetExhausted
    );
    let tokens = run.spend.tokens;
    let tokens = tokens.input + tokens.output + tokens.cache_read + tokens.cache_write;
    let known = run.spend.unknown_calls == 0 && run.calls > 0;
    of_its_own.then(|| Past {
        run: run.id.clone(),
        agent: run.settings.provider.clone(),
        complexity: plan.complexity,
        estimate: plan.estimate.clone(),
        outcome,
        iterations: u64::from(run.calls),
        seconds: ended_at.millis_since(run.created_at) / 1_000,
        tokens: (tokens > 0).then_some(tokens),
        cost: known.then(|| run.spend.charged().0),
    })
}
