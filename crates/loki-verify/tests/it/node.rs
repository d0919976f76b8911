//! `node --test`, and scripts of `package.json`.

use crate::fixture::{Files, Fixture, has, judged, shown};

const HEAD: &str =
    "const { test } = require('node:test');\nconst assert = require('node:assert');\n";

fn tests(base: Files<'_>, files: Files<'_>) -> Option<String> {
    has("node").then(|| judged("tests", base, files))
}

fn file(body: &str) -> String {
    format!("{HEAD}{body}")
}

#[test]
fn green_tests_are_counted_without_a_package() {
    let Some(text) =
        tests(&[], &[("a.test.js", &file("test('a', () => {});\ntest('b', () => {});\n"))])
    else {
        return;
    };
    assert_eq!(text, "pass: 2 passed, 0 failed: node --test in the root: 2 passed, 0 failed\n");
}

#[test]
fn a_red_test_is_named_and_placed() {
    let body = file("test('good', () => {});\ntest('bad', () => {\n  assert.equal(1, 2);\n});\n");
    let base = [("package.json", r#"{"scripts": {"test": "node --test test/"}}"#)];
    let Some(text) = tests(&base, &[("test/a.test.js", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed test/a.test.js:5 `bad` failed"), "{text}");
}

#[test]
fn skipped_tests_alone_show_nothing() {
    let body =
        file("test('a', { skip: 'later' }, () => {});\ntest('b', { todo: true }, () => {});\n");
    let Some(text) = tests(&[], &[("a.test.js", &body)]) else { return };
    assert!(
        text.starts_with("inconclusive: 0 passed, 0 failed, 2 skipped: no test was run"),
        "{text}"
    );
}

#[test]
fn files_without_tests_count_as_none() {
    let base = [("package.json", r#"{"scripts": {"test": "node --test"}}"#)];
    let Some(text) = tests(&base, &[("test/a.js", "console.log('9 passed');\n")]) else { return };
    assert!(text.starts_with("inconclusive: no test was run"), "{text}");
    assert!(text.contains("tests/not-counted test/a.js"), "{text}");
}

#[test]
fn leaving_early_with_success_shows_nothing() {
    let body = file(
        "test('a', () => {});\ntest('b', () => { process.exit(0); });\ntest('c', () => { throw 1; });\n",
    );
    let Some(text) =
        tests(&[], &[("a.test.js", &body), ("b.test.js", &file("test('b', () => {});\n"))])
    else {
        return;
    };
    assert!(text.starts_with("inconclusive"), "{text}");
    assert!(text.contains("a.test.js declares tests and none of them ended"), "{text}");
}

#[test]
fn a_crash_half_way_fails() {
    let body = file("test('a', () => { process.abort(); });\n");
    let Some(text) = tests(&[], &[("a.test.js", &body)]) else { return };
    assert!(text.starts_with("fail"), "{text}");
}

#[test]
fn a_hang_is_ended_and_shows_nothing() {
    if !has("node") {
        return;
    }
    let body = file("test('a', () => new Promise(() => setInterval(() => {}, 1000)));\n");
    let text = shown(&Fixture::new(&[]).limit(3).judge("tests", &[("a.test.js", &body)]));
    assert!(text.starts_with("inconclusive") && text.contains("time limit"), "{text}");
}

#[test]
fn printed_and_committed_reports_do_not_count() {
    let forged = "<testsuites><testcase name=\"x\"/></testsuites>";
    let body = file(&format!("console.log('{forged}');\ntest('a', () => {{ throw 1; }});\n"));
    let Some(text) = tests(&[], &[("a.test.js", &body), ("results-0.xml", forged)]) else { return };
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
}

#[test]
fn the_test_command_of_the_base_is_run_and_an_alteration_told() {
    let base = [
        ("package.json", r#"{"scripts": {"test": "node --test"}}"#),
        ("a.test.js", &*file("test('a', () => {});\n")),
    ];
    let change = [
        ("package.json", r#"{"scripts": {"test": "node --test good.test.js"}}"#),
        ("b.test.js", &*file("test('b', () => { throw 1; });\n")),
    ];
    let Some(text) = tests(&base, &change) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/command-altered package.json"), "{text}");
}

#[test]
fn another_script_fails_by_its_exit_code_and_passes_only_with_tests_that_it_prints() {
    let base = [("package.json", r#"{"scripts": {"test": "sh run.sh"}}"#)];
    let Some(text) = tests(&base, &[("run.sh", "echo 9 passed\n")]) else { return };
    assert!(
        text.starts_with("inconclusive") && text.contains("nothing that `sh run.sh` printed"),
        "{text}"
    );
    let Some(text) = tests(&base, &[("run.sh", "echo ok 1 - a; exit 1\n")]) else { return };
    assert!(text.starts_with("fail"), "{text}");
    let Some(text) = tests(&base, &[("run.sh", "echo ok 1 - a; echo 1..1\n")]) else { return };
    assert!(text.starts_with("pass: 1 passed"), "{text}");
}

#[test]
fn a_script_that_hides_the_exit_code_is_run_without_that() {
    let base = [("package.json", r#"{"scripts": {"test": "node --test || true"}}"#)];
    let Some(text) = tests(&base, &[("a.test.js", &file("test('a', () => { throw 1; });\n"))])
    else {
        return;
    };
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/exit-swallowed package.json"), "{text}");
}

#[test]
fn npms_default_script_is_no_test() {
    let script = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    let Some(text) = tests(&[("package.json", script)], &[("a.js", "x = 1;\n")]) else { return };
    assert!(text.starts_with("inconclusive: no test was run"), "{text}");
}

#[test]
fn red_without_installed_packages_shows_nothing() {
    let base = [(
        "package.json",
        r#"{"dependencies": {"left": "1"}, "scripts": {"test": "node --test"}}"#,
    )];
    let Some(text) = tests(&base, &[("a.test.js", &file("require('left');\n"))]) else { return };
    assert!(text.starts_with("inconclusive") && text.contains("npm ci"), "{text}");
}

#[test]
fn packages_are_linked_from_the_checkout_and_those_of_the_workspace_from_the_copy() {
    if !has("node") {
        return;
    }
    let fixture = Fixture::new(&[
        (
            "package.json",
            r#"{"dependencies": {"left": "1", "@me/own": "*"}, "scripts": {"test": "node --test"}}"#,
        ),
        (".gitignore", "node_modules\n"),
        ("own/package.json", r#"{"name": "@me/own"}"#),
        ("own/index.js", "module.exports = 'old';\n"),
    ]);
    let reuse = fixture.reuse();
    std::fs::create_dir_all(reuse.join("own")).unwrap();
    std::fs::write(reuse.join("own/index.js"), "module.exports = 'old';\n").unwrap();
    std::fs::create_dir_all(reuse.join("node_modules/left")).unwrap();
    std::fs::create_dir_all(reuse.join("node_modules/@me")).unwrap();
    std::fs::write(reuse.join("node_modules/left/index.js"), "module.exports = 'left';\n").unwrap();
    std::os::unix::fs::symlink("../../own", reuse.join("node_modules/@me/own")).unwrap();
    let body = file(
        "test('a', () => { assert.equal(require('left'), 'left'); assert.equal(require('@me/own'), 'new'); });\n",
    );
    let report = fixture
        .judge("tests", &[("own/index.js", "module.exports = 'new';\n"), ("a.test.js", &body)]);
    assert!(shown(&report).starts_with("pass: 1 passed"), "{}", shown(&report));
}

#[test]
fn changed_javascript_of_both_kinds_has_to_parse() {
    if !has("node") {
        return;
    }
    let files = [
        ("module.js", "import fs from 'fs';\nexport default await 1;\n"),
        ("script.js", "#!/usr/bin/env node\nreturn require('fs');\n"),
        ("bad.mjs", "export const x = 1;\nlet = ;\n"),
        ("bad.cjs", "import fs from 'fs';\n"),
    ];
    let text = judged("build", &[("a", "x\n")], &files);
    assert!(text.starts_with("fail: 2 JavaScript file(s) do not parse"), "{text}");
    assert!(text.contains("build/syntax bad.cjs:1"), "{text}");
}

#[test]
fn the_build_script_has_to_end_well() {
    if !has("npm") {
        return;
    }
    let base = [("package.json", r#"{"scripts": {"build": "sh build.sh"}}"#)];
    let text = judged("build", &base, &[("build.sh", "exit 0\n")]);
    assert!(text.starts_with("pass") && text.contains("npm run build in the root: ok"), "{text}");
    let text = judged(
        "build",
        &base,
        &[("build.sh", "echo src/a.ts:3:1 wrong; exit 2\n"), ("src/a.ts", "x\n")],
    );
    assert!(text.starts_with("fail") && text.contains("build/failed src/a.ts:3"), "{text}");
}

#[test]
fn the_pretest_script_runs_first() {
    let base = [(
        "package.json",
        r#"{"scripts": {"pretest": "cp src.js a.test.js", "test": "node --test"}}"#,
    )];
    let Some(text) = tests(&base, &[("src.js", &file("test('a', () => {});\n"))]) else { return };
    assert!(text.starts_with("pass: 1 passed"), "{text}");
}

#[test]
fn a_runner_that_is_not_installed_shows_nothing() {
    let base = [("package.json", r#"{"scripts": {"test": "no-such-runner-anywhere --all"}}"#)];
    let Some(text) = tests(&base, &[("a", "x\n")]) else { return };
    assert!(text.starts_with("inconclusive") && text.contains("can not be run"), "{text}");
}

const PLAIN: &str = r#"{"scripts": {"test": "node --test test/"}}"#;

#[test]
fn a_nested_package_with_a_script_of_its_own_is_judged_too() {
    let base = [("package.json", PLAIN), ("tool/package.json", PLAIN)];
    let (green, red) =
        (file("test('a', () => {});\n"), file("test('b', () => { assert.equal(1, 2); });\n"));
    let change = [("test/a.test.js", &*green), ("tool/test/b.test.js", &*red)];
    let Some(text) = tests(&base, &change) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed tool/test/b.test.js"), "{text}");
}

#[test]
fn a_script_that_only_calls_its_workspaces_gives_way_to_theirs() {
    let root = r#"{"workspaces": ["a", "b"], "scripts": {"test": "npm test --workspaces"}}"#;
    let base = [("package.json", root), ("a/package.json", PLAIN), ("b/package.json", PLAIN)];
    let body = file("test('a', () => {});\n");
    let change = [("a/test/a.test.js", &*body), ("b/test/b.test.js", &*body)];
    let Some(text) = tests(&base, &change) else { return };
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}

#[test]
fn tests_of_the_root_run_beside_those_of_a_nested_package() {
    let base = [("web/package.json", PLAIN)];
    let body = file("test('a', () => {});\n");
    // Only right where it is run from.
    let inner = file("test('a', () => { assert.ok(process.cwd().endsWith('web')); });\n");
    let change = [("it's.test.js", &*body), ("web/test/b.test.js", &*inner)];
    let Some(text) = tests(&base, &change) else { return };
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}

#[test]
fn a_package_that_does_not_read_is_named() {
    for (gate, begin) in [
        ("build", "fail: 1 changed file(s) do not parse"),
        ("tests", "inconclusive: 1 package.json not looked at"),
    ] {
        let text = judged(gate, &[("a", "x\n")], &[("web/package.json", "{ oops\n")]);
        assert!(text.starts_with(begin), "{text}");
        assert!(text.contains(&format!("{gate}/left-out web/package.json")), "{text}");
    }
}

#[test]
fn packages_beyond_the_limit_are_counted_and_the_first_is_named() {
    let script = r#"{"scripts": {"test": "exit 1"}}"#;
    let paths: Vec<String> = (100..166).map(|at| format!("p{at}/package.json")).collect();
    let base: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), script)).collect();
    let text = judged("tests", &base, &[("b", "1\n")]);
    assert!(text.contains("tests/left-out p164 2 Node packages not looked at"), "{text}");
}
