//! `loki doctor --repair`

use loki_store::{RepairError, Repaired, SavedRun};
use serde_json::json;

use super::Done;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

pub(super) fn repair(cx: &Context) -> Done {
    let repaired = loki_store::repair(&cx.home).map_err(|err| match &err {
        RepairError::InUse { .. } => CommandError::user(err.to_string()).hint("loki stop --all"),
        _ => environment(err),
    })?;
    if cx.json {
        output::json(&document(repaired.as_ref()));
    } else {
        let lines = repaired.as_ref().map_or_else(|| vec!["nothing is damaged".to_owned()], lines);
        lines.iter().for_each(|line| output::data(line));
    }
    Ok(u8::from(repaired.is_some_and(|repaired| lost_something(&repaired))))
}

fn lost_something(repaired: &Repaired) -> bool {
    let of_run = |run: &SavedRun| run.lost != Some(0);
    repaired.runs_lost > 0 || repaired.blobs_lost > 0 || repaired.runs.iter().any(of_run)
}

fn lines(repaired: &Repaired) -> Vec<String> {
    let Repaired { runs, runs_lost, blobs, blobs_lost, damaged } = repaired;
    let mut lines = Vec::new();
    for SavedRun { run, events, lost } in runs.iter().filter(|run| run.lost != Some(0)) {
        let lost = lost.map_or("no telling how many".to_owned(), |lost| lost.to_string());
        lines.push(format!("run {run}: its first {events} events are kept, {lost} are lost"));
        lines.push(format!("  go on from there with: loki resume {run}"));
    }
    let whole = runs.iter().filter(|run| run.lost == Some(0)).count();
    lines.push(format!("{whole} runs are whole, {runs_lost} are lost"));
    lines
        .push(format!("{blobs} prompts, transcripts and reports are whole, {blobs_lost} are lost"));
    lines.push(format!("the damaged files are in {}", damaged.display()));
    lines
}

fn document(repaired: Option<&Repaired>) -> serde_json::Value {
    let Some(repaired) = repaired else {
        return json!({ "schema_version": 1, "damaged": false });
    };
    let run = |run: &SavedRun| json!({ "run": run.run, "events": run.events, "lost": run.lost });
    json!({
        "schema_version": 1,
        "damaged": true,
        "runs": repaired.runs.iter().map(run).collect::<Vec<_>>(),
        "runs_lost": repaired.runs_lost,
        "blobs": repaired.blobs,
        "blobs_lost": repaired.blobs_lost,
        "kept_at": repaired.damaged,
    })
}
