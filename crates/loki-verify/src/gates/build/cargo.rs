//! `cargo build` of every workspace, tests and examples included.

use std::collections::BTreeMap;

use loki_model::{Finding, Location, Severity};

use super::{FINDINGS_MAX, baseline};

use crate::bench::unfinished;
use crate::cargo::{CompilerError, Messages, command, missing_dependency};
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::shown;

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let parts = baseline::weighed(cx, look, said);
    parts.into_iter().map(bounded).collect()
}

fn look(cx: &Cx<'_>) -> Vec<Part> {
    let found = cx.workspaces();
    let mut parts = each(super::ID, "Cargo workspaces", &found.dirs, String::as_str, |dir| {
        vec![workspace(cx, dir)]
    });
    parts.extend(found.unknown(super::ID));
    parts
}

/// One error by its file and headline: the lines around it are shown with it, and may have changed.
fn said(finding: &Finding) -> Vec<String> {
    if finding.rule != COMPILE_ERROR {
        return baseline::lines(finding);
    }
    let path = finding.location.as_ref().map_or("", |place| place.path.as_str());
    vec![format!("{path}: {}", finding.message)]
}

/// The same with no more errors of each kind than are reported one by one.
fn bounded(mut part: Part) -> Part {
    let mut seen: BTreeMap<Severity, usize> = BTreeMap::new();
    part.findings.retain(|finding| {
        let of_kind = seen.entry(finding.severity).or_default();
        *of_kind += 1;
        *of_kind <= FINDINGS_MAX
    });
    part
}

/// The rule of what the compiler refuses.
const COMPILE_ERROR: &str = "build/compile-error";

fn workspace(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("cargo build in {}", shown(dir));
    let args = ["build", "--workspace", "--all-targets", "--keep-going", "--message-format=json"];
    let command = command(cx.copy.root(), cx.layout, dir, &args);
    let mut messages = Messages::default();
    let ran = match cx.bench().run_lines(command, &mut |line| messages.line(line)) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, crate::cargo::NO_CARGO_FIX),
    };
    let (exit, is_ok, stderr) = (ran.run.exit, ran.is_ok(), ran.stderr.clone());
    let missing = missing_dependency(&ran, &messages);
    let evidence = vec![ran.evidence()];
    if let Some(how) = unfinished(exit) {
        return Part::unclear(format!("{what} {how}"), evidence);
    }
    if let Some(why) = missing {
        return super::lacking(cx, dir, &what, &why, evidence);
    }
    if is_ok {
        return Part::held(format!("{what}: ok"), evidence);
    }
    let mut findings = compile_errors(cx, dir, &messages);
    if messages.errors_total > 0 && messages.errors_that_count == 0 {
        return Part::held(format!("{what}: ok, but for benchmarks"), evidence).noting(findings);
    }
    if findings.is_empty() {
        let detail = crate::text::last_lines(&stderr, 40);
        let message = format!("{what} {exit}");
        findings.push(finding("build/failed", Severity::Error, None, message, detail));
    }
    let count = messages.errors_that_count.max(1);
    Part::broken(format!("{what}: {count} error(s)"), findings, evidence)
}

fn compile_errors(cx: &Cx<'_>, dir: &str, messages: &Messages) -> Vec<Finding> {
    messages.errors.iter().map(|error| compile_error(cx, dir, error)).collect()
}

fn compile_error(cx: &Cx<'_>, dir: &str, error: &CompilerError) -> Finding {
    let location = error
        .place
        .as_ref()
        .and_then(|(path, line)| Some(Location { path: cx.known(dir, path)?, line: Some(*line) }));
    let severity = match error.in_bench {
        true if needs_nightly(error) && !is_touched(cx, location.as_ref()) => Severity::Note,
        true => Severity::Warning,
        false => Severity::Error,
    };
    let detail = cx.bench().anonymous(&error.rendered);
    finding(COMPILE_ERROR, severity, location, error.message.clone(), &detail)
}

/// Whether a file asks for what this compiler does not do for anybody: so it did before the change.
///
/// Source: the index of errors of rustc, E0554.
fn needs_nightly(error: &CompilerError) -> bool {
    error.rendered.starts_with("error[E0554]")
}

/// Whether the change touches the file at a place; so it is taken where that is not known.
fn is_touched(cx: &Cx<'_>, place: Option<&Location>) -> bool {
    let (Some(place), Ok(changes)) = (place, cx.changes) else { return true };
    changes.iter().any(|change| change.path == place.path)
}
