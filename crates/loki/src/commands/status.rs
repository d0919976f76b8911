//! `loki status`

use loki_engine::world::now;
use loki_model::{Resource, Run, Verdict};
use loki_store::Store;
use serde_json::{Value, json};

use super::{Done, tasks};
use crate::cli::RunArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::{self, harmless};
use crate::time::{date_and_time, rfc3339};
use crate::view::render::one_line;

pub(super) fn status(args: &RunArgs, cx: &Context) -> Done {
    let (store, run) = match cx.open_run(args.run.as_deref()) {
        Ok(found) => found,
        // Nothing to report is a report.
        Err(err) if args.run.is_none() => return nothing(err, cx),
        Err(err) => return Err(err),
    };
    if cx.json {
        output::json(&document(&store, &run));
    } else {
        for line in text(&store, &run) {
            output::data(&line);
        }
    }
    Ok(0)
}

fn nothing(err: CommandError, cx: &Context) -> Done {
    // Outside of a repository, or with a store that can not be read, that is the answer.
    cx.repo()?;
    if let Some(store) = cx.store_read_only()?
        && cx.find_run(&store, None)?.is_some()
    {
        return Err(err);
    }
    if cx.json {
        output::json(&json!({ "schema_version": 1, "run": null }));
    } else {
        output::data("no run here yet; begin with: loki start prd.md");
    }
    Ok(0)
}

/// `running`, `paused`, `ended`, or `interrupted`: the process that drove the run died.
pub(super) fn state_of(store: &Store, run: &Run) -> &'static str {
    match (&run.ended, store.owner(&run.id)) {
        (Some(_), _) => "ended",
        (None, Some(_)) if run.paused => "paused",
        (None, Some(_)) => "running",
        (None, None) => "interrupted",
    }
}

pub(super) fn document(store: &Store, run: &Run) -> Value {
    let mut document = document_of_run(store, run);
    if let Some(crew) = tasks::of(store, run) {
        document["jobs"] = json!(crew.jobs);
        document["tasks"] = tasks::document(&crew);
    }
    if let Some(part) = &run.part {
        document["part"] = json!(part);
    }
    document
}

fn document_of_run(store: &Store, run: &Run) -> Value {
    json!({
        "schema_version": 1,
        "run": run.id,
        "state": state_of(store, run),
        "outcome": run.ended.as_ref().map(|e| e.outcome),
        "reason": run.ended.as_ref().map(|e| e.reason.as_str()),
        "phase": run.step.phase(),
        "iteration": run.iteration,
        "iterations_max": run.settings.iterations_max,
        "calls": run.calls,
        "provider": run.settings.provider,
        "agent": run.active_agent(),
        "model": run.choice,
        "left": run.breakers,
        "steers": run.steers,
        "spec": { "title": run.spec.title, "source": run.spec.source, "digest": run.spec.digest,
                  "requirements": run.spec.requirements },
        "repository": run.repo,
        "workspace": run.workspace,
        "verdict": run.verdict(),
        "gates": run.judged.as_ref().map(|(judged, _)| &judged.gates),
        "spend": {
            "known_usd": run.spend.known.dollars(),
            "computed_usd": run.spend.computed.dollars(),
            "estimated_usd": run.spend.estimated.dollars(),
            "unknown_calls": run.spend.unknown_calls,
            "budget_usd": run.settings.budget.map(loki_model::Usd::dollars),
            "tokens": run.spend.tokens,
            "tokens_max": run.settings.tokens_max,
            // Of a run that nobody drives it is not known when it was left.
            "time_ms": store.owner(&run.id).map(|_| run.time_used_ms(now())),
            "time_max_ms": run.settings.time_max_ms,
        },
        "pid": store.owner(&run.id).and_then(|owner| owner.pid),
        "created_at": rfc3339(run.created_at),
    })
}

pub(super) fn text(store: &Store, run: &Run) -> Vec<String> {
    if let Some(crew) = tasks::of(store, run) {
        return tasks::text(&crew, run, store.owner(&run.id).is_some());
    }
    let state = match (&run.ended, state_of(store, run)) {
        (Some(ending), _) => format!("{} ({})", ending.outcome.label(), ending.reason),
        (None, "running") => format!("running, {} phase", run.step.phase().label()),
        (None, "paused") => "paused; loki resume goes on".to_owned(),
        (None, _) => {
            format!("cut off in the {} phase; loki resume goes on", run.step.phase().label())
        }
    };
    let mut lines = vec![
        format!("run        {}  {}", run.id, harmless(&run.spec.title)),
        format!("state      {state}"),
        format!("begun      {}", date_and_time(run.created_at)),
        format!("iteration  {} of {}", run.iteration, run.settings.iterations_max),
        format!("agent      {}", agent(run)),
        format!("spent      {}", spent(run)),
    ];
    if let Some(part) = &run.part {
        lines.push(format!("part       task {} of run {}", harmless(&part.task), part.of));
    }
    for steer in &run.steers {
        let heard = if steer.heard { "" } else { " (not told yet)" };
        lines.push(format!("told       {}{heard}", harmless(&one_line(&steer.text, 100))));
    }
    if let Some(verdict) = run.verdict() {
        lines.push(format!("verdict    {}{}", verdict.label(), failing(run, verdict)));
    }
    if let Some(workspace) = &run.workspace {
        lines.push(format!("workspace  {}", harmless(&workspace.path)));
        if let Some(branch) = &workspace.branch {
            lines.push(format!("branch     {}", harmless(branch)));
        }
    }
    lines
}

fn agent(run: &Run) -> String {
    let mut text = run.active_agent().to_owned();
    if let Some(choice) = run.choice.as_ref().filter(|choice| choice.model.is_some()) {
        text.push_str(&format!(" with {} ({})", harmless(choice.model_label()), choice.why()));
    }
    for left in &run.breakers {
        match &left.model {
            Some(model) => {
                text.push_str(&format!("; {} rests ({})", harmless(model), left.reason));
            }
            None if left.agent != run.active_agent() => {
                text.push_str(&format!("; {} was left ({})", left.agent, left.reason));
            }
            None => {}
        }
    }
    text
}

pub(super) fn spent(run: &Run) -> String {
    let mut text = (run.spend.known + run.spend.computed).to_string();
    if run.spend.computed.0 > 0 {
        text.push_str(&format!(" ({} of it computed from tokens)", run.spend.computed));
    }
    if run.spend.unknown_calls > 0 {
        let (calls, charged) = (run.spend.unknown_calls, run.spend.estimated);
        text.push_str(&format!(", and {calls} calls that did not tell (charged {charged})"));
    }
    if let Some(budget) = run.settings.budget {
        text.push_str(&format!(" of {budget}"));
    }
    if let Some(max) = run.settings.tokens_max {
        text.push_str(&format!("; {} tokens of {max}", run.spend.tokens.total()));
    }
    if let Some(max) = run.settings.time_max_ms {
        text.push_str(&format!("; at most {}", Resource::Time.shown(max)));
    }
    text
}

fn failing(run: &Run, verdict: Verdict) -> String {
    let Some((judged, _)) = run.judged.as_ref().filter(|_| verdict != Verdict::Verified) else {
        return String::new();
    };
    let open: Vec<String> = judged
        .gates
        .iter()
        .filter(|g| g.judgement.is_open())
        .map(|g| format!("{} {}", g.gate, g.judgement.label()))
        .collect();
    if open.is_empty() { String::new() } else { format!(" ({})", open.join(", ")) }
}
