//! The real Claude Code, offline, against the scripted model server. Skipped when it is not there.

use std::time::Duration;

use loki_agent::{Agent as _, Claude, Hold, Login, Program, SandboxSettings, SubAgent};
use loki_host::process::{Cancel, Limits};
use loki_host::sandbox::Network;
use loki_model::{
    Activity, AgentOutcome, Claim, Cost, Deadline, Effort, SandboxLevel, TokenUsage, Usd,
};
use loki_testkit::{Fault, ModelScript, ModelServer, ModelStep, TestRepo, require_tool};

use crate::support::{call, call_until, spec};

const MODEL: &str = "claude-sonnet-4-5";

/// A server that plays `script`, and the agent that talks to it.
struct Setting {
    repo: TestRepo,
    server: ModelServer,
    claude: Claude,
}

fn setting(script: ModelScript) -> Option<Setting> {
    let program = require_tool("claude")?;
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let server = ModelServer::start(script);
    let claude = Claude::at(program)
        .env("ANTHROPIC_BASE_URL", server.base_url())
        .env("ANTHROPIC_API_KEY", "sk-ant-dummy")
        .env("HOME", repo.home())
        .env("CLAUDE_CONFIG_DIR", repo.home().join("claude"));
    Some(Setting { repo, server, claude })
}

fn finished() -> ModelStep {
    ModelStep::said("Finished.\nLOKI: DONE").usage(1400, 20, 1300)
}

#[test]
fn claude_writes_a_file_runs_a_command_and_tells_what_it_used() {
    let script = ModelScript::new([
        ModelStep::said("Writing.").write("hello.txt", "hello\n").usage(1200, 40, 300),
        ModelStep::said("Checking.").shell("wc -c hello.txt > check.txt").usage(1300, 30, 1200),
        finished(),
    ]);
    let Some(Setting { repo, server, claude }) = setting(script) else { return };
    let mut spec = spec(repo.root(), "Write hello.txt.");
    spec.model = Some(MODEL);
    spec.budget_left = Some(Usd(1_000_000));
    let (result, activities) = call(&claude, &spec);
    let report = &result.report;
    assert_eq!(report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(report.claim, Claim::Done);
    assert_eq!(report.final_text, "Finished.\nLOKI: DONE");
    assert_eq!(report.model.as_deref(), Some(MODEL));
    let tokens = TokenUsage { input: 3900, output: 90, cache_read: 2800, cache_write: 0 };
    assert_eq!(report.usage.tokens, Some(tokens));
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd(13_890) });
    assert_eq!(repo.read("hello.txt"), "hello\n");
    assert_eq!(repo.read("check.txt").trim(), "6 hello.txt");
    assert_eq!(server.main_requests().len(), 3);
    assert!(server.main_requests()[0].body.to_string().contains("Write hello.txt."));
    let tools = activities.iter().filter(|activity| matches!(activity, Activity::Used { .. }));
    assert_eq!(tools.count(), 2);
    assert_eq!(result.lines_unreadable, 0);
}

#[test]
fn a_resumed_call_costs_only_its_own_share() {
    let Some(Setting { repo, server, claude }) = setting(ModelScript::always(finished())) else {
        return;
    };
    let mut spec = spec(repo.root(), "Go on.");
    spec.model = Some(MODEL);
    let (first, _) = call(&claude, &spec);
    spec.resume = first.report.session.as_deref();
    let (second, _) = call(&claude, &spec);
    assert_eq!(second.report.outcome, AgentOutcome::Completed, "{}", second.stdout.text());
    assert_eq!(second.report.session, first.report.session);
    assert_eq!(second.report.usage, first.report.usage);
    let messages = server.main_requests().last().unwrap().body["messages"].clone();
    assert!(messages.as_array().unwrap().len() > 1, "{messages}");
}

#[test]
fn a_refused_key_is_told_at_once() {
    let script = ModelScript::always(ModelStep::failed(401));
    let Some(Setting { repo, server, claude }) = setting(script) else { return };
    let (result, activities) = call(&claude, &spec(repo.root(), "Go."));
    assert_eq!(result.report.outcome, AgentOutcome::Auth, "{}", result.stdout.text());
    let retries = activities.iter().filter(|seen| matches!(seen, Activity::Retrying { .. }));
    assert_eq!(retries.count(), 1);
    assert!(server.main_requests().len() <= 2);
}

#[test]
fn too_many_requests_for_ever_are_a_rate_limit() {
    let script = ModelScript::always(ModelStep::failed(429).header("retry-after", "1"));
    let Some(Setting { repo, server: _server, claude }) = setting(script) else { return };
    let claude = claude.env("CLAUDE_CODE_MAX_RETRIES", "1");
    let (result, _) = call(&claude, &spec(repo.root(), "Go."));
    let limited = AgentOutcome::RateLimited { until: None };
    assert_eq!(result.report.outcome, limited, "{}", result.stdout.text());
    assert_eq!(result.report.usage.cost, Cost::Known { usd: Usd::ZERO });
}

