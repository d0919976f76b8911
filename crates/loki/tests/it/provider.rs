//! Agents and their models, as far as they can be told without a call.

use loki_testkit::{Loki, ModelScript, ModelServer, ModelStep, TestRepo, require_tool};
use serde_json::Value;

use crate::support::*;

fn json(loki: Loki) -> Value {
    loki.args(["--json"]).run().expect_code(0).json()
}

/// The model that a tier of Claude asks for, and why.
fn tier(models: &Value, tier: &str) -> (String, String) {
    let found =
        models["tiers"].as_array().into_iter().flatten().find(|found| found["tier"] == tier);
    let found = found.unwrap_or(&Value::Null);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&found["model"]), text(&found["reason"]["kind"]))
}

#[test]
fn the_agent_that_was_set_is_the_one_that_is_called() {
    let repo = TestRepo::new();
    let show = || json(loki(&repo).args(["provider", "show"]));
    assert_eq!(show()["provider"], "claude");
    let _ = loki(&repo).args(["provider", "set", "command:cat"]).run().expect_code(0);
    assert_eq!(show()["provider"], "command:cat");
    assert_eq!(show()["source"], "loki provider set");
    let listed = json(loki(&repo).args(["provider", "list"]));
    let current = listed["providers"].as_array().unwrap().iter().find(|p| p["current"] == true);
    assert_eq!(current.unwrap()["name"], "command:cat");
    let named = json(loki(&repo).args(["provider", "show"]).env("LOKI_PROVIDER", "claude"));
    assert_eq!(named["source"], "LOKI_PROVIDER");
}

#[test]
fn an_agent_that_there_is_not_can_not_be_set() {
    let repo = TestRepo::new();
    let ran = loki(&repo).args(["provider", "set", "cluade"]).run().expect_code(2);
    assert!(ran.stderr.contains("no provider `cluade`"), "{}", ran.stderr);
    let _ = loki(&repo).args(["failover", "chain", "claude", "cluade"]).run().expect_code(2);
}

#[test]
fn each_tier_has_a_model_a_price_and_a_reason_and_a_ceiling_lowers_them() {
    let repo = TestRepo::new();
    let models = |variables: &[(&str, &str)]| {
        let command = loki(&repo).args(["provider", "models", "claude"]);
        json(variables.iter().fold(command, |command, (name, value)| command.env(*name, *value)))
    };
    let offered = models(&[]);
    assert_eq!(tier(&offered, "development"), ("claude-opus-5-5".into(), "offered".into()));
    assert!(offered["tiers"][1]["price"]["input"].as_u64().unwrap() > 0);
    let capped = models(&[("LOKI_MAX_TIER", "sonnet")]);
    assert_eq!(tier(&capped, "development").0, "claude-sonnet-5-5");
    assert_eq!(tier(&capped, "planning").0, "claude-sonnet-5-5");
    let named = models(&[("LOKI_CLAUDE_MODEL_DEVELOPMENT", "haiku"), ("LOKI_MODEL_FAST", "x")]);
    assert_eq!(tier(&named, "development"), ("claude-haiku-5-5".into(), "overridden".into()));
    assert_eq!(tier(&named, "fast"), ("x".into(), "overridden".into()));
    let pinned = models(&[("LOKI_SESSION_MODEL", "sonnet")]);
    assert_eq!(tier(&pinned, "fast"), ("claude-sonnet-5-5".into(), "pinned".into()));
}

#[test]
fn a_ceiling_that_is_misspelt_is_refused_before_anything_is_spent() {
    let repo = project();
    let start = loki(&repo).args(["start", "prd.md", "--yes", "--max-tier", "sonet"]);
    let ran = start.run().expect_code(2);
    assert!(ran.stderr.contains("`sonet`"), "{}", ran.stderr);
}

#[test]
fn a_test_of_an_agent_spends_nothing_and_says_what_to_do() {
    let repo = TestRepo::new();
    let test = |agent: &str| loki(&repo).args(["provider", "test", agent, "--json"]);
    let ran = test("command:no-such-program-here").run().expect_code(1).json();
    assert_eq!(ran["provider"]["state"], "not_installed");
    let ran = test("command:cat").run().expect_code(0).json();
    assert_eq!((&ran["works"], &ran["call"]), (&Value::Bool(true), &Value::Null));
}

#[test]
fn a_test_that_may_spend_makes_one_call_of_the_fast_tier() {
    let Some(claude) = require_tool("claude") else { return };
    let repo = TestRepo::new();
    let server = ModelServer::start(ModelScript::always(ModelStep::said("OK").usage(100, 1, 0)));
    let ran = loki(&repo)
        .args(["provider", "test", "claude", "--spend", "--json"])
        .env("LOKI_CLAUDE_BIN", claude)
        .env("ANTHROPIC_BASE_URL", server.base_url())
        .env("ANTHROPIC_API_KEY", "sk-ant-dummy")
        .env("CLAUDE_CONFIG_DIR", repo.home().join("claude"))
        .run()
        .expect_code(0)
        .json();
    assert_eq!(ran["call"]["outcome"]["kind"], "completed", "{ran}");
    assert_eq!(server.main_requests()[0].body["model"], "claude-haiku-5-5");
}

#[test]
fn failover_is_switched_on_and_its_chain_tested_without_a_call() {
    let repo = TestRepo::new();
    let failover = |args: &[&str]| loki(&repo).args(["failover", "--json"]).args(args.to_vec());
    let status = failover(&["status"]).run().expect_code(0).json();
    assert_eq!((&status["enabled"], &status["chain"][0]), (&Value::Bool(false), &"claude".into()));
    let _ = failover(&["test"]).run().expect_code(1);
    let _ = loki(&repo).args(["provider", "set", "command:cat"]).run().expect_code(0);
    let _ = failover(&["chain", "command:cat", "command:true"]).run().expect_code(0);
    let status = failover(&["enable"]).run().expect_code(0).json();
    assert_eq!(status["enabled"], true);
    assert_eq!(status["chain"], serde_json::json!(["command:cat", "command:true"]));
    assert_eq!(failover(&["test"]).run().expect_code(0).json()["works"], true);
    let off = failover(&["disable"]).run().expect_code(0).json();
    assert_eq!(off["enabled"], false);
}
