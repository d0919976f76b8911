//! A test that is gone, and another one that the change has look at the same anew.

use std::collections::BTreeSet;

use crate::counts::{Case, CaseEnd};
use crate::gates::Cx;
use crate::gates::suites::last;
use crate::syntax::call::chain;
use crate::syntax::{Assertion, Role, Source, Strength, Test};

/// Whether the change brings or edits a test that looks at all that the gone test `id` looked at, as closely,
/// in assertions that it did not have before, and is given most of what that was given; which fails on the base's
/// code and holds on the new one.
///
/// That a new test merely calls the same for another case, or fails for want of something that the base does not have, does not
/// tell that the behaviour was to change.
pub(super) fn is_replaced(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let Ok(delta) = cx.delta() else { return false };
    let parsed = |path: &str, text: &Option<String>| Source::parse(path, text.as_deref()?);
    let of_case =
        delta.files.iter().filter(|file| case.file.as_ref().is_none_or(|path| file.path == *path));
    let mut olds = of_case.filter_map(|file| parsed(&file.path, &file.before));
    let looked_at = olds.find_map(|source| {
        let gone = source.tests().iter().find(|test| test.name == last(id))?;
        Some((looked_at(&source, gone)?, gone.literals.clone()))
    });
    let Some((looked_at, given)) = looked_at else { return false };
    let has_most = |test: &Test| {
        let kept = given.intersection(&test.literals).count();
        kept * 100 >= given.len() * super::LITERALS_KEPT_PERCENT_MIN
    };
    let telling = telling(cx);
    delta.files.iter().filter(|_| !telling.is_empty()).any(|file| {
        let Some(after) = parsed(&file.path, &file.after) else { return false };
        let before = parsed(&file.path, &file.before);
        let known: BTreeSet<String> = before
            .iter()
            .flat_map(|source| source.tests())
            .flat_map(|test| test.assertions.iter().map(|assertion| assertion.text.clone()))
            .collect();
        let tells = |test: &&Test| {
            telling.contains(&(None, test.name.clone()))
                || telling.contains(&(Some(file.path.clone()), test.name.clone()))
        };
        let mut telling = after.tests().iter().filter(tells);
        telling.any(|test| has_most(test) && looks_at(&after, test, &looked_at, &known))
    })
}

/// What each assertion of a test looks at, by the names of what it calls, and how closely; nothing where one
/// looks at no call, or there is none.
fn looked_at(source: &Source, test: &Test) -> Option<Vec<(BTreeSet<String>, Strength)>> {
    let calls = |assertion: &Assertion| -> BTreeSet<String> {
        // What is called in so many words tells more than all that went into its arguments.
        let called = called(source, assertion);
        if called.is_empty() { assertion.calls.clone() } else { called }
    };
    let all: Vec<(BTreeSet<String>, Strength)> =
        test.assertions.iter().map(|assertion| (calls(assertion), assertion.strength)).collect();
    (!all.is_empty() && all.iter().all(|(calls, _)| !calls.is_empty())).then_some(all)
}

/// The last names of what an assertion calls in so many words, on either side.
fn called(source: &Source, assertion: &Assertion) -> BTreeSet<String> {
    let tree = source.tree();
    let sides = [assertion.subject, assertion.expected].into_iter().flatten();
    let nodes = sides.flat_map(|at| std::iter::once(at).chain(tree.inside(at)));
    let calls = nodes.filter(|at| matches!(tree.role(*at), Role::Call | Role::New));
    calls.map(|at| chain(tree, at).last_name().to_owned()).collect()
}

/// Whether `test` looks at all of that in assertions that are not `known`.
fn looks_at(
    source: &Source,
    test: &Test,
    looked_at: &[(BTreeSet<String>, Strength)],
    known: &BTreeSet<String>,
) -> bool {
    looked_at.iter().all(|(calls, strength)| {
        test.assertions.iter().any(|assertion| {
            !known.contains(&assertion.text)
                && calls.is_subset(&(&called(source, assertion) | &assertion.calls))
                && assertion.strength >= *strength
        })
    })
}

/// Tests that hold on the new code, and ran on the base's and failed there, by name and by file where that is
/// told.
fn telling(cx: &Cx<'_>) -> BTreeSet<(Option<String>, String)> {
    let Ok(old) = cx.new_on_old() else { return BTreeSet::new() };
    let (held, on_old) = (cx.suites().ids(CaseEnd::Passed), old.cases());
    let fails = |case: &&Case| {
        let is_red = case.ended == CaseEnd::Failed && super::has_run(&case.said);
        is_red && held.contains(case.id.as_str())
    };
    let red = on_old.values().copied().filter(fails);
    red.map(|case| (case.file.clone(), last(&case.id).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(body: &str) -> Source {
        let text = format!(
            "import unittest\nfrom shop import price, tax\n\n\nclass T(unittest.TestCase):\n    def test_it(self):\n{body}"
        );
        Source::parse("test_shop.py", &text).unwrap()
    }

    fn looks(body: &str) -> Option<Vec<(BTreeSet<String>, Strength)>> {
        let source = source(body);
        looked_at(&source, &source.tests()[0])
    }

    fn is_seen(gone: &str, new: &str, known: &str) -> bool {
        let known = source(known);
        let known = known.tests()[0].assertions.iter().map(|a| a.text.clone()).collect();
        let new = source(new);
        looks_at(&new, &new.tests()[0], &looks(gone).unwrap(), &known)
    }

    const GONE: &str = "        self.assertEqual(hash(price(1)), hash((1, 2)))\n";
    const NEW: &str = "        a = price(1)\n        self.assertEqual(hash(a), hash(price(2)))\n";

    #[test]
    fn the_same_calls_looked_at_as_closely_anew_take_its_place() {
        assert!(is_seen(GONE, NEW, "        pass\n"));
    }

    #[test]
    fn what_is_expected_may_come_first_and_out_of_a_table() {
        let gone = "        for a, wanted in [((1, 2), hash((1, price(2)))), ((3, 4), tax(1))]:\n            self.assertEqual(wanted, hash(price(*a)))\n";
        let new = "        for a, b in [((1, 2), (1, 3))]:\n            one = price(*a)\n            other = price(*b)\n            self.assertEqual(hash(one), hash(other))\n";
        assert!(is_seen(gone, new, "        pass\n"));
    }

    #[test]
    fn other_calls_a_laxer_look_and_what_was_there_before_do_not() {
        let nothing = "        pass\n";
        assert!(!is_seen(GONE, "        self.assertEqual(price(1), 2)\n", nothing));
        assert!(!is_seen(GONE, "        self.assertTrue(hash(price(1)))\n", nothing));
        assert!(!is_seen(GONE, NEW, NEW));
        let more = format!("{GONE}        self.assertEqual(tax(1), 2)\n");
        assert!(!is_seen(&more, NEW, nothing));
    }

    #[test]
    fn a_test_that_looks_at_no_call_is_replaced_by_none() {
        assert!(looks("        self.assertEqual(1, 1)\n").is_none());
        assert!(looks("        price(1)\n").is_none());
    }
}
