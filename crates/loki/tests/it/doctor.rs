//! What is missing, with the fix.

use loki_testkit::TestRepo;

use crate::support::*;

#[test]
fn without_any_agent_a_run_can_not_start_and_every_gap_has_a_fix() {
    let repo = project();
    let ran = loki(&repo)
        .args(["doctor", "--json"])
        .env("LOKI_CLAUDE_BIN", "/nonexistent/claude")
        .env("LOKI_CODEX_BIN", "/nonexistent/codex")
        .run()
        .expect_code(1);
    let document = ran.json();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["can_start"], false);
    for check in document["checks"].as_array().unwrap() {
        if check["state"] != "ok" {
            assert!(check["fix"].is_string(), "{check}");
        }
    }
}

#[test]
fn text_and_json_report_the_same_checks() {
    let repo = TestRepo::unversioned("plain");
    let json = loki(&repo).args(["doctor", "--json"]).run().json();
    let text = loki(&repo).args(["doctor"]).run().stdout;
    let checks = json["checks"].as_array().unwrap();
    for check in checks {
        assert!(text.contains(check["name"].as_str().unwrap()), "{check}\n{text}");
    }
    let lines = text
        .lines()
        .filter(|line| ["ok  ", "warn", "FAIL"].iter().any(|mark| line.starts_with(mark)));
    assert_eq!(lines.count(), checks.len());
}

#[test]
fn an_unwritable_state_directory_is_named() {
    let repo = project();
    std::fs::write(repo.beside("file"), "").unwrap();
    let home = repo.beside("file").join("below");
    let ran = loki(&repo).args(["doctor"]).env("LOKI_HOME", home).run().expect_code(1);
    assert!(ran.stdout.contains("FAIL  state directory"), "{}", ran.stdout);
    assert!(ran.stdout.contains("export LOKI_HOME="), "{}", ran.stdout);
}
