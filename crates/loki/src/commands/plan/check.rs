//! What past estimates were worth.

use loki_engine::plan::{Past, history};
use loki_model::{Span, Usd};
use serde_json::{Value, json};

use crate::commands::Done;
use crate::context::Context;
use crate::error::environment;
use crate::output;
use crate::time::duration;

/// Enough for years of runs, and read within seconds.
const EVENTS_MAX: u64 = 1_000_000;

/// One figure of one run: its name, what was expected, what came.
type Figure<'a> = (&'static str, &'a Span, Option<u64>);

pub(super) fn check(cx: &Context) -> Done {
    let past = match cx.store_read_only()? {
        Some(store) => history(&store, EVENTS_MAX).map_err(environment)?,
        None => Vec::new(),
    };
    if cx.json {
        output::json(&document(&past));
        return Ok(0);
    }
    if past.is_empty() {
        output::data("no run with an estimate has finished on this machine yet");
        return Ok(0);
    }
    for run in &past {
        let told: Vec<String> = figures(run).iter().map(told).collect();
        output::data(&format!("{}  {:<8}  {}", run.run, run.complexity.label(), told.join("  ")));
    }
    output::data("");
    for (name, held, known) in held(&past) {
        output::data(&format!("{name}: {held} of {known} within what was expected"));
    }
    Ok(0)
}

fn figures(past: &Past) -> Vec<Figure<'_>> {
    let estimate = &past.estimate;
    let mut figures = vec![
        ("iterations", &estimate.iterations, Some(past.iterations)),
        ("time", &estimate.seconds, Some(past.seconds)),
        ("tokens", &estimate.tokens, past.tokens),
    ];
    figures.extend(estimate.cost.as_ref().map(|span| ("cost", span, past.cost)));
    figures
}

fn told((name, span, actual): &Figure<'_>) -> String {
    let shown = |value: u64| match *name {
        "time" => duration(value * 1_000),
        "cost" => Usd(value).to_string(),
        _ => value.to_string(),
    };
    let Some(actual) = actual else { return format!("{name} not told") };
    let mark = if span.holds(*actual) { "✓" } else { "✗" };
    format!("{mark} {name} {} ({} to {})", shown(*actual), shown(span.low), shown(span.high))
}

/// For each figure how often it was within what was expected, and how often it is known.
fn held(past: &[Past]) -> Vec<(&'static str, usize, usize)> {
    ["iterations", "time", "tokens", "cost"]
        .into_iter()
        .map(|wanted| {
            let all: Vec<(&Span, u64)> = past
                .iter()
                .flat_map(figures)
                .filter(|(name, ..)| *name == wanted)
                .filter_map(|(_, span, actual)| Some((span, actual?)))
                .collect();
            (wanted, all.iter().filter(|(span, actual)| span.holds(*actual)).count(), all.len())
        })
        .collect()
}

fn document(past: &[Past]) -> Value {
    let runs: Vec<Value> = past
        .iter()
        .map(|run| {
            let figures: serde_json::Map<String, Value> = figures(run)
                .into_iter()
                .map(|(name, span, actual)| {
                    let held = actual.map(|actual| span.holds(actual));
                    let value = json!({ "expected": span, "actual": actual, "held": held });
                    (name.to_owned(), value)
                })
                .collect();
            json!({
                "run": run.run, "agent": run.agent, "complexity": run.complexity,
                "outcome": run.outcome, "basis": run.estimate.basis, "figures": figures,
            })
        })
        .collect();
    let summary: serde_json::Map<String, Value> = held(past)
        .into_iter()
        .map(|(name, held, known)| (name.to_owned(), json!({ "held": held, "known": known })))
        .collect();
    json!({ "schema_version": 1, "n": past.len(), "within": summary, "runs": runs })
}
