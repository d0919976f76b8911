//! What test runners said, read from their machine formats.
//!
//! Owns the readers, one file per format, and the shape they all produce. Refuses to decide: a
//! reader counts and says what contradicts itself; the `tests` gate judges. Everything that is read
//! here was written by code under judgement, so that no reader fails or panics on any input.

use std::collections::BTreeSet;

use loki_model::TestCounts;

pub(crate) mod doctest;
pub(crate) mod gotest;
pub(crate) mod jest;
pub(crate) mod junit;
pub(crate) mod libtest;
pub(crate) mod lines;
pub(crate) mod minitest;
pub(crate) mod rspec;
pub(crate) mod totals;
pub(crate) mod trx;
pub(crate) mod unittest;
pub(crate) mod watch;

/// Failures that are kept one by one; more are only counted.
pub(crate) const FAILURES_MAX: usize = 20;

/// Bytes kept of what one failing test said.
pub(crate) const FAILURE_TEXT_BYTES_MAX: usize = 4 * 1024;

/// Bytes kept of the name of a test.
pub(crate) const NAME_BYTES_MAX: usize = 300;

/// Bytes kept of the id of a test.
const ID_BYTES_MAX: usize = 1024;

/// Tests of one runner that are known by id; more are only counted.
pub(crate) const CASES_MAX: usize = 200_000;

/// Failed tests of one runner of which is known what they said.
const SAID_MAX: usize = 500;

/// What one runner counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// As far as it was read.
    pub(crate) counts: TestCounts,
    /// Every test that was counted, at most [`CASES_MAX`].
    pub(crate) cases: Vec<Case>,
    /// Whether none is missing from `cases`.
    pub(crate) cases_complete: bool,
    /// Tests that the runner found and left out: among `cases` as skipped, and not counted.
    pub(crate) deselected: u64,
    /// The first [`FAILURES_MAX`] tests that failed.
    pub(crate) failures: Vec<Failure>,
    /// Why the counts can not be believed: cut off, contradictory, unreadable.
    pub(crate) doubt: Option<String>,
    /// How many failed tests said something.
    pub(crate) told_of: usize,
}

/// One test that ended. All of it is untrusted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    /// What ran it and how it is called there: the same in every copy of the repository, and unique
    /// among the tests of one run once [`told_apart`].
    pub(crate) id: String,
    /// The file that it is in, if its runner says so, from the root of the repository.
    pub(crate) file: Option<String>,
    /// How it ended.
    pub(crate) ended: CaseEnd,
    /// What it said when it failed: of the first [`SAID_MAX`] that did.
    pub(crate) said: String,
}

/// How one test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CaseEnd {
    /// It ran and held.
    Passed,
    /// It did not hold, or did not end.
    Failed,
    /// It was not run, or its failure was expected.
    Skipped,
}

/// One test that failed. All of it is untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// As its runner names it.
    pub(crate) name: String,
    /// What it said.
    pub(crate) text: String,
    /// Where the runner says that the test is.
    pub(crate) file: Option<String>,
    /// 1-based line in `file`.
    pub(crate) line: Option<u32>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            counts: TestCounts::default(),
            cases: Vec::new(),
            cases_complete: true,
            deselected: 0,
            failures: Vec::new(),
            doubt: None,
            told_of: 0,
        }
    }
}

impl Tally {
    /// Counts one test.
    pub(crate) fn ended(&mut self, id: &str, file: Option<String>, ended: CaseEnd) {
        match ended {
            CaseEnd::Passed => self.counts.passed += 1,
            CaseEnd::Failed => self.counts.failed += 1,
            CaseEnd::Skipped => self.counts.skipped += 1,
        }
        self.known(id, file, ended);
    }

    /// Names one test that is counted otherwise.
    pub(crate) fn known(&mut self, id: &str, file: Option<String>, ended: CaseEnd) {
        if self.cases.len() < CASES_MAX {
            let id = crate::text::clip_head(id, ID_BYTES_MAX);
            self.cases.push(Case { id, file, ended, said: String::new() });
        } else {
            self.cases_complete = false;
        }
    }

    /// Names one test that the runner found and left out.
    pub(crate) fn deselected(&mut self, id: &str, file: Option<String>) {
        self.deselected += 1;
        self.known(id, file, CaseEnd::Skipped);
    }

    /// Counts one failed test, which is known by the name of `failure`.
    pub(crate) fn failed(&mut self, failure: Failure) {
        self.ended(&failure.name, None, CaseEnd::Failed);
        self.told(failure);
    }

