//! `loki start`

use loki_engine::journal::read_run;
use loki_engine::roles::Role;
use loki_host::git::{DiscoverError, Repo};
use loki_model::{Outcome, Run, Settings, Spec};
use loki_store::{RunFilter, Store};

use super::consent::{agreed, consent};
use super::crew::crew;
use super::intake::read_spec;
use super::launch::{Bounds, Launch, begin};
use super::{Done, ledger, plan, sandbox, tasks};
use crate::cli::StartArgs;
use crate::context::{Context, began, is_crew};
use crate::error::{CommandError, environment};
use crate::output;

/// Enough for a refusal or two of a large task; each call costs money.
pub(super) const ITERATIONS_MAX_DEFAULT: u32 = 10;

pub(super) fn start(args: &StartArgs, cx: &Context) -> Done {
    start_as(args, None, cx)
}

/// The same for an agent that is given a role.
pub(super) fn start_as(args: &StartArgs, role: Option<&Role>, cx: &Context) -> Done {
    let (spec, problems) = read_spec(args, cx)?;
    let spec = super::spec::as_locked(spec, cx);
    let waivers = ledger::waivers(&args.waive)?;
    let questions = loki_spec::grill(&spec, &problems);
    let taken = ledger::take(&spec, &questions, &waivers)?;
    let iterations_max = args.max_iterations.unwrap_or(ITERATIONS_MAX_DEFAULT);
    let (settings, agents) = crew(&args.agent, iterations_max, cx)?;
    let side_by_side = tasks::wanted(args, &spec, cx)?;
    let repo = repository(cx)?;
    let store = cx.store()?;
    let tier = role.map_or(settings.tier, |role| role.tier);
    let role = role.map(|role| role.name.clone());
    let settings = Settings {
        budget: args.budget,
        tokens_max: args.limits.max_tokens,
        time_max_ms: args.limits.max_time,
        unknown_cost: args.unknown_cost.into(),
        in_place: args.in_place,
        tier,
        role,
        ..settings
    };
    let bounds = Bounds { deadlines: args.agent.deadlines, sandbox: args.sandbox };
    let tasks = match &side_by_side {
        None => None,
        Some(wanted) => {
            tasks::refuse_what_tasks_are_not(&settings)?;
            let planned = plan::of(&spec, repo.root(), &settings, &agents, taken.len(), &store)?;
            tasks::tasks_for(wanted, &planned.tasks, cx)
        }
    };
    sandbox::announce(args.sandbox, cx)?;
    if !args.fresh
        && let Some(run) = unfinished(&store, &repo, &spec, &settings, tasks.is_some())?
    {
        consent(args.yes, &agents, &settings, cx)?;
        output::talk(&format!("run {} of this spec goes on (--fresh begins a new one)", run.id));
        let limits = args.limits.over(args.max_iterations, args.budget);
        return super::resume::go_on(&run.id, limits, bounds, cx, &store);
    }
    tell_about_checkout(&repo, args.in_place, cx)?;
    ledger::tell(&taken, cx);
    let plan = plan::of(&spec, repo.root(), &settings, &agents, taken.len(), &store)?;
    plan::tell_in_a_line(&plan, cx);
    let plan = Some(plan.pinned(taken));
    consent(args.yes, &agents, &settings, cx)?;
    let launch = Launch { spec, settings, plan, bounds };
    if let Some(tasks) = tasks {
        return tasks::begin(launch, tasks, &agents, repo, &store, cx);
    }
    begin(launch, &agents, repo, &store, cx)
}

/// The newest run of the same spec with the same agent here that was cut off or stopped and that
/// nobody drives. Limits may differ: those given now hold.
fn unfinished(
    store: &Store,
    repo: &Repo,
    spec: &Spec,
    wanted: &Settings,
    side_by_side: bool,
) -> Result<Option<Run>, CommandError> {
    let same = |settings: &Settings| {
        settings.provider == wanted.provider
            && settings.model == wanted.model
            && settings.ceiling == wanted.ceiling
            && settings.effort == wanted.effort
            && settings.role == wanted.role
            && settings.in_place == wanted.in_place
    };
    let filter = RunFilter { repo: Some(repo.root()) };
    for row in store.runs(filter).map_err(environment)? {
        // A file of tasks asks for another run than the one that does all of it, and the other way round.
        if !began(&row) || is_crew(&row) != side_by_side {
            continue;
        }
        // A run that this loki can not read is not in the way of a new one.
        let Ok(run) = read_run(store, &row.id) else { continue };
        let cut_short = match &run.ended {
            None => true,
            Some(ending) => ending.outcome == Outcome::Stopped,
        };
        let asked_for = run.spec.digest == spec.digest && same(&run.settings);
        if asked_for && cut_short && run.discarded.is_none() {
            if store.owner(&run.id).is_none() {
                return Ok(Some(run));
            }
            output::talk(&format!("run {} of this spec is under way; this is one more", run.id));
        }
    }
    Ok(None)
}

/// The repository around here; where there is none, one is made if somebody agrees to it.
fn repository(cx: &Context) -> Result<Repo, CommandError> {
    match Repo::discover(&cx.directory) {
        Ok(repo) => return Ok(repo),
        Err(DiscoverError::NotARepository { .. }) => {}
        Err(_) => return cx.repo(),
    }
    let question = format!("`{}` is not in a git repository. Make one?", cx.directory.display());
    if agreed(&question, cx) { Repo::init(&cx.directory).map_err(environment) } else { cx.repo() }
}

/// What the run starts from may surprise: it is said before anything is spent.
fn tell_about_checkout(repo: &Repo, in_place: bool, cx: &Context) -> Result<(), CommandError> {
    let status = repo.status().map_err(environment)?;
    if cx.quiet || status.is_clean() {
        return Ok(());
    }
    output::talk(if in_place {
        "your checkout has uncommitted changes; the agent works on top of them"
    } else {
        "your checkout has uncommitted changes; they are left alone, and the run starts from HEAD"
    });
    Ok(())
}
