//! Tests that could not run at the base, since what they are in did not load there.

use crate::counts::{Case, CaseEnd};
use crate::gates::Cx;
use crate::gates::suites::{Suites, last, name};
use crate::syntax::Source;

/// How Go's reader calls a package that does not build.
const UNBUILT_PACKAGE: &str = " (does not build)";

/// Whether the base has the test `case`, and could not so much as load its file, package or binary: then it
/// was red there, whatever it says now.
///
/// One that the change brings was never there, and one that was left out or skipped beside others did not fail.
pub(super) fn is_unloaded(cx: &Cx<'_>, base: &Suites, case: &Case) -> bool {
    let known = base.cases();
    if known.contains_key(case.id.as_str()) || !was_there(cx, case) {
        return false;
    }
    let is_red = |other: &Case| other.ended == CaseEnd::Failed;
    if let Some(package) = case.id.strip_prefix("cargo:").and_then(|id| id.split('/').next()) {
        let begin = format!("cargo:{package}/");
        let mut findings = base.parts.iter().flat_map(|part| &part.findings);
        return !known.keys().any(|id| id.starts_with(&begin))
            && findings.any(|finding| finding.rule == "tests/not-built");
    }
    if case.id.starts_with("go:") {
        return known.values().filter(|other| is_red(other)).any(|other| {
            let package = name(&other.id).strip_suffix(UNBUILT_PACKAGE);
            let own = package.and_then(|package| name(&case.id).strip_prefix(package));
            own.is_some_and(|own| own.starts_with('.'))
        });
    }
    let Some(file) = &case.file else { return false };
    let text = before(cx, file).unwrap_or_default();
    let mut beside = known.values().filter(|other| other.file.as_ref() == Some(file)).peekable();
    // All that the base says of the file is that it is red as a whole.
    beside.peek().is_some()
        && beside.all(|other| is_red(other) && !has(file, &text, last(&other.id)))
}

/// Whether the base has a test of this name, in the same file where that is known.
fn was_there(cx: &Cx<'_>, case: &Case) -> bool {
    let Ok(delta) = cx.delta() else { return false };
    let own = last(&case.id);
    if let Some(file) = &case.file {
        return before(cx, file).is_some_and(|text| has(file, &text, own));
    }
    let is_in = |path: &str, text: &Option<String>| {
        text.as_deref().is_some_and(|text| has(path, text, own))
    };
    let files = || delta.files.iter();
    files().any(|file| is_in(&file.path, &file.before))
        || !files().any(|file| is_in(&file.path, &file.after))
}

/// A file as the base has it.
fn before(cx: &Cx<'_>, path: &str) -> Option<String> {
    let delta = cx.delta().ok()?;
    match delta.files.iter().find(|file| file.path == path) {
        Some(file) => file.before.clone(),
        None => cx.read(path),
    }
}

/// Whether a text holds a test of this name.
fn has(path: &str, text: &str, name: &str) -> bool {
    let source = Source::parse(path, text);
    source.is_some_and(|source| source.tests().iter().any(|test| test.name == name))
}
