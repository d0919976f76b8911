//! Results that are dropped, and loops that go over nothing.

use std::cell::OnceCell;

use loki_model::Severity;

use super::compared::{Became, Others, compared};
use super::{Found, Rule, at, quoted, showing, swallowed::is_result_dropped, with_suite};
use crate::suite::{Effective, Located, Suite};
use crate::syntax::call::{chain, positional};
use crate::syntax::rows::{loop_source, looped_over};
use crate::syntax::test::{decorations, decorator_name};
use crate::syntax::{At, Role};

/// What was looked at is dropped.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/discarded",
    severity: Severity::Error,
    what: "A test still makes the call that it asserted about and drops its result, or asserts in a \
           loop that goes over nothing.",
    why: "It runs, is counted, and asks nothing.",
    example: "-    assert_eq!(parse(text), Err(Bad));\n+    let _ = parse(text);",
    fix: "Assert about the result; give the loop something to go over.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    let others = OnceCell::new();
    for (before, after, _) in suite.kept() {
        for became in compared(suite, &before, &after) {
            let Became::Lost(b) = became else { continue };
            let Some(call) = dropped(&after, &b) else { continue };
            if others.get_or_init(|| Others::of(suite)).have(&b, &after, Some(&after)) {
                continue;
            }
            let code = after.text(call);
            let message = format!(
                "`{}` makes the call {} and drops what it asserted about",
                after.test.name,
                quoted(code)
            );
            let finding = at(&RULE, &after, after.source.tree().line(call), message);
            found.add(showing(finding, &format!("- {}\n+ {code}", before.text(b.assertion.at))));
        }
    }
    for (before, after) in suite.touched() {
        let had = before.as_ref().map(empty_loops).unwrap_or_default();
        for (place, over) in empty_loops(&after) {
            if had.iter().any(|(_, known)| *known == over) {
                continue;
            }
            let message =
                format!("what `{}` asserts goes over nothing: {}", after.test.name, quoted(&over));
            found.add(at(&RULE, &after, after.source.tree().line(place), message));
        }
    }
}

/// Whether the test still makes the call and drops what it asserted about.
pub(super) fn is_dropped(after: &Located<'_>, b: &Effective) -> bool {
    dropped(after, b).is_some()
}

fn dropped(after: &Located<'_>, b: &Effective) -> Option<At> {
    let tree = after.source.tree();
    let subject = |at: &At| {
        let chain = chain(tree, *at);
        b.calls.contains(chain.last_name())
    };
    let mut calls = tree.inside(after.test.code).filter(|at| tree.role(*at) == Role::Call);
    // Setting something up is a call too: what was asserted about was handed back.
    calls.find(|at| {
        subject(at)
            && b.assertion.subject_text.contains(crate::syntax::normal::normal(tree, *at).as_str())
            && is_result_dropped(after, *at)
    })
}

/// Loops around assertions, and tables of tests, that are empty.
fn empty_loops(located: &Located<'_>) -> Vec<(At, String)> {
    let (tree, test) = (located.source.tree(), located.test);
    let names = located.source.reading().names;
    let mut found = Vec::new();
    for assertion in &test.assertions {
        let inside = tree.all_around(assertion.at).take_while(|around| *around != test.code);
        for over in inside.filter(|at| tree.role(*at) == Role::Loop) {
            let list = looped_over(tree, names, over);
            let is_empty = list.is_some_and(|list| tree.named(list).next().is_none());
            if is_empty && !is_filled_elsewhere(located, over) {
                let head = tree.text(over).lines().next().unwrap_or_default().to_owned();
                found.push((over, head));
            }
        }
        // A property that is asked of no input.
        for call in tree.inside(test.code).filter(|at| tree.role(*at) == Role::Call) {
            let path = chain(tree, call).path();
            let is_assumption = matches!(path.as_str(), "assume" | "hypothesis.assume" | "fc.pre");
            let given = positional(tree, call).into_iter().next();
            let is_never = given.is_some_and(|at| matches!(tree.text(at), "False" | "false"));
            if is_assumption && is_never {
                found.push((call, tree.text(call).to_owned()));
            }
        }
    }
    for holder in test.holders() {
        for mark in decorations(tree, *holder) {
            if decorator_name(tree, mark).ends_with("parametrize") {
                let empty = tree.inside(mark).find(|at| {
                    tree.role(*at) == Role::List
                        && tree.named(*at).next().is_none()
                        // The table itself: a row may well hold an empty list.
                        && tree.all_around(*at).take(2).any(|around| {
                            tree.role(around) == Role::Call
                                && chain(tree, around).last_name() == "parametrize"
                        })
                });
                found.extend(empty.map(|_| (mark, tree.text(mark).to_owned())));
            }
        }
    }
    found.dedup();
    found
}

