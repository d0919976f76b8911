//! Tests and assertions that are comments now.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::compared::{Became, compared};
use super::{Found, Rule, at, quoted, with_suite};
use crate::suite::{Located, Suite, Via};
use crate::syntax::{Comment, Role, Source};

/// A test, or an assertion, that is a comment now.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/commented-out",
    severity: Severity::Error,
    what: "A test, or an assertion of an existing test, was made a comment.",
    why: "It no longer runs, and looks as if it were kept.",
    example: "-    assert total == 12\n+    # assert total == 12",
    fix: "Mend what makes it fail, or delete it and say why.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// A shorter line says too little to be known again.
const LINE_CHARS_MIN: usize = 8;

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after, _) in suite.kept() {
        let became = compared(suite, &before, &after);
        if became.is_empty() {
            continue;
        }
        let new = new_comments(before.source, after.source);
        for became in became {
            let (Became::Lost(b) | Became::Weaker(b, _)) = became else { continue };
            if b.via != Via::Itself {
                continue;
            }
            let code = before.text(b.assertion.at);
            if let Some(line) = line_of(&new, code) {
                let message = format!("{} of `{}` is a comment now", quoted(code), after.test.name);
                found.add(at(&RULE, &after, line, message));
            }
        }
    }
    for test in suite.gone() {
        if let Some(line) = commented_at(suite, &test) {
            let message = format!("`{}` is a comment now", test.test.qualified);
            found.add(at(&RULE, &test, line, message));
        }
    }
}

/// Whether a test that is gone is a comment now.
pub(super) fn is_commented(suite: &Suite<'_>, test: &Located<'_>) -> bool {
    commented_at(suite, test).is_some()
}

/// The 1-based line at which a test that is gone stands as a comment.
fn commented_at(suite: &Suite<'_>, test: &Located<'_>) -> Option<u32> {
    let (_, before, after) = suite.files().find(|(file, ..)| file.path == test.path())?;
    let new = new_comments(before.source()?, after.source()?);
    // What is known again is its first line, and what it asserts.
    let tree = test.source.tree();
    let is_named = tree.role(test.test.code) == Role::Function;
    let head = test.text(if is_named { test.test.code } else { test.test.whole });
    let head = head.lines().next().unwrap_or_default();
    let line = line_of(&new, head)?;
    let asserted = test.test.assertions.iter().map(|assertion| test.text(assertion.at));
    let mut asserted = asserted.peekable();
    let is_whole = asserted.peek().is_none() || asserted.any(|code| line_of(&new, code).is_some());
    is_whole.then_some(line)
}

/// The lines of comments that the base does not have, bare, with their 1-based numbers.
fn new_comments(before: &Source, after: &Source) -> Vec<(String, u32)> {
    let known = before.comments();
    let known: BTreeSet<String> = known.iter().flat_map(lines).map(|(line, _)| line).collect();
    let new = after.comments();
    new.iter().flat_map(lines).filter(|(line, _)| !known.contains(line)).collect()
}

fn lines(comment: &Comment) -> Vec<(String, u32)> {
    let lines = (comment.line..).zip(comment.text.lines());
    lines.map(|(number, line)| (bare(line), number)).collect()
}

/// A line without the signs of comments, and without blanks.
fn bare(line: &str) -> String {
    let line = line.trim().trim_start_matches(['/', '#', '*', '-', ' ']).trim_end_matches("*/");
    line.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The 1-based line of a comment that holds the first line of `code`.
fn line_of(comments: &[(String, u32)], code: &str) -> Option<u32> {
    let first = bare(code.lines().next().unwrap_or_default());
    let first = first.trim_end_matches([';', '{', ':', ',']);
    if first.chars().count() < LINE_CHARS_MIN {
        return None;
    }
    comments.iter().find(|(line, _)| line.contains(first)).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn an_assertion_that_is_a_comment_now_is_an_error() {
        for (path, before, after, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    x = f(1)\n    assert x == 12\n",
                "def test_a():\n    x = f(1)\n    # assert x == 12\n",
                3,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  const x = f(1);\n  assert.equal(x, 12);\n});\n",
                "test('a', () => {\n  const x = f(1);\n  // assert.equal(x, 12);\n});\n",
                3,
            ),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    let x = f(1);\n    assert_eq!(x, 12);\n}\n",
                "#[test]\nfn a() {\n    let x = f(1);\n    /* assert_eq!(x, 12); */\n}\n",
                4,
            ),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tif f(1) != 12 {\n\t\tt.Fatal()\n\t}\n}\n",
                "package p\nfunc TestA(t *testing.T) {\n\tf(1)\n\t// if f(1) != 12 {\n\t//\tt.Fatal()\n\t// }\n}\n",
                4,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertEquals(12, f(1));\n  }\n}",
                "class ATest {\n  @Test void a() {\n    // assertEquals(12, f(1));\n  }\n}",
                3,
            ),
        ] {
            let expected = format!("error commented-out {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn a_whole_test_that_is_a_comment_now_is_an_error() {
        let before = "def test_a():\n    x = f(1)\n    assert x == 12\n\ndef test_b():\n    assert g() == 1\n";
        let after = "# def test_a():\n#     x = f(1)\n#     assert x == 12\n\ndef test_b():\n    assert g() == 1\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "error commented-out tests/test_a.py:1",
        );
        let before = "it('adds two', () => {\n  expect(add(1)).toBe(2);\n});\nit('b', () => { expect(b()).toBe(2); });\n";
        let after = "/*\nit('adds two', () => {\n  expect(add(1)).toBe(2);\n});\n*/\nit('b', () => { expect(b()).toBe(2); });\n";
        expect(
            look,
            &[("a.test.js", before)],
            &[("a.test.js", after)],
            "error commented-out a.test.js:2",
        );
    }

    #[test]
    fn words_about_a_change_are_none() {
        let before = "def test_a():\n    x = f(1)\n    assert x == 12\n";
        let after = "def test_a():\n    # it was 12: assert x is what the tax says\n    x = f(1)\n    assert x == 13\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
        let after = "def test_a():\n    # assert x == 12\n    x = f(1)\n    assert x == 12\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
    }
}
