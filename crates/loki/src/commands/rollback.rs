//! `loki rollback`

use std::path::{Path, PathBuf};

use loki_engine::checkpoint::{
    Journals, Occasion, Point, RolledBack, list, position, roll_back, run_at,
};
use loki_engine::crew::{CrewLedger, read_crew};
use loki_engine::journal::read_events;
use loki_engine::world::now;
use loki_engine::{CheckoutLock, Journal, JournalError, Ledger};
use loki_host::git::Repo;
use loki_model::{ChangeStats, RunId};
use loki_store::{LockError, Store};
use serde_json::{Value, json};

use super::Done;
use crate::cli::{PointsArgs, RollbackArgs, RollbackCommand};
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::output::{self, harmless};
use crate::time::{date_and_time, rfc3339};

/// Digits of an id that are shown.
const ID_DIGITS: usize = 10;

/// Fewer are too easily typed by mistake.
const ID_DIGITS_MIN: usize = 4;

/// Files that stayed are named up to here.
const STAYED_SHOWN_MAX: usize = 5;

pub(super) fn rollback(args: &RollbackArgs, cx: &Context) -> Done {
    match &args.what {
        RollbackCommand::List(args) => show_all(args, cx),
        RollbackCommand::Show(args) => show(&args.id, cx),
        RollbackCommand::To { point, .. } => {
            let (repo, point) = (cx.repo()?, find(&point.id, cx)?);
            back(&repo, &point, cx)
        }
        RollbackCommand::Latest { run, .. } => {
            let (repo, point) = (cx.repo()?, latest(run.as_deref(), cx)?);
            back(&repo, &point, cx)
        }
    }
}

/// All checkpoints here that can be believed, newest first.
fn points(cx: &Context) -> Result<Vec<Point>, CommandError> {
    let store = cx.store_read_only()?;
    let mut journals = Journals::default();
    let mut points = list(&cx.repo()?).map_err(environment)?;
    points.retain(|point| journals.vouch_for(store.as_ref(), point));
    Ok(points)
}

fn of_run(wanted: Option<&str>, cx: &Context) -> Result<Option<RunId>, CommandError> {
    let (Some(prefix), Some(store)) = (wanted, cx.store_read_only()?) else { return Ok(None) };
    cx.find_run(&store, Some(prefix))
}

pub(super) fn show_all(args: &PointsArgs, cx: &Context) -> Done {
    let (all, run) = (points(cx)?, of_run(args.run.as_deref(), cx)?);
    let here = cx.repo()?.root().to_owned();
    let mut shown: Vec<&Point> =
        all.iter().filter(|point| args.run.is_none() || point.note.run == run).collect();
    let more = shown.len().saturating_sub(args.lines);
    shown.truncate(args.lines);
    if cx.json {
        let rows: Vec<Value> = shown.iter().map(|point| document(point)).collect();
        output::json(&json!({ "schema_version": 1, "checkpoints": rows, "more": more }));
    } else if shown.is_empty() {
        output::data("no checkpoint here yet; make one with: loki checkpoint create");
    } else {
        for point in shown {
            let (id, at) = (short(point), date_and_time(point.note.at));
            output::data(&format!("{id}  {at}  {}  in {}", point.title, place_of(point, &here)));
        }
        if more > 0 {
            output::talk(&format!("{more} more; -n shows them"));
        }
    }
    Ok(0)
}

fn place_of(point: &Point, here: &Path) -> String {
    match &point.note.run {
        Some(run) if point.note.place != here => format!("the worktree of run {run}"),
        _ if point.note.place == here => "this checkout".to_owned(),
        _ => point.note.place.display().to_string(),
    }
}

pub(super) fn document(point: &Point) -> Value {
    json!({
        "id": point.checkpoint.commit,
        "tree": point.checkpoint.tree,
        "occasion": point.note.occasion,
        "at": rfc3339(point.note.at),
        "place": point.note.place,
        "run": point.note.run,
        "call": point.note.call,
        "title": point.title,
    })
}

pub(super) fn short(point: &Point) -> &str {
    let id = point.checkpoint.commit.as_str();
    id.get(..ID_DIGITS).unwrap_or(id)
}

