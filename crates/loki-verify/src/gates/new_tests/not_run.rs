//! New tests that no runner has run.

use crate::delta::Delta;
use crate::gates::Cx;
use crate::kind::Kind;
use crate::sides::Sides;
use crate::suite::{Located, Suite};
use crate::syntax::Language;
use crate::text::is_word_in;

/// Parts of paths of tests that are run by others, or at other times.
const APART: &[&str] = &[
    "e2e",
    "integration",
    "playwright",
    "cypress",
    "bench",
    "perf",
    "smoke",
    "manual",
    "browser",
    "slow",
    "stress",
    "fuzz",
    "live",
    "example",
    "type",
];

/// The first new test that is in no run of the change, and how many there are; nothing where a runner of its
/// language has not told of every test.
pub(super) fn not_run(cx: &Cx<'_>, delta: &Delta) -> Option<(String, String, u32, usize)> {
    let suites = cx.suites();
    if !suites.are_complete() {
        return None;
    }
    let sides = Sides::of(cx, delta);
    let suite = Suite::of(&sides, cx.trees(delta));
    let cases = suites.cases();
    let runs_of = |language: Language| {
        let runners = runners(language);
        cases.keys().any(|id| runners.iter().any(|runner| id.starts_with(runner)))
    };
    let is_lost = |test: &Located<'_>| {
        test.file.kind == Kind::Test
            && is_run_by_all(test)
            && is_known_by_name(&test.test.name)
            && !is_apart(test.path())
            && !is_for_some_systems(test)
            && test.test.markers.is_empty()
            && runs_of(test.source.language())
            && !cases.keys().any(|id| is_word_in(id, &test.test.name))
    };
    let lost: Vec<Located<'_>> = suite.new_tests().into_iter().filter(is_lost).collect();
    let first = lost.first()?;
    Some((first.test.name.clone(), first.path().to_owned(), first.test.lines.0, lost.len()))
}

/// What ids of tests of a language begin with.
fn runners(language: Language) -> &'static [&'static str] {
    match language {
        Language::Python => &["pytest:", "unittest:"],
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            &["node:", "jest:", "vitest:", "mocha:"]
        }
        Language::Go => &["go:"],
        Language::Rust => &["cargo:"],
        _ => &[],
    }
}

/// Whether a runner is sure to write the name as it stands: nothing is filled in or quoted.
fn is_known_by_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | ',' | ':'))
}

/// Whether it is run with all others: benchmarks are not, and nor are examples of Go that print nothing.
fn is_run_by_all(test: &Located<'_>) -> bool {
    match test.source.language() {
        Language::Go => test.test.name.starts_with("Test"),
        Language::Rust => !test.text(test.test.whole).contains("#[bench]"),
        _ => true,
    }
}

fn is_apart(path: &str) -> bool {
    let path = path.to_lowercase();
    APART.iter().any(|part| path.contains(part))
}

/// Whether the file is compiled for some systems or features only.
fn is_for_some_systems(test: &Located<'_>) -> bool {
    let text = test.source.tree().whole_text();
    match test.source.language() {
        Language::Rust => text.replace("cfg(test)", "").contains("cfg("),
        Language::Go => {
            let name = test.path().trim_end_matches("_test.go");
            let systems = ["linux", "darwin", "windows", "unix", "amd64", "arm64", "wasm", "js"];
            text.contains("//go:build")
                || systems.iter().any(|system| name.ends_with(&format!("_{system}")))
        }
        _ => false,
    }
}
