//! The real Aider, offline, against the scripted model server. Skipped when it is not there.

use std::time::Duration;

use loki_agent::{Agent as _, Aider, CallSpec, Login, Program};
use loki_host::process::Limits;
use loki_model::{AgentOutcome, Claim, Cost, TokenUsage, Usd};
use loki_testkit::model_server::MainRequests;
use loki_testkit::{ModelScript, ModelServer, ModelStep, TestRepo, require_tool};

use crate::support::{call, spec};

const MODEL: &str = "openai/scripted-model";
/// In the form of the library that it talks to models with; without it, it would ask the network.
const PRICES: &str = r#"{"openai/scripted-model": {"max_input_tokens": 128000,
    "max_output_tokens": 8192, "litellm_provider": "openai", "mode": "chat",
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05}}"#;

/// It takes seconds of a processor to start.
fn patient<'a>(repo: &'a TestRepo, prompt: &'a str) -> CallSpec<'a> {
    let spec = spec(repo.root(), prompt);
    let limits = Limits { total: Duration::from_secs(180), ..spec.limits };
    CallSpec { model: Some(MODEL), limits, ..spec }
}

/// A server that plays `script`, and the agent that talks to it.
struct Setting {
    repo: TestRepo,
    server: ModelServer,
    aider: Aider,
}

fn setting(script: ModelScript) -> Option<Setting> {
    let program = require_tool("aider")?;
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    // It offers no tools.
    let server = ModelServer::start(ModelScript { main: MainRequests::Always, ..script });
    let caches = repo.home().join(".aider/caches");
    std::fs::create_dir_all(&caches).unwrap();
    std::fs::write(caches.join("model_prices_and_context_window.json"), PRICES).unwrap();
    let aider = Aider::at(program)
        .env("HOME", repo.home())
        .env("OPENAI_API_BASE", format!("{}/v1", server.base_url()))
        .env("OPENAI_API_KEY", "dummy")
        .env("AIDER_EDIT_FORMAT", "diff");
    Some(Setting { repo, server, aider })
}

#[test]
fn aider_edits_the_tree_commits_nothing_and_tells_what_it_used() {
    let step = ModelStep::said("I create it.").write("hello.txt", "hello\n").usage(2500, 30, 0);
    let Some(Setting { repo, server, aider }) = setting(ModelScript::new([step])) else { return };
    let head = repo.git(["rev-parse", "HEAD"]);
    let (result, _) = call(&aider, &patient(&repo, "Write hello.txt."));
    let report = &result.report;
    assert_eq!(report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(report.claim, Claim::Done);
    assert!(report.final_text.starts_with("I create it."), "{}", report.final_text);
    assert_eq!(report.model.as_deref(), Some(MODEL));
    let tokens = TokenUsage { input: 2500, output: 30, ..TokenUsage::default() };
    assert_eq!(report.usage.tokens, Some(tokens));
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd(7950) });
    assert_eq!(repo.read("hello.txt"), "hello\n");
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    // It stages new files, and leaves nothing of its own.
    assert_eq!(repo.git(["status", "--porcelain"]).trim(), "AM hello.txt");
    assert!(server.main_requests()[0].body.to_string().contains("Write hello.txt."));
    let Program::Installed { version: Some(_), .. } = aider.probe().program else { panic!() };
    assert!(matches!(aider.probe().login, Login::LoggedIn { .. }));
}

#[test]
fn a_refused_key_is_told_although_it_exits_with_zero() {
    let script = ModelScript::always(ModelStep::failed(401));
    let Some(Setting { repo, server: _server, aider }) = setting(script) else { return };
    let (result, _) = call(&aider, &patient(&repo, "Go."));
    assert_eq!(result.report.outcome, AgentOutcome::Auth, "{}", result.stdout.text());
    assert_eq!(result.report.usage.tokens, None);
}

#[test]
fn a_model_that_is_not_there_is_told() {
    let script = ModelScript::always(ModelStep::failed(404));
    let Some(Setting { repo, server: _server, aider }) = setting(script) else { return };
    let (result, _) = call(&aider, &patient(&repo, "Go."));
    assert_eq!(result.report.outcome, AgentOutcome::ModelNotFound, "{}", result.stdout.text());
}
