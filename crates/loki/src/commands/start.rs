//! `loki start`

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use loki_agent::{Agent, Billing};
use loki_engine::journal::read_run;
use loki_engine::world::{now, projections, rules_problems};
use loki_engine::{CheckoutLock, Journal, RealWorld, Stop, drive};
use loki_host::git::{DiscoverError, Repo};
use loki_model::{NewRun, Outcome, Run, RunId, Settings, Spec, SpecPin, create};
use loki_spec::SpecProblem;
use loki_store::{LockError, NewRun as NewRow, RunFilter, Store};

use super::Done;
use crate::cli::{Deadlines, StartArgs};
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::{output, signals, view};

/// The agent when none is named, or an empty name.
const PROVIDER_DEFAULT: &str = "claude";
/// Enough for a refusal or two of a large task; each call costs money.
const ITERATIONS_MAX_DEFAULT: u32 = 10;

pub(super) fn start(args: &StartArgs, cx: &Context) -> Done {
    let spec = read_spec(args, cx)?;
    let provider = match args.agent.provider.as_str() {
        "" => PROVIDER_DEFAULT,
        named => named,
    };
    let agent = open_agent(provider)?;
    let repo = repository(cx)?;
    let store = cx.store()?;
    let settings = Settings {
        provider: provider.to_owned(),
        model: args.agent.model.clone(),
        iterations_max: args.max_iterations.unwrap_or(ITERATIONS_MAX_DEFAULT),
        budget: args.budget,
        in_place: args.in_place,
    };
    if !args.fresh
        && let Some(run) = unfinished(&store, &repo, &spec, &settings)?
    {
        consent(args.yes, agent.as_ref(), cx)?;
        output::talk(&format!("run {} of this spec goes on (--fresh begins a new one)", run.id));
        let limits = (args.max_iterations, args.budget);
        return super::resume::go_on(&run.id, limits, args.agent.deadlines, cx, &store);
    }
    tell_about_checkout(&repo, args.in_place, cx)?;
    consent(args.yes, agent.as_ref(), cx)?;
    let launch = Launch { spec, settings, deadlines: args.agent.deadlines };
    begin(launch, agent.as_ref(), repo, &store, cx)
}

/// Everything a new run is made of.
pub(super) struct Launch {
    pub(super) spec: Spec,
    pub(super) settings: Settings,
    pub(super) deadlines: Deadlines,
}

/// Creates a run and drives it to its end.
pub(super) fn begin(
    launch: Launch,
    agent: &dyn Agent,
    repo: Repo,
    store: &Store,
    cx: &Context,
) -> Done {
    let Launch { spec, settings, deadlines } = launch;
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let _checkout = hold_checkout(settings.in_place, &repo, store)?;
    // What would be in the way of the result is said before anything is spent.
    projections(repo.root()).map_err(|err| CommandError::user(format!("{err:#}")))?;
    refuse_unreadable_rules(&repo)?;
    let blob = serde_json::to_vec(&spec).map_err(environment)?;
    let pin = SpecPin {
        digest: spec.digest.clone(),
        blob: store.put_blob(&blob).map_err(environment)?,
        title: spec.title.clone(),
        source: spec.source.clone(),
        requirements: u32::try_from(spec.requirements.len()).unwrap_or(u32::MAX),
    };
    let at = now();
    let id = new_id();
    let row = NewRow { id: id.clone(), repo: repo.root().to_owned(), created_at: at };
    store.create_run(&row).map_err(environment)?;
    let lock = store.lock(&id).map_err(environment)?;
    let repo_path = repo.root().to_string_lossy().into_owned();
    let created = create(NewRun { id, at, repo: repo_path, spec: pin, settings });
    let mut observer = view::observer(cx.json, cx.quiet, store);
    let (mut journal, first) = Journal::begin(store, lock, &created, at).map_err(environment)?;
    observer.on_event(journal.run(), &first);
    let mut world = world(store, agent, repo, spec, stop, deadlines, cx);
    drive(&mut journal, &mut world, observer.as_mut()).map_err(environment)?;
    drop(observer);
    Ok(conclude(journal.run(), cx))
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
    agent: &'a dyn Agent,
    repo: Repo,
    spec: Spec,
    stop: Stop,
    deadlines: Deadlines,
    cx: &Context,
) -> RealWorld<'a> {
    RealWorld::new(store, agent, repo, spec, &cx.home, stop).with_deadlines(
        Duration::from_secs(deadlines.call_timeout),
        Duration::from_secs(deadlines.idle_timeout),
    )
}

/// Says how the run ended and what to type next; the exit code is the outcome's.
pub(super) fn conclude(run: &Run, cx: &Context) -> u8 {
    let Some(ending) = &run.ended else { return Outcome::Failed.exit_code() };
    if !cx.json {
        for line in super::why::lines(run) {
            output::data(&line);
        }
    }
    ending.outcome.exit_code()
}

pub(super) fn open_agent(provider: &str) -> Result<Box<dyn Agent>, CommandError> {
    loki_agent::open(provider)
        .map_err(|err| CommandError::user(chain(&err)).hint("loki start --help"))
}

/// Names a run at random; the store refuses a name that is taken.
fn new_id() -> RunId {
    use std::hash::{BuildHasher as _, Hasher as _};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    RunId::from_bits(u32::try_from(random >> 32).unwrap_or_default())
}

