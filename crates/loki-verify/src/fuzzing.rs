//! Readers of text that others wrote, for the fuzz targets in `fuzz/`: there only with `--cfg fuzzing`,
//! and in tests, which read what was found before. No part of the interface.
//!
//! Each takes any bytes and may fail only where a promise does not hold: that nothing panics, hangs or
//! grows without bound, and what is asserted here.

use std::collections::BTreeSet;

use loki_model::{ChangeKind, Exit, GateReport};

use crate::advisories::Intake;
use crate::cargo::Messages;
use crate::claim::Claim;
use crate::config::Config;
use crate::counts::junit::{Dialect, Named, Plain};
use crate::counts::watch::Watched;
use crate::counts::{
    CASES_MAX, FAILURES_MAX, Tally, doctest, gotest, jest, junit, libtest, lines, rspec,
    told_apart, trx, unittest,
};
use crate::delta::FileDelta;
use crate::ecosystem::Ecosystem;
use crate::kind::kind;
use crate::reported::{REPORTED_MAX, lcov as tracefile, lines::Lines, sarif as sarif_results};
use crate::syntax::{At, Source};
use crate::{mask, mutation, settings, shell, text_tests};

/// A reader.
pub type Target = fn(&[u8]);

/// Every reader, by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("advisory", advisory),
    ("cargo", cargo),
    ("config", config),
    ("doctest", doctest),
    ("evidence", evidence),
    ("gotest", gotest),
    ("jest", jest),
    ("junit", junit),
    ("libtest", libtest),
    ("lcov", lcov),
    ("lines", lines),
    ("rspec", rspec),
    ("sarif", sarif),
    ("settings", settings),
    ("shell", shell),
    ("syntax", syntax),
    ("tap", tap),
    ("trx", trx),
    ("unittest", unittest),
    ("watch", watch),
];

/// A file of each language, and one of none.
const SOURCES: [&str; 20] = [
    "test_a.py",
    "a.py",
    "a.test.js",
    "a.js",
    "a.test.ts",
    "a.tsx",
    "a.rs",
    "tests/a.rs",
    "a_test.go",
    "a.go",
    "ATest.java",
    "a_spec.rb",
    "ATests.cs",
    "ATest.php",
    "ATest.kt",
    "ATests.swift",
    "test_a.c",
    "a_test.cpp",
    "a.sh",
    "a.txt",
];

/// A file of each form of settings.
const SETTINGS: [&str; 10] = [
    "pyproject.toml",
    "setup.cfg",
    "package.json",
    "tsconfig.jsonc",
    ".eslintrc",
    "ci.yml",
    "tox.ini",
    "Cargo.lock",
    "composer.lock",
    ".cargo/config",
];

/// Reads a JUnit document.
pub fn junit(data: &[u8]) {
    struct Files;
    impl Dialect for Files {
        fn is_file(&self, name: &str) -> bool {
            name.ends_with(".js")
        }
        fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
            (named.suites.join(" > "), named.file.map(str::to_owned))
        }
    }
    let text = text(data);
    bounded(junit::read(&text, &Plain).0);
    bounded(junit::read(&text, &Files).0);
}

/// Reads a report of jest or vitest.
pub fn jest(data: &[u8]) {
    bounded(jest::read(&text(data), &known));
}

/// Reads a report of rspec.
pub fn rspec(data: &[u8]) {
    bounded(rspec::read(&text(data), &known));
}

/// Takes an advisory of an export.
pub fn advisory(data: &[u8]) {
    let mut intake = Intake::new(Ecosystem::ALL);
    if intake.take("a.json", data).is_ok() {
        assert!(Ecosystem::ALL.iter().all(|ecosystem| intake.advisories(*ecosystem) <= 1));
    }
}

/// Reads a report of `dotnet test`.
pub fn trx(data: &[u8]) {
    bounded(trx::read(&text(data)));
}

/// Reads a report of loki's own runner of unittest.
pub fn unittest(data: &[u8]) {
    bounded(unittest::read(&text(data)).0);
}

/// Reads the events of `go test`.
pub fn gotest(data: &[u8]) {
    let mut run = gotest::Run::default();
    each_line(data, &mut |line| run.line(line));
    bounded(run.finish(exit(data)));
}

/// Reads the events of Rust's test harness.
pub fn libtest(data: &[u8]) {
    let mut suite = libtest::Suite::default();
    each_line(data, &mut |line| suite.line(line));
    bounded(suite.finish(exit(data)));
}

/// Reads what `cargo test --doc` prints.
pub fn doctest(data: &[u8]) {
    let mut report = doctest::Report::default();
    each_line(data, &mut |line| report.line(line));
    bounded(report.finish(Some(0), &text(data)));
}

/// Reads TAP and plain lines.
pub fn tap(data: &[u8]) {
    let mut report = lines::Report::default();
    each_line(data, &mut |line| report.line(line));
    bounded(report.finish());
}

/// Reads what watched a run of pytest.
pub fn watch(data: &[u8]) {
    let watched = Watched::read(&text(data), &|place| format!("{} {}", place.id, place.file));
    for (id, _) in watched.all_raised() {
        assert!(watched.raised(id).is_some(), "{id}");
    }
}

/// Reads the messages of cargo.
pub fn cargo(data: &[u8]) {
    let mut messages = Messages::default();
    each_line(data, &mut |line| messages.line(line));
}

/// Reads a SARIF log.
pub fn sarif(data: &[u8]) {
    let found = sarif_results::read(&text(data)).unwrap_or_default();
    assert!(found.len() <= REPORTED_MAX);
}

