//! Real agents over the Agent Client Protocol, offline, against the scripted model server. Each is
//! skipped when it is not there.

use std::path::Path;
use std::time::Duration;

use loki_agent::{AcpAgent, Permission};
use loki_host::process::{Cancel, Limits};
use loki_model::{Activity, AgentOutcome, Claim, Cost, TokenUsage, Usd};
use loki_testkit::{ModelScript, ModelServer, ModelStep, TestRepo, require_tool};

use crate::acp_agents::{claude, cline, codex, gemini, opencode};
use crate::support::{call, call_until, spec};

/// Their adapters start several programs one after the other.
const PATIENCE: Duration = Duration::from_secs(150);

/// A server that plays `script`, and the agent that talks to it.
struct Setting {
    repo: TestRepo,
    server: ModelServer,
    agent: AcpAgent,
}

type Build = fn(&Path, &str, &Path) -> AcpAgent;

fn setting(program: &str, build: Build, script: ModelScript) -> Option<Setting> {
    let program = require_tool(program)?;
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let home = repo.home();
    std::fs::create_dir_all(&home).unwrap();
    let script = script.var("cwd", repo.root().to_str().unwrap());
    let server = ModelServer::start(script);
    let agent = build(&program, &server.base_url(), &home);
    Some(Setting { repo, server, agent })
}

fn patient<'a>(cwd: &'a Path, prompt: &'a str) -> loki_agent::CallSpec<'a> {
    let spec = spec(cwd, prompt);
    loki_agent::CallSpec { limits: Limits { total: PATIENCE, ..spec.limits }, ..spec }
}

fn finished() -> ModelStep {
    ModelStep::said("Finished.\nLOKI: DONE").usage(1400, 20, 1300)
}

fn work() -> ModelScript {
    ModelScript::new([
        ModelStep::said("Writing.").write("hello.txt", "hello\n").usage(1200, 40, 300),
        ModelStep::said("Checking.").shell("wc -c hello.txt > check.txt").usage(1300, 30, 1200),
        finished(),
    ])
}

/// Lets `agent` do the [`work`]; returns what it says that it used.
fn works(setting: &Setting) -> loki_model::CallReport {
    let Setting { repo, server, agent } = setting;
    let (result, activities) = call(agent, &patient(repo.root(), "Write hello.txt."));
    let report = result.report;
    let said = || format!("{}\n{}", result.stdout.text(), result.stderr.text());
    assert_eq!(report.outcome, AgentOutcome::Completed, "{}", said());
    assert_eq!(report.claim, Claim::Done);
    assert_eq!(report.final_text, "Finished.\nLOKI: DONE");
    assert!(report.session.is_some());
    assert_eq!(repo.read("hello.txt").trim(), "hello");
    assert!(repo.read("check.txt").trim().ends_with("hello.txt"));
    assert!(server.main_requests()[0].body.to_string().contains("Write hello.txt."));
    let tools = activities.iter().filter(|seen| matches!(seen, Activity::Used { .. })).count();
    assert_eq!(tools, 2, "{activities:?}");
    report
}

fn goes_on(setting: &Setting) {
    let Setting { repo, server, agent } = setting;
    let mut spec = patient(repo.root(), "Go on.");
    let (first, _) = call(agent, &spec);
    spec.resume = first.report.session.as_deref();
    assert!(spec.resume.is_some(), "{}", first.stdout.text());
    let before = server.main_requests().last().unwrap().body.to_string().matches("Go on.").count();
    let (second, activities) = call(agent, &spec);
    assert_eq!(second.report.outcome, AgentOutcome::Completed, "{}", second.stdout.text());
    assert_eq!(second.report.session, first.report.session);
    let after = server.main_requests().last().unwrap().body.to_string().matches("Go on.").count();
    assert!(after > before, "{before} {after}");
    assert_eq!(activities.len(), 1, "{activities:?}");
    let costs = [first, second].map(|result| result.report.usage.cost);
    if let [Cost::Known { usd: first }, Cost::Known { usd: second }] = costs {
        // Totals of the session are not taken for those of the call.
        assert!(second.0 * 2 < first.0 * 3, "{costs:?}");
    }
}