    /// Keeps what the failed test said that was counted last.
    pub(crate) fn told(&mut self, failure: Failure) {
        self.told_of += 1;
        if let Some(case) = self.cases.last_mut().filter(|_| self.told_of <= SAID_MAX) {
            case.said = crate::text::clip(&failure.text, FAILURE_TEXT_BYTES_MAX);
        }
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(Failure {
                name: crate::text::clip_head(&failure.name, NAME_BYTES_MAX),
                text: crate::text::clip(&failure.text, FAILURE_TEXT_BYTES_MAX),
                ..failure
            });
        }
    }

    /// The same with ids that begin with `prefix`.
    pub(crate) fn prefixed(mut self, prefix: &str) -> Tally {
        for case in &mut self.cases {
            case.id.insert_str(0, prefix);
        }
        self
    }

    /// Both as one.
    pub(crate) fn plus(mut self, other: Tally) -> Tally {
        self.counts = self.counts.plus(other.counts);
        self.cases_complete &= other.cases_complete;
        self.deselected += other.deselected;
        self.cases.extend(other.cases);
        if self.cases.len() > CASES_MAX {
            self.cases.truncate(CASES_MAX);
            self.cases_complete = false;
        }
        self.failures.extend(other.failures);
        self.failures.truncate(FAILURES_MAX);
        self.doubt = self.doubt.or(other.doubt);
        self
    }

    /// Notes why the counts can not be believed; the first reason stays.
    pub(crate) fn doubted(&mut self, why: impl Into<String>) {
        self.doubt.get_or_insert_with(|| why.into());
    }
}

/// The tests in order of their ids, the second of one id with `#2` behind it, or with the next number that
/// makes the name of no other.
///
/// Which of them is the second does not depend on when each ended.
pub(crate) fn told_apart(mut cases: Vec<Case>) -> Vec<Case> {
    cases.sort_unstable();
    if !cases.iter().zip(cases.iter().skip(1)).any(|(one, next)| one.id == next.id) {
        return cases;
    }
    let taken: BTreeSet<String> = cases.iter().map(|case| case.id.clone()).collect();
    let (mut previous, mut count) = (String::new(), 0_u32);
    for case in &mut cases {
        if case.id == previous {
            // A test may be called so itself.
            loop {
                count += 1;
                case.id = format!("{previous}#{count}");
                if !taken.contains(&case.id) {
                    break;
                }
            }
        } else {
            previous.clone_from(&case.id);
            count = 1;
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn case(id: &str, ended: CaseEnd) -> Case {
        Case { id: id.to_owned(), file: None, ended, said: String::new() }
    }

    #[test]
    fn a_test_that_is_called_like_a_second_one_stays_apart_from_it() {
        let cases = ["a", "a#2", "a", "a"].map(|id| case(id, CaseEnd::Passed)).to_vec();
        let ids: Vec<String> = told_apart(cases).into_iter().map(|case| case.id).collect();
        assert_eq!(ids, ["a", "a#3", "a#4", "a#2"]);
    }

    #[test]
    fn tests_of_one_id_are_told_apart_whichever_ended_first() {
        let cases = vec![
            case("b", CaseEnd::Failed),
            case("a", CaseEnd::Passed),
            case("b", CaseEnd::Passed),
        ];
        let expected =
            [case("a", CaseEnd::Passed), case("b", CaseEnd::Passed), case("b#2", CaseEnd::Failed)];
        assert_eq!(told_apart(cases.clone()), expected);
        assert_eq!(told_apart(cases.into_iter().rev().collect()), expected);
    }

    #[test]
    fn tests_beyond_the_limit_are_counted_and_not_known_by_id() {
        let mut tally = Tally::default();
        for _ in 0..CASES_MAX {
            tally.ended("a", None, CaseEnd::Passed);
        }
        assert!(tally.cases_complete);
        tally.ended("a", None, CaseEnd::Passed);
        assert!(!tally.cases_complete);
        assert_eq!((tally.cases.len(), tally.counts.passed), (CASES_MAX, CASES_MAX as u64 + 1));
    }

    proptest! {
        #[test]
        fn ids_are_unique_in_whatever_order_tests_end(
            ids in proptest::collection::vec("[ab](#[2-4])?", 0..12)
        ) {
            let cases = ids.iter().map(|id| case(id, CaseEnd::Passed)).collect();
            let apart = told_apart(cases);
            let unique: BTreeSet<&str> =
                apart.iter().map(|case| case.id.as_str()).collect();
            prop_assert_eq!(unique.len(), ids.len());
        }
    }
}