fn find(prefix: &str, cx: &Context) -> Result<Point, CommandError> {
    let wanted = prefix.to_ascii_lowercase();
    let hint = "loki rollback list";
    if wanted.len() < ID_DIGITS_MIN || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = format!("`{prefix}` is not the beginning of a checkpoint's id");
        return Err(CommandError::user(message).hint(hint));
    }
    let mut found = points(cx)?;
    found.retain(|point| point.checkpoint.commit.as_str().starts_with(&wanted));
    match found.len() {
        0 => Err(CommandError::user(format!("there is no checkpoint `{prefix}` here")).hint(hint)),
        1 => Ok(found.swap_remove(0)),
        _ => {
            Err(CommandError::user(format!("several checkpoints begin with `{prefix}`")).hint(hint))
        }
    }
}

/// Not one that was made by going back: doing it twice would only undo it.
fn latest(run: Option<&str>, cx: &Context) -> Result<Point, CommandError> {
    let wanted = of_run(run, cx)?;
    let is_it = |point: &Point| {
        matches!(point.note.occasion, Occasion::BeforeCall | Occasion::ByHand)
            && (run.is_none() || point.note.run == wanted)
    };
    let none =
        || CommandError::user("there is no checkpoint here yet").hint("loki checkpoint create");
    points(cx)?.into_iter().find(is_it).ok_or_else(none)
}

pub(super) fn show(id: &str, cx: &Context) -> Done {
    let (repo, point) = (cx.repo()?, find(id, cx)?);
    let store = cx.store_read_only()?;
    let mut journals = Journals::default();
    let events = point.note.run.as_ref().and_then(|run| journals.of(store.as_ref(), run));
    let seq = events.and_then(|events| position(&point, events));
    let then = events.zip(seq).and_then(|(events, seq)| run_at(events, seq));
    let place = &point.note.place;
    let differs = match place.is_dir() {
        true => {
            let now = repo.raw_tree(place, &[]).map_err(environment)?;
            let changes = repo.diff(&now, &point.checkpoint.tree).map_err(environment)?;
            Some(ChangeStats::of(&changes))
        }
        false => None,
    };
    if cx.json {
        let mut all = document(&point);
        all["schema_version"] = json!(1);
        all["position"] = json!(seq);
        all["differs"] = json!(differs);
        all["then"] = json!(then.as_ref().map(|run| json!({
            "iteration": run.iteration,
            "calls": run.calls,
            "verdict": run.verdict(),
            "spent_usd": run.spend.charged().dollars(),
        })));
        output::json(&all);
        return Ok(0);
    }
    output::data(&format!("checkpoint {}", point.checkpoint.commit));
    output::data(&format!("made       {}, {}", date_and_time(point.note.at), point.title));
    output::data(&format!("directory  {}", place.display()));
    if let (Some(run), Some(seq)) = (&then, seq) {
        let verdict = run.verdict().map_or("nothing judged yet", |verdict| verdict.label());
        output::data(&format!(
            "run        {} at event {seq}: iteration {}, {verdict}, {} charged",
            run.id,
            run.iteration,
            run.spend.charged()
        ));
    }
    output::data(&match differs {
        None => "now        the directory is gone; going back makes it again".to_owned(),
        Some(stats) if stats.files == 0 => "now        nothing differs".to_owned(),
        Some(stats) => format!(
            "now        {} files differ: going back adds {} lines and removes {}",
            stats.files, stats.lines_added, stats.lines_deleted
        ),
    });
    output::data(&format!("go back    loki rollback to {}", short(&point)));
    Ok(0)
}

fn back(repo: &Repo, point: &Point, cx: &Context) -> Done {
    let store = cx.store()?;
    let (place, done) = match &point.note.run {
        Some(run) => back_with_run(repo, point, run, &store, cx)?,
        None => {
            let place = own_place(repo, point)?;
            let _checkout = hold(&place, &store)?;
            let done = roll_back(repo, &place, point, None, now()).map_err(failed)?;
            (place, done)
        }
    };
    super::checkpoint::prune_quietly(repo, &store);
    tell(point, &place, &done, cx);
    Ok(0)
}

