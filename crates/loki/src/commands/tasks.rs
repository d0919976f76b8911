//! Runs whose tasks are done side by side: from `loki start --jobs`, and whatever is done with them later.

use std::path::Path;

use loki_agent::Agent;
use loki_engine::Stop;
use loki_engine::control::{self, user_name};
use loki_engine::crew::{
    CrewError, CrewJournal, CrewMailbox, CrewObserver as _, Followers, OrderProblem, RealCrew,
    Soon, ask_crew, read_crew, read_tasks, tasks_of_order, tasks_of_plan,
};
use loki_engine::journal::JournalError;
use loki_engine::world::now;
use loki_host::git::Repo;
use loki_model::crew::{Ask, Crew, Errand, Input, Jobs, NewCrew, Rejected, Standing, create};
use loki_model::{
    Control, ListedTask, NewLimits, Outcome, Resource, Run, RunId, Settings, Spec, Task, Usd,
};
use loki_store::Store;
use serde_json::{Value, json};

use super::Done;
use super::control::{Refused, is_for_now};
use super::crew::crew_of;
use super::diff::discarded;
use super::intake::read_file;
use super::launch::{Bounds, Launch, checked, lock_error, pin, reserve, world};
use super::resume::{more_of, pinned_spec};
use super::status::spent;
use crate::cli::StartArgs;
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::output::{self, harmless};
use crate::time::date_and_time;
use crate::view::crew::{Told, jobs as in_words, why};
use crate::view::render::one_line;
use crate::{signals, view};

/// What was asked for of tasks on the command line.
pub(super) struct Wanted {
    jobs: Jobs,
    /// Those that were written down; else the plan's.
    tasks: Option<Vec<Task>>,
}

/// Nothing where one run is to do all of it, as without these options.
pub(super) fn wanted(
    args: &StartArgs,
    spec: &Spec,
    cx: &Context,
) -> Result<Option<Wanted>, CommandError> {
    let jobs = args.jobs.unwrap_or(Jobs::UpTo(1));
    if args.tasks.is_none() && jobs == Jobs::UpTo(1) {
        return Ok(None);
    }
    let tasks = match &args.tasks {
        Some(path) => Some(written_down(path, spec, cx)?),
        None if spec.order.is_empty() => None,
        None => Some(in_order(&spec.order, spec, cx)?),
    };
    Ok(Some(Wanted { jobs, tasks }))
}

/// The tasks in a file: of loki's own format, or a list that another tool wrote.
fn written_down(path: &Path, spec: &Spec, cx: &Context) -> Result<Vec<Task>, CommandError> {
    let (source, text) = read_file(path, cx)?;
    let ends_with = |end: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(end));
    if !["md", "markdown", "json", "yaml", "yml"].into_iter().any(ends_with) {
        return read_tasks(&text, spec).map_err(|err| {
            CommandError::user(format!("`{source}`: {err}"))
                .hint("see docs/tasks.md; loki spec show --json tells the ids of requirements")
        });
    }
    let real = |path: &Path| std::fs::canonicalize(cx.directory.join(path)).ok();
    let own = spec.order.first().map(|first| Path::new(&first.origin.source));
    // The spec's own list knows the numbers of its requirements.
    if let Some(own) = own.and_then(real)
        && real(path).as_ref() == Some(&own)
    {
        return in_order(&spec.order, spec, cx);
    }
    let order = loki_spec::read_order(&source, &text, spec)
        .map_err(|err| CommandError::user(err.to_string()))?;
    if order.is_empty() {
        return Err(CommandError::user(format!("`{source}` has no task that is left to be done"))
            .hint("`- [ ] what is to be done` is one, or an entry with `id` and `dependencies`; see docs/tasks.md"));
    }
    in_order(&order, spec, cx)
}

/// The tasks of a list, if they can all be done.
fn in_order(order: &[ListedTask], spec: &Spec, cx: &Context) -> Result<Vec<Task>, CommandError> {
    let tasks = tasks_of_order(order, spec).map_err(|err| {
        CommandError::user(err.to_string()).hint(format!("{}; see docs/tasks.md", err.fix()))
    })?;
    if !cx.quiet {
        output::talk(&told_in_order(order));
    }
    Ok(tasks)
}

/// How many there are, and who says so.
fn told_in_order(order: &[ListedTask]) -> String {
    let source = order.first().map_or("", |first| first.origin.source.as_str());
    let plural = if order.len() == 1 { "task" } else { "tasks" };
    harmless(&format!("{} {plural} in the order of {source}", order.len()))
}