#[test]
fn a_service_that_falls_silent_is_an_idle_timeout_and_leaves_nothing() {
    let script = ModelScript::always(ModelStep::said("Thinking.").fault(Fault::Hang));
    let Some(Setting { repo, server, claude }) = setting(script) else { return };
    let mut spec = spec(repo.root(), "Go.");
    spec.limits = Limits { idle: Some(Duration::from_secs(6)), ..spec.limits };
    // A variable that only this call's processes have.
    let mark = format!("SCRIPTED_MARK={}", repo.root().display());
    let claude = claude.env("SCRIPTED_MARK", repo.root());
    let (result, _) = call(&claude, &spec);
    let idle = AgentOutcome::TimedOut { deadline: Deadline::Idle };
    assert_eq!(result.report.outcome, idle, "{}", result.stdout.text());
    assert_eq!(result.report.usage.cost, Cost::Unknown);
    assert_eq!(server.main_requests().len(), 1);
    assert_eq!(processes_with(&mark), Vec::<String>::new());
}

#[test]
fn a_call_that_is_stopped_in_the_middle_of_a_tool_is_cancelled() {
    let script =
        ModelScript::new([ModelStep::said("Waiting.").shell("sleep 1.5; sleep 1.5; touch late")]);
    let Some(Setting { repo, server: _server, claude }) = setting(script) else { return };
    let cancel = Cancel::new().unwrap();
    let mark = format!("SCRIPTED_MARK={}", repo.root().display());
    let claude = claude.env("SCRIPTED_MARK", repo.root());
    let (result, _) = call_until(&claude, &spec(repo.root(), "Go."), &cancel, &mut |activity| {
        if matches!(activity, Activity::Used { .. }) {
            cancel.pull();
        }
    });
    assert_eq!(result.report.outcome, AgentOutcome::Cancelled, "{}", result.stdout.text());
    // It was interrupted as its protocol has it, and said what was used.
    assert!(result.stdout.text().contains("aborted_tools"), "{}", result.stdout.text());
    assert!(matches!(result.report.usage.cost, Cost::Known { .. }), "{:?}", result.report.usage);
    assert_eq!(processes_with(&mark), Vec::<String>::new());
}

#[test]
fn a_model_that_does_not_exist_and_an_overloaded_service_are_told_apart() {
    let cases = [(404, AgentOutcome::ModelNotFound), (529, AgentOutcome::Overloaded)];
    for (status, outcome) in cases {
        let script = ModelScript::always(ModelStep::failed(status));
        let Some(Setting { repo, server: _server, claude }) = setting(script) else { return };
        let claude = claude.env("CLAUDE_CODE_MAX_RETRIES", "0");
        let (result, _) = call(&claude, &spec(repo.root(), "Go."));
        assert_eq!(result.report.outcome, outcome, "{}", result.stdout.text());
    }
}

