//! Brings one agent into one situation.

use std::path::PathBuf;
use std::time::Duration;

use loki_agent::{Agent, AgentEvent, CallSpec, Hold, SandboxSettings};
use loki_host::git::Repo;
use loki_host::process::{Cancel, Limits};
use loki_host::sandbox::Network;
use loki_host::watch::Watch;
use loki_model::{Activity, AgentOutcome, CallReport, Deadline, Price, SandboxLevel, Tier, Usd};
use loki_testkit::model_server::MainRequests;
use loki_testkit::{ModelScript, ModelServer, TestRepo, require_tool, scripted_agent};

use crate::client::{Cell, Client, Program, Site, Wire, Wish};
use crate::processes;
use crate::scenario::Scenario;

/// A call that takes longer than this is broken.
const PATIENCE: Duration = Duration::from_secs(120);
/// A dollar for a million tokens of any kind.
pub(crate) const PRICE: Price = Price {
    input: Usd(1_000_000),
    output: Usd(1_000_000),
    cache_read: Usd(1_000_000),
    cache_write: Usd(1_000_000),
};

/// Plays `scenario` with `client` and fails unless it ends as the tables say; says so when the
/// client is not installed.
pub(crate) fn run(client: &'static Client, scenario: &Scenario) {
    let Some(program) = program_of(client) else { return };
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let hold = hold(&repo);
    let stage = Stage { client, program, repo, hold };
    let seen = (scenario.play)(&stage);
    let expected = match client.cell(scenario) {
        Cell::Ends(class) | Cell::EndsElse(class, _) => class,
        Cell::CanNot(why) => panic!("{why}"),
    };
    let class = class_of(&seen.report.outcome);
    let as_expected = expected.split(" or ").any(|expected| expected == class);
    let Seen { report, stdout, stderr, .. } = &seen;
    assert!(as_expected, "{class}, not {expected}: {:?}\n{stdout}\n{stderr}", report.outcome);
    let left = processes::left_of(&stage.repo);
    assert!(left.is_empty(), "still running: {left:#?}");
}

/// As a run holds its agents, with all that this system has.
fn hold(repo: &TestRepo) -> Hold {
    Hold {
        level: SandboxLevel::Standard,
        network: Network::OwnLoopback,
        hidden: vec![repo.loki_home()],
        work: Some(repo.beside("loki-home.work")),
        git: Some(repo.root().join(".git")),
        settings: SandboxSettings { write: vec![repo.stage("")], ..SandboxSettings::NONE },
    }
}

fn program_of(client: &Client) -> Option<PathBuf> {
    match client.program {
        Program::Installed(name) => require_tool(name),
        Program::Scripted => Some(scripted_agent()),
        Program::BuiltIn => Some(PathBuf::new()),
    }
}

/// The name of a kind of end, as in the page.
pub(crate) fn class_of(outcome: &AgentOutcome) -> &'static str {
    match outcome {
        AgentOutcome::Completed => "completed",
        AgentOutcome::RateLimited { until: None } => "rate_limited",
        AgentOutcome::RateLimited { until: Some(_) } => "rate_limited until",
        AgentOutcome::Overloaded => "overloaded",
        AgentOutcome::Auth => "auth",
        AgentOutcome::ModelNotFound => "model_not_found",
        AgentOutcome::ContextExceeded => "context_exceeded",
        AgentOutcome::Quota { until: None } => "quota",
        AgentOutcome::Quota { until: Some(_) } => "quota until",
        AgentOutcome::BudgetReached => "budget_reached",
        AgentOutcome::TimedOut { deadline: Deadline::Idle } => "timed_out idle",
        AgentOutcome::TimedOut { deadline: Deadline::Total } => "timed_out total",
        AgentOutcome::Crashed { .. } => "crashed",
        AgentOutcome::Cancelled => "cancelled",
        AgentOutcome::Garbage => "garbage",
        AgentOutcome::NotStarted { .. } => "not_started",
    }
}

/// One agent, and a repository that it works in.
pub(crate) struct Stage<'a> {
    pub(crate) client: &'a Client,
    pub(crate) repo: TestRepo,
    program: PathBuf,
    hold: Hold,
}

