//! Plans, what they rest on, and what they were worth.

use loki_testkit::TestRepo;

use crate::support::*;

/// A directory that is small and has no dependencies.
fn small() -> TestRepo {
    project()
}

#[test]
fn a_plan_names_complexity_team_tasks_estimate_and_models() {
    let repo = small();
    let script = save(&repo, &right());
    let ran =
        loki(&repo).args(["plan", "--provider"]).args([script.provider()]).run().expect_code(0);
    let script = script.provider().to_owned();
    insta::assert_snapshot!(ran.stdout.replace(&script, "AGENT"));
}

#[test]
fn a_plan_quotes_what_a_run_would_ask_for() {
    let repo = small();
    let plan =
        loki(&repo).args(["plan", "--provider", "claude", "--max-tier", "fast", "--json"]).run();
    let plan = plan.expect_code(0).json();
    assert_eq!(plan["schema_version"], 1);
    let models = loki(&repo).args(["provider", "models", "claude", "--json"]).run().json();
    let fast = models.to_string();
    let model = plan["models"][0]["model"].as_str().unwrap();
    assert!(fast.contains(model), "{model} is not in {fast}");
    assert!(plan["estimate"]["cost"]["low"].as_u64().unwrap() > 0, "{plan}");
    assert_eq!(plan["estimate"]["basis"]["kind"], "default");
}

#[test]
fn an_estimate_is_pinned_when_a_run_begins_and_compared_when_it_ended() {
    let repo = small();
    let empty = loki(&repo).args(["plan", "--check"]).run().expect_code(0);
    assert!(empty.stdout.contains("no run"), "{}", empty.stdout);
    let ran = start(&repo, &save(&repo, &right())).args(["--json"]).run().expect_code(0);
    assert_eq!(ran.json_lines()[0]["plan"]["complexity"], "simple");
    let checked = loki(&repo).args(["plan", "--check", "--json"]).run().expect_code(0).json();
    assert_eq!(checked["n"], 1);
    let iterations = &checked["runs"][0]["figures"]["iterations"];
    assert_eq!((&iterations["actual"], &iterations["held"]), (&1.into(), &true.into()));
    let text = loki(&repo).args(["plan", "--check"]).run().expect_code(0);
    assert!(text.stdout.contains("iterations: 1 of 1 within"), "{}", text.stdout);
}

#[test]
fn three_runs_of_a_kind_are_what_the_next_estimate_rests_on() {
    let repo = small();
    for _ in 0..3 {
        let _ = start(&repo, &save(&repo, &right())).args(["--fresh"]).run().expect_code(0);
    }
    let script = save(&repo, &right());
    let plan = loki(&repo).args(["plan", "--json", "--provider"]).args([script.provider()]).run();
    let plan = plan.expect_code(0).json();
    assert_eq!(plan["estimate"]["basis"], serde_json::json!({ "kind": "history", "runs": 3 }));
    assert_eq!(plan["estimate"]["iterations"]["likely"], 1);
}

const CONTRADICTS: &str = "\
# Notes

- Notes must be sorted newest first.
- Notes must be sorted oldest first.
- The list must be fast.
";

#[test]
fn a_contradiction_stops_a_run_until_it_is_waived_with_a_reason() {
    let repo = TestRepo::new().file("prd.md", CONTRADICTS).commit("start");
    let script = save(&repo, &right());
    let ran = start(&repo, &script).run().expect_code(2);
    assert!(
        ran.stderr.contains("contradicts itself") && ran.stderr.contains("--waive Q-"),
        "{}",
        ran.stderr
    );
    let json = loki(&repo).args(["grill", "--json"]).run().json();
    let id = json["questions"][0]["id"].as_str().unwrap();
    let _ = start(&repo, &script).args(["--waive", id]).run().expect_code(2);
    let _ = start(&repo, &script).args(["--waive", "Q-0000=why not"]).run().expect_code(2);
    let waive = format!("{id}=both orders are offered");
    let ran = start(&repo, &script).args(["--waive", &waive, "--max-iterations", "1"]).run();
    assert_ne!(ran.code, Some(2), "{}", ran.stderr);
    let told =
        |text: &str| text.contains("taken for granted") && text.contains("both orders are offered");
    assert!(told(&ran.stderr), "{}", ran.stderr);
    assert!(told(&ran.stdout), "{}", ran.stdout);
    assert!(told(&loki(&repo).args(["show"]).run().expect_code(0).stdout));
    let events = loki(&repo).args(["logs", "--json"]).run().json_lines();
    let assumptions = events[0]["plan"]["assumptions"].as_array().unwrap().clone();
    assert_eq!(assumptions[0]["standing"]["kind"], "waived");
    assert_eq!(assumptions[1]["standing"]["kind"], "assumed");
}