/// What would be done side by side, before anybody asked for it.
pub(super) struct SideBySide {
    /// Whose order it is: a file's, or the plan's.
    pub(super) order: String,
    pub(super) tasks: Vec<Task>,
    /// Why they can not be done.
    pub(super) problem: Option<OrderProblem>,
}

/// As `loki start --jobs` would do it.
pub(super) fn side_by_side(spec: &Spec, planned: &[Task]) -> SideBySide {
    let Some(first) = spec.order.first() else {
        let tasks = tasks_of_plan(planned);
        return SideBySide { order: "plan".to_owned(), tasks, problem: None };
    };
    let (tasks, problem) = match tasks_of_order(&spec.order, spec) {
        Ok(tasks) => (tasks, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    SideBySide { order: first.origin.source.clone(), tasks, problem }
}

/// The tasks that are to be done side by side; nothing when the plan has no two.
pub(super) fn tasks_for(
    wanted: &Wanted,
    planned: &[Task],
    cx: &Context,
) -> Option<(Jobs, Vec<Task>)> {
    if let Some(tasks) = &wanted.tasks {
        return Some((wanted.jobs, tasks.clone()));
    }
    let tasks = tasks_of_plan(planned);
    if tasks.len() >= 2 {
        return Some((wanted.jobs, tasks));
    }
    if !cx.quiet {
        output::talk(
            "the plan has one task that builds: one run does all of it (--tasks FILE names others)",
        );
    }
    None
}

/// Creates a run of `tasks` and drives it to its end.
pub(super) fn begin(
    launch: Launch,
    (jobs, tasks): (Jobs, Vec<Task>),
    agents: &[Box<dyn Agent>],
    repo: Repo,
    store: &Store,
    cx: &Context,
) -> Done {
    let Launch { spec, settings, plan, bounds } = launch;
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let repo_path = checked(&repo)?;
    let (spec_pin, at) = (pin(&spec, store)?, now());
    let (id, lock) = reserve(&repo, store, at)?;
    let new = NewCrew { id, at, repo: repo_path, spec: spec_pin, settings, plan, jobs, tasks };
    let mut told = Told { json: cx.json, quiet: cx.quiet };
    let (mut journal, first) =
        CrewJournal::begin(store, lock, &create(new), at).map_err(environment)?;
    told.on_event(journal.crew(), &first);
    let place = Place { repo, spec, stop, bounds };
    drive(&mut journal, place, agents, None, store, cx)
}

/// Takes such a run up and drives it to its end. Limits that are given replace the run's own.
pub(super) fn go_on(
    id: &RunId,
    limits: NewLimits,
    bounds: Bounds,
    cx: &Context,
    store: &Store,
) -> Done {
    let mut journal = take_up(store, id)?;
    let crew = journal.crew().clone();
    if let Some(refused) = crew.as_run().as_ref().and_then(discarded) {
        return Err(refused);
    }
    let agents = crew_of(&crew.settings)?;
    let repo = Repo::discover(Path::new(&crew.repo)).map_err(environment)?;
    let run = crew.as_run().ok_or_else(|| CommandError::environment("the run has no beginning"))?;
    let spec = pinned_spec(store, &run)?;
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let resume = Input::Resume { last_at: journal.last_at(), limits };
    let place = Place { repo, spec, stop, bounds };
    drive(&mut journal, place, &agents, Some(resume), store, cx)
}

struct Place {
    repo: Repo,
    spec: Spec,
    stop: Stop,
    bounds: Bounds,
}

fn drive(
    journal: &mut CrewJournal<'_>,
    place: Place,
    agents: &[Box<dyn Agent>],
    taken_up: Option<Input>,
    store: &Store,
    cx: &Context,
) -> Done {
    let Place { repo, spec, stop, bounds } = place;
    let (of_run, rope) = (repo.clone(), stop.clone());
    let worlds = move |spec| world(store, agents, of_run.clone(), spec, rope.clone(), bounds, cx);
    let observers = |task: &Task| view::observer_of_task(cx.json, cx.quiet, store, &task.id);
    let real = RealCrew {
        store,
        home: cx.home.clone(),
        repo,
        spec,
        stop,
        worlds: &worlds,
        observers: &observers,
        followers: Followers::default(),
        soon: Soon::default(),
    };
    let mut told = Told { json: cx.json, quiet: cx.quiet };
    let id = journal.crew().id.clone();
    let mailbox = CrewMailbox::new();
    let server = control::serve(&cx.home, &id, mailbox.slot());
    if let Err(err) = &server {
        // The tasks themselves do not need it.
        output::talk(&format!("these tasks can not be paused or steered from elsewhere: {err}"));
    }
    let driven = real.drive(journal, &mut told, &mailbox, taken_up);
    // First the mailbox: who still waits for an answer gets none, and the server ends.
    drop(mailbox);
    drop(server);
    driven.map_err(|err| refused(err, &id))?;
    Ok(conclude(journal.crew(), cx))
}

fn refused(err: CrewError, id: &RunId) -> CommandError {
    let hint = match &err {
        CrewError::Rejected(Rejected::Used { resource }) => more_of(*resource, id),
        CrewError::Rejected(Rejected::Finished) => format!("loki show {id}"),
        _ => return environment(err),
    };
    CommandError::user(format!("run {id} can not go on: {}", chain(&err))).hint(hint)
}

fn conclude(crew: &Crew, cx: &Context) -> u8 {
    let Some(ending) = &crew.ended else { return Outcome::Failed.exit_code() };
    if !cx.json {
        explained(crew, false).iter().for_each(|line| output::data(line));
    }
    ending.outcome.exit_code()
}

/// Takes such a run up to write into its journal.
pub(super) fn take_up<'a>(store: &'a Store, id: &RunId) -> Result<CrewJournal<'a>, CommandError> {
    CrewJournal::take_up(store, id).map_err(|err| match &err {
        JournalError::Lock(lock) => lock_error(lock),
        _ => environment(err),
    })
}