/// The newest run of the same spec with the same agent here that was cut off or stopped and that
/// nobody drives. Limits may differ: those given now hold.
fn unfinished(
    store: &Store,
    repo: &Repo,
    spec: &Spec,
    wanted: &Settings,
) -> Result<Option<Run>, CommandError> {
    let same = |settings: &Settings| {
        settings.provider == wanted.provider
            && settings.model == wanted.model
            && settings.in_place == wanted.in_place
    };
    let filter = RunFilter { repo: Some(repo.root()) };
    for row in store.runs(filter).map_err(environment)? {
        // A run that this loki can not read is not in the way of a new one.
        let Ok(run) = read_run(store, &row.id) else { continue };
        let cut_short = match &run.ended {
            None => true,
            Some(ending) => ending.outcome == Outcome::Stopped,
        };
        let asked_for = run.spec.digest == spec.digest && same(&run.settings);
        if asked_for && cut_short {
            if store.owner(&run.id).is_none() {
                return Ok(Some(run));
            }
            output::talk(&format!("run {} of this spec is under way; this is one more", run.id));
        }
    }
    Ok(None)
}

/// Never spends without being told to: asks on a terminal, refuses elsewhere.
pub(super) fn consent(yes: bool, agent: &dyn Agent, cx: &Context) -> Result<(), CommandError> {
    let assumed = |name: &str| {
        std::env::var(name).is_ok_and(|value| matches!(value.as_str(), "1" | "true" | "yes"))
    };
    if agent.billing() == Billing::Free
        || yes
        || assumed("LOKI_ASSUME_YES")
        || assumed("LOKI_AUTO_CONFIRM")
    {
        return Ok(());
    }
    let what = match agent.billing() {
        Billing::Paid => "is paid for by you",
        Billing::Free | Billing::Unknown => "may cost money",
    };
    let refused = || {
        CommandError::user(format!("`{}` {what}, and nobody agreed to that", agent.name()))
            .hint("add --yes")
    };
    if agreed(&format!("`{}` {what}. Go ahead?", agent.name()), cx) {
        Ok(())
    } else {
        Err(refused())
    }
}

/// Asks on a terminal; elsewhere nobody agrees to anything.
fn agreed(question: &str, cx: &Context) -> bool {
    if cx.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{question} [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
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

fn read_spec(args: &StartArgs, cx: &Context) -> Result<Spec, CommandError> {
    let (source, text) = match (&args.brief, &args.prd, &args.spec) {
        (Some(brief), _, _) => ("brief".to_owned(), brief.clone()),
        (_, Some(path), _) => read_file(path, cx)?,
        (_, _, Some(spec)) => match classify(spec, cx)? {
            loki_spec::Argument::File(path) => read_file(&path, cx)?,
            loki_spec::Argument::Brief(text) => ("brief".to_owned(), text),
        },
        (None, None, None) => read_file(&default_spec(cx)?, cx)?,
    };
    let (spec, problems) = loki_spec::read(&source, &text);
    if spec.text.trim().is_empty() {
        return Err(CommandError::user("the spec is empty").hint("loki start \"what to build\""));
    }
    if let Some(lost) = problems.iter().find(|p| matches!(p, SpecProblem::TooMany { .. })) {
        return Err(CommandError::user(format!("`{source}`: what follows {lost}")));
    }
    if !cx.quiet {
        for problem in problems {
            output::talk(&format!("spec: {problem}"));
        }
    }
    Ok(spec)
}

fn classify(argument: &str, cx: &Context) -> Result<loki_spec::Argument, CommandError> {
    let kind = |path: &Path| {
        let path = cx.directory.join(path);
        if path.is_dir() {
            loki_spec::FileKind::Directory
        } else if path.exists() {
            loki_spec::FileKind::File
        } else {
            loki_spec::FileKind::Missing
        }
    };
    loki_spec::classify(argument, kind)
        .map_err(|err| CommandError::user(chain(&err)).hint("loki start --help"))
}

fn default_spec(cx: &Context) -> Result<PathBuf, CommandError> {
    ["prd.md", "PRD.md"]
        .into_iter()
        .map(PathBuf::from)
        .find(|name| cx.directory.join(name).is_file())
        .ok_or_else(|| {
            CommandError::user("no spec was given and there is no prd.md here")
                .hint("loki start path/to/spec.md    or    loki start \"what to build\"")
        })
}

fn read_file(path: &Path, cx: &Context) -> Result<(String, String), CommandError> {
    let source = path.to_string_lossy().into_owned();
    let full = cx.directory.join(path);
    let refuse = |why: String| CommandError::user(format!("`{source}` {why}"));
    let meta = std::fs::metadata(&full)
        .map_err(|err| refuse(format!("could not be read: {err}")).hint("loki start --help"))?;
    if !meta.is_file() {
        let what = if meta.is_dir() { "is a directory" } else { "is not a regular file" };
        return Err(refuse(format!("{what}, not a spec")).hint("loki start path/to/spec.md"));
    }
    // The size first: a huge file is not worth reading.
    if meta.len() > loki_spec::SPEC_BYTES_MAX as u64 {
        let (is, max) = (meta.len() >> 20, loki_spec::SPEC_BYTES_MAX >> 20);
        return Err(refuse(format!("has {is} MiB; a spec has at most {max} MiB")));
    }
    let bytes = std::fs::read(&full).map_err(|err| refuse(format!("could not be read: {err}")))?;
    let text = loki_spec::decode(&bytes).map_err(|err| refuse(chain(&err)))?;
    Ok((source, text))
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
