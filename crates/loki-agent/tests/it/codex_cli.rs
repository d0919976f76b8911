//! The real Codex, offline, against the scripted model server. Skipped when it is not there.

use loki_agent::{Agent as _, Codex, Login, Program};
use loki_model::{Activity, AgentOutcome, Claim, Cost, Effort, Price, TokenUsage, Usd};
use loki_testkit::{ModelScript, ModelServer, ModelStep, TestRepo, require_tool};

use crate::support::{call, spec};

const MODEL: &str = "gpt-5.5";

/// A server that plays `script`, and the agent that talks to it.
struct Setting {
    repo: TestRepo,
    server: ModelServer,
    codex: Codex,
}

fn setting(script: ModelScript) -> Option<Setting> {
    let program = require_tool("codex")?;
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let server = ModelServer::start(script);
    let home = repo.home().join("codex");
    std::fs::create_dir_all(&home).unwrap();
    // A service of its own, because the built-in one tries web sockets first.
    let settings = format!(
        "model_provider = 'scripted'\n[model_providers.scripted]\nname = 'scripted'\n\
         base_url = '{}/v1'\nenv_key = 'SCRIPTED_KEY'\nwire_api = 'responses'\n",
        server.base_url()
    );
    std::fs::write(home.join("config.toml"), settings).unwrap();
    let codex = Codex::at(program)
        .env("HOME", repo.home())
        .env("CODEX_HOME", home)
        .env("SCRIPTED_KEY", "dummy");
    Some(Setting { repo, server, codex })
}

#[test]
fn codex_writes_a_file_runs_a_command_and_tells_what_it_used() {
    let script = ModelScript::new([
        ModelStep::said("Writing.").write("hello.txt", "hello\n").usage(1200, 40, 300),
        ModelStep::said("Checking.").shell("wc -c hello.txt > check.txt").usage(1300, 30, 1200),
        ModelStep::said("Finished.\nLOKI: DONE").usage(1400, 20, 1300),
    ]);
    let Some(Setting { repo, server, codex }) = setting(script) else { return };
    let mut spec = spec(repo.root(), "Write hello.txt.");
    (spec.model, spec.effort) = (Some(MODEL), Some(Effort::High));
    let million = Usd(1_000_000);
    spec.price =
        Some(Price { input: million, output: million, cache_read: million, cache_write: million });
    let (result, activities) = call(&codex, &spec);
    let report = &result.report;
    assert_eq!(report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(report.claim, Claim::Done);
    assert_eq!(report.final_text, "Finished.\nLOKI: DONE");
    assert_eq!(report.model.as_deref(), Some(MODEL));
    let tokens = TokenUsage { input: 3900, output: 90, cache_read: 2800, cache_write: 0 };
    assert_eq!(report.usage.tokens, Some(tokens));
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd(6790) });
    assert_eq!(repo.read("hello.txt"), "hello\n");
    assert_eq!(repo.read("check.txt").trim(), "6 hello.txt");
    let first = &server.main_requests()[0].body;
    assert_eq!(first["reasoning"]["effort"], "high", "{first}");
    assert!(first.to_string().contains("Write hello.txt."));
    let tools = activities.iter().filter(|activity| matches!(activity, Activity::Used { .. }));
    assert_eq!(tools.count(), 2);
    assert_eq!(result.lines_unreadable, 0);
}

#[test]
fn a_resumed_call_counts_only_its_own_share() {
    let step = ModelStep::said("On it.").usage(100, 5, 10);
    let Some(Setting { repo, server, codex }) = setting(ModelScript::always(step)) else { return };
    let mut spec = spec(repo.root(), "Go on.");
    spec.model = Some(MODEL);
    let (first, _) = call(&codex, &spec);
    spec.resume = first.report.session.as_deref();
    let (second, _) = call(&codex, &spec);
    assert_eq!(second.report.outcome, AgentOutcome::Completed, "{}", second.stdout.text());
    assert_eq!(second.report.session, first.report.session);
    assert_eq!(second.report.usage, first.report.usage);
    let asked = |request: &loki_testkit::LoggedRequest| {
        request.body["input"].to_string().matches("Go on.").count()
    };
    assert_eq!(server.main_requests().iter().map(asked).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn its_own_sandbox_can_hold_what_it_runs() {
    let script = ModelScript::new([
        ModelStep::said("Writing.").shell("touch here"),
        ModelStep::said("I could not."),
    ]);
    let Some(Setting { repo, server, codex }) = setting(script) else { return };
    let mut spec = spec(repo.root(), "Go.");
    spec.model = Some(MODEL);
    let (result, _) = call(&codex.clone().sandbox("read-only"), &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert!(!repo.exists("here"));
    let told = server.main_requests()[1].body.to_string();
    assert!(told.contains("cannot touch 'here'"), "{told}");
    let (result, _) = call(&codex.sandbox("none-at-all"), &spec);
    assert!(matches!(result.report.outcome, AgentOutcome::NotStarted { .. }));
}

#[test]
fn the_probe_tells_version_and_login_without_asking_anybody() {
    let Some(Setting { repo, server, codex }) = setting(ModelScript::default()) else { return };
    let probe = codex.probe();
    let Program::Installed { version: Some(version), .. } = probe.program else {
        panic!("{probe:?}")
    };
    assert!(version.starts_with("codex-cli "), "{version}");
    assert_eq!(probe.login, Login::Unknown);
    let elsewhere = codex.env("CODEX_HOME", repo.beside("empty"));
    assert!(matches!(elsewhere.probe().login, Login::NotLoggedIn { .. }));
    let login = elsewhere.env("CODEX_API_KEY", "x").probe().login;
    assert_eq!(login, Login::LoggedIn { how: "CODEX_API_KEY".to_owned() });
    assert!(server.requests().is_empty());
}

#[test]
fn codex_is_started_quietly_without_questions_and_with_what_the_call_asks_for() {
    use std::os::unix::fs::PermissionsExt;
    let repo = TestRepo::new();
    let program = repo.beside("codex");
    std::fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$@\" > args\ncat > prompt\n").unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut spec = spec(repo.root(), "-- the 'prompt'\n");
    (spec.model, spec.resume, spec.effort) = (Some("m"), Some("a-1"), Some(Effort::Max));
    let (result, _) = call(&Codex::at(program), &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Garbage);
    let args = "exec resume a-1 --json --skip-git-repo-check \
                --dangerously-bypass-approvals-and-sandbox -c check_for_update_on_startup=false \
                -c analytics.enabled=false --disable plugins --disable apps --model m \
                -c model_reasoning_effort=\"xhigh\" -";
    assert_eq!(repo.read("args").trim().replace('\n', " "), args);
    assert_eq!(repo.read("prompt"), "-- the 'prompt'\n");
}

#[test]
fn no_money_means_no_call_and_a_missing_program_is_told_with_its_fix() {
    let repo = TestRepo::new();
    let codex = Codex::at("no-such-program");
    let mut spec = spec(repo.root(), "Go.");
    let (result, _) = call(&codex, &spec);
    assert!(matches!(result.report.outcome, AgentOutcome::NotStarted { .. }));
    spec.budget_left = Some(Usd::ZERO);
    let (result, _) = call(&codex, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::BudgetReached);
    let Program::Missing { fix } = codex.probe().program else { panic!("it is there") };
    assert!(fix.contains("npm install") && fix.contains("no-such-program"), "{fix}");
}
