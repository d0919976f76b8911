//! What test runners said, read from their machine formats.
//!
//! Owns the readers, one file per format, and the shape they all produce. Refuses to decide: a
//! reader counts and says what contradicts itself; the `tests` gate judges. Everything that is read
//! here was written by code under judgement, so that no reader fails or panics on any input.

use loki_model::TestCounts;

pub(crate) mod doctest;
pub(crate) mod gotest;
pub(crate) mod junit;
pub(crate) mod libtest;
pub(crate) mod unittest;

/// Failures that are kept one by one; more are only counted.
pub(crate) const FAILURES_MAX: usize = 20;

/// Bytes kept of what one failing test said.
pub(crate) const FAILURE_TEXT_BYTES_MAX: usize = 4 * 1024;

/// Bytes kept of the name of a test.
pub(crate) const NAME_BYTES_MAX: usize = 300;

/// What one runner counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// As far as it was read.
    pub(crate) counts: TestCounts,
    /// The first [`FAILURES_MAX`] tests that failed.
    pub(crate) failures: Vec<Failure>,
    /// Why the counts can not be believed: cut off, contradictory, unreadable.
    pub(crate) doubt: Option<String>,
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

impl Tally {
    /// Adds one failed test.
    pub(crate) fn failed(&mut self, failure: Failure) {
        self.counts.failed += 1;
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(Failure {
                name: crate::text::clip_head(&failure.name, NAME_BYTES_MAX),
                text: crate::text::clip(&failure.text, FAILURE_TEXT_BYTES_MAX),
                ..failure
            });
        }
    }

    /// Notes why the counts can not be believed; the first reason stays.
    pub(crate) fn doubted(&mut self, why: impl Into<String>) {
        self.doubt.get_or_insert_with(|| why.into());
    }
}
