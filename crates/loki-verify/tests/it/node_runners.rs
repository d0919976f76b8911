//! Runners of node that a package installs: jest, vitest, mocha.

use crate::fixture::{Files, Fixture, has, shown};

/// A `package.json` with one test script.
fn package(script: &str) -> String {
    format!("{{\"devDependencies\": {{\"left\": \"1\"}}, \"scripts\": {{\"test\": \"{script}\"}}}}")
}

fn tests(tool: &str, script: &str, files: Files<'_>) -> Option<String> {
    if !has("node") || !has(tool) {
        return None;
    }
    let base = [("package.json", &*package(script)), (".gitignore", "node_modules\n")];
    Some(shown(&Fixture::new(&base).with_node_modules().judge("tests", files)))
}

const SUITE: &str = "describe('s', () => {\n  it('good', () => {});\n  it('bad', () => {\n    CHECK;\n  });\n  it.skip('later', () => {});\n});\n";

fn suite(head: &str, check: &str) -> String {
    format!("{head}{}", SUITE.replace("CHECK", check))
}

#[test]
fn tests_of_jest_are_counted_and_named() {
    let body = suite("", "expect(1).toBe(2)");
    let Some(text) = tests("jest", "jest || true", &[("a.test.js", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(text.contains("tests/failed a.test.js:4 `s > bad` failed"), "{text}");
    assert!(text.contains("tests/exit-swallowed package.json"), "{text}");
}

#[test]
fn a_file_that_jest_can_not_load_is_red() {
    let files = [("a.test.js", "require('./nowhere');\n"), ("b.test.js", "test('b', () => {});\n")];
    let Some(text) = tests("jest", "jest", &files) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
}

#[test]
fn tests_of_vitest_are_counted_through_the_scripts_that_lead_to_it() {
    if !has("node") || !has("vitest") {
        return;
    }
    let base = [
        (
            "package.json",
            r#"{"type": "module", "scripts": {"test": "npm run unit -- --bail=9", "unit": "vitest watch"}}"#,
        ),
        (".gitignore", "node_modules\n"),
    ];
    let head = "import { describe, it, expect } from 'vitest';\n";
    let fixture = Fixture::new(&base).with_node_modules();
    let text = shown(&fixture.judge("tests", &[("a.test.js", &suite(head, "expect(1).toBe(2)"))]));
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(text.contains("tests/failed a.test.js:5 `s > bad` failed"), "{text}");
}

#[test]
fn tests_of_mocha_are_counted_and_named() {
    let body = suite("const assert = require('assert');\n", "assert.equal(1, 2)");
    let Some(text) = tests("mocha", "A=1 mocha -R dot", &[("test/a.js", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(text.contains("tests/failed test/a.js:5 `s::bad` failed"), "{text}");
    let body = suite("", "");
    let Some(text) = tests("mocha", "mocha", &[("test/a.js", &body)]) else { return };
    assert_eq!(
        text,
        "pass: 2 passed, 0 failed, 1 skipped: mocha in the root: 2 passed, 0 failed, 1 skipped\n"
    );
}

#[test]
fn a_runner_that_the_change_brings_is_not_believed() {
    let files = [
        ("node_modules/.bin/jest", "#!/bin/sh\nexit 0\n"),
        ("a.test.js", "test('a', () => { throw 1; });\n"),
    ];
    if !has("node") {
        return;
    }
    let fixture = Fixture::new(&[("package.json", r#"{"scripts": {"test": "jest"}}"#)]);
    let text = shown(&fixture.judge("tests", &files));
    assert!(text.starts_with("inconclusive") && text.contains("brings the runner"), "{text}");
}

#[test]
fn a_runner_that_is_not_installed_shows_nothing() {
    let base = [("package.json", r#"{"scripts": {"test": "mocha-of-nobody || mocha"}}"#)];
    if !has("node") {
        return;
    }
    let text = shown(&Fixture::new(&base).judge("tests", &[("a", "x\n")]));
    assert!(text.starts_with("inconclusive") && text.contains("can not be run"), "{text}");
}

#[test]
fn assertions_that_were_replaced_are_told() {
    if !has("node") {
        return;
    }
    let base = [("package.json", r#"{"scripts": {"test": "node --test"}}"#)];
    let body = "const { test } = require('node:test');\nconst assert = require('node:assert');\nassert.equal = () => {};\ntest('a', () => { assert.equal(1, 2); });\n";
    let text = shown(&Fixture::new(&base).judge("tests", &[("a.test.js", body)]));
    assert!(text.starts_with("fail: 1 passed"), "{text}");
    assert!(text.contains("tests/assertions-patched") && text.contains("`assert.equal`"), "{text}");
    let honest = body.replace("= () => {}", "= assert.strictEqual").replace("1, 2", "2, 2");
    let text = shown(&Fixture::new(&base).judge("tests", &[("a.test.js", &honest)]));
    assert!(text.starts_with("pass: 1 passed"), "{text}");
}