fn is_stopped(setting: &Setting) {
    let Setting { repo, agent, .. } = setting;
    let cancel = Cancel::new().unwrap();
    let (result, _) = call_until(agent, &patient(repo.root(), "Go."), &cancel, &mut |seen| {
        if matches!(seen, Activity::Used { .. }) {
            cancel.pull();
        }
    });
    assert_eq!(result.report.outcome, AgentOutcome::Cancelled, "{}", result.stdout.text());
    assert!(!repo.root().join("late").exists());
}

fn waits() -> ModelScript {
    ModelScript::new([ModelStep::said("Waiting.").shell("sleep 1.5; sleep 1.5; touch late")])
}

const CLAUDE: &str = "claude-agent-acp";
const CODEX: &str = "codex-acp";
const OPENCODE: &str = "opencode";
const CLINE: &str = "cline";
const GEMINI: &str = "gemini";

#[test]
fn claude_works_over_the_protocol_and_tells_what_it_used() {
    let Some(setting) = setting(CLAUDE, claude, work()) else { return };
    let report = works(&setting);
    let tokens = TokenUsage { input: 3900, output: 90, cache_read: 2800, cache_write: 0 };
    assert_eq!(report.usage.tokens, Some(tokens));
    assert!(matches!(report.usage.cost, Cost::Known { usd } if usd > Usd(13_000)), "{report:?}");
}

#[test]
fn claude_goes_on_over_the_protocol() {
    let script = ModelScript::always(finished());
    let Some(setting) = setting(CLAUDE, claude, script) else { return };
    goes_on(&setting);
}

#[test]
fn claude_is_stopped_over_the_protocol() {
    let Some(setting) = setting(CLAUDE, claude, waits()) else { return };
    is_stopped(&setting);
}

#[test]
fn claude_is_refused_permission_over_the_protocol() {
    let Some(Setting { repo, server: _server, agent }) = setting(CLAUDE, claude, work()) else {
        return;
    };
    let agent = agent.permission(Permission::Deny);
    let (result, activities) = call(&agent, &patient(repo.root(), "Write hello.txt."));
    assert!(!repo.root().join("hello.txt").exists());
    assert!(activities.iter().any(|seen| matches!(seen, Activity::ToolFailed { .. })));
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
}

#[test]
fn codex_works_over_the_protocol_and_tells_its_tokens() {
    let Some(setting) = setting(CODEX, codex, work()) else { return };
    let report = works(&setting);
    let tokens = TokenUsage { input: 3900, output: 90, cache_read: 2800, cache_write: 0 };
    assert_eq!(report.usage.tokens, Some(tokens));
}

#[test]
fn codex_goes_on_over_the_protocol() {
    let script = ModelScript::always(finished());
    let Some(setting) = setting(CODEX, codex, script) else { return };
    goes_on(&setting);
}

#[test]
fn codex_that_gives_up_on_too_many_requests_has_not_completed() {
    let script = ModelScript::always(ModelStep::failed(429).header("retry-after", "1"));
    let Some(Setting { repo, server: _server, agent }) = setting(CODEX, codex, script) else {
        return;
    };
    let (result, _) = call(&agent, &patient(repo.root(), "Go."));
    let limited = AgentOutcome::RateLimited { until: None };
    assert_eq!(result.report.outcome, limited, "{}", result.stdout.text());
}

#[test]
fn opencode_works_over_the_protocol() {
    let Some(setting) = setting(OPENCODE, opencode, work()) else { return };
    let report = works(&setting);
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd(13_890) });
}

#[test]
fn opencode_goes_on_over_the_protocol() {
    let script = ModelScript::always(finished());
    let Some(setting) = setting(OPENCODE, opencode, script) else { return };
    goes_on(&setting);
}

#[test]
fn cline_works_over_the_protocol() {
    let Some(setting) = setting(CLINE, cline, work()) else { return };
    works(&setting);
}

#[test]
fn cline_goes_on_over_the_protocol() {
    let script = ModelScript::always(finished());
    let Some(setting) = setting(CLINE, cline, script) else { return };
    goes_on(&setting);
}

#[test]
fn gemini_works_over_the_protocol() {
    let Some(setting) = setting(GEMINI, gemini, work()) else { return };
    let report = works(&setting);
    assert!(report.usage.tokens.is_some());
}
