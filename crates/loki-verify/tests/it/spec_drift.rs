//! A change keeps to what was agreed on.

use loki_spec::{Delta, Lock, drift, read};

use crate::fixture::{Files, Fixture, judged, shown};

const PRD: &str = "# Notes\n\n- [ ] Notes are saved when the window closes\n- [ ] The list shows the newest note first\n";
const LOCK: &str = ".loki/spec/spec.lock";
const DELTA: &str = ".loki/spec/deltas/20260102030405-aaaaaaaa.toml";

fn lock(text: &str) -> Lock {
    Lock::of(&[read("prd.md", text).0], None)
}

fn approval(new: &str) -> String {
    let change = drift(&lock(PRD), &[read("prd.md", new).0]);
    Delta::of(&change, "2026-01-02T03:04:05Z", "Ada <ada@example.org>", None).to_text()
}

fn reworded() -> String {
    PRD.replace("newest note first", "newest ten notes first")
}

fn change(more_base: Files<'_>, files: Files<'_>) -> String {
    let locked = lock(PRD).to_text();
    let base = [&[("prd.md", PRD), (LOCK, locked.as_str())], more_base].concat();
    judged("spec-drift", &base, files)
}

#[test]
fn without_a_lock_there_is_nothing_to_keep_to() {
    let said = judged("spec-drift", &[("prd.md", PRD)], &[("prd.md", &reworded())]);
    assert!(said.starts_with("n/a"), "{said}");
}

#[test]
fn a_change_of_code_keeps_to_the_lock() {
    let said = change(&[], &[("a.py", "x = 1\n")]);
    assert_eq!(said, "pass: kept to 2 requirements of the lock\n");
}

#[test]
fn a_reworded_requirement_that_nobody_approved_is_refused() {
    let said = change(&[], &[("prd.md", &reworded())]);
    assert!(said.starts_with("fail: "), "{said}");
    assert!(said.contains("spec-drift/text-changed prd.md:4 "), "{said}");
    let gone = change(&[], &[("prd.md", "")]);
    assert_eq!(gone.matches("spec-drift/text-changed").count(), 2, "{gone}");
}

#[test]
fn other_spelling_and_another_order_are_kept_to() {
    let new = "# Notes\n\nSome words.\n\n- [ ] The list shows the **newest** note first.\n- [ ] Notes are saved when the window closes\n";
    assert!(change(&[], &[("prd.md", new)]).starts_with("pass"));
}

#[test]
fn an_approval_of_the_base_lets_the_change_through() {
    let approved = approval(&reworded());
    let said = change(&[(DELTA, &approved)], &[("prd.md", &reworded())]);
    assert!(said.starts_with("pass"), "{said}");
    // It approves these words and no others.
    let other = reworded().replace("ten", "fifty");
    let said = change(&[(DELTA, &approved)], &[("prd.md", &other)]);
    assert!(said.starts_with("fail"), "{said}");
}

#[test]
fn an_approval_that_the_change_brings_is_for_a_person_to_look_at() {
    let new = Lock::of(&[read("prd.md", &reworded()).0], Some(&lock(PRD))).to_text();
    let files = [("prd.md", reworded()), (LOCK, new), (DELTA, approval(&reworded()))];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let said = change(&[], &files);
    assert!(said.starts_with("concern: "), "{said}");
    assert_eq!(said.matches("spec-drift/").count(), 1, "{said}");
    assert!(said.contains("spec-drift/approval-in-change prd.md:4 "), "{said}");
}

#[test]
fn a_lock_that_is_edited_deleted_or_left_in_conflict_is_refused() {
    let weaker = lock(PRD).to_text().replace("newest note", "notes");
    let broken = format!("<<<<<<< HEAD\n{}", lock(PRD).to_text());
    for text in [weaker.as_str(), "", broken.as_str()] {
        let said = change(&[], &[(LOCK, text), ("a.py", "x = 1\n")]);
        assert!(said.contains("spec-drift/lock-edited .loki/spec/spec.lock"), "{said}");
        assert!(said.starts_with("fail"), "{said}");
    }
}

#[test]
fn an_approval_that_was_there_is_never_rewritten() {
    let approved = approval(&reworded());
    let other = approved.replace("Ada", "Bob");
    let said = change(&[(DELTA, &approved)], &[(DELTA, &other), ("a.py", "x = 1\n")]);
    assert!(said.contains("spec-drift/delta-edited"), "{said}");
}

