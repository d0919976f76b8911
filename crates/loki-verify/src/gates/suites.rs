//! What the suites of one state of the repository showed, test by test, and how two states compare.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{Evidence, Exit, Finding, Location, Severity, TestCounts};

use super::part::{Part, State};
use super::{Cx, NO_TESTS, finding, tests};
use crate::counts::{Case, CaseEnd};
use crate::place::{Which, find};

/// Every suite of one state, run once.
#[derive(Debug)]
pub(crate) struct Suites {
    /// What each suite showed.
    pub(crate) parts: Vec<Part>,
}

/// A suite that broke in a way that no failed test accounts for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crash<'a> {
    /// What is said of it.
    pub(crate) summary: &'a str,
    /// What it said last, without words that hold a digit: lines, times and addresses move with any change.
    output: String,
}

impl<'a> Crash<'a> {
    fn of(part: &'a Part) -> Crash<'a> {
        let details = part.findings.iter().map(|finding| finding.detail.as_str());
        let words = details.flat_map(|detail| detail.split(|c: char| !c.is_alphanumeric()));
        let words = words.filter(|word| !word.is_empty() && !word.contains(char::is_numeric));
        Crash { summary: &part.summary, output: words.collect::<Vec<_>>().join(" ") }
    }

    /// Whether both broke in the same way, as far as they say.
    pub(crate) fn is_like(&self, other: &Crash<'_>) -> bool {
        self == other && !self.output.is_empty()
    }
}

impl Suites {
    /// Runs every suite of the copy in `cx`.
    pub(crate) fn run(cx: &Cx<'_>) -> Suites {
        Suites { parts: tests::run_suites(cx) }
    }

    /// Runs the suites that could notice a change of the file at `path`.
    pub(crate) fn run_for(cx: &Cx<'_>, path: &str) -> Suites {
        Suites { parts: tests::run_suites_for(cx, path) }
    }

    /// Whether a suite was ended at its time limit.
    pub(crate) fn timed_out(&self) -> bool {
        self.evidence().any(|evidence| {
            matches!(evidence, Evidence::Command { run, .. } if matches!(run.exit, Exit::TimedOut { .. }))
        })
    }

    /// The same with every test that passed in `again` as passed.
    pub(crate) fn or_better(mut self, again: Suites) -> Suites {
        let passed = again.ids(CaseEnd::Passed);
        for case in self.parts.iter_mut().flat_map(|part| &mut part.cases) {
            if case.ended == CaseEnd::Failed && passed.contains(case.id.as_str()) {
                case.ended = CaseEnd::Passed;
            }
        }
        self
    }

    /// Every test that ended, by id.
    pub(crate) fn cases(&self) -> BTreeMap<&str, &Case> {
        let cases = self.parts.iter().flat_map(|part| &part.cases);
        cases.map(|case| (case.id.as_str(), case)).collect()
    }

    /// Ids of the tests that ended like this.
    pub(crate) fn ids(&self, ended: CaseEnd) -> BTreeSet<&str> {
        let cases = self.parts.iter().flat_map(|part| &part.cases);
        cases.filter(|case| case.ended == ended).map(|case| case.id.as_str()).collect()
    }

    /// What all of them counted.
    pub(crate) fn counts(&self) -> TestCounts {
        self.parts.iter().fold(NO_TESTS, |sum, part| sum.plus(part.counts))
    }

    /// Whether something went wrong that no failed test accounts for, such as a crash or a build
    /// that failed.
    pub(crate) fn is_broken_beyond_tests(&self) -> bool {
        self.parts.iter().any(|part| part.state == State::Broken && part.counts.failed == 0)
    }

    /// Each suite that broke in a way that no failed test accounts for.
    pub(crate) fn crashes(&self) -> Vec<Crash<'_>> {
        let is_crash = |part: &&Part| part.state == State::Broken && part.counts.failed == 0;
        self.parts.iter().filter(is_crash).map(Crash::of).collect()
    }

    /// Whether a suite could not be run or understood.
    pub(crate) fn is_unclear(&self) -> bool {
        self.parts.iter().any(|part| part.state == State::Unclear)
    }

    /// What was run.
    pub(crate) fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.parts.iter().flat_map(|part| &part.evidence)
    }

    /// Wall time of everything that was run.
    pub(crate) fn duration_ms(&self) -> u64 {
        self.evidence().fold(0, |sum, evidence| match evidence {
            Evidence::Command { run, .. } => sum.saturating_add(run.duration_ms),
            Evidence::Inspection { .. } => sum,
        })
    }

    /// What was wrong beyond single tests: summaries of suites that broke or are not understood.
    pub(crate) fn troubles(&self) -> Vec<&str> {
        let is_trouble = |part: &&Part| {
            part.state == State::Unclear || (part.state == State::Broken && part.counts.failed == 0)
        };
        self.parts.iter().filter(is_trouble).map(|part| part.summary.as_str()).collect()
    }
}

/// A finding about one test that failed, at the telling place of what it said.
pub(crate) fn failed(
    cx: &Cx<'_>,
    rule: &str,
    severity: Severity,
    case: &Case,
    message: &str,
) -> Finding {
    // Python ends a traceback with what matters, the others begin with it.
    let is_python = ["pytest:", "unittest:"].iter().any(|runner| case.id.starts_with(runner));
    let which = if is_python { Which::Last } else { Which::First };
    let in_own = |path: &str| cx.known("", path).filter(|path| case.file.as_ref() == Some(path));
    let place = find(&case.said, which, &in_own)
        .or_else(|| find(&case.said, which, &|path| cx.known("", path)))
        .or_else(|| case.file.clone().map(|path| Location { path, line: None }));
    finding(rule, severity, place, message, &case.said)
}

/// The name of a test without what ran it.
pub(crate) fn name(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, name)| name)
}

/// The test's own name, without what is around it.
pub(crate) fn last(id: &str) -> &str {
    // Parameters come last and may hold anything.
    let name = name(id);
    let name = &name[..name.find('[').unwrap_or(name.len())];
    if id.starts_with("go:") {
        // Import paths hold slashes themselves.
        let begin = [".Test", ".Example", ".Fuzz"].iter().find_map(|kind| name.find(kind));
        return name[begin.map_or(0, |at| at + 1)..].split('/').next().unwrap_or(name);
    }
    let name = name.rsplit(" > ").next().unwrap_or(name);
    let is_code = !name.contains(' ');
    let begin = name.rfind([':', '.', '/']).filter(|_| is_code).map_or(0, |at| at + 1);
    name[begin..].trim()
}
