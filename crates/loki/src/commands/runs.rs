//! `loki runs`

use loki_engine::journal::read_run;
use loki_store::{RunFilter, RunRow, Store};
use serde_json::{Value, json};

use super::status::state_of;
use super::{Done, tasks};
use crate::cli::RunsArgs;
use crate::context::{Context, began};
use crate::error::environment;
use crate::output;
use crate::time::{date_and_time, rfc3339};
use crate::view::render::one_line;

pub(super) fn runs(args: &RunsArgs, cx: &Context) -> Done {
    let repo = if args.all { None } else { Some(cx.repo()?) };
    let rows = match cx.store_read_only()? {
        None => Vec::new(),
        Some(store) => {
            let filter = RunFilter { repo: repo.as_ref().map(|repo| repo.root()) };
            let rows = store.runs(filter).map_err(environment)?;
            rows.iter().filter(|row| began(row)).map(|row| describe(&store, row)).collect()
        }
    };
    if cx.json {
        output::json(&json!({ "schema_version": 1, "runs": rows }));
    } else if rows.is_empty() {
        output::data("no runs yet; begin with: loki start prd.md");
    } else {
        for row in &rows {
            output::data(&line(row, args.all));
            for task in row["tasks"].as_array().into_iter().flatten() {
                output::data(&task_line(task));
            }
        }
    }
    Ok(0)
}

fn describe(store: &Store, row: &RunRow) -> Value {
    let common = json!({
        "run": row.id,
        "created_at": rfc3339(row.created_at),
        "began": date_and_time(row.created_at),
        "repository": row.repo.to_string_lossy(),
    });
    let more = match read_run(store, &row.id) {
        Ok(run) => json!({
            "state": state_of(store, &run),
            "outcome": run.ended.as_ref().map(|ending| ending.outcome.label()),
            "iteration": run.iteration,
            "title": run.spec.title,
            "tasks": tasks::of(store, &run).map(|crew| tasks::document(&crew)),
        }),
        // Named all the same: a run that can not be read must not vanish.
        Err(err) => json!({ "state": "unreadable", "outcome": null, "title": err.to_string() }),
    };
    match (common, more) {
        (Value::Object(mut all), Value::Object(more)) => {
            all.extend(more);
            Value::Object(all)
        }
        (common, _) => common,
    }
}

fn task_line(task: &Value) -> String {
    let text = |key: &str| task[key].as_str().unwrap_or_default();
    let title = one_line(text("title"), 70);
    let run = if text("run").is_empty() { "-" } else { text("run") };
    format!("  {run:<8}  {:<8}  {:<8}  {title}", text("id"), text("state"))
}

fn line(row: &Value, with_repository: bool) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let state = row["outcome"].as_str().unwrap_or(text("state"));
    let repository =
        if with_repository { format!("  {}", text("repository")) } else { String::new() };
    let title = one_line(text("title"), 80);
    format!("{}  {}  {state:<20}  {title}{repository}", text("run"), text("began"))
}
