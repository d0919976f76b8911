//! New tests that only ask whether something came out.

use loki_model::Severity;

use super::{Found, Rule, at, no_assertion, with_suite};
use crate::kind::Kind;
use crate::suite::{Effective, Located, Suite};
use crate::syntax::{Check, Marked, Strength};

/// New tests that all ask for too little.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/weak-oracle",
    severity: Severity::Warning,
    what: "All new tests of the change only ask whether something came out, of which type, or how \
           long it is.",
    why: "They hold for nearly every wrong result too.",
    example: "+def test_rename():\n+    assert rename(1, \"b\") is not None",
    fix: "Assert the value that has to come out in at least some of them.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    let has_sources = suite.sides.delta.of(Kind::Source).next().is_some();
    if !has_sources {
        return;
    }
    let runs = |test: &Located<'_>| {
        !test.test.is_around_tests
            && !test
                .test
                .markers
                .iter()
                .any(|marker| matches!(marker.marked, Marked::Skipped | Marked::Announced))
    };
    let new: Vec<Located<'_>> = suite.new_tests().into_iter().filter(runs).collect();
    let mut asks_nothing = false;
    for test in &new {
        let asserted = suite.effective(test);
        if asserted.is_empty() && no_assertion::asserts(suite, test) {
            // It asserts in a way that is not understood.
            return;
        }
        if asserted.iter().any(|assertion| asks(assertion) == Asks::Enough) {
            return;
        }
        asks_nothing |= asserted.iter().any(|assertion| asks(assertion) == Asks::Nothing);
    }
    // Existing tests that were extended count as well.
    let is_extended = suite.touched().iter().any(|(before, after)| {
        let had = before.as_ref().map_or(0, |before| before.test.assertions.len());
        before.is_some()
            && after.test.assertions.len() > had
            && suite.effective(after).iter().any(|assertion| asks(assertion) == Asks::Enough)
    });
    if !asks_nothing || is_extended {
        return;
    }
    if let Some(first) = new.iter().find(|test| !test.test.assertions.is_empty()) {
        let message = if new.len() == 1 {
            format!("the only new test, `{}`, hardly asks anything", first.test.qualified)
        } else {
            format!("all {} new tests hardly ask anything", new.len())
        };
        found.add(at(&RULE, first, first.test.lines.0, message));
    }
}

/// Beginnings of names of functions whose only answers are yes and no.
const PREDICATES: &[&str] = &[
    "is",
    "has",
    "can",
    "should",
    "are",
    "was",
    "does",
    "contains",
    "includes",
    "exists",
    "matches",
    "starts",
    "ends",
    "equal",
    "valid",
    "verify",
    "check",
    "allow",
    "accept",
    "any",
    "all",
    "in",
    "supports",
    "needs",
    "same",
    "eq",
    "overlap",
    "intersect",
    "take",
    "try",
    "acquire",
    "allowed",
    "contain",
    "match",
    "exist",
    "test",
    "may",
    "will",
    "verif",
];

/// Names that say whether something was found.
const MEMBERSHIPS: &[&str] = &["found", "exists", "present", "known"];

/// How much an assertion asks of what came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// For a value, or all that can be asked for.
    Enough,
    /// For a little: how long it is, whether it went well.
    Little,
    /// Whether there is something, or of which type.
    Nothing,
}

fn asks(effective: &Effective) -> Asks {
    let assertion = &effective.assertion;
    match assertion.check {
        // A yes is all that some functions answer, and an error all that they should.
        Check::Truth if is_of_predicate(effective) => Asks::Enough,
        // Whether a value is among others.
        Check::Truth if MEMBERSHIPS.contains(&effective.assertion.subject_text.trim()) => {
            Asks::Little
        }
        Check::Falsity | Check::Throws | Check::Called | Check::Unreached => Asks::Enough,
        Check::Length | Check::Quiet => Asks::Little,
        Check::Equal if is_success_status(effective) => Asks::Little,
        Check::Equal if assertion.strength == Strength::Bound => Asks::Little,
        _ if assertion.strength <= Strength::Type => Asks::Nothing,
        _ => Asks::Enough,
    }
}