#[test]
fn a_tick_needs_a_test_that_names_the_requirement() {
    let ticked = PRD.replacen("[ ]", "[x]", 1);
    let said = change(&[], &[("prd.md", &ticked)]);
    assert!(said.starts_with("concern: "), "{said}");
    assert!(said.contains("spec-drift/ticked-without-evidence prd.md:3 "), "{said}");
    let id = read("prd.md", PRD).0.requirements[0].id.clone();
    let test = format!("# {id}\ndef test_saved():\n    assert saved()\n");
    let said = change(&[], &[("prd.md", &ticked), ("test_a.py", &test)]);
    assert!(said.starts_with("pass"), "{said}");
}

#[test]
fn a_test_that_showed_a_requirement_is_missed() {
    let mut lock = lock(PRD);
    let id = lock.requirements[0].id.clone();
    lock.tests.insert(id.clone(), ["test_a.py > test_saved".to_owned()].into());
    let test = format!("# {id}\ndef test_saved():\n    assert saved()\n");
    let base = [("prd.md", PRD), (LOCK, &lock.to_text()), ("test_a.py", &test)];
    let said = judged("spec-drift", &base, &[("test_a.py", "")]);
    assert!(said.contains("spec-drift/evidence-lost test_a.py "), "{said}");
    let renamed = test.replace("test_saved", "test_is_saved");
    let said = judged("spec-drift", &base, &[("test_a.py", &renamed)]);
    assert!(said.starts_with("pass"), "{said}");
}

#[test]
fn without_a_lock_the_spec_of_the_run_is_not_to_be_edited() {
    let (mut config, _) = Fixture::new(&[]).config();
    config.policy = loki_model::Policy::new(&[("spec-drift", loki_model::Role::Required)]);
    let fixture = || Fixture::new(&[("task.md", PRD)]).asked(PRD);
    let said = |files: Files<'_>| shown(&fixture().judge_with(&config, files)[0]);
    let edited = said(&[("task.md", &reworded())]);
    assert!(edited.starts_with("concern: "), "{edited}");
    assert!(edited.contains("spec-drift/pinned-edited task.md:4 "), "{edited}");
    let ticked = said(&[("task.md", &PRD.replace("[ ]", "[x]"))]);
    assert!(ticked.starts_with("n/a"), "{ticked}");
}

const API: &str = "openapi: 3.0.0\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      operationId: listPets\n      \
                   responses: {'200': {description: All}}\n    post:\n      operationId: createPet\n      \
                   responses: {'201': {description: One}}\n";

const APP: &str =
    "const express = require('express');\nconst app = express();\napp.get('/pets', list);\n";

fn change_of_api(files: Files<'_>) -> String {
    let (spec, _) = loki_spec::read_as("openapi.yaml", API).unwrap();
    let locked = Lock::of(&[spec], None).to_text();
    let test = "test('GET /pets', () => list());\n";
    let base = [("openapi.yaml", API), (LOCK, &locked), ("app.js", APP), ("pets.test.js", test)];
    judged("spec-drift", &base, files)
}

#[test]
fn an_operation_that_the_spec_does_not_have_is_for_a_person_to_look_at() {
    let said = change_of_api(&[("app.js", &format!("{APP}app.delete('/pets/:id', gone);\n"))]);
    assert!(said.starts_with("concern: "), "{said}");
    assert!(said.contains("spec-drift/operation-unnamed app.js:4 "), "{said}");
    // What was there before is not the change's doing.
    let said = change_of_api(&[("app.js", &format!("{APP}// more\n"))]);
    assert!(said.starts_with("pass: "), "{said}");
    assert!(said.contains("operation-untested - no test names 1 operation(s)"), "{said}");
}

#[test]
fn an_operation_that_comes_without_a_test_is_told() {
    let with_post = format!("{APP}app.post('/pets', create);\n");
    let said = change_of_api(&[("app.js", &with_post)]);
    assert!(said.starts_with("concern: "), "{said}");
    assert!(said.contains("spec-drift/operation-untested app.js:4 "), "{said}");
    let test = "test('GET /pets', () => list());\ntest('POST /pets', () => create());\n";
    let said = change_of_api(&[("app.js", &with_post), ("pets.test.js", test)]);
    assert_eq!(said, "pass: kept to 2 requirements of the lock\n");
}

#[test]
fn without_a_lock_the_operations_of_the_run_count() {
    let (config, _) = Fixture::new(&[]).config();
    let config = loki_verify::Config {
        policy: loki_model::Policy::new(&[("spec-drift", loki_model::Role::Required)]),
        ..config
    };
    let (spec, _) = loki_spec::read_as("openapi.yaml", API).unwrap();
    let fixture = Fixture::new(&[("openapi.yaml", API)]).asking(spec);
    let app = format!("{APP}app.get('/cats', cats);\n");
    let test = "test('GET /pets', () => list());\n";
    let said = shown(&fixture.judge_with(&config, &[("app.js", &app), ("pets.test.js", test)])[0]);
    assert!(said.contains("spec-drift/operation-unnamed app.js:4 "), "{said}");
}