impl Stage<'_> {
    pub(crate) fn wire(&self) -> Wire {
        self.client.wire
    }

    /// A service that plays `script`, and the agent that talks to it.
    pub(crate) fn serve(&self, script: ModelScript) -> Service<'_> {
        self.serve_as(Wish::Plain, script)
    }

    pub(crate) fn serve_as(&self, wish: Wish, mut script: ModelScript) -> Service<'_> {
        if self.wire() == Wire::ChatWithoutTools {
            script.main = MainRequests::Always;
        }
        // Not every client tells its model where it works.
        let script = script.var("cwd", &self.repo.root().to_string_lossy());
        let server = ModelServer::start(script.clone());
        let agent = self.agent(wish, server.base_url(), &script);
        Service { stage: self, server: Some(server), agent }
    }

    /// The agent, and nobody where its service should be.
    pub(crate) fn serve_nothing(&self) -> Service<'_> {
        let base_url = ModelServer::start(ModelScript::default()).base_url();
        let agent = self.agent(Wish::Plain, base_url, &ModelScript::default());
        Service { stage: self, server: None, agent }
    }

    fn agent(&self, wish: Wish, base_url: String, script: &ModelScript) -> Box<dyn Agent> {
        let site = Site { program: &self.program, base_url, repo: &self.repo, script, wish };
        (self.client.build)(&site)
    }
}

/// An agent and its service.
pub(crate) struct Service<'a> {
    stage: &'a Stage<'a>,
    server: Option<ModelServer>,
    agent: Box<dyn Agent>,
}

/// What one call came to.
pub(crate) struct Seen {
    pub(crate) report: CallReport,
    pub(crate) activities: Vec<Activity>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Seen {
    pub(crate) fn was_retried(&self) -> bool {
        self.activities.iter().any(|seen| matches!(seen, Activity::Retrying { .. }))
    }
}

impl Service<'_> {
    /// Asked for so far; 0 where there is no service.
    pub(crate) fn requests(&self) -> usize {
        self.server.as_ref().map_or(0, |server| server.main_requests().len())
    }

    /// The body of request number `index` as text; empty where there is none.
    pub(crate) fn request(&self, index: usize) -> String {
        let requests = self.server.as_ref().map(ModelServer::main_requests).unwrap_or_default();
        requests.get(index).map(|request| request.body.to_string()).unwrap_or_default()
    }

    pub(crate) fn call(&self) -> Seen {
        self.call_with(|_| {})
    }

    /// The same within the client's idle limit.
    pub(crate) fn call_briefly(&self) -> Seen {
        let idle = Some(self.stage.client.idle);
        self.call_with(|spec| spec.limits.idle = idle)
    }

    pub(crate) fn call_with<'s>(&'s self, change: impl FnOnce(&mut CallSpec<'s>)) -> Seen {
        let mut spec = self.spec();
        change(&mut spec);
        self.make(&spec, &Cancel::new().unwrap())
    }

    /// A call during which `act` runs on another thread as soon as the file `path` is in the
    /// repository.
    pub(crate) fn call_until_there_is(&self, path: &str, act: impl FnOnce(&Cancel) + Send) -> Seen {
        let repo = Repo::discover(self.stage.repo.root()).unwrap();
        let file = self.stage.repo.root().join(path);
        let is_there = |over: &Cancel| {
            let watch = Watch::new(&repo, over).unwrap();
            loop {
                let next = watch.next().unwrap();
                if file.exists() {
                    return true;
                }
                if next.sleep(PATIENCE) && over.is_pulled() {
                    return false;
                }
            }
        };
        self.call_until(is_there, act)
    }

    /// A call during which `act` runs on another thread as soon as the service was asked.
    pub(crate) fn call_until_asked(&self, act: impl FnOnce(&Cancel) + Send) -> Seen {
        let server = self.server.as_ref().unwrap();
        self.call_until(|_| server.wait_for_main_requests(1, PATIENCE), act)
    }

    /// `is_time` waits until it is; it is over when the rope that it gets is pulled.
    fn call_until(
        &self,
        is_time: impl FnOnce(&Cancel) -> bool + Send,
        act: impl FnOnce(&Cancel) + Send,
    ) -> Seen {
        let (cancel, over) = (Cancel::new().unwrap(), Cancel::new().unwrap());
        std::thread::scope(|scope| {
            let (cancel, ended) = (&cancel, &over);
            scope.spawn(move || {
                if is_time(ended) {
                    act(cancel);
                }
            });
            let seen = self.make(&self.spec(), cancel);
            over.pull();
            seen
        })
    }

    fn make(&self, spec: &CallSpec<'_>, cancel: &Cancel) -> Seen {
        let mut activities = Vec::new();
        let result = self.agent.call(spec, cancel, &mut |event| {
            if let AgentEvent::Activity(activity) = event {
                activities.push(activity);
            }
        });
        Seen {
            report: result.report,
            activities,
            stdout: result.stdout.text(),
            stderr: result.stderr.text(),
        }
    }

    fn spec(&self) -> CallSpec<'_> {
        CallSpec {
            cwd: self.stage.repo.root(),
            prompt: "Do what is to be done.",
            call: 1,
            tier: Tier::Development,
            model: self.stage.client.model,
            price: Some(PRICE),
            effort: None,
            fallback_model: None,
            resume: None,
            budget_left: None,
            sub_agents: &[],
            limits: Limits { total: PATIENCE, ..Limits::default() },
            hold: &self.stage.hold,
        }
    }
}
