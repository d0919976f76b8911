//! Assertions that hold whatever the code does.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, at, quoted, weighing, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::{Assertion, At, Check, Language, Role};

/// An assertion that can not fail.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/tautological",
    severity: Severity::Error,
    what: "An assertion holds whatever the code does: it compares constants, or a call with itself.",
    why: "It is counted as a check and checks nothing.",
    example: "+    expected = reachable(graph, \"a\")\n+    assert reachable(graph, \"a\") == expected",
    fix: "Write out the value that is right.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Words in names of tests that are about two calls giving the same.
const SAMENESS: &[&str] = &[
    "determin",
    "stable",
    "idempot",
    "same",
    "repeat",
    "cache",
    "memo",
    "pure",
    "consist",
    "reproduc",
    "equal",
    "hash",
    "identi",
    "singleton",
    "twice",
    "again",
    "reflexiv",
    "eq",
    "order",
    "reus",
    "unique",
    "random",
    "seed",
    "immutab",
    "mutat",
    "unchanged",
    "modif",
    "side_effect",
    "sideeffect",
    "alias",
    "clone",
    "copy",
    "concurren",
    "referential",
    "once",
];

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had: BTreeSet<&str> = before
            .iter()
            .flat_map(|before| &before.test.assertions)
            .map(|assertion| assertion.text.as_str())
            .collect();
        let new = || after.test.assertions.iter().filter(|one| !had.contains(one.text.as_str()));
        // An assertion among others that can fail takes nothing away.
        let is_only = after.test.assertions.iter().all(|one| empty(&after, one).is_some());
        for assertion in new() {
            let Some(why) = empty(&after, assertion) else { continue };
            let code = quoted(after.text(assertion.at));
            let message = format!("in `{}` {code} {why}", after.test.name);
            // Two calls, one after the other, may well be meant to give the same.
            let is_certain = is_only && !is_of_two_calls(&after, assertion);
            let severity = if is_certain { Severity::Error } else { Severity::Warning };
            found.add(weighing(at(&RULE, &after, assertion.line, message), severity));
        }
    }
}

/// Whether an assertion compares two locals, each of which a call of its own has made.
fn is_of_two_calls(located: &Located<'_>, assertion: &Assertion) -> bool {
    let tree = located.source.tree();
    let sides = assertion.subject.zip(assertion.expected);
    sides.is_some_and(|(one, other)| {
        let is_local = |at: At| tree.role(tree.bare(at)) == Role::Name;
        is_local(one) && is_local(other) && tree.text(one) != tree.text(other)
    })
}

