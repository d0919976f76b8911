//! `loki checkpoint`

use std::path::PathBuf;

use loki_engine::checkpoint::{Note, Occasion, Point, Retention, head_of, prune, run_of_place};
use loki_engine::read_run;
use loki_engine::world::now;
use loki_host::git::Repo;
use loki_model::RunId;
use loki_store::Store;
use serde_json::json;

use super::Done;
use super::rollback::{document, failed, short, show, show_all};
use crate::cli::{CheckpointArgs, CheckpointCommand};
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

pub(super) fn checkpoint(args: &CheckpointArgs, cx: &Context) -> Done {
    match &args.what {
        CheckpointCommand::Create { message, run } => {
            create(message.as_deref(), run.as_deref(), cx)
        }
        CheckpointCommand::List(args) => show_all(args, cx),
        CheckpointCommand::Show(args) => show(&args.id, cx),
        CheckpointCommand::Prune => prune_now(cx),
    }
}

fn create(message: Option<&str>, run: Option<&str>, cx: &Context) -> Done {
    let repo = cx.repo()?;
    let (place, run) = match run {
        Some(prefix) => workspace_of(prefix, cx)?,
        None => {
            let place = repo.root().to_owned();
            let run = run_of_place(&cx.home, &place);
            (place, run)
        }
    };
    if place.to_str().is_none() {
        let message = format!("`{}` is not valid UTF-8", place.display());
        return Err(CommandError::user(message)
            .hint("move the repository to a directory with another name"));
    }
    let store = cx.store_read_only()?;
    let seq = run.as_ref().zip(store.as_ref()).and_then(|(run, store)| newest(store, run));
    // A worktree of another loki's run is a place like any other.
    let run = run.filter(|_| seq.is_some());
    let note = Note { occasion: Occasion::ByHand, at: now(), place, run, call: None, seq };
    let tree = repo.raw_tree(&note.place, &[]).map_err(environment)?;
    let parent = head_of(&note.place).map_err(failed)?;
    let title = message.unwrap_or("Made by hand");
    let point = Point::make(&repo, tree, parent, title, note).map_err(failed)?;
    if let Some(store) = &store {
        prune_quietly(&repo, store);
    }
    if cx.json {
        let mut made = document(&point);
        made["schema_version"] = json!(1);
        output::json(&made);
    } else {
        output::data(&format!(
            "kept {} as checkpoint {}",
            point.note.place.display(),
            short(&point)
        ));
        output::data(&format!("next:\n  loki rollback to {}", short(&point)));
    }
    Ok(0)
}

fn newest(store: &Store, run: &RunId) -> Option<u64> {
    Some(store.events(run, 0).ok()?.last()?.seq)
}

fn workspace_of(prefix: &str, cx: &Context) -> Result<(PathBuf, Option<RunId>), CommandError> {
    let (_store, run) = cx.open_run(Some(prefix))?;
    let place = run.workspace.as_ref().map(|workspace| PathBuf::from(&workspace.path));
    match place.filter(|place| place.is_dir()) {
        Some(place) => Ok((place, Some(run.id))),
        None => Err(CommandError::user(format!("run {} has no workspace", run.id))
            .hint(format!("loki show {}", run.id))),
    }
}

fn prune_now(cx: &Context) -> Done {
    let repo = cx.repo()?;
    let store = cx.store_read_only()?;
    let gone = prune(&repo, retention()?, now(), &mut |run| is_live(store.as_ref(), run))
        .map_err(environment)?;
    if cx.json {
        let ids: Vec<_> = gone.iter().map(|point| &point.checkpoint.commit).collect();
        output::json(&json!({ "schema_version": 1, "forgotten": ids }));
    } else {
        output::data(&format!("{} checkpoints forgotten", gone.len()));
    }
    Ok(0)
}

/// What can not be forgotten now is forgotten later.
pub(super) fn prune_quietly(repo: &Repo, store: &Store) {
    if let Ok(retention) = retention() {
        let _ = prune(repo, retention, now(), &mut |run| is_live(Some(store), run));
    }
}

/// What can not be read may need its checkpoints.
fn is_live(store: Option<&Store>, run: &RunId) -> bool {
    let Some(store) = store else { return true };
    store.owner(run).is_some() || read_run(store, run).map_or(true, |run| run.ended.is_none())
}

/// `LOKI_CHECKPOINT_DAYS` and `LOKI_CHECKPOINT_COUNT`.
fn retention() -> Result<Retention, CommandError> {
    let mut retention = Retention::default();
    if let Some(days) = number("LOKI_CHECKPOINT_DAYS")? {
        retention.days = days;
    }
    if let Some(count) = number("LOKI_CHECKPOINT_COUNT")? {
        retention.count = usize::try_from(count).unwrap_or(usize::MAX);
    }
    Ok(retention)
}

fn number(name: &str) -> Result<Option<u32>, CommandError> {
    let Some(text) = std::env::var_os(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.to_str().and_then(|text| text.trim().parse().ok());
    let refused = || {
        CommandError::user(format!("{name} is not a whole number"))
            .hint(format!("unset {name}    for the default"))
    };
    number.map(Some).ok_or_else(refused)
}
