//! `loki resume`

use loki_engine::crew::read_crew;
use loki_engine::drive::resume as take_up;
use loki_engine::journal::{JournalError, read_run};
use loki_engine::{DriveError, Journal, Ledger as _, Stop};
use loki_host::git::Repo;
use loki_model::{BudgetChange, Control, NewLimits, Rejected, Resource, Run, RunId, Spec};
use loki_store::{RunFilter, Store};
use serde_json::json;

use super::consent::consent;
use super::control::request_of;
use super::crew::crew_of;
use super::launch::{Bounds, conclude, drive_to_the_end, hold_checkout, lock_error, world};
use super::{Done, sandbox, tasks};
use crate::cli::ResumeArgs;
use crate::context::{Context, began};
use crate::error::{CommandError, environment};
use crate::{output, signals, view};

pub(super) fn resume(args: &ResumeArgs, cx: &Context) -> Done {
    let store = cx.store()?;
    let id = match &args.run {
        Some(prefix) => cx.find_run(&store, Some(prefix))?,
        None => newest_resumable(&store, cx)?,
    };
    let id = id.ok_or_else(|| {
        CommandError::user("there is no run here that could go on").hint("loki runs --all")
    })?;
    let run = read_run(&store, &id).map_err(environment)?;
    if run.paused && store.owner(&id).is_some() {
        return continue_paused(args, &run, &store, cx);
    }
    tasks::refuse_part(&run, "resume")?;
    let agents = crew_of(&run.settings)?;
    consent(args.yes, &agents, &run.settings, cx)?;
    let limits = args.limits.over(args.max_iterations, args.budget);
    let bounds = Bounds { deadlines: args.deadlines, sandbox: args.sandbox };
    sandbox::announce(args.sandbox, cx)?;
    go_on(&id, limits, bounds, cx, &store)
}

/// The process that drives the run goes on with it.
fn continue_paused(args: &ResumeArgs, run: &Run, store: &Store, cx: &Context) -> Done {
    let limits = args.limits;
    if args.max_iterations.is_some() || limits.max_tokens.is_some() || limits.max_time.is_some() {
        let message = format!("run {} is under way: only its budget can be changed", run.id);
        let hint = "loki resume    without --max-iterations, --max-tokens and --max-time";
        return Err(CommandError::user(message).hint(hint));
    }
    if let Some(budget) = args.budget {
        let change = BudgetChange::Set(budget);
        let _ = request_of(store, &run.id, Control::Budget { change }, cx)?;
    }
    let _ = request_of(store, &run.id, Control::Continue, cx)?;
    if cx.json {
        output::json(&json!({ "schema_version": 1, "run": run.id, "paused": false }));
    } else {
        output::data(&format!("run {} goes on; watch it with: loki logs -f {}", run.id, run.id));
    }
    Ok(0)
}

/// Takes the run up and drives it to its end. Limits that are given replace the run's own.
pub(super) fn go_on(
    id: &RunId,
    limits: NewLimits,
    bounds: Bounds,
    cx: &Context,
    store: &Store,
) -> Done {
    if read_crew(store, id).map_err(environment)?.is_some() {
        return tasks::go_on(id, limits, bounds, cx, store);
    }
    let mut journal = Journal::take_up(store, id).map_err(|err| match &err {
        JournalError::Lock(lock) => lock_error(lock),
        _ => environment(err),
    })?;
    let run = journal.run().clone();
    if let Some(kept) = &run.discarded {
        let message = format!("run {id} was discarded");
        return Err(CommandError::user(message)
            .hint(format!("loki rollback to {}    (brings it back)", kept.commit.short())));
    }
    let agents = crew_of(&run.settings)?;
    let repo = Repo::discover(std::path::Path::new(&run.repo)).map_err(environment)?;
    let _checkout = hold_checkout(run.settings.in_place, &repo, store)?;
    let spec = pinned_spec(store, &run)?;
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let mut observer = view::observer(cx.json, cx.quiet, store);
    let mut world = world(store, &agents, repo, spec, stop, bounds, cx);
    take_up(&mut journal, &world, observer.as_mut(), limits).map_err(|err| refused(err, id))?;
    drive_to_the_end(&mut journal, &mut world, observer.as_mut(), cx)?;
    drop(observer);
    Ok(conclude(journal.run(), cx))
}

/// The spec as it was when the run began, whatever the file says now.
pub(super) fn pinned_spec(store: &Store, run: &Run) -> Result<Spec, CommandError> {
    let bytes = store.get_blob(&run.spec.blob).map_err(environment)?;
    let missing = || CommandError::environment("the run's spec is missing in the store");
    serde_json::from_slice(&bytes.ok_or_else(missing)?).map_err(environment)
}

fn refused(err: DriveError, id: &RunId) -> CommandError {
    let DriveError::Rejected(rejected) = &err else { return environment(err) };
    let hint = match rejected {
        Rejected::CallsUsed => format!("loki resume {id} --max-iterations 20"),
        Rejected::Used { resource } => more_of(*resource, id),
        Rejected::Finished => format!("loki show {id}"),
        Rejected::Discarded => "loki rollback list    (going back to it brings it back)".to_owned(),
        _ => return environment(err),
    };
    CommandError::user(format!("run {id} can not go on: {rejected}")).hint(hint)
}

/// What to type when a limit is used.
pub(super) fn more_of(resource: Resource, id: &RunId) -> String {
    let more = match resource {
        Resource::Money => "--budget 20",
        Resource::Tokens => "--max-tokens 10m",
        Resource::Time => "--max-time 4h",
    };
    format!("loki resume {id} {more}    (for the whole run)")
}

fn newest_resumable(store: &Store, cx: &Context) -> Result<Option<RunId>, CommandError> {
    let repo = cx.repo()?;
    let rows = store.runs(RunFilter { repo: Some(repo.root()) }).map_err(environment)?;
    let can_go_on = |id: &RunId| {
        read_run(store, id)
            .is_ok_and(|run| run.is_resumable() && (run.paused || store.owner(id).is_none()))
    };
    Ok(rows.into_iter().filter(began).map(|row| row.id).find(can_go_on))
}
