//! Which tests a change brings: by a new name, or by another assertion or value. One of which only the
//! set-up is another is the test that was there before.

use loki_model::ChangeKind;

use crate::counts::CaseEnd;
use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::kind::Kind;
use crate::sides::Sides;
use crate::suite::{How, Located, Suite};
use crate::text::is_word_in;
use crate::text_tests::splice;

/// Parts of words of lines that ask for something, also in what only helps tests.
const ASKS: &[&str] = &[
    "assert", "expect", "should", "must", "require", "check", "verify", "equal", "raise", "throw",
    "panic", "fail", "error", "fatal",
];

/// What a change brings to show that it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    /// Tests that were not there before, and that were run: a benchmark is not.
    Tests,
    /// Other assertions of tests that were there, or what they are given.
    Something,
    /// Only tests that none of the runs here has run.
    Skipped,
    /// No more than another set-up of tests that were there before.
    SetUp,
}

/// What the change brings, beyond files of tests that are others.
pub(super) fn brought(cx: &Cx<'_>, delta: &Delta) -> Brought {
    let sides = Sides::of(cx, delta);
    let suite = Suite::of(&sides, cx.trees(delta));
    let new = suite.new_tests();
    let kept = suite.kept();
    let alters = kept.iter().any(|(before, after, how)| asks_otherwise(before, after, *how));
    let gives = delta.files.iter().any(|file| gives(cx, delta, file));
    if new.is_empty() && !alters && !gives {
        return Brought::SetUp;
    }
    if new.is_empty() {
        return Brought::Something;
    }
    let is_skipped = |test: &Located<'_>| is_only(cx, &test.test.name, CaseEnd::Skipped);
    if !alters && new.iter().all(is_skipped) {
        return Brought::Skipped;
    }
    let cases = cx.suites().cases();
    let has_run = |test: &Located<'_>| {
        let name = test.test.name.as_str();
        !name.is_empty() && cases.keys().any(|id| is_word_in(id, name))
    };
    if new.iter().any(has_run) { Brought::Tests } else { Brought::Something }
}

/// Whether every run of a test with this name ended like this, and there was one.
fn is_only(cx: &Cx<'_>, name: &str, ended: CaseEnd) -> bool {
    let cases = cx.suites().cases();
    let mut ends = cases.values().filter(|case| is_word_in(&case.id, name)).peekable();
    !name.is_empty() && ends.peek().is_some() && ends.all(|case| case.ended == ended)
}

/// Whether a test that was kept looks for something else than before, or for the same of something else.
fn asks_otherwise(before: &Located<'_>, after: &Located<'_>, how: How) -> bool {
    let (old, new) = (before.test, after.test);
    let asserted = |located: &Located<'_>| -> Vec<String> {
        let assertions = located.test.assertions.iter();
        assertions
            .map(|assertion| located.text(assertion.at).split_whitespace().collect())
            .collect()
    };
    how != How::Same
        || old.qualified != new.qualified
        || old.rows != new.rows
        || old.literals != new.literals
        || asserted(before) != asserted(after)
}

/// Whether a file gives tests something that is not read as a test: data, helpers, files that are new.
fn gives(cx: &Cx<'_>, delta: &Delta, file: &FileDelta) -> bool {
    let trees = cx.trees(delta);
    let has_tests =
        |side| trees.text_of(&file.path, side).is_some_and(|text| !text.tests().is_empty());
    match file.kind {
        Kind::Fixture => file.change != ChangeKind::Deleted,
        Kind::Test if file.change == ChangeKind::Deleted => false,
        Kind::Test => {
            let is_read =
                has_tests(crate::suite::Side::Before) && has_tests(crate::suite::Side::After);
            let asks = |line: &str| {
                let line = line.to_lowercase();
                // A written value may be a row of a table from which tests are made.
                line.contains(['"', '\'', '`'])
                    || line.contains(|c: char| c.is_ascii_digit())
                    || ASKS.iter().any(|word| line.contains(word))
            };
            !is_read || file.added_lines().any(|(_, line)| asks(line))
        }
        // Tests within a file of code may be made by macros, which are not read.
        Kind::Source => {
            let both = file.before.as_deref().zip(file.after.as_deref());
            both.is_some_and(|(before, after)| {
                splice(&file.path, after, before).is_some_and(|text| text != after)
            })
        }
        _ => false,
    }
}
