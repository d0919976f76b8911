//! A spec that lives beside its code: lock, drift, approval, coverage.

use loki_testkit::TestRepo;
use serde_json::Value;

use crate::support::*;

const NOTES: &str = "\
# Notes

## Requirements

- [ ] FR-1: Notes must be saved when the window closes
- [ ] The list must show the newest note first
  - ten at most
- [ ] A note can be deleted
";

fn notes() -> TestRepo {
    let repo = TestRepo::new().file("prd.md", NOTES).file("a.py", "x = 1\n").commit("start");
    repo.git(["config", "user.name", "Test"]);
    repo.git(["config", "user.email", "test@localhost"]);
    repo
}

fn locked() -> TestRepo {
    let repo = notes();
    loki(&repo).args(["spec", "lock"]).run().expect_code(0);
    repo
}

fn reworded() -> String {
    NOTES
        .replace("newest note first", "newest five notes first")
        .replace("ten at most", "five at most")
}

/// The problems that a schema of `docs/formats` has with a document.
fn problems(schema: &str, document: &Value) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/");
    let schema = std::fs::read_to_string(format!("{root}{schema}"))?;
    let schema: Value = serde_json::from_str(&schema)?;
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
    Ok(validator.iter_errors(document).map(|error| error.to_string()).collect())
}

#[test]
fn a_spec_is_shown_for_people_and_for_programs() {
    let repo = notes();
    let shown = loki(&repo).args(["spec", "show", "prd.md"]).run().expect_code(0);
    insta::assert_snapshot!(shown.stdout);
    let json = loki(&repo).args(["spec", "show", "prd.md", "--json"]).run().expect_code(0).json();
    assert_eq!(problems("spec.schema.json", &json).unwrap(), [""; 0]);
    assert_eq!(json["requirements"].as_array().unwrap().len(), 3);
    let brief = loki(&repo).args(["spec", "show", "add a --json flag", "--json"]).run();
    assert_eq!(problems("spec.schema.json", &brief.expect_code(0).json()).unwrap(), [""; 0]);
}

#[test]
fn a_lock_is_in_sync_until_the_text_changes() {
    let repo = locked();
    let in_sync = loki(&repo).args(["spec", "status"]).run().expect_code(0);
    assert_eq!(in_sync.stdout, "in sync: 3 requirements as they were locked\n");
    repo.write(
        "prd.md",
        reworded().replace("- [ ] A note can be deleted\n", "- [ ] Search must find titles\n"),
    );
    let status = loki(&repo).args(["spec", "status"]).run().expect_code(1);
    let diff = loki(&repo).args(["spec", "diff"]).run().expect_code(1);
    insta::assert_snapshot!(format!("{}---\n{}", status.stdout, diff.stdout));
    let json = loki(&repo).args(["spec", "status", "--json"]).run().expect_code(1).json();
    assert_eq!(problems("drift-report.schema.json", &json).unwrap(), [""; 0]);
    assert_eq!(json["summary"]["reworded"], 1);
    let written: Value =
        serde_json::from_str(&repo.read(".loki/verify/drift-report.json")).unwrap();
    assert_eq!(written, json);
}

#[test]
fn a_change_is_approved_by_whom_git_knows_and_names_stay() {
    let repo = locked();
    let before = repo.read(".loki/spec/spec.lock");
    repo.write("prd.md", reworded());
    let synced = loki(&repo)
        .args(["spec", "sync", "-m", "five is enough", "--json"])
        .run()
        .expect_code(0)
        .json();
    let delta = repo.read(synced["delta"].as_str().unwrap());
    for told in ["approved_by = \"Test <test@localhost>\"", "five is enough", "newest five notes"] {
        assert!(delta.contains(told), "{delta}");
    }
    loki(&repo).args(["spec", "status"]).run().expect_code(0);
    let ids = |lock: &str| -> Vec<String> {
        lock.lines().filter(|line| line.starts_with("[requirement")).map(str::to_owned).collect()
    };
    assert_eq!(ids(&before), ids(&repo.read(".loki/spec/spec.lock")));
    let again = loki(&repo).args(["spec", "sync"]).run().expect_code(0);
    assert_eq!(again.stdout, "in sync: there was nothing to approve\n");
}

#[test]
fn a_damaged_lock_and_no_lock_are_told_apart() {
    let repo = notes();
    let none = loki(&repo).args(["spec", "status"]).run().expect_code(2);
    assert!(none.stderr.contains("loki spec lock"), "{}", none.stderr);
    loki(&repo).args(["spec", "lock", "prd.md"]).run().expect_code(0);
    let twice = loki(&repo).args(["spec", "lock", "prd.md"]).run().expect_code(2);
    assert!(twice.stderr.contains("loki spec sync"), "{}", twice.stderr);
    let text = repo.read(".loki/spec/spec.lock");
    repo.write(".loki/spec/spec.lock", format!("<<<<<<< HEAD\n{text}"));
    let conflict = loki(&repo).args(["spec", "status"]).run().expect_code(3);
    assert!(conflict.stderr.contains("line 1 is a conflict marker"), "{}", conflict.stderr);
}

const API: &str = "\
openapi: 3.0.0
info: {title: Pets, version: '1'}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      responses: {'200': {description: A pet}}
";