/// Reads a tracefile of LCOV.
pub fn lcov(data: &[u8]) {
    let Ok(tracefile) = tracefile::read(&text(data)) else { return };
    assert!(tracefile.not_run(&|_| None).is_empty());
    assert!(tracefile.paths().next().is_some());
}

/// Reads lines by a pattern: the first line.
pub fn lines(data: &[u8]) {
    let text = text(data);
    let (pattern, rest) = text.split_once('\n').unwrap_or((&text, ""));
    if let Ok(lines) = Lines::new(pattern) {
        for found in lines.text(rest) {
            assert!(found.line != Some(0));
        }
    }
}

/// Reads loki's own settings.
pub fn config(data: &[u8]) {
    let (config, _) = Config::parse(&text(data));
    let names = config.gate_names();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "a gate twice");
}

/// Reads remembered evidence. What was read is written as it was read.
pub fn evidence(data: &[u8]) {
    let Ok(reports) = serde_json::from_slice::<Vec<GateReport>>(data) else { return };
    let written = serde_json::to_string(&reports).unwrap_or_default();
    let again = serde_json::from_str::<Vec<GateReport>>(&written).unwrap_or_default();
    assert!(serde_json::to_string(&again).is_ok_and(|again| again == written));
}

/// Reads settings of other tools: the first byte says of which.
pub fn settings(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else { return };
    let text = text(rest);
    match SETTINGS.get(usize::from(*which) % (SETTINGS.len() + 1)) {
        Some(path) => _ = settings::read(path, &text),
        None => {
            let recipes = settings::recipes(&text);
            let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
            let commands = recipes.commands.values().flatten();
            assert!(commands.into_iter().all(|(line, _)| (1..=lines).contains(line)));
        }
    }
}

/// Reads a shell script as the commands of a runner.
pub fn shell(data: &[u8]) {
    let text = text(data);
    let steps = shell::steps(&text);
    let errexit = shell::sets_errexit(&steps);
    for (index, step) in steps.iter().enumerate() {
        let _ = shell::swallowed(&steps, index, errexit);
        let _ = (step.program(), step.text(), step.does_nothing(), shell::is_task(step));
        if let Some(runner) = shell::runner(step) {
            let _ = shell::limits(&runner);
        }
    }
    let _ = Claim::of(&[text.as_ref()]);
}

/// Reads a source file as a tree and everything that is asked of it: the first byte says of which
/// language.
pub fn syntax(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else { return };
    let Some(path) = SOURCES.get(usize::from(*which) % SOURCES.len()) else { return };
    let text = text(rest);
    if let Some(family) = mask::family(path) {
        let masked = mask::masked(&text, family);
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
    }
    let _ = text_tests::splice(path, &text, &text);
    let Some(source) = Source::parse(path, &text) else { return };
    let tree = source.tree();
    let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX).max(1);
    for at in std::iter::once(At::ROOT).chain(tree.inside(At::ROOT)) {
        let (first, last) = (tree.line(at), tree.last_line(at));
        assert!(first <= last && first <= lines + 1, "lines {first} to {last} of {lines}");
        let _ = (tree.text(at), tree.role(at), tree.part(at), tree.around(at), tree.bare(at));
    }
    let _ = (source.tests(), source.functions(), source.helpers(), source.imports());
    let _ = (source.comments(), source.literals(), source.handlers(), source.markers());
    let _ = (source.mocks(), source.calls().count(), tree.broken_line());
    for route in crate::routes::routes(path, &text).routes {
        assert!(route.path.starts_with('/') && (1..=lines + 1).contains(&route.line), "{route:?}");
    }
    mutate(path, &text, lines);
}

fn mutate(path: &str, text: &str, lines: u32) {
    let file = FileDelta {
        path: path.to_owned(),
        change: ChangeKind::Added,
        kind: kind(path),
        before: None,
        after: Some(text.to_owned()),
        added: (1..=lines).collect(),
    };
    let options = mutation::Options::new(vec!["name".to_owned()]);
    for mutant in mutation::mutants(&file, &mutation::Moved::default(), &options) {
        assert_ne!(mutant.apply(text), text, "a mutant that changes nothing: {}", mutant.what);
    }
}

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

fn each_line(data: &[u8], take: &mut dyn FnMut(&[u8])) {
    data.split(|byte| *byte == b'\n').for_each(take);
}

/// Some runs ended well and some did not.
fn exit(data: &[u8]) -> Exit {
    match data.len() % 3 {
        0 => Exit::Exited { code: 0 },
        1 => Exit::Exited { code: 1 },
        _ => Exit::Cancelled,
    }
}

fn known(path: &str) -> Option<String> {
    path.strip_prefix("/copy/").map(str::to_owned)
}

/// What holds of every count.
fn bounded(tally: Tally) {
    assert!(tally.cases.len() <= CASES_MAX && tally.failures.len() <= FAILURES_MAX);
    let apart = told_apart(tally.cases);
    let ids: BTreeSet<&str> = apart.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), apart.len(), "two tests with one id");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Seeds, and what was found before.
    #[test]
    fn every_seed_is_read_as_promised() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
        for (name, target) in TARGETS {
            let files = fs::read_dir(seeds.join(name)).unwrap();
            let files: Vec<_> = files.flatten().collect();
            assert!(!files.is_empty(), "no seeds of {name}");
            files.iter().for_each(|file| target(&fs::read(file.path()).unwrap()));
        }
    }
}