/// Whether what has to be true is the answer of a function that answers yes or no.
fn is_of_predicate(effective: &Effective) -> bool {
    let text = &effective.assertion.subject_text;
    let name = last_called(text);
    let lower = name.trim_start_matches('_').to_ascii_lowercase();
    let is_named = PREDICATES.iter().any(|word| {
        lower.strip_prefix(word).is_some_and(|rest| {
            let next = name.trim_start_matches('_').chars().nth(word.len());
            rest.is_empty()
                || next.is_some_and(|c| c == '_' || c == '?' || c.is_uppercase())
                || word.len() > 3
        })
    });
    let is_operation = text.contains("==")
        || text.contains("!=")
        || text.contains(" in ")
        || text.contains('<')
        || text.contains('>');
    is_named || name.ends_with('?') || name.ends_with("ed") || is_operation
}

/// The name of the outermost call of a normalised text; the last name of one that calls nothing.
fn last_called(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut end = text.len();
    if text.ends_with(')') {
        for (at, c) in text.char_indices().rev() {
            match c {
                ')' | ']' | '}' => depth += 1,
                '(' | '[' | '{' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                end = at;
                break;
            }
        }
    }
    let head = text.get(..end).unwrap_or(text);
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '?';
    let begin = head.rfind(|c| !is_part(c)).map_or(0, |at| at + 1);
    head.get(begin..).unwrap_or(head)
}

/// Whether only the success of a request is looked at.
fn is_success_status(effective: &Effective) -> bool {
    let assertion = &effective.assertion;
    let expected = assertion.expected_text.as_deref().unwrap_or_default();
    let is_success =
        expected.len() == 3 && expected.starts_with('2') && expected.parse::<u16>().is_ok();
    is_success && assertion.subject_text.to_ascii_lowercase().contains("status")
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    /// A change of the product together with tests.
    fn with_tests(path: &str, text: &str, expected: &str) {
        let source = "src/thing.py";
        expect(look, &[(source, "x = 1\n")], &[(source, "x = 2\n"), (path, text)], expected);
    }

    #[test]
    fn tests_that_all_ask_whether_something_came_out_are_a_warning() {
        for (path, text, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    r = rename(1)\n    assert r is not None\n\ndef test_b():\n    assert isinstance(rename(2), dict)\n\ndef test_c():\n    assert len(rename(3)) == 2\n",
                1,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  assert.ok(rename(1));\n});\ntest('b', () => {\n  expect(rename(2)).toBeDefined();\n});\n",
                1,
            ),
            ("src/a.rs", "#[test]\nfn a() {\n    assert!(rename(1).len() > 0);\n}\n", 2),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tgot, err := Rename(1)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\tif got == nil {\n\t\tt.Fatal()\n\t}\n}\n",
                2,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertNotNull(rename(1));\n  }\n}\n",
                2,
            ),
        ] {
            with_tests(path, text, &format!("warning weak-oracle {path}:{line}"));
        }
    }

    #[test]
    fn one_test_that_asks_for_a_value_is_enough() {
        with_tests(
            "tests/test_a.py",
            "def test_a():\n    assert rename(1) is not None\n\ndef test_b():\n    assert rename(2) == 'b'\n",
            "",
        );
        with_tests(
            "a.test.js",
            "test('a', () => {\n  assert.ok(rename(1));\n  assert.deepEqual(rename(2), ['b']);\n});\n",
            "",
        );
    }

    #[test]
    fn functions_that_answer_yes_or_no_are_none() {
        for (path, text) in [
            (
                "tests/test_a.py",
                "def test_a():\n    assert is_palindrome('aba')\n    assert not is_palindrome('ab')\n",
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    b = Bucket(2)\n    assert b.take() and not b.take()\n",
            ),
            ("a.test.js", "test('a', () => {\n  assert.ok(hasAccess(1));\n});\n"),
            ("src/a.rs", "#[test]\nfn a() {\n    assert!(parse(\"x\").is_err());\n}\n"),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tif !Valid(1) {\n\t\tt.Fatal()\n\t}\n}\n",
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertThrows(Bad.class, () -> f());\n  }\n}\n",
            ),
        ] {
            with_tests(path, text, "");
        }
    }

    #[test]
    fn without_a_change_of_the_product_nothing_is_said() {
        let text = "def test_a():\n    assert rename(1) is not None\n";
        expect(look, &[], &[("tests/test_a.py", text)], "");
    }
}