#[test]
fn an_operation_without_a_test_is_drift_of_the_code() {
    let repo = TestRepo::new().file("openapi.yaml", API).commit("start");
    loki(&repo).args(["spec", "lock", "openapi.yaml"]).run().expect_code(0);
    let status = loki(&repo).args(["spec", "status"]).run().expect_code(1);
    assert!(status.stdout.contains("no test names this operation"), "{}", status.stdout);
    repo.write("test_pets.py", "def test_pet(client):\n    assert client.get('/pets/7')\n");
    let status = loki(&repo).args(["spec", "status"]).run().expect_code(0);
    assert!(status.stdout.contains("was not judged"), "{}", status.stdout);
    loki(&repo).args(["spec", "status", "--strict"]).run().expect_code(1);
}

#[test]
fn an_operation_that_the_spec_does_not_have_is_drift_of_the_code() {
    let app = "const express = require('express');\nconst app = express();\n\
               app.get('/pets/:id', one);\napp.delete('/pets/:id', gone);\n";
    let test = "const { test } = require('node:test');\ntest('GET /pets/{id}', () => one(7));\n";
    let repo = TestRepo::new().file("openapi.yaml", API).file("pets.test.js", test).commit("start");
    loki(&repo).args(["spec", "lock", "openapi.yaml"]).run().expect_code(0);
    loki(&repo).args(["spec", "status"]).run().expect_code(0);
    repo.write("app.js", app);
    let status = loki(&repo).args(["spec", "status", "--json"]).run().expect_code(1).json();
    assert_eq!(problems("drift-report.schema.json", &status).unwrap(), [""; 0]);
    let code = status["code"].as_array().unwrap();
    let told = code.iter().find(|one| one["kind"] == "unnamed_operation").unwrap();
    assert_eq!((&told["id"], &told["what"]), (&"DELETE /pets/:id".into(), &"app.js:4".into()));
    let status = loki(&repo).args(["spec", "status"]).run().expect_code(1);
    let line =
        "lost       DELETE /pets/:id  the code has this operation and the spec has not: app.js:4";
    assert!(status.stdout.contains(line), "{}", status.stdout);
}

#[test]
fn coverage_follows_the_last_judgement() {
    let repo = project();
    loki(&repo).args(["spec", "lock", "prd.md"]).run().expect_code(0);
    let shown = loki(&repo).args(["spec", "show", "--json"]).run().expect_code(0).json();
    let id = shown["requirements"][0]["id"].as_str().unwrap().to_owned();
    let test = TEST.replace("    def test_two", &format!("    # {id}\n    def test_two"));
    let status = |of: &TestRepo| {
        let json = loki(of).args(["spec", "coverage", "--json"]).run().expect_code(0).json();
        assert_eq!(problems("coverage.schema.json", &json).unwrap(), [""; 0]);
        let all = json["requirements"].as_array().unwrap();
        let one = all.iter().find(|one| one["id"] == id.as_str()).unwrap();
        one["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(&repo), "none");
    repo.write("sums.py", WRONG);
    repo.write("test_sums.py", &test);
    assert_eq!(status(&repo), "stale");
    loki(&repo).args(["verify", "--only", "tests"]).run().expect_code(2);
    assert_eq!(status(&repo), "failing");
    repo.write("sums.py", RIGHT);
    loki(&repo).args(["verify", "--only", "tests"]).run().expect_code(0);
    assert_eq!(status(&repo), "covered");
    let page =
        loki(&repo).args(["spec", "coverage", "--html", "coverage.html"]).run().expect_code(0);
    assert!(page.stdout.contains("2 requirements: 1 covered"), "{}", page.stdout);
    assert!(repo.read("coverage.html").contains("class=\"covered\""));
    let table = loki(&repo).args(["spec", "coverage", "--markdown"]).run().expect_code(0);
    assert!(table.stdout.contains("| requirement | status | evidence |"), "{}", table.stdout);
    // A test that showed something is locked with it, and missed when it goes.
    loki(&repo).args(["spec", "sync"]).run().expect_code(0);
    std::fs::remove_file(repo.root().join("test_sums.py")).unwrap();
    let lost = loki(&repo).args(["spec", "status"]).run().expect_code(1);
    assert!(lost.stdout.contains("the test that showed it is gone"), "{}", lost.stdout);
}

#[test]
fn a_verdict_is_blocked_by_a_spec_that_nobody_approved() {
    let repo = locked();
    repo.commit_all("locked");
    repo.write("prd.md", reworded());
    let ran = loki(&repo).args(["verify", "--only", "spec-drift"]).run().expect_code(2);
    assert!(ran.stdout.contains("spec-drift · fail"), "{}", ran.stdout);
    loki(&repo).args(["spec", "sync"]).run().expect_code(0);
    loki(&repo).args(["verify", "--only", "spec-drift"]).run().expect_code(1);
    repo.commit_all("approved");
    repo.write("a.py", "x = 2\n");
    loki(&repo).args(["verify", "HEAD", "--only", "spec-drift"]).run().expect_code(0);
    let out = loki(&repo)
        .args(["verify", "--only", "change,spec-drift"])
        .env("LOKI_GATE_SPEC_DRIFT", "false")
        .run();
    assert!(out.stderr.contains("gate spec-drift is left out"), "{}", out.stderr);
}
