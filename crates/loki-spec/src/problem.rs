//! What a reader of a spec should know about how it was read.

use std::fmt;

use loki_model::Origin;

/// Something in a spec that was not taken as it stands. None of these stops anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecProblem {
    /// The text asks for nothing that could be checked.
    NoRequirements,
    /// JSON or YAML in which nothing is known to hold requirements.
    NothingListed,
    /// An API description without operations.
    NoOperations,
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
    /// There are more constraints or assumptions than are kept.
    TooManyNotes {
        /// 1-based line of the first one left out.
        line: u32,
        /// How many are kept.
        notes_max: usize,
    },
    /// A statement is there in another source as well, and counts once.
    SaidElsewhere {
        /// 1-based line of the second one.
        line: u32,
        /// Where the first one is.
        first: Origin,
    },
    /// Two things that the source says can not both hold, or one can not hold at all.
    Contradiction {
        /// 1-based.
        line: u32,
        /// JSON pointer, where the source has a structure.
        pointer: Option<String>,
        /// The name of what is looked for, such as `openapi/unresolved-ref`.
        rule: &'static str,
        /// What is wrong, and what to do about it; one line.
        what: String,
    },
    /// Something that a document of this format should have, or have otherwise.
    Lint {
        /// 1-based.
        line: u32,
        /// The name of what is looked for, such as `openspec/no-scenario`.
        rule: &'static str,
        /// What is wrong, and what to do about it; one line.
        what: String,
    },
    /// A problem of one of several sources.
    In {
        /// The source, in the user's words.
        source: String,
        /// Any other variant.
        problem: Box<SpecProblem>,
    },
}

impl SpecProblem {
    /// The problem as one of `source`.
    #[must_use]
    pub fn inside(self, source: &str) -> SpecProblem {
        match self {
            SpecProblem::In { .. } => self,
            _ => SpecProblem::In { source: source.to_owned(), problem: Box::new(self) },
        }
    }

    /// The problem without its source, if that is `source`.
    #[must_use]
    pub fn outside(self, source: &str) -> SpecProblem {
        match self {
            SpecProblem::In { source: inside, problem } if inside == source => *problem,
            _ => self,
        }
    }

    /// The source that it is in, where there are several.
    pub fn source(&self) -> Option<&str> {
        match self {
            SpecProblem::In { source, .. } => Some(source),
            _ => None,
        }
    }

    /// The problem itself.
    pub fn kind(&self) -> &SpecProblem {
        match self {
            SpecProblem::In { problem, .. } => problem.kind(),
            _ => self,
        }
    }

    /// Where it is, 1-based; nothing when the whole text is meant.
    pub fn line(&self) -> Option<u32> {
        match self {
            SpecProblem::NoRequirements
            | SpecProblem::NothingListed
            | SpecProblem::NoOperations
            | SpecProblem::Unmarked { .. } => None,
            SpecProblem::Duplicate { line, .. }
            | SpecProblem::Skipped { line, .. }
            | SpecProblem::OpenQuestion { line }
            | SpecProblem::UnreadTable { line }
            | SpecProblem::Shortened { line, .. }
            | SpecProblem::TooMany { line, .. }
            | SpecProblem::TooManyCriteria { line, .. }
            | SpecProblem::TooManyNotes { line, .. }
            | SpecProblem::SaidElsewhere { line, .. }
            | SpecProblem::Contradiction { line, .. }
            | SpecProblem::Lint { line, .. } => Some(*line),
            SpecProblem::In { problem, .. } => problem.line(),
        }
    }
}

impl fmt::Display for SpecProblem {
    /// One line without the place, lower case, with what to do about it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpecProblem::NoRequirements => {
                f.write_str("no requirement found; write list items, or sentences with `must`")
            }
            SpecProblem::NothingListed => f.write_str(
                "no requirement found; list them below a key such as `requirements`, `features` or \
                 `user_stories`",
            ),
            SpecProblem::NoOperations => {
                f.write_str("describes no operation; add some below `paths` or `channels`")
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
            SpecProblem::TooManyNotes { notes_max, .. } => write!(
                f,
                "is beyond the first {notes_max} constraints or assumptions and left out; split \
                 the spec"
            ),
            SpecProblem::SaidElsewhere { first, .. } => {
                write!(f, "says the same as {first}, and counts once")
            }
            SpecProblem::Contradiction { what, .. } | SpecProblem::Lint { what, .. } => {
                f.write_str(what)
            }
            SpecProblem::In { problem, .. } => problem.fmt(f),
        }
    }
}