/// Whether what a loop goes over has a name by which something may be put into it.
fn is_filled_elsewhere(located: &Located<'_>, over: At) -> bool {
    let tree = located.source.tree();
    let Some(source) = loop_source(tree, over).map(|at| tree.bare(at)) else { return true };
    let name = match tree.role(source) {
        Role::Name => tree.text(source),
        Role::List | Role::Map | Role::New => return false,
        _ => return true,
    };
    let is_named = |at: &At| tree.role(*at) == Role::Name && tree.text(*at) == name;
    // Where it is given its value, and where the loop asks for it.
    tree.inside(At::ROOT).filter(is_named).count() > 2
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_call_whose_result_is_dropped_now_is_an_error() {
        for (path, before, after, line) in [
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    for s in [\"x\", \"y\"] {\n        assert_eq!(parse(s), Err(Bad));\n    }\n}\n",
                "#[test]\nfn a() {\n    for s in [\"x\", \"y\"] {\n        let _ = parse(s);\n    }\n}\n",
                4,
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    assert parse('x') == 1\n",
                "def test_a():\n    parse('x')\n",
                2,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  assert.equal(parse('x'), 1);\n});\n",
                "test('a', () => {\n  parse('x');\n});\n",
                2,
            ),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tif parse(\"x\") != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
                "package p\nfunc TestA(t *testing.T) {\n\t_ = parse(\"x\")\n}\n",
                3,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertEquals(1, parse(\"x\"));\n  }\n}\n",
                "class ATest {\n  @Test void a() {\n    parse(\"x\");\n  }\n}\n",
                3,
            ),
        ] {
            let expected = format!("error discarded {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn a_loop_over_nothing_is_an_error() {
        let before = "def test_a():\n    for x in [1, 2]:\n        assert f(x) == x\n";
        let after = "def test_a():\n    for x in []:\n        assert f(x) == x\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "error discarded tests/test_a.py:2",
        );
        let after = "CASES = []\ndef test_a():\n    for x in CASES:\n        assert f(x) == x\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "error discarded tests/test_a.py:3",
        );
        let after = "@pytest.mark.parametrize('x', [])\ndef test_a(x):\n    assert f(x) == x\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "error discarded tests/test_a.py:1",
        );
        let after =
            "test('a', () => {\n  for (const x of []) {\n    assert.equal(f(x), x);\n  }\n});\n";
        expect(look, &[], &[("a.test.js", after)], "error discarded a.test.js:2");
    }

    #[test]
    fn calls_that_set_something_up_are_none() {
        let before = "def test_a():\n    s = Store()\n    s.add(1)\n    assert s.all() == [1]\n";
        let after = "def test_a():\n    s = Store()\n    s.add(1)\n    s.add(2)\n    assert s.all() == [1, 2]\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
        let before = "def test_a():\n    assert f(1) == 1\n";
        let after = "def test_a():\n    f(1)\n    assert f(1) == 1\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
        let rows = "@pytest.mark.parametrize('x, y', [pytest.param([1], []), ([], [])])\ndef test_a(x, y):\n    assert f(x) == y\n";
        expect(look, &[], &[("tests/test_a.py", rows)], "");
        let filled = "def test_a():\n    rows = []\n    rows.append(1)\n    for x in rows:\n        assert f(x) == x\n";
        expect(look, &[], &[("tests/test_a.py", filled)], "");
    }
}