/// Asks `control` of one that nobody drives: it holds once it is resumed. Nothing when it is no such run; else why
/// not, if so.
pub(super) fn ask_undriven(
    store: &Store,
    id: &RunId,
    control: &Control,
) -> Result<Option<Result<(), Refused>>, CommandError> {
    if read_crew(store, id).map_err(environment)?.is_none() {
        return Ok(None);
    }
    let mut journal = take_up(store, id)?;
    if journal.crew().ended.is_none() && is_for_now(control) {
        return Ok(Some(Err(Refused::CutOff)));
    }
    match ask_crew(&mut journal, control, &user_name(), now()) {
        Ok(()) => Ok(Some(Ok(()))),
        Err(CrewError::Rejected(Rejected::Control(why))) => Ok(Some(Err(Refused::Run(why)))),
        Err(err) => Err(environment(err)),
    }
}

/// The crew of this name, if it is one.
pub(super) fn of(store: &Store, run: &Run) -> Option<Crew> {
    read_crew(store, &run.id).ok().flatten()
}

/// A run that does a task of another one is gone on with by that one.
pub(super) fn refuse_part(run: &Run, what: &str) -> Result<(), CommandError> {
    let Some(part) = &run.part else { return Ok(()) };
    let message = format!("run {} does task {} of run {}", run.id, part.task, part.of);
    Err(CommandError::user(message).hint(format!("loki {what} {}", part.of)))
}

/// How it stands, and each of its tasks.
pub(super) fn text(crew: &Crew, run: &Run, is_driven: bool) -> Vec<String> {
    let state = match (&crew.ended, is_driven) {
        (Some(ending), _) => format!("{} ({})", ending.outcome.label(), ending.reason),
        (None, true) if crew.paused => "paused; loki resume goes on".to_owned(),
        (None, true) => format!("running, {} tasks under way", crew.running()),
        (None, false) => "cut off; loki resume goes on".to_owned(),
    };
    let mut lines = vec![
        format!("run        {}  {}", crew.id, harmless(&crew.spec.title)),
        format!("state      {state}"),
        format!("begun      {}", date_and_time(crew.created_at)),
        format!("agent      {}", crew.settings.provider),
        format!("spent      {}", spent(run)),
    ];
    if let Some((_, verdict)) = &crew.judged {
        lines.push(format!("verdict    {} (of what is merged)", verdict.label()));
    }
    if let Some(base) = &crew.base {
        let from = base.branch.as_deref().unwrap_or("no branch");
        lines.push(format!(
            "branch     {}, from {} at {}",
            base.onto,
            harmless(from),
            base.commit.short()
        ));
    }
    for ask in &crew.asks {
        if let Ask { control: Control::Steer { text }, by, .. } = ask {
            lines.push(format!("told       {}: {}", harmless(by), harmless(&one_line(text, 100))));
        }
    }
    lines.push(format!("tasks      {}, {}", crew.tasks.len(), in_words(crew.jobs)));
    lines.extend(task_lines(crew));
    lines
}

