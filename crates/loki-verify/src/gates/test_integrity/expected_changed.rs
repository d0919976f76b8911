//! Expectations that changed.

use loki_model::Severity;

use super::compared::{Became, compared};
use super::{Found, Rule, at, quoted, showing, with_suite};
use crate::suite::Suite;

/// The same is looked at, and something else is expected.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/expected-changed",
    severity: Severity::Note,
    what: "An existing assertion looks at the same and expects another value.",
    why: "That is what an intended change of behaviour looks like, and what a test that was bent to \
          the code looks like. Only who knows what was wanted can tell.",
    example: "-    assert price(3) == 30\n+    assert price(3) == 27",
    fix: "Say in the change which behaviour was meant to change.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after, _) in suite.kept() {
        for became in compared(suite, &before, &after) {
            let Became::Expects(b, a) = became else { continue };
            let value = |text: &Option<String>| {
                text.as_deref().map_or_else(|| "something else".to_owned(), quoted)
            };
            let message = format!(
                "`{}` expects {} where it expected {}",
                after.test.name,
                value(&a.assertion.expected_text),
                value(&b.assertion.expected_text)
            );
            let shown =
                format!("- {}\n+ {}", before.text(b.assertion.at), after.text(a.assertion.at));
            found.add(showing(at(&RULE, &after, a.line, message), &shown));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn another_expectation_of_the_same_is_a_note() {
        for (path, before, after, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    assert price(3) == 30\n",
                "def test_a():\n    assert price(3) == 27\n",
                2,
            ),
            (
                "a.test.ts",
                "it('a', () => {\n  expect(price(3)).toEqual({ eur: 30 });\n});\n",
                "it('a', () => {\n  expect(price(3)).toEqual({ eur: 27 });\n});\n",
                2,
            ),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    assert_eq!(price(3), 30);\n}\n",
                "#[test]\nfn a() {\n    assert_eq!(price(3), 27);\n}\n",
                3,
            ),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tif price(3) != 30 {\n\t\tt.Fatal()\n\t}\n}\n",
                "package p\nfunc TestA(t *testing.T) {\n\tif price(3) != 27 {\n\t\tt.Fatal()\n\t}\n}\n",
                3,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertEquals(30, price(3));\n  }\n}\n",
                "class ATest {\n  @Test void a() {\n    assertEquals(27, price(3));\n  }\n}\n",
                3,
            ),
        ] {
            let expected = format!("note expected-changed {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn another_question_and_another_spelling_are_none() {
        let before = "def test_a():\n    assert price(3) == 30\n";
        for after in [
            "def test_a():\n    assert price(4) == 40\n",
            "def test_a():\n    self.assertEqual(30, price(3))\n",
            "def test_a():\n    assert price(3) == 30\n    assert price(4) == 40\n",
        ] {
            expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
        }
    }
}
