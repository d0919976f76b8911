//! What became of the assertions of one test.

use std::collections::BTreeSet;

use crate::suite::{Effective, Located, Suite, Via};
use crate::syntax::{Check, Language, Strength};

/// What became of an assertion that is not there as it was.
#[derive(Clone, Debug)]
pub(super) enum Became {
    /// The same is looked at, and something else is expected.
    Expects(Box<Effective>, Box<Effective>),
    /// What took its place says less.
    Weaker(Box<Effective>, Box<Effective>),
    /// Nothing took its place.
    Lost(Box<Effective>),
}

/// What became of the assertions of a test from `before` to `after`; those that are there as they were
/// are left out, and so are those that stand elsewhere now.
pub(super) fn compared(
    suite: &Suite<'_>,
    before: &Located<'_>,
    after: &Located<'_>,
) -> Vec<Became> {
    let is_same_code =
        before.test.digest == after.test.digest && before.test.literals == after.test.literals;
    // Helpers may have changed all the same.
    if is_same_code && !suite.calls_changed_helper(after) {
        return Vec::new();
    }
    let (old, new) = (suite.effective(before), suite.effective(after));
    pair_off(&old, &new, &suite.said(after))
}

/// Pairs the assertions of two versions of one test. `said` is all that the later version says.
fn pair_off(old: &[Effective], new: &[Effective], said: &str) -> Vec<Became> {
    let mut taken = vec![false; new.len()];
    let mut open: Vec<&Effective> = Vec::new();
    // What is there as it was, however it is spelled.
    for b in old {
        let same = (0..new.len()).find(|index| {
            !taken.get(*index).copied().unwrap_or(true)
                && new.get(*index).is_some_and(|a| is_same(b, a))
        });
        match same.and_then(|index| taken.get_mut(index)) {
            Some(slot) => *slot = true,
            None => open.push(b),
        }
    }
    // The strongest first, so that they find the best partners.
    open.sort_by_key(|b| std::cmp::Reverse(b.assertion.strength));
    let mut became = Vec::new();
    let mut rest = Vec::new();
    for b in open {
        let is_open = |index: &usize| !taken.get(*index).copied().unwrap_or(true);
        let same_subject = (0..new.len()).filter(is_open).find(|index| {
            new.get(*index).is_some_and(|a| {
                !b.assertion.subject_text.is_empty()
                    && a.assertion.subject_text == b.assertion.subject_text
                    && a.assertion.strength >= b.assertion.strength
            })
        });
        if let Some(index) = same_subject {
            if let Some(slot) = taken.get_mut(index) {
                *slot = true;
            }
            if let Some(a) = new.get(index)
                && a.assertion.strength == Strength::Exact
                && b.assertion.strength == Strength::Exact
                && !is_same(b, a)
            {
                became.push(Became::Expects(Box::new(b.clone()), Box::new(a.clone())));
            }
            continue;
        }
        if is_covered(b, new, said) {
            continue;
        }
        rest.push(b);
    }
    let mut lost = Vec::new();
    for b in rest {
        let is_open = |index: &usize| !taken.get(*index).copied().unwrap_or(true);
        let related = (0..new.len())
            .filter(is_open)
            .filter(|index| new.get(*index).is_some_and(|a| is_related(b, a)));
        let best = related.max_by_key(|index| {
            new.get(*index).map(|a| {
                let is_enough = a.assertion.strength >= b.assertion.strength && !is_part_of(b, a);
                let shared = b.calls.intersection(&a.calls).count();
                (is_enough, shared, common(&b.assertion.subject_text, &a.assertion.subject_text))
            })
        });
        let Some((index, a)) = best.and_then(|index| Some((index, new.get(index)?))) else {
            lost.push(b);
            continue;
        };
        if let Some(slot) = taken.get_mut(index) {
            *slot = true;
        }
        if a.assertion.strength < b.assertion.strength || is_part_of(b, a) {
            became.push(Became::Weaker(Box::new(b.clone()), Box::new(a.clone())));
        }
    }
    for b in lost {
        // Something else that says as much took its place.
        let other = (0..new.len()).find(|index| {
            !taken.get(*index).copied().unwrap_or(true)
                && new.get(*index).is_some_and(|a| a.assertion.strength >= b.assertion.strength)
        });
        match other.and_then(|index| taken.get_mut(index)) {
            Some(slot) => *slot = true,
            None => became.push(Became::Lost(Box::new(b.clone()))),
        }
    }
    became
}

/// Whether two assertions say the same, in whatever form.
pub(super) fn is_same(b: &Effective, a: &Effective) -> bool {
    let (b, a) = (&b.assertion, &a.assertion);
    if a.text == b.text {
        return true;
    }
    let is_equal = !b.subject_text.is_empty()
        && a.subject_text == b.subject_text
        && a.expected_text == b.expected_text
        && a.strength >= b.strength;
    let is_turned = a.strength >= b.strength
        && Some(&a.subject_text) == b.expected_text.as_ref()
        && Some(&b.subject_text) == a.expected_text.as_ref();
    let is_same_error = a.check == Check::Throws
        && b.check == Check::Throws
        && a.calls == b.calls
        && a.strength >= b.strength
        && a.thrown.as_ref().map(|thrown| &thrown.types)
            == b.thrown.as_ref().map(|thrown| &thrown.types);
    is_equal || is_turned || is_same_error
}

