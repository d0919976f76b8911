//! `loki failover`

use serde_json::{Value, json};

use super::Done;
use super::crew::{agent_settings, kept_settings, open_all, provider};
use super::readiness::{Readiness, readiness};
use crate::cli::{FailoverArgs, FailoverCommand};
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output::{self, harmless};

pub(super) fn failover(args: &FailoverArgs, cx: &Context) -> Done {
    match &args.what {
        None | Some(FailoverCommand::Status) => status(cx),
        Some(FailoverCommand::Enable) => enable(true, cx),
        Some(FailoverCommand::Disable) => enable(false, cx),
        Some(FailoverCommand::Chain { agents }) if agents.is_empty() => status(cx),
        Some(FailoverCommand::Chain { agents }) => chain(agents, cx),
        Some(FailoverCommand::Test) => test(cx),
    }
}

/// The first agent and those that would take over if failover were on.
fn order(cx: &Context) -> Result<(bool, Vec<String>), CommandError> {
    let mut settings = agent_settings(cx)?;
    let enabled = settings.failover.enabled;
    settings.failover.enabled = true;
    let first = provider(None, &settings);
    let successors = settings.successors(&first);
    Ok((enabled, [vec![first], successors].concat()))
}

fn status(cx: &Context) -> Done {
    let (enabled, order) = order(cx)?;
    let run = cx.open_run(None).ok().map(|(_, run)| run).filter(|run| run.ended.is_none());
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "enabled": enabled,
            "chain": order,
            "run": run.as_ref().map(|run| json!({
                "run": run.id,
                "agent": run.active_agent(),
                "left": run.breakers,
            })),
        }));
        return Ok(0);
    }
    output::data(&format!("failover is {}", if enabled { "on" } else { "off" }));
    output::data(&format!("order: {}", order.join(", then ")));
    if order.len() == 1 {
        output::data("nobody could take over; name agents with: loki failover chain A B");
    }
    if let Some(run) = run {
        output::data(&format!("run {}: `{}` works", run.id, run.active_agent()));
        for left in &run.breakers {
            let model = left.model.as_ref().map(|model| format!(" with {}", harmless(model)));
            let model = model.unwrap_or_default();
            output::data(&format!("  `{}`{model} was left: {}", left.agent, left.reason));
        }
    }
    Ok(0)
}

fn enable(enabled: bool, cx: &Context) -> Done {
    let mut settings = kept_settings(cx)?;
    settings.failover.enabled = enabled;
    settings.write(&cx.home).map_err(environment)?;
    if std::env::var_os("LOKI_FAILOVER").is_some_and(|value| !value.is_empty()) {
        output::talk("LOKI_FAILOVER is set and goes before it");
    }
    status(cx)
}

fn chain(agents: &[String], cx: &Context) -> Done {
    // A name that means nothing is told now, not when it is needed.
    open_all(agents)?;
    let mut settings = kept_settings(cx)?;
    settings.failover.chain = agents.to_vec();
    settings.write(&cx.home).map_err(environment)?;
    status(cx)
}

/// Whether each of the chain could take over. Spends nothing.
fn test(cx: &Context) -> Done {
    let (enabled, order) = order(cx)?;
    let agents = open_all(&order)?;
    let found: Vec<Readiness> = agents.iter().map(|agent| readiness(agent.as_ref())).collect();
    let works = order.len() > 1 && found.iter().all(|ready| ready.state.is_usable());
    if cx.json {
        let agents: Vec<Value> = found.iter().map(Readiness::json).collect();
        output::json(&json!({
            "schema_version": 1,
            "enabled": enabled,
            "agents": agents,
            "works": works,
        }));
    } else {
        found.iter().flat_map(Readiness::lines).for_each(|line| output::data(&line));
        output::data(match (works, order.len()) {
            (_, 1) => "nobody could take over: loki failover chain A B",
            (true, _) if enabled => "each of them could take over",
            (true, _) => "each of them could take over, but failover is off: loki failover enable",
            (false, _) => "not all of them could take over",
        });
    }
    Ok(u8::from(!works))
}
