//! `loki outbox`

use std::path::Path;

use loki_engine::control::user_name;
use loki_engine::outbox::{Addresses, OutboxError, RealOutside, ask};
use loki_forge::Forges;
use loki_host::git::Repo;
use loki_model::outbox::DeliveryInput;
use loki_model::{Action, Delivery, DeliveryState, Run, RunId, Target};
use loki_store::RunFilter;
use serde_json::{Value, json};

use super::Done;
use super::rollback::ledger_of;
use super::ship::{NOTIFY, WEBHOOK, address};
use crate::cli::{OutboxArgs, OutboxCommand};
use crate::context::{Context, began};
use crate::error::{CommandError, chain, environment};
use crate::output::{self, harmless};
use crate::time::{date_and_time, rfc3339};

/// Runs that are looked through for one that delivered something.
const RUNS_MAX: usize = 200;

pub(super) fn outbox(args: &OutboxArgs, cx: &Context) -> Done {
    let by = user_name();
    match &args.what {
        None => list(None, cx),
        Some(OutboxCommand::List { run }) => list(run.as_deref(), cx),
        Some(OutboxCommand::Retry { id }) => decide(id, &DeliveryInput::Retry { by }, cx),
        Some(OutboxCommand::Drop { id }) => decide(id, &DeliveryInput::Drop { by }, cx),
    }
}

fn list(wanted: Option<&str>, cx: &Context) -> Done {
    let run = match wanted {
        Some(_) => Some(cx.open_run(wanted)?.1),
        None => newest(cx)?,
    };
    let outbox = run.as_ref().map_or(&[][..], |run| run.outbox.as_slice());
    if cx.json {
        let rows: Vec<Value> = match &run {
            Some(run) => outbox.iter().map(|one| document(run, one, None)).collect(),
            None => Vec::new(),
        };
        let id = run.as_ref().map(|run| &run.id);
        output::json(&json!({ "schema_version": 1, "run": id, "deliveries": rows }));
        return Ok(0);
    }
    match &run {
        Some(run) if !outbox.is_empty() => {
            outbox.iter().for_each(|one| output::data(&line(run, one, None)));
        }
        _ => output::data("nothing left this machine yet; loki ship has it done"),
    }
    Ok(0)
}

/// The newest run here that delivers anything.
fn newest(cx: &Context) -> Result<Option<Run>, CommandError> {
    let Some(store) = cx.store_read_only()? else { return Ok(None) };
    let repo = cx.repo()?;
    let rows = store.runs(RunFilter { repo: Some(repo.root()) }).map_err(environment)?;
    for row in rows.iter().filter(|row| began(row)).take(RUNS_MAX) {
        let run = loki_engine::read_run(&store, &row.id).map_err(environment)?;
        if !run.outbox.is_empty() {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

fn decide(name: &str, input: &DeliveryInput, cx: &Context) -> Done {
    let (run, number) = parse(name)?;
    let store = cx.store()?;
    let unknown = || {
        CommandError::user(format!("there is no delivery `{}`", harmless(name)))
            .hint("loki outbox list")
    };
    let run: RunId = cx.find_run(&store, Some(run))?.ok_or_else(unknown)?;
    let mut journal = ledger_of(&store, &run)?;
    if !journal.run().outbox.iter().any(|one| one.id == number) {
        return Err(unknown());
    }
    let repo = Repo::discover(Path::new(&journal.run().repo)).map_err(environment)?;
    let forges = Forges::from_environment();
    let addresses = Addresses { webhook: address(WEBHOOK)?, notify: address(NOTIFY)? };
    let mut outside = RealOutside::new(&repo, &store, &forges, addresses);
    let resting = ask(journal.as_mut(), &mut outside, number, input).map_err(problem)?;
    let run = journal.run();
    let Some(one) = run.outbox.iter().find(|one| one.id == number) else { return Err(unknown()) };
    let why = resting.as_ref().map(|resting| resting.reason.as_str());
    if cx.json {
        let row = document(run, one, why);
        output::json(&json!({ "schema_version": 1, "run": run.id, "deliveries": [row] }));
    } else {
        output::data(&line(run, one, why));
    }
    let is_over =
        matches!(one.state, DeliveryState::Confirmed { .. } | DeliveryState::GivenUp { .. });
    Ok(u8::from(!is_over))
}

/// `kqmzxyvw-3`, with any unique beginning of the run's name.
fn parse(name: &str) -> Result<(&str, u32), CommandError> {
    let parts = name.rsplit_once('-');
    let parts = parts.and_then(|(run, number)| Some((run, number.parse().ok()?)));
    parts.ok_or_else(|| {
        CommandError::user(format!("`{}` names no delivery", harmless(name)))
            .hint("loki outbox list    (shows names such as kqmzxyvw-3)")
    })
}

pub(super) fn problem(err: OutboxError) -> CommandError {
    match &err {
        OutboxError::NotPossible { .. } => CommandError::user(chain(&err)).hint("loki outbox list"),
        OutboxError::Journal(_) => environment(err),
    }
}

/// One line for people.
pub(super) fn line(run: &Run, one: &Delivery, why: Option<&str>) -> String {
    let (id, state) = (format!("{}-{}", run.id, one.id), one.state.label());
    let at = date_and_time(one.intended_at);
    let told = match &one.state {
        DeliveryState::Confirmed { receipt, .. } => receipt.url.clone(),
        DeliveryState::Unknown { reason } | DeliveryState::Failed { reason } => reason.clone(),
        DeliveryState::GivenUp { by } => format!("by {by}"),
        DeliveryState::Intended | DeliveryState::Acting { .. } => {
            why.unwrap_or_default().to_owned()
        }
    };
    let told = if told.is_empty() { told } else { format!("  {told}") };
    harmless(&format!("{id}  {at}  {state:<9}  {}{told}", what(&one.action)))
}

/// What is done, in a few words.
fn what(action: &Action) -> String {
    let on = |target: &Target| match target {
        Target::Issue { number } => format!("issue {number}"),
        Target::Request { .. } => "the request".to_owned(),
    };
    match action {
        Action::PushBranch { remote, branch, commit, .. } => {
            format!("push {branch} ({}) to {remote}", commit.short())
        }
        Action::OpenRequest { place, head, base, .. } => {
            format!("request to merge {head} into {base} of {}", place.repository)
        }
        Action::Comment { place, on: target, .. } => {
            format!("comment on {} of {}", on(target), place.repository)
        }
        Action::Label { label, on: target, .. } => format!("label {label} on {}", on(target)),
        Action::CloseIssue { place, number } => {
            format!("close issue {number} of {}", place.repository)
        }
        Action::CallWebhook { host, .. } => format!("webhook of {host}"),
        Action::Notify { host, .. } => format!("notice to {host}"),
    }
}

/// One delivery for programs.
pub(super) fn document(run: &Run, one: &Delivery, why: Option<&str>) -> Value {
    let reason = match &one.state {
        DeliveryState::Unknown { reason } | DeliveryState::Failed { reason } => {
            Some(reason.as_str())
        }
        _ => why,
    };
    let receipt = one.receipt();
    json!({
        "id": format!("{}-{}", run.id, one.id),
        "kind": one.action.label(),
        "what": what(&one.action),
        "state": one.state.label(),
        "reason": reason,
        "url": receipt.map(|receipt| receipt.url.as_str()).filter(|url| !url.is_empty()),
        "number": receipt.and_then(|receipt| receipt.number),
        "attempts": one.attempts,
        "needs": one.needs.map(|needs| format!("{}-{needs}", run.id)),
        "by": one.by,
        "intended_at": rfc3339(one.intended_at),
    })
}