/// A line for each task.
pub(super) fn task_lines(crew: &Crew) -> Vec<String> {
    let line = |errand: &Errand| {
        let Errand { task, standing, attempt, run, sent_back, .. } = errand;
        let mut text = format!("  {:<8} {:<8}", task.id, standing.label());
        if let Some(run) = run {
            text.push_str(&format!("  {run}"));
        }
        text.push_str(&format!("  {}", one_line(&task.title, 70)));
        if let Standing::Failed { reason, .. } = standing {
            text.push_str(&format!(" ({})", one_line(reason, 120)));
        } else if let Some(back) = sent_back.last().filter(|_| *attempt > 1) {
            text.push_str(&format!(" (attempt {attempt}: {})", one_line(&why(back), 120)));
        } else if *standing == Standing::Waiting && !task.after.is_empty() {
            text.push_str(&format!(" (after {})", task.after.join(", ")));
        }
        harmless(&text)
    };
    crew.tasks.iter().map(line).collect()
}

/// The same for programs.
pub(super) fn document(crew: &Crew) -> Value {
    let task = |errand: &Errand| {
        json!({
            "id": errand.task.id,
            "title": errand.task.title,
            "role": errand.task.role,
            "requirements": errand.task.requirements,
            "after": errand.task.after,
            "scope": errand.task.scope,
            "state": errand.standing.label(),
            "attempt": errand.attempt,
            "run": errand.run,
            "sent_back": errand.sent_back,
            "budget_usd": errand.share.map(Usd::dollars),
            "tokens_max": errand.tokens,
        })
    };
    json!(crew.tasks.iter().map(task).collect::<Vec<_>>())
}

/// What happened, why, and what to do next.
pub(super) fn explained(crew: &Crew, is_driven: bool) -> Vec<String> {
    let id = &crew.id;
    if crew.discarded.is_some() {
        return vec![format!("run {id} was discarded; its journal stays")];
    }
    let (mut lines, next) = match &crew.ended {
        Some(ending) => {
            let calls = crew.calls();
            let plural = if calls == 1 { "" } else { "s" };
            let what = format!(
                "run {id} ended {} after {calls} agent call{plural}",
                ending.outcome.label()
            );
            let next = match ending.outcome {
                Outcome::Verified => vec![format!("loki diff {id}"), format!("loki apply {id}")],
                Outcome::VerifiedWithGaps => {
                    vec![format!("loki show {id}"), format!("loki diff {id}")]
                }
                Outcome::BudgetExhausted => vec![match crew.used_up(now()) {
                    Some(resource @ (Resource::Tokens | Resource::Time)) => more_of(resource, id),
                    _ => {
                        let budget = crew.settings.budget.map_or(10.0, |usd| usd.dollars() * 2.0);
                        format!("loki resume {id} --budget {budget:.2}")
                    }
                }],
                _ => vec![
                    format!("loki status {id}"),
                    format!("loki resume {id}    (tasks that failed begin again)"),
                ],
            };
            (vec![what, format!("  {}", ending.reason)], next)
        }
        None if is_driven && crew.paused => (
            vec![format!("run {id} is paused: no further task begins")],
            vec![format!("loki resume {id}"), format!("loki stop {id}")],
        ),
        None if is_driven => (
            vec![format!("run {id} is under way: {} tasks at once", crew.running())],
            vec![format!("loki logs -f {id}"), format!("loki stop {id}")],
        ),
        None => (
            vec![format!("run {id} was cut off; nothing is lost")],
            vec![format!("loki resume {id}")],
        ),
    };
    lines.extend(task_lines(crew));
    if let Some(base) = &crew.base {
        lines.push(format!("  what is merged is on branch {}", base.onto));
    }
    lines.push("next:".to_owned());
    lines.extend(next.into_iter().map(|next| format!("  {next}")));
    lines
}

/// What a run of tasks can not be.
pub(super) fn refuse_what_tasks_are_not(settings: &Settings) -> Result<(), CommandError> {
    if !settings.in_place {
        return Ok(());
    }
    Err(CommandError::user(
        "tasks side by side need work trees of their own, and --in-place has none",
    )
    .hint("leave --in-place out, or --jobs and --tasks"))
}
