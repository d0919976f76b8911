//! Turns any brief into a Spec, and says what it could not make sense of.
//!
//! Owns what counts as a requirement, how it is named, and what a command line argument means as
//! a spec. Refuses to fail on bad text, and to read files: callers bring the bytes.
#![warn(missing_docs)]

mod argument;
mod decode;
mod delta;
mod drift;
mod files;
mod formats;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grill;
mod id;
mod issue;
mod lock;
mod markdown;
mod markup;
mod matching;
mod mentions;
mod merge;
mod problem;
mod read;
mod sections;
mod sentences;
mod starters;
mod statements;
mod tables;
mod title;
mod wording;
mod words;

pub use argument::{Argument, ClassifyError, FileKind, classify, classify_issue};
pub use decode::{DecodeError, SPEC_BYTES_MAX, decode};
pub use delta::{Change, Delta, DeltaError, Side};
pub use drift::{Differs, Drift, Entry, Kind, changes, drift};
pub use files::{FileAssertion, Holds, file_assertions, is_about_files_only};
pub use formats::{
    FOLDER_FILES_MAX, FolderError, FolderFile, FolderFormat, Format, Malformed, is_folder_file,
    read_as, read_folder, read_order, recognise_folder,
};
pub use grill::{
    AGENT_ANSWER_BYTES_MAX, AGENT_ANSWER_SCHEMA, AGENT_QUESTIONS_MAX, AGENT_RULE, ASSUMPTIONS_MAX,
    Against, AnswerError, GrillRule, Ledger, Place, QUESTIONS_MAX, Question, add_questions,
    answered, grill, grill_page, grill_rules, ledger, questions_of_agent, write_answers,
};
pub use issue::{Comment, Issue, IssueRef, Link, read_issue};
pub use lock::{LOCK_FORMAT, Lock, LockError, LockedSource};
pub use markup::{adf_to_markdown, html_to_markdown, wiki_to_markdown};
pub use matching::{By, LIKENESS_PERCENT_MIN, Matching, Pair, likeness, matching};
pub use mentions::{Mentions, Names, operation};
pub use merge::merge;
pub use problem::SpecProblem;
pub use read::{BRIEF_STATEMENTS_MAX, read};
pub use starters::{STARTER_DEFAULT, Starter, shaped, starter, starters};
pub use statements::{
    ACCEPTANCE_MAX, NOTE_BYTES_MAX, NOTES_MAX, PROBLEMS_MAX, REQUIREMENTS_MAX, STATEMENT_BYTES_MAX,
};
pub use title::TITLE_CHARS_MAX;
pub use words::{Part, PartKind, word_diff};

#[cfg(test)]
extern crate self as loki_spec;

#[cfg(test)]
mod tests;
