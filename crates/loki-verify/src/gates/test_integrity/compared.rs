//! What became of the assertions of one test.

use std::collections::BTreeSet;

use crate::suite::{Effective, Located, Suite};
use crate::syntax::{Check, Strength};

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
    if before.test.digest == after.test.digest
        && before.path() == after.path()
        && before.test.literals == after.test.literals
    {
        // Helpers may have changed all the same.
        let is_helped =
            |located: &Located<'_>| suite.effective(located).len() > located.test.assertions.len();
        if !is_helped(before) {
            return Vec::new();
        }
    }
    let (old, new) = (suite.effective(before), suite.effective(after));
    pair_off(&old, &new, &after.test.literals)
}

/// Pairs the assertions of two versions of one test. `reach` holds the literals that the later version
/// is run with.
pub(super) fn pair_off(
    old: &[Effective],
    new: &[Effective],
    reach: &BTreeSet<String>,
) -> Vec<Became> {
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
        if is_covered(b, new, reach) {
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
                (is_enough, common(&b.assertion.subject_text, &a.assertion.subject_text))
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
    let (whole, part) = (&b.assertion.subject_text, &a.assertion.subject_text);
    let rest = part.strip_prefix(whole.as_str()).filter(|_| !whole.is_empty());
    let is_accessed = rest.is_some_and(|rest| rest.starts_with(['.', '[']) && !rest.contains('('));
    is_accessed && b.assertion.check == Check::Equal
}

/// Whether what `b` is made with is also in assertions of the later version that say as much about the
/// same: folded into one, in a table, or given to a helper.
fn is_covered(b: &Effective, new: &[Effective], reach: &BTreeSet<String>) -> bool {
    let is_enough =
        |a: &&Effective| is_related(b, a) && a.assertion.strength >= b.assertion.strength;
    // A weak assertion beside a stronger one about the same says nothing more.
    let is_idle = b.assertion.strength <= Strength::Type
        && new.iter().any(|a| is_related(b, a) && a.assertion.strength > b.assertion.strength);
    if is_idle {
        return true;
    }
    if b.literals.is_empty() {
        return false;
    }
    let mut enough = new.iter().filter(is_enough).peekable();
    if enough.peek().is_none() {
        return false;
    }
    let mut known: BTreeSet<&String> = BTreeSet::new();
    let mut is_open = false;
    for a in enough {
        known.extend(&a.literals);
        // What it compares is not written out in it: it comes from a table.
        is_open |= a.assertion.literals.is_empty() || is_tabled(a);
    }
    if is_open {
        known.extend(reach);
    }
    b.literals.iter().all(|literal| known.contains(literal))
}

/// Whether what is expected is only a name, as in a loop over a table.
fn is_tabled(a: &Effective) -> bool {
    a.assertion.expected_text.as_ref().is_some_and(|expected| {
        !expected.contains(['"', '\''])
            && expected.starts_with(|c: char| c.is_alphabetic() || c == '_')
    })
}

/// Bytes that two texts begin with in common.
fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// Everything that other tests assert that are new or changed, to look for what was moved there.
pub(super) struct Others {
    tests: Vec<(String, Vec<Effective>, BTreeSet<String>)>,
    /// Of every test of the changed files: what is looked at and what is expected.
    said: BTreeSet<(String, Option<String>)>,
}

/// Tests whose assertions are taken along.
const OTHERS_MAX: usize = 2_000;

impl Others {
    pub(super) fn of(suite: &Suite<'_>) -> Others {
        let touched = suite.touched().into_iter().take(OTHERS_MAX).map(|(_, after)| {
            let name = format!("{} {}", after.path(), after.test.qualified);
            (name, suite.effective(&after), after.test.literals.clone())
        });
        let mut said = BTreeSet::new();
        for (_, _, after) in suite.files() {
            for test in after.into_iter().flat_map(|source| source.tests()) {
                said.extend(test.assertions.iter().map(|assertion| {
                    (assertion.subject_text.clone(), assertion.expected_text.clone())
                }));
            }
        }
        Others { tests: touched.collect(), said }
    }

    /// Whether some test other than `own` asserts at least as much about the same.
    pub(super) fn have(&self, b: &Effective, own: Option<&Located<'_>>) -> bool {
        let own = own.map(|own| format!("{} {}", own.path(), own.test.qualified));
        let said = (b.assertion.subject_text.clone(), b.assertion.expected_text.clone());
        if own.is_none() && !b.assertion.subject_text.is_empty() && self.said.contains(&said) {
            return true;
        }
        self.tests.iter().filter(|(name, ..)| Some(name) != own.as_ref()).any(|(_, new, reach)| {
            new.iter().any(|a| is_same(b, a) && !b.assertion.subject_text.is_empty())
                || is_covered(b, new, reach)
        })
    }
}
