//! `loki why`

use std::path::Path;

use loki_agent::{Login, Program};
use loki_engine::{Advice, explain};
use loki_host::git::Repo;
use loki_model::{Action, Delivery, Ending, Outcome, Run};
use serde_json::json;

use super::{Done, tasks};
use crate::cli::RunArgs;
use crate::context::Context;
use crate::output;

pub(super) fn why(args: &RunArgs, cx: &Context) -> Done {
    let (store, run) = cx.open_run(args.run.as_deref())?;
    let alive = store.owner(&run.id).is_some();
    if cx.json {
        let advice = advice(&run, alive);
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "outcome": run.ended.as_ref().map(|ending| ending.outcome),
            "what": advice.what,
            "why": advice.why,
            "next": advice.next,
        }));
    } else if let Some(crew) = tasks::of(&store, &run) {
        for line in tasks::explained(&crew, alive) {
            output::data(&line);
        }
    } else {
        for line in told(&run, alive) {
            output::data(&line);
        }
    }
    Ok(0)
}

/// What a finished run says of itself.
pub(super) fn lines(run: &Run) -> Vec<String> {
    told(run, false)
}

fn told(run: &Run, alive: bool) -> Vec<String> {
    let advice = advice(run, alive);
    let mut lines = vec![advice.what];
    lines.extend(advice.why.iter().map(|why| format!("  {why}")));
    if !advice.next.is_empty() {
        lines.push("next:".to_owned());
        lines.extend(advice.next.iter().map(|next| format!("  {next}")));
    }
    lines
}

/// What the run says of itself, and what this machine adds: a way to where others see it.
fn advice(run: &Run, alive: bool) -> Advice {
    let mut advice = explain(run, alive, &fix(run));
    if !alive && may_be_shipped(run) {
        advice.next.push(format!("loki ship {}", run.id));
    }
    advice
}

/// Whether it is verified, no branch of it was pushed, and there is somewhere to push it to.
fn may_be_shipped(run: &Run) -> bool {
    let is_verified = run.ended.as_ref().is_some_and(|end| end.outcome == Outcome::Verified);
    let is_pushed =
        |one: &Delivery| matches!(one.action, Action::PushBranch { .. }) && one.receipt().is_some();
    let may = is_verified
        && run.part.is_none()
        && run.discarded.is_none()
        && !run.settings.in_place
        && !run.outbox.iter().any(is_pushed);
    may && Repo::discover(Path::new(&run.repo)).is_ok_and(|repo| repo.remote_address(None).is_ok())
}

/// How the run's agent is put right, in its adapter's words; asked only when that is the matter.
fn fix(run: &Run) -> Vec<String> {
    let unavailable = |ending: &Ending| ending.outcome == Outcome::AgentUnavailable;
    if !run.ended.as_ref().is_some_and(unavailable) {
        return Vec::new();
    }
    let Ok(agent) = loki_agent::open(&run.settings.provider) else { return Vec::new() };
    let probe = agent.probe();
    match (probe.program, probe.login) {
        (Program::Missing { fix }, _) | (_, Login::NotLoggedIn { fix }) => vec![fix],
        _ => Vec::new(),
    }
}
