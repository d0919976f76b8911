//! A run from its creation, or from where it was left, to its end.

use std::time::Duration;

use loki_agent::Agent;
use loki_engine::world::{now, rules_problems};
use loki_engine::{
    CheckoutLock, Journal, Ledger as _, Mailbox, Observer, RealWorld, Stop, control, drive,
};
use loki_host::git::Repo;
use loki_model::{NewRun, Outcome, Plan, Run, RunId, Settings, Spec, SpecPin, Timestamp, create};
use loki_store::{LockError, NewRun as NewRow, RunLock, Store};
use loki_verify::verify_dir;

use super::crew::agent_settings_quietly;
use super::{Done, sandbox};
use crate::cli::{Deadlines, SandboxArgs};
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::{output, signals, view};

/// Everything a new run is made of.
pub(super) struct Launch {
    pub(super) spec: Spec,
    pub(super) settings: Settings,
    /// What was planned, if anything was.
    pub(super) plan: Option<Plan>,
    pub(super) bounds: Bounds,
}

/// What agents and judged commands are held to in this process.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) deadlines: Deadlines,
    pub(super) sandbox: SandboxArgs,
}

/// Creates a run and drives it to its end.
pub(super) fn begin(
    launch: Launch,
    agents: &[Box<dyn Agent>],
    repo: Repo,
    store: &Store,
    cx: &Context,
) -> Done {
    let Launch { spec, settings, plan, bounds } = launch;
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let _checkout = hold_checkout(settings.in_place, &repo, store)?;
    let repo_path = checked(&repo)?;
    let pin = pin(&spec, store)?;
    let at = now();
    let (id, lock) = reserve(&repo, store, at)?;
    let created = create(NewRun { id, at, repo: repo_path, spec: pin, settings, plan });
    let mut observer = view::observer(cx.json, cx.quiet, store);
    let (mut journal, first) = Journal::begin(store, lock, &created, at).map_err(environment)?;
    observer.on_event(journal.run(), &first);
    let mut world = world(store, agents, repo, spec, stop, bounds, cx);
    drive_to_the_end(&mut journal, &mut world, observer.as_mut(), cx)?;
    drop(observer);
    Ok(conclude(journal.run(), cx))
}

/// The path of the repository. What would be in the way of a result is said before anything is spent.
pub(super) fn checked(repo: &Repo) -> Result<String, CommandError> {
    let path = repo.root().to_str().map(str::to_owned).ok_or_else(|| {
        CommandError::user(format!("`{}` is not valid UTF-8", repo.root().display()))
            .hint("move the repository to a directory with another name")
    })?;
    verify_dir(repo.root()).map_err(|err| CommandError::user(chain(&err)))?;
    refuse_unreadable_rules(repo)?;
    Ok(path)
}

/// Keeps the spec as it is now.
pub(super) fn pin(spec: &Spec, store: &Store) -> Result<SpecPin, CommandError> {
    let blob = serde_json::to_vec(spec).map_err(environment)?;
    Ok(SpecPin {
        digest: spec.digest.clone(),
        blob: store.put_blob(&blob).map_err(environment)?,
        title: spec.title.clone(),
        source: spec.source.clone(),
        requirements: u32::try_from(spec.requirements.len()).unwrap_or(u32::MAX),
    })
}

/// Drives the run, and hears what other processes ask of it meanwhile.
pub(super) fn drive_to_the_end(
    journal: &mut Journal<'_>,
    world: &mut RealWorld<'_>,
    observer: &mut dyn Observer,
    cx: &Context,
) -> Result<(), CommandError> {
    let mailbox = Mailbox::new();
    let server = control::serve(&cx.home, &journal.run().id, mailbox.slot());
    if let Err(err) = &server {
        // The run itself does not need it.
        output::talk(&format!("this run can not be paused or steered from elsewhere: {err}"));
    }
    let driven = drive(journal, world, observer, &mailbox);
    // First the mailbox: who still waits for an answer gets none, and the server ends.
    drop(mailbox);
    drop(server);
    driven.map_err(environment)
}

/// A rule of the judge that can not be read must not be left out silently.
fn refuse_unreadable_rules(repo: &Repo) -> Result<(), CommandError> {
    let problems =
        rules_problems(repo).map_err(|err| CommandError::environment(format!("{err:#}")))?;
    if problems.is_empty() {
        return Ok(());
    }
    let message =
        format!("the committed .loki/config.toml can not be followed: {}", problems.join("; "));
    Err(CommandError::user(message).hint("correct it and commit it; see docs/configuration.md"))
}

/// Two agents in one checkout would be judged by each other's work.
pub(super) fn hold_checkout(
    in_place: bool,
    repo: &Repo,
    store: &Store,
) -> Result<Option<CheckoutLock>, CommandError> {
    if !in_place {
        return Ok(None);
    }
    match CheckoutLock::take(store.home(), repo.root()).map_err(environment)? {
        Some(lock) => Ok(Some(lock)),
        None => Err(CommandError::user("another run works in this checkout, in place")
            .hint("loki stop    or leave --in-place out")),
    }
}

pub(super) fn world<'a>(
    store: &'a Store,
    agents: &'a [Box<dyn Agent>],
    repo: Repo,
    spec: Spec,
    stop: Stop,
    Bounds { deadlines, sandbox }: Bounds,
    cx: &Context,
) -> RealWorld<'a> {
    RealWorld::new(store, agents, repo, spec, &cx.home, stop)
        .with_deadlines(
            Duration::from_secs(deadlines.call_timeout),
            Duration::from_secs(deadlines.idle_timeout),
        )
        .with_isolation(sandbox::isolation(sandbox, &cx.home))
        .with_agents_using(agent_settings_quietly(cx).sandbox)
}

/// Says how the run ended and what to type next; the exit code is the outcome's.
pub(super) fn conclude(run: &Run, cx: &Context) -> u8 {
    let Some(ending) = &run.ended else { return Outcome::Failed.exit_code() };
    if !cx.json {
        for line in super::why::lines(run) {
            output::data(&line);
        }
        super::ledger::tell_again(run);
    }
    ending.outcome.exit_code()
}

pub(super) fn open_agent(provider: &str) -> Result<Box<dyn Agent>, CommandError> {
    loki_agent::open(provider)
        .map_err(|err| CommandError::user(chain(&err)).hint("loki start --help"))
}

/// A name that nobody else has, and the lock of whoever drives what is called so.
pub(super) fn reserve(
    repo: &Repo,
    store: &Store,
    at: Timestamp,
) -> Result<(RunId, RunLock), CommandError> {
    let id = new_id();
    let row = NewRow { id: id.clone(), repo: repo.root().to_owned(), created_at: at };
    store.create_run(&row).map_err(environment)?;
    let lock = store.lock(&id).map_err(environment)?;
    Ok((id, lock))
}

/// Names a run at random; the store refuses a name that is taken.
pub(super) fn new_id() -> RunId {
    use std::hash::{BuildHasher as _, Hasher as _};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    RunId::from_bits(u32::try_from(random >> 32).unwrap_or_default())
}

/// A run that someone else drives is theirs.
pub(super) fn lock_error(err: &LockError) -> CommandError {
    match err {
        LockError::Held { .. } => {
            CommandError::user(chain(err)).hint("loki logs -f    or    loki stop")
        }
        _ => CommandError::environment(chain(err)),
    }
}
