//! The real world: effects carried out on this machine.

mod act;
mod checkpoint;
mod compose;
mod judge;
mod prepare;
mod result;
mod snapshot;

use std::cell::OnceCell;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loki_agent::{Agent, Hold, SandboxSettings};
use loki_host::git::Repo;
use loki_host::process::{Cancel, Limits};
use loki_model::{
    Digest, Effect, EffectKind, EffectResult, Finding, Run, Spec, StopCause, Timestamp, Workspace,
};
use loki_store::Store;
use loki_verify::{Config, Isolation};

use crate::drive::{OnProgress, World};

/// Reads the clock of this machine.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A request to stop, shared with whoever may make it (a signal thread, a server).
#[derive(Clone)]
pub struct Stop {
    cancel: Cancel,
    cause: Arc<AtomicU8>,
}

impl Stop {
    const NONE: u8 = 0;
    const INTERRUPT: u8 = 1;
    const TERMINATE: u8 = 2;

    /// Nobody asks for a stop yet.
    pub fn new() -> std::io::Result<Stop> {
        Ok(Stop { cancel: Cancel::new()?, cause: Arc::new(AtomicU8::new(Stop::NONE)) })
    }

    /// Ends what is under way; the first cause stays.
    pub fn request(&self, by: StopCause) {
        let cause = match by {
            StopCause::Interrupt => Stop::INTERRUPT,
            StopCause::Terminate => Stop::TERMINATE,
        };
        let _ = self.cause.compare_exchange(Stop::NONE, cause, Ordering::SeqCst, Ordering::SeqCst);
        self.cancel.pull();
    }

    /// Is pulled by the first request.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Who asked, if anyone did.
    pub fn requested(&self) -> Option<StopCause> {
        match self.cause.load(Ordering::SeqCst) {
            Stop::INTERRUPT => Some(StopCause::Interrupt),
            Stop::TERMINATE => Some(StopCause::Terminate),
            _ => None,
        }
    }
}

/// This machine, as one run needs it.
pub struct RealWorld<'a> {
    store: &'a Store,
    agents: &'a [Box<dyn Agent>],
    repo: Repo,
    spec: Spec,
    /// Where worktrees and clean copies are: beside the trusted state, never in it.
    work: PathBuf,
    stop: Stop,
    limits: Limits,
    isolation: Isolation,
    /// What agents may use besides what they need.
    sandbox: SandboxSettings,
    judging: OnceCell<(Config, Vec<Finding>)>,
}

impl<'a> RealWorld<'a> {
    /// Longest call of an agent, unless told otherwise.
    pub const CALL_TOTAL: Duration = Duration::from_secs(2 * 3600);
    /// Longest silence of an agent, unless told otherwise.
    pub const CALL_IDLE: Duration = Duration::from_secs(15 * 60);
    /// Kept of each output of a call.
    const CALL_OUTPUT_BYTES_MAX: usize = 16 << 20;

    /// A world for a run of `spec` in `repo`, with trust under `home`. Calls are made of those
    /// among `agents` that the run chooses.
    pub fn new(
        store: &'a Store,
        agents: &'a [Box<dyn Agent>],
        repo: Repo,
        spec: Spec,
        home: &Path,
        stop: Stop,
    ) -> RealWorld<'a> {
        let limits = Limits {
            total: Self::CALL_TOTAL,
            idle: Some(Self::CALL_IDLE),
            output_bytes_max: Self::CALL_OUTPUT_BYTES_MAX,
            ..Limits::default()
        };
        let repo = repo.with_cancel(&stop.cancel);
        let (work, judging) = (work_dir(home), OnceCell::new());
        let isolation = Isolation { hidden: vec![home.to_owned()], ..Isolation::default() };
        let sandbox = SandboxSettings::NONE;
        RealWorld { store, agents, repo, spec, work, stop, limits, isolation, sandbox, judging }
    }

    /// The same world with other deadlines for calls.
    #[must_use]
    pub fn with_deadlines(mut self, total: Duration, idle: Duration) -> RealWorld<'a> {
        self.limits.total = total;
        self.limits.idle = Some(idle);
        self
    }
}

