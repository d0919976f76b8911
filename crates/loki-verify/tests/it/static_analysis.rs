//! The gate `static-analysis`, with stand-ins for the tools that behave alike wherever tests run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use loki_model::{Policy, Role};

use crate::fixture::{Files, Fixture, has, shown};

/// Reports every line with `BAD` as an error of the rule `B1` in the format of ruff, and crashes over a
/// line with `CRASH`. `off` in `ruff.toml` turns it off.
const RUFF: &str = r#"#!/bin/sh
files=/dev/null
for arg; do case $arg in ./*) files="$files $arg" ;; esac; done
cat $files | grep -q CRASH && { echo boom >&2; exit 2; }
grep -q off ruff.toml && { echo '[]'; exit 0; }
found=$(grep -HnE 'BAD' $files |
  sed -E 's/^([^:]*):([0-9]+):.*BAD ?(.*)$/{"code":"B1","filename":"\1","location":{"row":\2},"message":"bad \3"},/')
echo "[${found%,}]"
test -z "$found"
"#;

/// Judges a change where the project has `ruff` in its environment.
fn judged(base: Files<'_>, change: Files<'_>) -> String {
    judged_under("", base, change)
}

fn judged_under(settings: &str, base: Files<'_>, change: Files<'_>) -> String {
    shown(&with_ruff(settings, base).judge("static-analysis", change))
}

fn with_ruff(settings: &str, base: Files<'_>) -> Fixture {
    let mut files = vec![("ruff.toml", "on\n"), (".loki/config.toml", settings)];
    files.extend(base);
    let fixture = Fixture::new(&files);
    let bin = fixture.reuse().join(".venv/bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("ruff"), RUFF).unwrap();
    fs::set_permissions(bin.join("ruff"), fs::Permissions::from_mode(0o755)).unwrap();
    fixture
}

#[test]
fn what_a_tool_newly_finds_is_a_concern() {
    let text = judged(&[("a.py", "fine\n")], &[("a.py", "fine\nBAD one\n")]);
    assert_eq!(
        text,
        "concern: ruff: bad one (B1)\nstatic-analysis/ruff:B1 a.py:2 ruff: bad one (B1)\n"
    );
}

#[test]
fn a_project_can_let_it_block() {
    let settings = "[verify.static_analysis]\nblocking = true\n";
    let text = judged_under(settings, &[("a.py", "fine\n")], &[("a.py", "BAD one\n")]);
    assert!(text.starts_with("fail: ruff: bad one (B1)"), "{text}");
}

#[test]
fn what_was_there_before_is_not_the_changes_fault() {
    let text = judged(&[("a.py", "BAD one\n")], &[("a.py", "first\n\nBAD one\n")]);
    assert_eq!(text, "pass: ruff: nothing new\n");
    let moved = [("old/a.py", ""), ("new/a.py", "BAD one\n")];
    let text = judged(&[("old/a.py", "BAD one\n")], &moved);
    assert_eq!(text, "pass: ruff: nothing new\n");
}

#[test]
fn a_rule_that_the_base_breaks_in_the_same_place_is_a_note() {
    let text = judged(&[("a.py", "BAD one\n")], &[("a.py", "BAD one\nBAD two\n")]);
    assert!(text.starts_with("pass: ruff: nothing new"), "{text}");
    assert!(text.contains("ruff:B1 a.py:2"), "{text}");
}

#[test]
fn the_settings_of_the_base_hold_whatever_the_change_does_to_them() {
    let base = [("a.py", "fine\n"), ("pkg/b.py", "fine\n")];
    let text = judged(&base, &[("a.py", "BAD one\n"), ("ruff.toml", "off\n")]);
    assert!(text.starts_with("concern: ruff: bad one"), "{text}");
    let text = judged(&base, &[("a.py", "BAD one\n"), ("ruff.toml", "")]);
    assert!(text.starts_with("concern: ruff: bad one"), "{text}");
}

#[test]
fn without_a_tool_or_a_file_for_it_the_gate_does_not_apply() {
    let fixture = Fixture::new(&[("a.py", "fine\n")]);
    let text = shown(&fixture.judge("static-analysis", &[("notes.md", "BAD\n")]));
    assert_eq!(text, "n/a: no linter or type checker is configured, and no code is changed\n");
    let text = judged(&[("a.py", "fine\n")], &[("notes.md", "BAD\n")]);
    assert_eq!(text, "n/a: the change touches no file for ruff\n");
}

/// A function that adds, and one that names what is not there.
const ADDS: &str = "def add(a, b):\n    return a + b\n";
const FAILS: &str = "def add(a, b):\n    return a + c\n";

#[test]
fn lokis_own_rules_look_where_no_tool_is_configured() {
    let fixture = Fixture::new(&[("a.py", ADDS)]);
    let text = shown(&fixture.judge("static-analysis", &[("a.py", FAILS)]));
    assert_eq!(
        text,
        "concern: nothing in this file defines `c`\n\
         static-analysis/unknown-name a.py:2 nothing in this file defines `c`\n"
    );
    let better = "def add(a, b):\n    return b + a\n";
    let text = shown(&fixture.judge("static-analysis", &[("a.py", better)]));
    assert_eq!(text, "pass: loki's own rules: nothing new\n");
}

#[test]
fn where_nothing_may_run_lokis_own_rules_still_look_and_a_tool_is_missed() {
    let looked = |fixture: &Fixture, change: Files<'_>| {
        let (mut config, _) = fixture.config();
        config.policy = Policy::new(&[("static-analysis", Role::Required)]);
        config.runs = false;
        shown(&fixture.judge_with(&config, change)[0])
    };
    let without = Fixture::new(&[("a.py", ADDS)]);
    let better = "def add(a, b):\n    return b + a\n";
    assert_eq!(looked(&without, &[("a.py", better)]), "pass: loki's own rules: nothing new\n");
    assert!(looked(&without, &[("a.py", FAILS)]).starts_with("concern: nothing in this file"));
    let with = with_ruff("", &[("a.py", ADDS)]);
    assert_eq!(looked(&with, &[("a.py", FAILS)]), "inconclusive: ruff: not run, as was asked\n");
    let dead = "function f(a) {\n  return a;\n  g();\n}\n";
    assert_eq!(
        looked(&with, &[("a.py", FAILS), ("b.js", dead)]),
        "concern: `g();` stands behind `return a;` and never runs; and 1 more\n\
         static-analysis/unreachable-code b.js:3 `g();` stands behind `return a;` and never runs\n\
         static-analysis/not-run - ruff: not run, as was asked\n"
    );
}

#[test]
fn lokis_own_rules_leave_languages_with_a_tool_to_the_tool() {
    let text = judged(&[("a.py", ADDS), ("b.js", "f();\n")], &[("a.py", FAILS)]);
    assert_eq!(text, "pass: ruff: nothing new\n");
    let change = [("a.py", FAILS), ("b.js", "function f(a) {\n  return a;\n  g();\n}\n")];
    let text = judged(&[("a.py", ADDS), ("b.js", "f();\n")], &change);
    assert!(text.starts_with("concern: `g();` stands behind `return a;` and never runs"), "{text}");
}

#[test]
fn what_a_file_breaks_already_is_a_note_of_lokis_own_rules_and_the_old_is_none() {
    let old = "def old(a):\n    return d\n\n\n";
    let fixture = Fixture::new(&[("a.py", &format!("{old}{ADDS}"))]);
    let text = shown(&fixture.judge("static-analysis", &[("a.py", &format!("{old}{FAILS}"))]));
    assert_eq!(
        text,
        "pass: loki's own rules: nothing new\n\
         static-analysis/unknown-name a.py:6 nothing in this file defines `c`\n"
    );
    let moved = [("a.py", ""), ("b.py", old)];
    let fixture = Fixture::new(&[("a.py", old)]);
    assert_eq!(
        shown(&fixture.judge("static-analysis", &moved)),
        "pass: loki's own rules: nothing new\n"
    );
}

#[test]
fn where_a_link_leads_is_no_code() {
    let fixture = Fixture::new(&[("a.py", ADDS)]);
    std::os::unix::fs::symlink("elsewhere.py", fixture.repo.root().join("b.py")).unwrap();
    let text = shown(&fixture.judge("static-analysis", &[("notes.md", "x\n")]));
    assert_eq!(text, "n/a: no linter or type checker is configured, and no code is changed\n");
}

#[test]
fn lokis_own_rules_block_where_the_project_lets_its_tools_block() {
    let settings = "[verify.static_analysis]\nblocking = true\n";
    let fixture = Fixture::new(&[("a.py", ADDS), (".loki/config.toml", settings)]);
    let text = shown(&fixture.judge("static-analysis", &[("a.py", FAILS)]));
    assert!(text.starts_with("fail: nothing in this file defines `c`"), "{text}");
}

#[test]
fn a_tool_that_is_configured_and_not_installed_is_a_note_with_the_fix() {
    let base = [("pyrightconfig.json", "{}\n"), (".rubocop.yml", "\n")];
    let fixture = Fixture::new(&base);
    let text = shown(&fixture.judge("static-analysis", &[("a.rb", "x\n")]));
    assert!(text.starts_with("n/a: rubocop: configured, and not installed here"), "{text}");
    assert!(text.contains("gem install rubocop"), "{text}");
}

#[test]
fn a_tool_that_can_not_be_run_is_a_note_unless_it_is_the_change_that_breaks_it() {
    let text = judged(&[("a.py", "CRASH\n")], &[("a.py", "CRASH\nmore\n")]);
    assert!(text.starts_with("n/a: no tool that is configured could be run here"), "{text}");
    assert!(text.contains("static-analysis/not-run"), "{text}");
    let text = judged(&[("a.py", "fine\n")], &[("a.py", "CRASH\n")]);
    assert!(text.starts_with("inconclusive: ruff: it exited 2: boom"), "{text}");
}

#[test]
fn test_data_and_others_code_are_not_looked_at() {
    let change = [("tests/fixtures/a.py", "BAD\n"), ("vendor/b.py", "BAD\n")];
    let text = judged(&[("a.py", "fine\n")], &change);
    assert_eq!(text, "n/a: the change touches no file for ruff\n");
}

#[test]
fn clippy_that_only_automation_mentions_looks_at_the_workspace() {
    if !has("cargo-clippy") {
        return;
    }
    let base = [
        (
            ".github/workflows/ci.yml",
            "jobs:\n  a:\n    steps:\n      - run: cargo clippy -- -D warnings\n",
        ),
        ("Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\n[workspace]\n"),
        ("src/lib.rs", "pub fn a() -> u32 {\n    1\n}\n"),
    ];
    let change = [("src/lib.rs", "pub fn a() -> u32 {\n    return 1;\n}\n")];
    for fixture in [Fixture::new(&base), Fixture::at_home(&base)] {
        let text = shown(&fixture.judge("static-analysis", &change));
        assert!(text.starts_with("concern: clippy:"), "{text}");
        assert!(text.contains("clippy:clippy::needless_return src/lib.rs:2"), "{text}");
    }
}
