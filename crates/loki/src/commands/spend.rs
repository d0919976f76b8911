//! `loki spend`: what runs, and questions outside of them, cost. A projection of the journals.

use loki_engine::asking::read_asking;
use loki_engine::journal::read_run;
use loki_engine::world::now;
use loki_model::{ASKING_KIND, AskingEvent, Choice, Purpose, Spend, Usage, Usd};
use loki_store::{RunFilter, RunRow, Store};
use serde_json::{Value, json};

use super::Done;
use super::launch::new_id;
use crate::cli::SpendArgs;
use crate::context::{Context, began};
use crate::error::{CommandError, environment};
use crate::output;
use crate::time::{date_and_time, rfc3339};
use crate::view::render::one_line;

/// One line of the ledger.
struct Entry {
    row: RunRow,
    /// `run`, or what was asked for.
    what: &'static str,
    title: String,
    agent: String,
    calls: u32,
    spend: Spend,
}

pub(super) fn spend(args: &SpendArgs, cx: &Context) -> Done {
    let repo = if args.all { None } else { Some(cx.repo()?) };
    let mut entries = Vec::new();
    let mut unreadable = Vec::new();
    if let Some(store) = cx.store_read_only()? {
        let filter = RunFilter { repo: repo.as_ref().map(|repo| repo.root()) };
        for row in store.runs(filter).map_err(environment)? {
            let id = row.id.clone();
            match entry(&store, row) {
                Ok(entry) => entries.extend(entry),
                Err(err) => unreadable.push(format!("run {id}: {err}")),
            }
        }
    }
    let total = entries.iter().fold(Usd::ZERO, |sum, entry| sum + entry.spend.charged());
    if cx.json {
        let lines: Vec<Value> = entries.iter().map(document).collect();
        output::json(&json!({
            "schema_version": 1, "entries": lines, "charged_usd": total.dollars(),
            "unreadable": unreadable,
        }));
        return Ok(0);
    }
    for entry in &entries {
        output::data(&line(entry));
    }
    output::data(&format!("{total} in all{}", not_told(&entries)));
    unreadable.iter().for_each(|line| output::talk(line));
    Ok(0)
}

/// Nothing for what is counted elsewhere, or was never begun.
fn entry(store: &Store, row: RunRow) -> Result<Option<Entry>, loki_engine::journal::JournalError> {
    if row.first_kind.as_deref() == Some(ASKING_KIND) {
        let asking = read_asking(store, &row.id)?;
        let (what, agent) = (asking.purpose.label(), asking.choice.agent);
        let (title, spend) = (asking.title, asking.spend);
        return Ok(Some(Entry { row, what, title, agent, calls: 1, spend }));
    }
    if !began(&row) {
        return Ok(None);
    }
    let run = read_run(store, &row.id)?;
    let agent = run.active_agent().to_owned();
    let (calls, spend) = (run.calls, run.spend);
    Ok(Some(Entry { row, what: "run", title: run.spec.title, agent, calls, spend }))
}

fn document(entry: &Entry) -> Value {
    json!({
        "id": entry.row.id, "what": entry.what, "title": entry.title, "agent": entry.agent,
        "began_at": rfc3339(entry.row.created_at), "calls": entry.calls,
        "repository": entry.row.repo.to_string_lossy(), "tokens": entry.spend.tokens,
        "charged_usd": entry.spend.charged().dollars(),
        "estimated_usd": entry.spend.estimated.dollars(),
        "unknown_calls": entry.spend.unknown_calls,
    })
}

fn line(entry: &Entry) -> String {
    let Entry { row, what, title, agent, calls, spend } = entry;
    let plural = if *calls == 1 { "" } else { "s" };
    format!(
        "{}  {}  {:>10}  {calls} call{plural} of {}, {} tokens  {what}: {}",
        row.id,
        date_and_time(row.created_at),
        spend.charged().to_string(),
        one_line(agent, 40),
        spend.tokens.total(),
        one_line(title, 60),
    )
}

fn not_told(entries: &[Entry]) -> String {
    let calls: u32 = entries.iter().map(|entry| entry.spend.unknown_calls).sum();
    let estimated = entries.iter().fold(Usd::ZERO, |sum, entry| sum + entry.spend.estimated);
    match calls {
        0 => String::new(),
        1 => format!(", {estimated} of it for a call that did not tell its cost"),
        n => format!(", {estimated} of it for {n} calls that did not tell their cost"),
    }
}

/// A call outside of any run, recorded before it is made.
pub(super) fn recorded<T>(
    purpose: Purpose,
    title: &str,
    choice: &Choice,
    cx: &Context,
    call: impl FnOnce() -> (T, String, Usage),
) -> Result<T, CommandError> {
    let store = cx.store()?;
    let place = cx.repo().map_or_else(|_| cx.directory.clone(), |repo| repo.root().to_owned());
    let (id, at, title) = (new_id(), now(), one_line(title, TITLE_CHARS_MAX));
    let choice = choice.clone();
    let begun = AskingEvent::AskingBegun { id, at, purpose, title, choice };
    let open = loki_engine::asking::Open::begin(&store, &place, &begun).map_err(environment)?;
    let (came, outcome, usage) = call();
    open.end(&AskingEvent::AskingEnded { outcome, usage }, now()).map_err(environment)?;
    Ok(came)
}

/// Of what an asking is about.
const TITLE_CHARS_MAX: usize = 200;