/// Why an assertion can not fail; nothing for one that can.
fn empty(located: &Located<'_>, assertion: &Assertion) -> Option<&'static str> {
    let tree = located.source.tree();
    let subject = assertion.subject?;
    if is_in_handler(located, assertion.at) {
        return None;
    }
    let is_literal = |at: At| is_constant(located, at);
    match assertion.check {
        Check::Truth if always_true(located, subject) => Some("is always true"),
        Check::Falsity if is_literal(subject) && !always_true(located, subject) => {
            Some("is always true")
        }
        Check::Present if is_literal(subject) => Some("is always true"),
        Check::Equal | Check::Near | Check::Contains => {
            let expected = assertion.expected?;
            if is_literal(subject) && is_literal(expected) {
                let is_true = assertion.expected_text.as_ref() == Some(&assertion.subject_text);
                return is_true.then_some("compares a constant with itself");
            }
            let is_same = assertion.expected_text.as_deref() == Some(&assertion.subject_text);
            if !is_same || assertion.check == Check::Contains {
                return None;
            }
            let name = located.test.qualified.to_ascii_lowercase();
            if SAMENESS.iter().any(|word| name.contains(word)) {
                return None;
            }
            // Between the two something else may have happened.
            let is_direct = tree.text(subject) == tree.text(expected);
            let is_at_once = is_direct || !happens_between(located, assertion, subject, expected);
            (is_at_once && !is_changing(located, subject))
                .then_some("compares something with itself")
        }
        _ => None,
    }
}

/// Whether a value is written out, so that no code decides it.
fn is_constant(located: &Located<'_>, at: At) -> bool {
    let tree = located.source.tree();
    let at = tree.bare(at);
    let is_literal =
        |at: At| matches!(tree.role(at), Role::Number | Role::Text | Role::Boolean | Role::Null);
    match tree.role(at) {
        Role::Text => tree.inside(at).all(|at| tree.role(at) != Role::Filled),
        Role::List => tree.named(at).all(is_literal),
        Role::Unary => tree.named(at).last().is_some_and(is_literal),
        _ => is_literal(at),
    }
}

/// Whether a condition holds whatever happens.
fn always_true(located: &Located<'_>, at: At) -> bool {
    let tree = located.source.tree();
    let at = tree.bare(at);
    match tree.role(at) {
        Role::Boolean => matches!(tree.text(at), "true" | "True"),
        Role::Number => tree.text(at) != "0",
        Role::Text => {
            !crate::syntax::call::unquoted(tree.text(at)).is_empty() && is_constant(located, at)
        }
        // `assert (x == 1, "message")` is a pair, and a pair is true.
        Role::List => {
            located.source.language() == Language::Python && tree.named(at).next().is_some()
        }
        Role::Lambda => true,
        Role::Binary => {
            let operator = crate::syntax::assertion::operator(tree, at);
            matches!(operator.as_str(), "or" | "||")
                && tree.named(at).any(|side| {
                    let side = tree.bare(side);
                    tree.role(side) == Role::Boolean && matches!(tree.text(side), "true" | "True")
                })
        }
        _ => false,
    }
}

/// Whether an assertion only says that a handler was reached.
fn is_in_handler(located: &Located<'_>, at: At) -> bool {
    let tree = located.source.tree();
    tree.all_around(at).take_while(|around| *around != located.test.code).any(|around| {
        matches!(tree.role(around), Role::Handler | Role::Lambda | Role::If | Role::Case)
    })
}

/// Whether anything is called between the place where a local got its value and the assertion.
fn happens_between(
    located: &Located<'_>,
    assertion: &Assertion,
    subject: At,
    expected: At,
) -> bool {
    let tree = located.source.tree();
    let scope = &located.test.scope;
    let mut first = assertion.at;
    for side in [subject, expected] {
        for name in std::iter::once(side).chain(tree.inside(side)) {
            if tree.role(name) == Role::Name
                && let Some(value) = scope.origin(tree, name)
            {
                first = first.min(value);
            }
        }
    }
    let own = |at: At| {
        tree.is_within(at, assertion.at)
            || [subject, expected].iter().any(|side| {
                std::iter::once(*side).chain(tree.inside(*side)).any(|name| {
                    let value = scope.origin(tree, name);
                    value.is_some_and(|value| tree.is_within(at, value))
                })
            })
    };
    tree.inside(located.test.code).filter(|at| *at > first && *at < assertion.at).any(|at| {
        matches!(tree.role(at), Role::Call | Role::New | Role::Macro | Role::Bind)
            && !own(at)
            && tree.role(at) != Role::Bind
    })
}

/// Whether asking twice gives two answers: a clock, a counter, an iterator.
fn is_changing(located: &Located<'_>, subject: At) -> bool {
    let tree = located.source.tree();
    let nodes = std::iter::once(subject).chain(tree.inside(subject));
    let mut calls = nodes.filter(|at| tree.role(*at) == Role::Call);
    calls.any(|call| {
        let chain = crate::syntax::call::chain(tree, call);
        let name = chain.last_name();
        ["next", "now", "pop", "read", "random", "time", "take", "recv", "shift"]
            .iter()
            .any(|word| name.to_ascii_lowercase().contains(word))
    })
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn constants_are_an_error() {
        for (path, text, line) in [
            ("tests/test_a.py", "def test_a():\n    f()\n    assert True\n", 3),
            ("tests/test_a.py", "def test_a():\n    f()\n    assert (f() == 2, 'two')\n", 3),
            ("tests/test_a.py", "def test_a():\n    assert f() == 1 or True\n", 2),
            ("a.test.js", "test('a', () => {\n  expect(true).toBe(true);\n});\n", 2),
            ("a.test.ts", "test('a', () => {\n  expect(1).toEqual(1);\n});\n", 2),
            ("src/a.rs", "#[test]\nfn a() {\n    f();\n    assert!(true);\n}\n", 4),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tf()\n\tassert.True(t, true)\n}\n",
                4,
            ),
            ("ATest.java", "class ATest {\n  @Test void a() {\n    assertTrue(true);\n  }\n}\n", 3),
        ] {
            expect(look, &[], &[(path, text)], &format!("error tautological {path}:{line}"));
        }
    }

    #[test]
    fn what_is_compared_with_itself_is_an_error() {
        for (path, text, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    expected = reach(G, 'a')\n    assert reach(G, 'a') == expected\n",
                3,
            ),
            ("a.test.js", "test('a', () => {\n  assert.deepEqual(sum([1]), sum([1]));\n});\n", 2),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    let want = f(1);\n    assert_eq!(f(1), want);\n}\n",
                4,
            ),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\twant := f(1)\n\tif f(1) != want {\n\t\tt.Fatal()\n\t}\n}\n",
                4,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertEquals(f(1), f(1));\n  }\n}\n",
                3,
            ),
        ] {
            expect(look, &[], &[(path, text)], &format!("error tautological {path}:{line}"));
        }
    }

    #[test]
    fn one_among_others_that_can_fail_is_a_warning() {
        let text = "def test_a():\n    assert f() == 1\n    assert True\n";
        expect(look, &[], &[("tests/test_a.py", text)], "warning tautological tests/test_a.py:3");
    }

    #[test]
    fn two_calls_that_are_compared_by_their_results_are_a_warning() {
        let text = "def test_a():\n    one = f(X)\n    other = f(X)\n    assert one == other\n";
        expect(look, &[], &[("tests/test_a.py", text)], "warning tautological tests/test_a.py:4");
    }

    #[test]
    fn what_can_differ_is_none() {
        for (path, text) in [
            (
                "a_test.go",
                "package a\nfunc TestBigMutation(t *testing.T) {\n\tone := Comma(v)\n\tother := Comma(v)\n\tif one != other {\n\t\tt.Fail()\n\t}\n}\n",
            ),
            ("tests/test_a.py", "def test_is_deterministic():\n    assert key('a') == key('a')\n"),
            (
                "tests/test_a.py",
                "def test_a():\n    n = len(s.all())\n    s.refresh()\n    assert len(s.all()) == n\n",
            ),
            ("tests/test_a.py", "def test_a():\n    assert sort(X) == sorted(X)\n"),
            ("tests/test_a.py", "def test_a():\n    assert f(1) == f(2)\n"),
            ("tests/test_a.py", "def test_a():\n    assert decode(encode(X)) == X\n"),
            (
                "tests/test_a.py",
                "def test_a():\n    try:\n        f()\n        assert False\n    except ValueError:\n        assert True\n",
            ),
            ("a.test.js", "test('a', () => {\n  assert.equal(ids.next(), ids.next());\n});\n"),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    let before = s.len();\n    s.clear();\n    assert_eq!(s.len(), before);\n}\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }
}