impl RealWorld<'_> {
    /// The same world with other bounds for agents and for the commands that judging runs.
    #[must_use]
    pub fn with_isolation(self, isolation: Isolation) -> Self {
        Self { isolation, ..self }
    }

    /// The same world with agents that may use more than they need.
    #[must_use]
    pub fn with_agents_using(self, sandbox: SandboxSettings) -> Self {
        Self { sandbox, ..self }
    }

    /// What calls of agents are held to.
    fn hold(&self) -> Hold {
        Hold {
            level: self.isolation.level,
            network: self.isolation.network,
            hidden: self.isolation.hidden.clone(),
            work: Some(self.work.clone()),
            git: Some(self.repo.common_dir().to_owned()),
            settings: self.sandbox.clone(),
        }
    }
}

/// What an executor returns: what went wrong becomes [`EffectResult::Failed`].
type Done = Result<EffectResult, anyhow::Error>;

impl World for RealWorld<'_> {
    fn now(&self) -> Timestamp {
        now()
    }

    fn stop_requested(&self) -> Option<StopCause> {
        self.stop.requested()
    }

    fn rope(&self) -> std::io::Result<Cancel> {
        self.stop.cancel.child()
    }

    fn perform(
        &mut self,
        run: &Run,
        effect: &Effect,
        rope: &Cancel,
        progress: &mut OnProgress<'_>,
    ) -> EffectResult {
        if self.stop.requested().is_some() {
            return EffectResult::Interrupted;
        }
        let done = match &effect.kind {
            EffectKind::PrepareWorkspace => self.prepare_workspace(run),
            EffectKind::ComposePrompt { .. } => self.compose_prompt(run),
            EffectKind::Hold => Ok(self.wait(Duration::MAX, rope)),
            EffectKind::WaitUntil { until } => {
                Ok(self.wait(Duration::from_millis(until.millis_since(now())), rope))
            }
            EffectKind::CallAgent { .. } => self.call_agent(run, &effect.kind, rope, progress),
            EffectKind::TakeSnapshot => self.take_snapshot(run),
            EffectKind::JudgeTree => self.judge_tree(run, progress),
            EffectKind::WriteResult { outcome } => self.write_result(run, *outcome),
        };
        // A call that was made is never taken back; all else that a stop cut short never happened.
        let made = matches!(effect.kind, EffectKind::CallAgent { .. });
        done.unwrap_or_else(|err| {
            if self.stop.requested().is_some() && !made {
                return EffectResult::Interrupted;
            }
            EffectResult::Failed { reason: format!("{err:#}") }
        })
    }
}

impl RealWorld<'_> {
    fn wait(&self, at_most: Duration, rope: &Cancel) -> EffectResult {
        let _ = rope.sleep(at_most);
        match self.stop.requested() {
            Some(_) => EffectResult::Interrupted,
            None => EffectResult::Waited,
        }
    }

    /// How the run's changes are judged: settings of the tree that it started from, which can not
    /// change any more.
    fn judging(&self, run: &Run, workspace: &Workspace) -> &(Config, Vec<Finding>) {
        self.judging.get_or_init(|| {
            // A task of a crew may start from what other agents have written.
            let rules = run.part.as_ref().map_or(&workspace.start_tree, |part| &part.rules);
            let (mut config, findings) = Config::at_base(&self.repo, rules, now());
            config.isolation = self.isolation.clone();
            (config, findings)
        })
    }

    fn scratch(&self, run: &Run) -> PathBuf {
        self.work.join("judge").join(run.id.as_str())
    }
}

/// What of the rules in the commit that is checked out can not be followed, one sentence each.
pub fn rules_problems(repo: &Repo) -> anyhow::Result<Vec<String>> {
    let Some(commit) = repo.head()?.commit().cloned() else { return Ok(Vec::new()) };
    let (_, findings) = Config::at_base(repo, &repo.tree_of(&commit)?, now());
    Ok(findings.into_iter().map(|finding| finding.message).collect())
}

/// Where worktrees and clean copies are: beside the trusted state, never in it.
pub fn work_dir(home: &Path) -> PathBuf {
    let mut name = home.as_os_str().to_owned();
    name.push(".work");
    PathBuf::from(name)
}

/// Keeps a second run from working in the same checkout. The kernel lets go of it on death.
pub struct CheckoutLock {
    _file: File,
}

impl CheckoutLock {
    /// Takes the lock of the checkout at `root`; nothing when somebody has it.
    pub fn take(home: &Path, root: &Path) -> std::io::Result<Option<CheckoutLock>> {
        let name = Digest::of(root.as_os_str().as_encoded_bytes());
        let path = home.join("locks").join(format!("checkout-{}.lock", name.short()));
        let file = File::options().create(true).write(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(CheckoutLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(err)) => Err(err),
        }
    }
}
