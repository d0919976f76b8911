//! From what a runner counted and how it ended to what that shows.

use std::sync::LazyLock;

use loki_model::{Exit, Finding, Location, Severity, TestCounts};
use regex::Regex;

use super::sealed::sealed;
use crate::bench::Ran;
use crate::bench::unfinished;
use crate::counts::{Case, Failure, Tally, told_apart};
use crate::gates::part::Part;
use crate::gates::{Cx, NO_TESTS, finding};
use crate::layout::file_name;
use crate::place::{Which, find};

/// Lines of output that show why a runner ended badly.
const OUTPUT_LINES_SHOWN: usize = 40;

/// One runner that ended.
pub(super) struct Ended<'a> {
    /// What was run, for a sentence.
    pub(super) what: &'a str,
    /// Where it ran.
    pub(super) dir: &'a str,
    /// What the ids of its tests begin with.
    pub(super) ids: &'a str,
    /// Which place in a failure's text is the telling one.
    pub(super) which: Which,
}

impl Ended<'_> {
    /// What the run shows.
    ///
    /// A failed test fails, whatever else happened. Otherwise a run that was cut off by loki, that
    /// contradicts itself, or that ran no test shows nothing; one that ended badly by itself fails.
    pub(super) fn settle(&self, cx: &Cx<'_>, ran: Ran, mut tally: Tally) -> Part {
        let is_complete = tally.doubt.is_none() && unfinished(ran.run.exit).is_none();
        let part = self.concluded(cx, ran, &tally);
        self.with_cases(cx, &mut tally, is_complete, part)
    }

    /// `part` with the tests of `tally`, which lacks none when `is_complete`.
    pub(super) fn with_cases(
        &self,
        cx: &Cx<'_>,
        tally: &mut Tally,
        is_complete: bool,
        part: Part,
    ) -> Part {
        let TestCounts { passed, failed, skipped } = tally.counts;
        let is_complete = is_complete
            && tally.cases_complete
            && tally.cases.len() as u64 == passed + failed + skipped + tally.deselected;
        let cases = std::mem::take(&mut tally.cases);
        let cases = cases.into_iter().map(|case| self.case(cx, case)).collect();
        part.with_cases(told_apart(cases), is_complete)
    }

    /// A test by an id that is the same in every copy.
    fn case(&self, cx: &Cx<'_>, case: Case) -> Case {
        let id = cx.bench().anonymous(&format!("{}{}", self.ids, case.id));
        let file = case.file.and_then(|file| cx.known(self.dir, &file));
        let said = cx.bench().anonymous(&case.said);
        Case { id: without_addresses(&id), file, said, ..case }
    }

    fn concluded(&self, cx: &Cx<'_>, ran: Ran, tally: &Tally) -> Part {
        let (exit, is_ok, counts) = (ran.run.exit, ran.is_ok(), tally.counts);
        let (text, sealed) = (ran.text(), sealed(&ran).filter(|_| counts == NO_TESTS));
        let evidence = vec![ran.evidence_counting(counts)];
        let what = self.what;
        if counts.failed > 0 {
            let findings = self.findings(cx, tally);
            let summary = format!("{what}: {counts}");
            return Part::broken(summary, findings, evidence).counting(counts);
        }
        if let Some(how) = unfinished(exit) {
            return Part::unclear(format!("{what} {how}"), evidence).counting(counts);
        }
        if let Some(why) = sealed.filter(|_| !is_ok) {
            let part = Part::unclear(format!("{what} {exit}: {why}"), evidence);
            return Part { environment: true, ..part };
        }
        let doubt = tally.doubt.as_deref();
        match (is_ok, doubt) {
            (false, _) => {
                let part = Part::broken(
                    format!("{what} {exit}, although no test was reported as failed"),
                    vec![self.crashed(cx, exit, doubt, &text)],
                    evidence,
                );
                part.counting(counts)
            }
            (true, Some(doubt)) => {
                let summary = format!("{what}: its counts can not be believed: {doubt}");
                let message = format!("the report of the test runner can not be believed: {doubt}");
                let note = finding("tests/contradictory", Severity::Warning, None, message, "");
                Part::unclear(summary, evidence).noting([note])
            }
            (true, None) if counts.ran() == 0 => {
                Part::idle(format!("no test was run: {what} counted none"), evidence)
                    .counting(counts)
            }
            (true, None) => Part::held(format!("{what}: {counts}"), evidence).counting(counts),
        }
    }

    fn crashed(&self, cx: &Cx<'_>, exit: Exit, doubt: Option<&str>, text: &str) -> Finding {
        let place = find(text, self.which, &|path| cx.known(self.dir, path));
        let why = doubt.map_or_else(String::new, |doubt| format!(": {doubt}"));
        let message = format!("{} {exit}{why}", self.what);
        let detail = crate::text::last_lines(text, OUTPUT_LINES_SHOWN);
        finding("tests/crashed", Severity::Error, place, message, detail)
    }

    fn findings(&self, cx: &Cx<'_>, tally: &Tally) -> Vec<Finding> {
        let failed = |failure: &Failure| {
            let detail = cx.bench().anonymous(&failure.text);
            let name = cx.bench().anonymous(&failure.name);
            let place = self.place(cx, failure);
            // In pytest's own words; its name is that of a module.
            let how = match failure.text.starts_with("collection failure") {
                true => "could not be collected",
                false => "failed",
            };
            finding("tests/failed", Severity::Error, place, format!("`{name}` {how}"), &detail)
        };
        let mut findings: Vec<Finding> = tally.failures.iter().map(failed).collect();
        let more = tally.counts.failed.saturating_sub(tally.failures.len() as u64);
        if more > 0 && !findings.is_empty() {
            let message = format!("{more} more failed in {}", self.what);
            findings.push(finding("tests/failed", Severity::Error, None, message, ""));
        }
        findings
    }

    /// Where a test failed: the telling place in its own file, else any, else where it is.
    fn place(&self, cx: &Cx<'_>, failure: &Failure) -> Option<Location> {
        let own = failure.file.as_ref().and_then(|file| cx.known(self.dir, file));
        let text = cx.bench().anonymous(&failure.text);
        let in_own =
            |path: &str| cx.known(self.dir, path).filter(|path| own.as_ref() == Some(path));
        find(&text, self.which, &in_own)
            .or_else(|| find(&text, self.which, &|path| cx.known(self.dir, path)))
            .or_else(|| own.map(|path| Location { path, line: failure.line }))
    }
}

