//! A plugin that watches pytest from within, and what it saw against what the report says.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use loki_model::{Finding, Severity};

use crate::counts::watch::{Place, Watched};
use crate::counts::{CaseEnd, FAILURES_MAX, Tally};
use crate::gates::tests::settle::rewritten;
use crate::gates::{Cx, finding};

/// The name of the plugin; no module of the repository may have it.
pub(super) const MODULE: &str = "loki_watch";

/// The plugin.
const SCRIPT: &str = include_str!("watch.py");

/// What it writes is not read beyond this.
const REPORT_BYTES_MAX: u64 = 256 << 20;

/// The plugin on disk.
pub(super) struct Watch {
    /// The directory that holds it and nothing else.
    pub(super) dir: PathBuf,
}

impl Watch {
    /// Writes the plugin outside of the copy.
    pub(super) fn write(cx: &Cx<'_>) -> Watch {
        let dir = cx.bench().results_file("watch");
        // Without it pytest says what is missing.
        let _ = fs::create_dir(&dir).and_then(|()| fs::write(dir.join(Watch::file("")), SCRIPT));
        Watch { dir }
    }

    fn file(ending: &str) -> String {
        format!("{MODULE}.py{ending}")
    }

    /// Where Python looks for modules: `first`, then the plugin.
    pub(super) fn import_path(&self, first: OsString) -> OsString {
        let mut path = first;
        if !path.is_empty() {
            path.push(":");
        }
        path.push(&self.dir);
        path
    }

    /// What it saw in a project in `dir`.
    pub(super) fn seen(&self, cx: &Cx<'_>, dir: &str) -> Watched {
        let text = cx.bench().read_results(&self.dir.join(Watch::file(".jsonl")), REPORT_BYTES_MAX);
        Watched::read(&text.unwrap_or_default(), &|place| id(cx, dir, place))
    }
}

/// The id of a test, as it is derived from the report.
fn id(cx: &Cx<'_>, dir: &str, place: &Place) -> String {
    let file = cx.known(dir, &place.file);
    match (file, place.id.split_once("::")) {
        (Some(file), Some((_, names))) => format!("{file}::{names}"),
        _ => place.id.clone(),
    }
}

/// Puts right what the report says otherwise than it was, and tells of it.
///
/// A test that passed by the report failed when it raised. Tests that raised and are not in the
/// report count when it names no failure at all; else they may stand there under another name.
pub(super) fn correct(tally: &mut Tally, watched: &Watched, is_ok: bool) -> Vec<Finding> {
    let mut told = Vec::new();
    let reported: BTreeSet<String> = tally
        .cases
        .iter()
        .filter(|case| case.ended != CaseEnd::Passed)
        .map(|case| case.id.clone())
        .collect();
    for case in &mut tally.cases {
        if case.ended == CaseEnd::Passed
            && !reported.contains(&case.id)
            && let Some(raised) = watched.raised(&case.id)
        {
            case.ended = CaseEnd::Failed;
            tally.counts.passed -= 1;
            tally.counts.failed += 1;
            told.push(rewritten(&case.id, raised, "was reported as passed", case.file.as_deref()));
        }
    }
    if tally.counts.failed == 0 {
        let known: BTreeSet<&str> = tally.cases.iter().map(|case| case.id.as_str()).collect();
        let missing: Vec<(&str, &str)> =
            watched.all_raised().filter(|(id, _)| !known.contains(id)).collect();
        for (id, raised) in missing {
            tally.ended(id, None, CaseEnd::Failed);
            told.push(rewritten(id, raised, "is not in the report", None));
        }
    }
    if tally.counts.failed == 0 && watched.had_failed && is_ok {
        let message = "pytest counted failed tests, and neither its report nor its exit code tells";
        told.push(finding("tests/report-rewritten", Severity::Error, None, message, ""));
    }
    let more = told.len().saturating_sub(FAILURES_MAX);
    told.truncate(FAILURES_MAX);
    if more > 0 {
        let message = format!("{more} more were reported otherwise than they ended");
        told.push(finding("tests/report-rewritten", Severity::Error, None, message, ""));
    }
    told
}
