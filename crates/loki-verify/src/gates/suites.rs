//! What the suites of one state of the repository showed, test by test, and how two states compare.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{Evidence, Exit, Finding, Location, Severity, TestCounts};

use super::part::{Part, State};
use super::{Cx, NO_TESTS, finding, tests};
use crate::counts::{Case, CaseEnd};
use crate::near::Near;
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
    /// What was found of it.
    pub(crate) findings: &'a [Finding],
    /// Whether all that is known of it is how its command ended: nothing in it can be counted.
    pub(crate) is_uncounted: bool,
    /// What it said last, as [`lasting`] words.
    output: String,
}

impl<'a> Crash<'a> {
    fn of(part: &'a Part) -> Crash<'a> {
        let details: Vec<&str> =
            part.findings.iter().map(|finding| finding.detail.as_str()).collect();
        let counts_nothing = part.counts == NO_TESTS && part.cases.is_empty();
        let mut decisive = part.findings.iter().filter(|found| found.severity == Severity::Error);
        Crash {
            summary: &part.summary,
            findings: &part.findings,
            is_uncounted: counts_nothing && decisive.all(|found| found.rule == "tests/failed"),
            output: lasting(&details.join(" ")),
        }
    }

    /// Whether both broke in the same way, as far as they say.
    pub(crate) fn is_like(&self, other: &Crash<'_>) -> bool {
        self.summary == other.summary && self.output == other.output && !self.output.is_empty()
    }

    /// Whether both are the same command, in which nothing can be counted and which ended badly by itself.
    pub(crate) fn is_as_uncounted_as(&self, other: &Crash<'_>) -> bool {
        self.is_uncounted
            && other.is_uncounted
            && lasting(self.summary) == lasting(other.summary)
            && !lasting(self.summary).is_empty()
    }
}

/// The words of an output that are the same in each run: without those that hold a digit or look like a
/// digest, and without absolute paths. Lines, times, process ids and temporary places move with any change.
pub(crate) fn lasting(text: &str) -> String {
    let is_signs = |c: char| matches!(c, '\'' | '"' | '`' | '(' | '[' | '{' | '<' | '=');
    let is_place = |word: &&str| {
        let word = word.trim_start_matches(is_signs);
        word.starts_with('/') || word.starts_with("file:///")
    };
    let words = text.split_whitespace().filter(|word| !is_place(word));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
    let is_digest =
        |word: &str| word.len() >= DIGEST_CHARS_MIN && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = words
        .filter(|word| !word.is_empty() && !word.contains(char::is_numeric) && !is_digest(word));
    words.collect::<Vec<_>>().join(" ")
}

/// Shorter words of these letters are words, such as `added`.
const DIGEST_CHARS_MIN: usize = 8;

impl Suites {
    /// Runs every suite of the copy in `cx`.
    pub(crate) fn run(cx: &Cx<'_>) -> Suites {
        Suites { parts: tests::run_suites(cx) }
    }

    /// Runs the suites that could notice a change of the file at `path`.
    pub(crate) fn run_for(cx: &Cx<'_>, path: &str) -> Suites {
        Suites { parts: tests::run_suites_for(cx, path) }
    }

    /// Runs what is near the file at `path` of the suites that could notice a change of it; runs nothing where no
    /// runner can be told which tests these are.
    pub(crate) fn run_near(cx: &Cx<'_>, near: &Near, path: &str) -> Suites {
        Suites { parts: tests::run_suites_of(&cx.with_near(near), path).unwrap_or_default() }
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

    /// Whether each suite told of every one of its tests.
    pub(crate) fn are_complete(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|part| part.cases_complete)
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

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn an_output_is_the_same_whatever_its_process_time_and_temporary_place() {
        let said = |id: &str, at: &str| {
            lasting(&format!(
                "Error: EROFS: read-only file system, mkdir '/root/.wrap-{id}-97dd515775e4'\n    at {at}:3:4 deadbeefcafe"
            ))
        };
        assert_eq!(said("34", "/tmp/a1/x.js"), said("9871", "/tmp/b/y.js"));
        assert_eq!(said("34", "/x"), "Error EROFS read only file system mkdir at");
    }

    #[test]
    fn another_word_and_another_file_of_the_project_are_another_output() {
        assert_ne!(lasting("cannot find 'a'"), lasting("cannot find 'b'"));
        assert_ne!(lasting("at $COPY/src/a.js:1"), lasting("at $COPY/src/b.js:1"));
    }
}