/// Where the files of `point` are is up to the run's journal.
fn back_with_run(
    repo: &Repo,
    point: &Point,
    run: &RunId,
    store: &Store,
    cx: &Context,
) -> Result<(PathBuf, RolledBack), CommandError> {
    let mut journal = take_up(store, run)?;
    let events = read_events(store, run, 0).map_err(environment)?;
    let (workspace, in_place) = (journal.run().workspace.clone(), journal.run().settings.in_place);
    let workspace = workspace
        .ok_or_else(|| CommandError::user(format!("run {run} has no workspace any more")))?;
    let place = PathBuf::from(workspace.path);
    if place != point.note.place {
        let message = format!("run {run} does not work in `{}`", point.note.place.display());
        return Err(CommandError::user(message).hint("loki rollback list"));
    }
    let _checkout = if in_place { Some(hold(&place, store)?) } else { None };
    let done =
        roll_back(repo, &place, point, Some((&mut journal, &events)), now()).map_err(failed)?;
    if !cx.json && in_place {
        output::talk(
            "the run worked in this checkout: your own changes since then are put back too",
        );
    }
    Ok((place, done))
}

/// A run that somebody drives would write on.
pub(super) fn take_up<'a>(store: &'a Store, run: &RunId) -> Result<Journal<'a>, CommandError> {
    Journal::take_up(store, run).map_err(|err| not_taken_up(&err, run))
}

pub(super) fn not_taken_up(err: &JournalError, run: &RunId) -> CommandError {
    match err {
        JournalError::Lock(LockError::Held { .. }) => {
            CommandError::user(chain(err)).hint(format!("loki stop {run}    (then run this again)"))
        }
        _ => environment(err),
    }
}

/// The same for runs of several tasks, too: as far as both are written to alike.
pub(super) fn ledger_of<'a>(
    store: &'a Store,
    run: &RunId,
) -> Result<Box<dyn Ledger + 'a>, CommandError> {
    if read_crew(store, run).map_err(environment)?.is_none() {
        return Ok(Box::new(take_up(store, run)?));
    }
    match CrewLedger::take_up(store, run) {
        Ok(ledger) => Ok(Box::new(ledger)),
        Err(err) => Err(not_taken_up(&err, run)),
    }
}

/// Only the work tree around here: what a checkpoint says of its place could be made up.
fn own_place(repo: &Repo, point: &Point) -> Result<PathBuf, CommandError> {
    let (here, place) = (repo.root(), &point.note.place);
    if here == place {
        return Ok(place.clone());
    }
    let shown = harmless(&place.display().to_string());
    let message = format!("this checkpoint was made in `{shown}`, which is not this work tree");
    Err(CommandError::user(message).hint(format!("loki -C '{shown}' rollback to {}", short(point))))
}

/// No run works in place there in the meantime.
fn hold(place: &Path, store: &Store) -> Result<CheckoutLock, CommandError> {
    let lock = CheckoutLock::take(store.home(), place).map_err(environment)?;
    lock.ok_or_else(|| {
        CommandError::user("a run works in this checkout, in place")
            .hint("loki stop    (then run this again)")
    })
}

pub(super) fn failed(error: anyhow::Error) -> CommandError {
    CommandError::environment(format!("{error:#}"))
}

fn tell(point: &Point, place: &Path, done: &RolledBack, cx: &Context) {
    let RolledBack { kept, restored } = done;
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "to": document(point),
            "kept": document(kept),
            "place": place,
            "written": restored.written,
            "removed": restored.removed,
            "stayed": restored.stayed,
            "submodules": restored.submodules,
        }));
        return;
    }
    let (written, removed) = (restored.written, restored.removed);
    output::data(&format!("{} is as it was: {}", place.display(), point.title));
    output::data(&format!("  {written} files put back, {removed} removed"));
    if let [first, ..] = restored.stayed.as_slice() {
        let count = restored.stayed.len();
        let shown = restored.stayed.iter().take(STAYED_SHOWN_MAX).map(String::as_str);
        let shown = shown.collect::<Vec<_>>().join(", ");
        let shown = if count == 1 { first.clone() } else { shown };
        output::data(&format!("  {count} ignored stayed: {shown}"));
    }
    for path in &restored.submodules {
        output::data(&format!("  submodule {path} was not entered: git submodule update {path}"));
    }
    output::data("next:");
    if let Some(run) = &point.note.run {
        output::data(&format!("  loki resume {run}"));
    }
    output::data(&format!("  loki rollback to {}    (undoes this)", short(kept)));
}
