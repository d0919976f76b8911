//! `loki why`

use loki_agent::{Login, Program};
use loki_engine::explain;
use loki_model::{Ending, Outcome, Run};
use serde_json::json;

use super::{Done, tasks};
use crate::cli::RunArgs;
use crate::context::Context;
use crate::output;

pub(super) fn why(args: &RunArgs, cx: &Context) -> Done {
    let (store, run) = cx.open_run(args.run.as_deref())?;
    let alive = store.owner(&run.id).is_some();
    if cx.json {
        let advice = explain(&run, alive, &fix(&run));
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
    let advice = explain(run, alive, &fix(run));
    let mut lines = vec![advice.what];
    lines.extend(advice.why.iter().map(|why| format!("  {why}")));
    if !advice.next.is_empty() {
        lines.push("next:".to_owned());
        lines.extend(advice.next.iter().map(|next| format!("  {next}")));
    }
    lines
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
