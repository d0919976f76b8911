//! The real Claude Code CLI against the scripted model server.

use loki_testkit::{Loki, ModelScript, ModelServer, ModelStep, TestRepo, require_tool};

use crate::support::*;

/// `loki start prd.md` with the real client, which talks to `server`.
fn start_claude(repo: &TestRepo, server: &ModelServer) -> Option<Loki> {
    let claude = require_tool("claude")?;
    Some(
        loki(repo)
            .args(["start", "prd.md", "--yes", "--max-iterations", "2"])
            .args(["--provider", "claude", "--model", "claude-sonnet-4-5"])
            .env("LOKI_CLAUDE_BIN", claude)
            .env("ANTHROPIC_BASE_URL", server.base_url())
            .env("ANTHROPIC_API_KEY", "sk-ant-dummy")
            .env("CLAUDE_CONFIG_DIR", repo.home().join("claude"))
            .env("CLAUDE_CODE_MAX_RETRIES", "1"),
    )
}

/// The client refuses to overwrite a file that its model has not read; a command may.
fn writes_function(text: &str) -> String {
    format!("cat > sums.py <<'END'\n{text}END")
}

#[test]
fn a_spec_is_verified_with_the_real_client() {
    let repo = project();
    let server = ModelServer::start(ModelScript::new([
        ModelStep::said("First the function.").shell(&writes_function(RIGHT)).usage(1200, 40, 0),
        ModelStep::said("Then its test.").write("test_sums.py", TEST).usage(1300, 60, 1200),
        ModelStep::said("Both are there.\n\nLOKI: DONE").usage(1400, 20, 1300),
    ]));
    let Some(loki_start) = start_claude(&repo, &server) else { return };
    let ran = loki_start.run().expect_code(0);
    assert!(ran.stderr.contains("VERIFIED"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Write"), "the client's tools are shown:\n{}", ran.stderr);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["spend"]["unknown_calls"], 0);
    assert!(status["spend"]["known_usd"].as_f64().unwrap() > 0.0);
    assert_eq!(status["spend"]["tokens"]["output"], 120);
    let asked = server.main_requests();
    assert!(asked[0].body.to_string().contains("must return the sum of two numbers"));
}

#[test]
fn a_lie_of_the_real_client_is_not_verified_and_is_answered_with_findings() {
    let repo = project();
    let server = ModelServer::start(ModelScript::new([
        ModelStep::said("Writing.").shell(&writes_function(WRONG)).write("test_sums.py", TEST),
        ModelStep::said("All tests pass, everything is done.\n\nLOKI: DONE"),
        ModelStep::said("It really is done.\n\nLOKI: DONE"),
    ]));
    let Some(loki_start) = start_claude(&repo, &server) else { return };
    let ran = loki_start.run().expect_code(11);
    assert_eq!(ran.stderr.matches("BLOCKED").count(), 2, "{}", ran.stderr);
    let last = server.main_requests().last().unwrap().body.to_string();
    assert!(last.contains("test_two_and_three_are_five"), "{last}");
}

#[test]
fn a_model_that_is_switched_to_while_a_call_is_under_way_is_asked_from_the_next_call_on() {
    let repo = project();
    let server = ModelServer::start(ModelScript::new([
        ModelStep::said("Waiting.").shell("while [ ! -e switched ]; do sleep 0.1; done"),
        ModelStep::said("There is more.\n\nLOKI: CONTINUE"),
        ModelStep::said("No.\n\nLOKI: CONTINUE"),
    ]));
    let Some(loki_start) = start_claude(&repo, &server) else { return };
    let running = loki_start.spawn();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(40);
    let worktree = loop {
        let status = loki(&repo).args(["status", "--json"]).run();
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap_or_default();
        if status["phase"] == "act" && !server.main_requests().is_empty() {
            break status["workspace"]["path"].as_str().unwrap().to_owned();
        }
        assert!(std::time::Instant::now() < deadline, "no call was made");
    };
    let refused = loki(&repo).args(["model", "gpt-5.5"]).run().expect_code(2);
    assert!(refused.stderr.contains("not known to offer"), "{}", refused.stderr);
    let next = loki(&repo).args(["model", "haiku", "--json"]).run().expect_code(0).json();
    assert_eq!(next["next"]["model"], "claude-haiku-5-5");
    std::fs::write(std::path::Path::new(&worktree).join("switched"), "").unwrap();
    let _ = running.wait();
    let requests = server.main_requests();
    let models: Vec<&str> = requests.iter().filter_map(|r| r.body["model"].as_str()).collect();
    assert_eq!(models, ["claude-sonnet-4-5", "claude-sonnet-4-5", "claude-haiku-5-5"]);
    let shown = loki(&repo).args(["model", "--json"]).run().expect_code(0).json();
    assert_eq!(shown["current"]["reason"]["kind"], "switched");
}

#[test]
fn a_refused_key_ends_at_once_with_the_fix() {
    let repo = project();
    let server = ModelServer::start(ModelScript::always(ModelStep::failed(401)));
    let Some(loki_start) = start_claude(&repo, &server) else { return };
    let ran = loki_start.run().expect_code(14);
    assert!(ran.stdout.contains("not logged in"), "{}", ran.stdout);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("sk-ant-dummy"));
}

#[test]
fn a_call_is_ended_once_its_answers_used_the_tokens_that_are_left() {
    let repo = project();
    // It would go on for ever: each answer uses 1,000 tokens.
    let again = ModelStep::said("More.").shell("true").usage(960, 40, 0);
    // No model answers at once; one that did would be asked once more before anybody has counted.
    let again = ModelStep { delay_ms: 100, ..again };
    let server = ModelServer::start(ModelScript::always(again));
    let Some(loki_start) = start_claude(&repo, &server) else { return };
    let ran = loki_start.args(["--max-tokens", "20k"]).run().expect_code(12);
    assert!(ran.stderr.contains("budget reached"), "{}", ran.stderr);
    let asked = server.main_requests().len();
    assert!((20..=21).contains(&asked), "at most 5 % too much: {asked}");
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["outcome"], "budget_exhausted");
    assert_eq!(status["spend"]["tokens_max"], 20_000);
}