#[test]
fn an_effort_reaches_the_service_and_an_overloaded_model_is_left_for_the_fallback() {
    let overloaded = || ModelStep::failed(529);
    let script = ModelScript::new([overloaded(), overloaded(), overloaded(), finished()]);
    let Some(Setting { repo, server, claude }) = setting(script) else { return };
    let mut spec = spec(repo.root(), "Go.");
    spec.model = Some("claude-opus-4-5");
    (spec.effort, spec.fallback_model) = (Some(Effort::Medium), Some(MODEL));
    let (result, _) = call(&claude, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(result.report.model.as_deref(), Some(MODEL));
    let requests = server.main_requests();
    let models: Vec<_> = requests.iter().map(|r| r.body["model"].clone()).collect();
    assert_eq!(models.first().unwrap(), "claude-opus-4-5", "{models:?}");
    assert_eq!(models.last().unwrap(), MODEL, "{models:?}");
    assert_eq!(requests[0].body["output_config"]["effort"], "medium", "{}", requests[0].body);
}

#[test]
fn helpers_are_offered_to_the_model_and_cost_little_of_its_prompt() {
    let Some(Setting { repo, server, claude }) = setting(ModelScript::always(finished())) else {
        return;
    };
    let helpers = [SubAgent {
        name: "tester".to_owned(),
        description: "Writes tests that show a behaviour".to_owned(),
        prompt: "You write tests and change nothing else.".to_owned(),
    }];
    let mut spec = spec(repo.root(), "Go.");
    spec.model = Some(MODEL);
    let (plain, _) = call(&claude, &spec);
    spec.sub_agents = &helpers;
    let (with, _) = call(&claude, &spec);
    for result in [&plain, &with] {
        assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    }
    let bodies: Vec<String> = server.main_requests().iter().map(|r| r.body.to_string()).collect();
    assert!(!bodies[0].contains("Writes tests that show a behaviour"));
    assert!(bodies[1].contains("Writes tests that show a behaviour"), "{}", bodies[1]);
    let more = bodies[1].len().saturating_sub(bodies[0].len());
    assert!(more < 400, "{more} bytes more");
}

#[test]
fn money_that_is_used_up_ends_the_call() {
    let script = ModelScript::new([ModelStep::said("Writing.").write("a", "x"), finished()]);
    let Some(Setting { repo, server: _server, claude }) = setting(script) else { return };
    let mut spec = spec(repo.root(), "Go.");
    (spec.model, spec.budget_left) = (Some(MODEL), Some(Usd(1000)));
    let (result, _) = call(&claude, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::BudgetReached, "{}", result.stdout.text());
    assert_eq!(result.report.usage.cost, Cost::Known { usd: Usd(3750) });
}

#[test]
fn the_probe_tells_version_and_login_without_asking_anybody() {
    let Some(Setting { repo: _repo, server, claude }) = setting(ModelScript::default()) else {
        return;
    };
    let probe = claude.probe();
    let Program::Installed { version: Some(version), .. } = probe.program else {
        panic!("{probe:?}")
    };
    assert!(version.contains("Claude Code"), "{version}");
    assert_eq!(probe.login, Login::LoggedIn { how: "ANTHROPIC_API_KEY".to_owned() });
    assert!(server.requests().is_empty());
}

#[test]
fn claude_is_started_quietly_without_questions_and_with_what_the_call_asks_for() {
    use std::os::unix::fs::PermissionsExt;
    let repo = TestRepo::new();
    let program = repo.beside("claude");
    let text = "#!/bin/sh\nprintf '%s\\n' \"$@\" > args\nenv > env\nhead -n 1 > prompt\n";
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut spec = spec(repo.root(), "-- the 'prompt'\n");
    (spec.model, spec.resume, spec.budget_left) = (Some("m"), Some("a-1"), Some(Usd(1_500_000)));
    (spec.effort, spec.fallback_model) = (Some(Effort::XHigh), Some("n"));
    let (result, _) = call(&Claude::at(program), &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Garbage);
    let args = "-p --input-format stream-json --output-format stream-json --verbose \
                --dangerously-skip-permissions --model m --effort xhigh --fallback-model n --resume a-1 --max-budget-usd 1.500000";
    assert_eq!(repo.read("args").trim().replace('\n', " "), args);
    let said: serde_json::Value = serde_json::from_str(&repo.read("prompt")).unwrap();
    let words = &said["message"]["content"][0]["text"];
    assert_eq!((said["type"].as_str(), words.as_str()), (Some("user"), Some("-- the 'prompt'\n")));
    for set in ["DISABLE_AUTOUPDATER=1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1"] {
        assert!(repo.read("env").lines().any(|line| line == set), "{set}");
    }
}

#[test]
fn no_money_means_no_call() {
    let repo = TestRepo::new();
    let mut spec = spec(repo.root(), "Go.");
    spec.budget_left = Some(Usd::ZERO);
    let (result, _) = call(&Claude::at("no-such-program"), &spec);
    assert_eq!(result.report.outcome, AgentOutcome::BudgetReached);
}

#[test]
fn a_missing_program_is_told_with_its_fix() {
    let repo = TestRepo::new();
    let claude = Claude::at("no-such-program");
    let (result, _) = call(&claude, &spec(repo.root(), "Go."));
    assert!(matches!(result.report.outcome, AgentOutcome::NotStarted { .. }));
    let Program::Missing { fix } = claude.probe().program else { panic!("it is there") };
    assert!(fix.contains("npm install") && fix.contains("no-such-program"), "{fix}");
}

/// Command lines of the processes whose environment holds `mark`; none where that is not shown.
fn processes_with(mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !cfg!(target_os = "linux") {
        return found;
    }
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes()) {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    found
}

#[test]
fn claude_works_in_the_sandbox_with_the_settings_of_its_home() {
    let script = ModelScript::new([
        ModelStep::said("Writing.").write("hello.txt", "hello\n"),
        ModelStep::said("Trying.").shell("touch ~/planted; git add -A && git status > status.txt"),
        finished(),
    ]);
    let Some(program) = require_tool("claude") else { return };
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let server = ModelServer::start(script);
    let claude = Claude::at(program)
        .env("ANTHROPIC_BASE_URL", server.base_url())
        .env("ANTHROPIC_API_KEY", "sk-ant-dummy")
        .env("HOME", repo.home());
    std::fs::write(repo.home().join(".claude.json"), "{\"numStartups\": 3}").unwrap();
    let hold = Hold {
        level: SandboxLevel::Standard,
        network: Network::OwnLoopback,
        hidden: vec![repo.loki_home()],
        work: None,
        git: Some(repo.root().join(".git")),
        settings: SandboxSettings::NONE,
    };
    let mut spec = spec(repo.root(), "Write hello.txt.");
    (spec.model, spec.hold) = (Some(MODEL), &hold);
    let (result, _) = call(&claude, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(repo.read("hello.txt"), "hello\n");
    assert!(repo.home().join(".claude/projects").is_dir(), "it keeps its conversations");
    if hold.confinement().missing.is_empty() {
        assert!(!repo.home().join("planted").exists());
        assert!(repo.read("status.txt").contains("new file"), "git works");
        assert!(!repo.git(["status", "--short"]).contains("A "), "and nothing of it stays");
    }
}
