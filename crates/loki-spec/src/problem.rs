//! What a reader of a spec should know about how it was read.

use std::fmt;

/// Something in a spec that was not taken as it stands. None of these stops anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecProblem {
    /// The text asks for nothing that could be checked.
    NoRequirements,
    /// Nothing is marked as a requirement, so every sentence is taken for one.
    Unmarked {
        /// How many there are.
        sentences: usize,
    },
    /// A statement is there twice and counts once.
    Duplicate {
        /// 1-based line of the second one.
        line: u32,
        /// 1-based line of the first one.
        first_line: u32,
    },
    /// Something that sounds like a requirement stands where none are looked for.
    Skipped {
        /// 1-based.
        line: u32,
        /// The heading above it.
        heading: String,
        /// Why nothing below such a heading is a requirement.
        reason: &'static str,
    },
    /// A question; nobody knows yet what is wanted.
    OpenQuestion {
        /// 1-based.
        line: u32,
    },
    /// A table in which no column holds statements.
    UnreadTable {
        /// 1-based.
        line: u32,
    },
    /// A statement is too long to be checked, and is cut.
    Shortened {
        /// 1-based.
        line: u32,
        /// Its length in bytes.
        bytes: usize,
    },
    /// There are more requirements than one run can follow; the rest is left out.
    TooMany {
        /// 1-based line of the first one left out.
        line: u32,
        /// How many are kept.
        requirements_max: usize,
    },
    /// A requirement has more acceptance criteria than are kept.
    TooManyCriteria {
        /// 1-based line of the first one left out.
        line: u32,
        /// How many are kept.
        acceptance_max: usize,
    },
}

impl SpecProblem {
    /// Where it is, 1-based; nothing when the whole text is meant.
    pub fn line(&self) -> Option<u32> {
        match self {
            SpecProblem::NoRequirements | SpecProblem::Unmarked { .. } => None,
            SpecProblem::Duplicate { line, .. }
            | SpecProblem::Skipped { line, .. }
            | SpecProblem::OpenQuestion { line }
            | SpecProblem::UnreadTable { line }
            | SpecProblem::Shortened { line, .. }
            | SpecProblem::TooMany { line, .. }
            | SpecProblem::TooManyCriteria { line, .. } => Some(*line),
        }
    }
}

impl SpecProblem {
    /// The same problem where `place` says its lines are in the source; nothing when one of them is
    /// not in it.
    pub(crate) fn placed(mut self, place: impl Fn(u32) -> Option<u32>) -> Option<SpecProblem> {
        match &mut self {
            SpecProblem::NoRequirements | SpecProblem::Unmarked { .. } => {}
            SpecProblem::Duplicate { line, first_line } => {
                (*line, *first_line) = (place(*line)?, place(*first_line)?);
            }
            SpecProblem::Skipped { line, .. }
            | SpecProblem::OpenQuestion { line }
            | SpecProblem::UnreadTable { line }
            | SpecProblem::Shortened { line, .. }
            | SpecProblem::TooMany { line, .. }
            | SpecProblem::TooManyCriteria { line, .. } => *line = place(*line)?,
        }
        Some(self)
    }
}

impl fmt::Display for SpecProblem {
    /// One line without the place, lower case, with what to do about it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpecProblem::NoRequirements => {
                f.write_str("no requirement found; write list items, or sentences with `must`")
            }
            SpecProblem::Unmarked { sentences } => write!(
                f,
                "no list item and no `must` found; each of the {sentences} sentences counts as a \
                 requirement"
            ),
            SpecProblem::Duplicate { first_line, .. } => {
                write!(f, "says the same as line {first_line}, and counts once")
            }
            SpecProblem::Skipped { heading, reason, .. } => write!(
                f,
                "sounds like a requirement, but what is below `{heading}` {reason}; move it if it \
                 is wanted"
            ),
            SpecProblem::OpenQuestion { .. } => {
                f.write_str("is a question and not a requirement; answer it if it matters")
            }
            SpecProblem::UnreadTable { .. } => f.write_str(
                "is a table without a column named `Requirement`, `Feature` or `Story`, and is not \
                 read",
            ),
            SpecProblem::Shortened { bytes, .. } => {
                write!(f, "is a statement of {bytes} bytes, cut; say it in several")
            }
            SpecProblem::TooMany { requirements_max, .. } => write!(
                f,
                "is beyond the first {requirements_max} requirements and left out; split the spec"
            ),
            SpecProblem::TooManyCriteria { acceptance_max, .. } => write!(
                f,
                "is beyond the first {acceptance_max} acceptance criteria of its requirement and \
                 left out"
            ),
        }
    }
}