/// Whether two assertions look at what comes from the same call, or at the same name.
pub(super) fn is_related(b: &Effective, a: &Effective) -> bool {
    if b.calls.is_empty() && a.calls.is_empty() {
        let root = |effective: &Effective| -> String {
            let text = &effective.assertion.subject_text;
            text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        return !root(b).is_empty() && root(b) == root(a);
    }
    b.calls.iter().any(|call| a.calls.contains(call))
}

/// Whether `a` looks only at a part of what `b` looks at as a whole.
fn is_part_of(b: &Effective, a: &Effective) -> bool {
    b.assertion.check == Check::Equal && !b.assertion.is_partial && a.assertion.is_partial
}

/// Whether `a` says as much about the same as `b`.
fn is_enough(b: &Effective, a: &Effective) -> bool {
    is_related(b, a) && a.assertion.strength >= b.assertion.strength
}

/// Whether what `b` is made with is also in assertions of the later version that say as much about the
/// same: folded into one, in a table, or given to a helper. `said` is all that it says.
fn is_covered(b: &Effective, new: &[Effective], said: &str) -> bool {
    // A weak assertion beside a stronger one about the same says nothing more.
    let is_idle = b.assertion.strength <= Strength::Type
        && new.iter().any(|a| is_related(b, a) && a.assertion.strength > b.assertion.strength);
    if is_idle {
        return true;
    }
    let enough: Vec<&Effective> = new.iter().filter(|a| is_enough(b, a)).collect();
    if enough.is_empty() {
        return false;
    }
    if is_in_pieces(b, said) && enough.iter().any(|a| !is_part_of(b, a)) {
        return true;
    }
    // Taken apart, or given to a helper: every value is in one of them.
    let known: BTreeSet<&String> = enough.iter().flat_map(|a| &a.literals).collect();
    let is_apart = enough.iter().any(|a| a.via != Via::Itself || a.assertion.is_partial);
    is_apart && !b.literals.is_empty() && b.literals.iter().all(|literal| known.contains(literal))
}

/// Whether everything that `b` is made with is written out in `said`.
fn is_in_pieces(b: &Effective, said: &str) -> bool {
    let pieces = &b.assertion.pieces;
    !pieces.is_empty() && pieces.iter().all(|piece| holds(said, piece))
}

/// Whether a text holds a piece that is not a part of a longer word there.
fn holds(text: &str, piece: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let (starts, ends) = (piece.starts_with(is_word), piece.ends_with(is_word));
    text.match_indices(piece).any(|(at, found)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + found.len()..).unwrap_or_default();
        !(starts && before.ends_with(is_word) || ends && after.starts_with(is_word))
    })
}

/// Bytes that two texts begin and end with in common.
fn common(a: &str, b: &str) -> usize {
    let begin = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count();
    begin + end
}

/// Everything that other tests assert that are new or changed, to look for what was moved there.
pub(super) struct Others {
    tests: Vec<Other>,
    /// Of every test of the changed files: its language, what is looked at and what is expected.
    asserted: BTreeSet<(Language, String, Option<String>)>,
}

/// One of them.
struct Other {
    language: Language,
    /// With the path of its file.
    name: String,
    asserts: Vec<Effective>,
    said: String,
}

/// What stands for a language: those of scripts test each other's code.
fn family(language: Language) -> Language {
    if language.is_script() { Language::JavaScript } else { language }
}

/// Tests whose assertions are taken along.
const OTHERS_MAX: usize = 2_000;

impl Others {
    pub(super) fn of(suite: &Suite<'_>) -> Others {
        let touched = suite.touched().into_iter().take(OTHERS_MAX).map(|(_, after)| {
            let name = format!("{} {}", after.path(), after.test.qualified);
            let language = family(after.source.language());
            Other { language, name, asserts: suite.effective(&after), said: suite.said(&after) }
        });
        let mut asserted = BTreeSet::new();
        for (file, _, after) in suite.files() {
            let Some(language) = Language::of(&file.path).map(family) else { continue };
            for test in after.tests() {
                asserted.extend(test.assertions.iter().map(|assertion| {
                    let expected = assertion.expected_text.clone();
                    (language, assertion.subject_text.clone(), expected)
                }));
            }
        }
        Others { tests: touched.collect(), asserted }
    }

    /// Whether some test in the language of `test` asserts at least as much about the same: another one than
    /// `own`, where that is still there.
    pub(super) fn have(
        &self,
        b: &Effective,
        test: &Located<'_>,
        own: Option<&Located<'_>>,
    ) -> bool {
        let language = family(test.source.language());
        let own = own.map(|own| format!("{} {}", own.path(), own.test.qualified));
        let assertion = &b.assertion;
        let asserted = (language, assertion.subject_text.clone(), assertion.expected_text.clone());
        if own.is_none() && !asserted.1.is_empty() && self.asserted.contains(&asserted) {
            return true;
        }
        let is_another =
            |other: &&Other| other.language == language && Some(&other.name) != own.as_ref();
        self.tests.iter().filter(is_another).any(|other| {
            let mut same = other.asserts.iter().filter(|a| is_same(b, a));
            (same.next().is_some() && !assertion.subject_text.is_empty())
                || is_covered(b, &other.asserts, &other.said)
        })
    }
}
