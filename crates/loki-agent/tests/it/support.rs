//! One call, and what it showed.

use std::path::Path;
use std::time::Duration;

use loki_agent::{Agent, AgentEvent, CallResult, CallSpec};
use loki_host::process::{Cancel, Limits};
use loki_model::{Activity, Tier};

/// A call that takes longer than this is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

pub(crate) fn spec<'a>(cwd: &'a Path, prompt: &'a str) -> CallSpec<'a> {
    CallSpec {
        cwd,
        prompt,
        call: 1,
        tier: Tier::Development,
        model: None,
        price: None,
        effort: None,
        fallback_model: None,
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits: Limits { total: PATIENCE, ..Limits::default() },
        hold: &loki_agent::UNHELD,
    }
}

pub(crate) fn call(agent: &dyn Agent, spec: &CallSpec<'_>) -> (CallResult, Vec<Activity>) {
    call_until(agent, spec, &Cancel::new().unwrap(), &mut |_| {})
}

pub(crate) fn call_until(
    agent: &dyn Agent,
    spec: &CallSpec<'_>,
    cancel: &Cancel,
    seen: &mut dyn FnMut(&Activity),
) -> (CallResult, Vec<Activity>) {
    let mut activities = Vec::new();
    let result = agent.call(spec, cancel, &mut |event| {
        if let AgentEvent::Activity(activity) = event {
            seen(&activity);
            activities.push(activity);
        }
    });
    (result, activities)
}