/// The text with `0x…` for every address of memory, which is another one in each run.
fn without_addresses(text: &str) -> String {
    ADDRESS.as_ref().map_or_else(|| text.to_owned(), |found| found.replace_all(text, "0x…").into())
}

/// Shorter numbers are more likely to be meant.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("0x[0-9a-fA-F]{8,16}").ok());

/// That assertions were replaced while the tests of `what` ran; nothing when none were.
pub(super) fn patched(names: impl IntoIterator<Item = String>, what: &str) -> Option<Part> {
    let names: Vec<String> = names.into_iter().collect();
    let first = names.first()?;
    let message = format!(
        "{} function(s) that tests rely on were replaced while {what} ran, the first is `{first}`",
        names.len()
    );
    let detail = names.join("\n");
    let found =
        finding("tests/assertions-patched", Severity::Error, None, message.clone(), &detail);
    Some(Part::broken(message, vec![found], Vec::new()))
}

/// That the test `id` raised and was reported otherwise.
pub(super) fn rewritten(id: &str, raised: &str, how: &str, file: Option<&str>) -> Finding {
    let place = file.map(|path| Location { path: path.to_owned(), line: None });
    let message = format!("`{id}` raised {raised} and {how}");
    finding("tests/report-rewritten", Severity::Error, place, message, "")
}

/// That tests of a suite were found and not run; nothing when there are none.
pub(super) fn deselected(count: usize) -> Option<Finding> {
    let message =
        format!("{count} test(s) were collected and not run: settings or hooks left them out");
    (count > 0).then(|| note("tests/deselected", None, message))
}

/// A note that does not change what was concluded.
pub(super) fn note(rule: &str, path: Option<&str>, message: String) -> Finding {
    let location = path.map(|path| Location { path: path.to_owned(), line: None });
    finding(rule, Severity::Note, location, message, "")
}

/// Whether a file is named like one that holds tests of node.
pub(super) fn is_node_test_name(path: &str) -> bool {
    let name = file_name(path);
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    matches!(ending, "js" | "mjs" | "cjs")
        && (stem == "test"
            || stem.starts_with("test-")
            || [".test", "-test", "_test", ".spec"].iter().any(|mark| stem.ends_with(mark)))
}
