//! Tests that only ask a double what they told it.

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::{chain, keyword, positional};
use crate::syntax::mock::is_double;
use crate::syntax::normal::inlined;
use crate::syntax::{Assertion, Check, Role};

/// A double is asked what it was told.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/echo",
    severity: Severity::Warning,
    what: "All that a test asserts is that a double answers what the test told it to answer.",
    why: "No code of the project takes part.",
    example: "+store = Mock(get=Mock(return_value=3))\n+assert store.get() == 3",
    fix: "Hand the double to the code that is tested, and assert what that does.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (_, after) in suite.touched() {
        let assertions = &after.test.assertions;
        let Some(first) = assertions.first() else { continue };
        let doubles = doubles(&after);
        if doubles.is_empty() {
            continue;
        }
        let all = assertions.iter().all(|assertion| is_echo(&after, assertion, &doubles));
        if all && !suite.effective(&after).iter().any(|one| one.via != crate::suite::Via::Itself) {
            let message = format!(
                "`{}` only asks a double for what it told it to answer",
                after.test.qualified
            );
            found.add(RULE.at(after.path(), first.line, message));
        }
    }
}

/// A double that a test makes, with what it told it to answer.
struct Double {
    name: String,
    answers: Vec<String>,
}

fn doubles(located: &Located<'_>) -> Vec<Double> {
    let (tree, test) = (located.source.tree(), located.test);
    let mut found: Vec<Double> = Vec::new();
    for bind in tree.inside(test.code).filter(|at| tree.role(*at) == Role::Bind) {
        let Some((left, value)) = crate::syntax::scope::bound(tree, bind) else { continue };
        let (left, value) = (tree.bare(left), tree.bare(value));
        match tree.role(left) {
            Role::Name if tree.role(value) == Role::Call => {
                // `jest.fn().mockReturnValue(3)` is a double too.
                let made = chain(tree, value);
                let is_made = is_double(&made)
                    || made.links.iter().any(|link| matches!(link.name.as_str(), "fn" | "stub"));
                if is_made {
                    let answers = told(located, value);
                    found.push(Double { name: tree.text(left).to_owned(), answers });
                }
            }
            // `m.get.return_value = 3`
            Role::Member => {
                let target = chain(tree, left);
                if target.last_name() == "return_value" {
                    let answer = inlined(tree, value, &test.scope);
                    let root = target.first_name().to_owned();
                    if let Some(double) = found.iter_mut().find(|double| double.name == root) {
                        double.answers.push(answer);
                    }
                }
            }
            _ => {}
        }
    }
    // `m.mockReturnValue(3)`, `when(m.get()).thenReturn(3)`
    for mock in &test.mocks {
        let root = mock.target.split('.').next().unwrap_or_default();
        if let (Some(double), Some(answer)) =
            (found.iter_mut().find(|double| double.name == root), &mock.answers)
        {
            double.answers.push(answer.clone());
        }
    }
    found
}

/// What a double is told to answer where it is made.
fn told(located: &Located<'_>, made: crate::syntax::At) -> Vec<String> {
    let (tree, scope) = (located.source.tree(), &located.test.scope);
    let mut answers = Vec::new();
    for call in std::iter::once(made).chain(tree.inside(made)) {
        if tree.role(call) != Role::Call {
            continue;
        }
        let name = chain(tree, call).last_name().to_owned();
        let given = positional(tree, call).into_iter().next();
        let value = match name.as_str() {
            "mockReturnValue" | "mockResolvedValue" | "returns" | "resolves" | "and_return" => {
                given
            }
            "fn" | "mockImplementation" => {
                given.and_then(|code| tree.child(tree.bare(code), crate::syntax::Part::Body))
            }
            _ => keyword(tree, call, "return_value"),
        };
        answers.extend(value.map(|value| inlined(tree, tree.bare(value), scope)));
    }
    answers
}

/// Whether an assertion only asks one of the doubles for what it was told.
fn is_echo(located: &Located<'_>, assertion: &Assertion, doubles: &[Double]) -> bool {
    let tree = located.source.tree();
    if !matches!(assertion.check, Check::Equal | Check::Absent | Check::Truth) {
        return false;
    }
    let Some(subject) = assertion.subject.map(|at| tree.bare(at)) else { return false };
    let subject = match tree.role(subject) {
        Role::Name => located.test.scope.value(tree, subject).unwrap_or(subject),
        _ => subject,
    };
    let subject = tree.bare(subject);
    let asked = chain(tree, subject);
    let is_called = asked.links.iter().any(|link| link.arguments.is_some());
    let expected = assertion.expected_text.clone().unwrap_or_default();
    is_called
        && doubles
            .iter()
            .any(|double| asked.first_name() == double.name && double.answers.contains(&expected))
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_double_that_is_asked_what_it_was_told_is_a_warning() {
        for (path, text, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    m = Mock(return_value=3)\n    assert m(1) == 3\n",
                3,
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    m = MagicMock()\n    m.get.return_value = [1]\n    r = m.get('x')\n    assert r == [1]\n",
                5,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  const f = jest.fn().mockReturnValue(3);\n  expect(f(1)).toBe(3);\n});\n",
                3,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    Store m = mock(Store.class);\n    when(m.get(1)).thenReturn(3);\n    assertEquals(3, m.get(1));\n  }\n}\n",
                5,
            ),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning echo {path}:{line}"));
        }
    }

    #[test]
    fn a_double_that_the_code_is_given_is_none() {
        for (path, text) in [
            (
                "tests/test_a.py",
                "def test_a():\n    m = Mock(return_value=3)\n    assert total(m) == 3\n",
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    m = Mock(return_value=3)\n    run(m)\n    m.assert_called_once_with(1)\n",
            ),
            (
                "a.test.js",
                "test('a', () => {\n  const f = jest.fn().mockReturnValue(3);\n  expect(total(f)).toBe(3);\n  expect(f).toHaveBeenCalledWith(1);\n});\n",
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    Store m = mock(Store.class);\n    when(m.get(1)).thenReturn(3);\n    assertEquals(3, new Cart(m).total());\n  }\n}\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }
}
