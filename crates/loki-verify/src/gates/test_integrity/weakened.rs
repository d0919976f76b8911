//! Existing tests that assert less.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use loki_model::Severity;

use super::compared::{Became, Others, compared};
use super::{Found, Rule, at, discarded, quoted, showing, weighing, with_suite};
use crate::suite::{Effective, Located, Suite, Via, is_for_tests};
use crate::syntax::{Check, Helper, Strength};

/// An assertion that says less, or nothing.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/weakened",
    severity: Severity::Warning,
    what: "An assertion of an existing test says less than before, or is gone with nothing equal in \
           its place.",
    why: "A test that asks less holds for code that does less; nobody reads it as a loss.",
    example: "-    assert split(9) == [4, 5]\n+    assert len(split(9)) == 2",
    fix: "Keep the assertion as it was, or move it to another test; a changed behaviour needs a \
          changed expectation, not a weaker one.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Shorter values stand in any code.
const TELLING_BYTES_MIN: usize = 4;

fn look(suite: &Suite<'_>, found: &mut Found) {
    let others = OnceCell::new();
    let removed = OnceCell::new();
    for (before, after, _) in suite.kept() {
        for became in compared(suite, &before, &after) {
            let (b, a) = match &became {
                Became::Expects(..) => continue,
                Became::Weaker(b, a) => (b, Some(a)),
                Became::Lost(b) => (b, None),
            };
            if others.get_or_init(|| Others::of(suite)).have(b, &after, Some(&after))
                || is_told_elsewhere(b, a.map(|a| &**a))
            {
                continue;
            }
            if a.is_none() && discarded::is_dropped(&after, b) {
                continue;
            }
            let shown = before.text(b.assertion.at);
            let message = match a {
                Some(a) => format!(
                    "`{}` asserted {} of {} and now asserts {}",
                    after.test.name,
                    b.assertion.strength.label(),
                    about(b),
                    a.assertion.strength.label()
                ),
                None => format!("`{}` no longer asserts {}", after.test.name, quoted(shown)),
            };
            let line = a.map_or(after.test.lines.0, |a| a.line);
            let finding = showing(
                at(&RULE, &after, line, message),
                &both(&before, &after, b, a.map(AsRef::as_ref)),
            );
            let removed = removed.get_or_init(|| suite.removed_names());
            let is_removed = b.calls.iter().any(|call| removed.contains(call))
                || members(&b.assertion.text).any(|member| suite.is_gone(member))
                || a.is_none()
                    && b.literals
                        .iter()
                        .any(|text| text.len() >= TELLING_BYTES_MIN && suite.is_gone(text));
            found.add(if is_removed { weighing(finding, Severity::Note) } else { finding });
        }
        rows_lost(suite, &before, &after, found);
    }
    helpers(suite, found);
}

/// What an assertion looks at in things: names after a dot.
fn members(text: &str) -> impl Iterator<Item = &str> {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let after = text
        .split('.')
        .skip(1)
        .map(move |rest| rest.split(|c: char| !is_of_word(c)).next().unwrap_or_default());
    after.filter(|member| member.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// Whether another rule has a better word for it.
fn is_told_elsewhere(b: &Effective, a: Option<&Effective>) -> bool {
    // Errors that any error would do for.
    b.assertion.check == Check::Throws && a.is_some_and(|a| a.assertion.check == Check::Throws)
}

fn about(b: &Effective) -> String {
    quoted(&b.assertion.subject_text)
}

fn both(before: &Located<'_>, after: &Located<'_>, b: &Effective, a: Option<&Effective>) -> String {
    let text = |located: &Located<'_>, effective: &Effective| match &effective.via {
        Via::Itself => located.text(effective.assertion.at).to_owned(),
        Via::Helper(name) => format!("by `{name}`: {}", effective.assertion.text),
    };
    let mut shown = format!("- {}", text(before, b));
    if let Some(a) = a {
        shown += &format!("\n+ {}", text(after, a));
    }
    shown
}

/// Rows that a table lost and that nothing else has.
fn rows_lost(suite: &Suite<'_>, before: &Located<'_>, after: &Located<'_>, found: &mut Found) {
    let (had, has) = (before.test.rows, after.test.rows);
    if has >= had || after.test.markers.len() > before.test.markers.len() {
        return;
    }
    let touched = suite.touched();
    let known: BTreeSet<&String> =
        touched.iter().flat_map(|(_, test)| &test.test.literals).collect();
    let lost: Vec<&String> = before
        .test
        .literals
        .iter()
        .filter(|literal| !after.test.literals.contains(*literal) && !known.contains(literal))
        .collect();
    if lost.is_empty() {
        return;
    }
    let message = format!(
        "the table of `{}` lost {} of {had} rows, {} among them",
        after.test.name,
        had - has,
        quoted(lost.first().map_or("", |lost| lost))
    );
    found.add(at(&RULE, after, after.test.lines.0, message));
}

/// Functions that tests share and that assert less.
fn helpers(suite: &Suite<'_>, found: &mut Found) {
    for (file, before, after) in suite.files() {
        if !is_for_tests(&file.path) {
            continue;
        }
        let (Some(before), Some(after)) = (before.source(), after.source()) else { continue };
        for (name, old) in before.helpers() {
            let (Some([old]), Some([new])) =
                (Some(old.as_slice()), after.helpers().get(name).map(Vec::as_slice))
            else {
                continue;
            };
            let is_own = |helper: &Helper| !helper.assertions.is_empty();
            // Asserting helpers of tests in which other functions assert for them are theirs to judge.
            if !is_own(old) {
                continue;
            }
            let strongest = |helper: &Helper| {
                helper.assertions.iter().map(|assertion| assertion.strength).max()
            };
            let is_called_on = new.calls.iter().any(|call| {
                let name = call.rsplit('.').next().unwrap_or_default();
                after.helpers().get(name).is_some_and(|inner| inner.iter().any(is_own))
                    || name.to_ascii_lowercase().starts_with("assert")
            });
            let is_asking = strongest(old) >= Some(Strength::Membership);
            if is_asking && strongest(new) < strongest(old) && !is_called_on {
                let message = format!("`{name}`, which tests assert by, asserts less than before");
                found.add(RULE.at(&file.path, new.function.lines.0, message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, found, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    /// The same test in every language, with one assertion.
    fn languages(assertion: [&str; 5]) -> Vec<(&'static str, String)> {
        let [py, js, rs, go, java] = assertion;
        vec![
            ("tests/test_a.py", format!("def test_a():\n    {py}\n")),
            ("a.test.js", format!("test('a', () => {{\n  {js}\n}});\n")),
            ("src/a.rs", format!("#[test]\nfn a() {{\n    {rs}\n}}\n")),
            ("a_test.go", format!("package p\nfunc TestA(t *testing.T) {{\n\t{go}\n}}\n")),
            ("ATest.java", format!("class ATest {{\n  @Test void a() {{\n    {java}\n  }}\n}}\n")),
        ]
    }

    fn check(before: [&str; 5], after: [&str; 5], is_found: bool) {
        for ((path, before), (_, after)) in languages(before).iter().zip(&languages(after)) {
            // At the assertion where it has a counterpart, else at its test.
            let told = found(look, &[(path, before)], &[(path, after)]);
            let place = told.trim().rsplit_once(':').map_or("", |(place, _)| place);
            let expected =
                if is_found { format!("warning weakened {path}") } else { String::new() };
            assert_eq!(place, expected, "{after}");
        }
    }

    const EXACT: [&str; 5] = [
        "assert split(9) == [4, 5]",
        "assert.deepEqual(split(9), [4, 5]);",
        "assert_eq!(split(9), [4, 5]);",
        "if !reflect.DeepEqual(split(9), []int{4, 5}) {\n\t\tt.Fatal()\n\t}",
        "assertEquals(List.of(4, 5), split(9));",
    ];

    #[test]
    fn an_exact_value_that_became_less_is_a_warning() {
        let lengths = [
            "assert len(split(9)) == 2",
            "assert.equal(split(9).length, 2);",
            "assert_eq!(split(9).len(), 2);",
            "if len(split(9)) != 2 {\n\t\tt.Fatal()\n\t}",
            "assertEquals(2, split(9).size());",
        ];
        check(EXACT, lengths, true);
        let truths = [
            "assert split(9)",
            "assert.ok(split(9));",
            "assert!(split(9).len() > 0);",
            "if split(9) == nil {\n\t\tt.Fatal()\n\t}",
            "assertNotNull(split(9));",
        ];
        check(EXACT, truths, true);
        let members = [
            "assert 4 in split(9)",
            "expect(split(9)).toContain(4);",
            "assert!(split(9).contains(&4));",
            "assert.Contains(t, split(9), 4)",
            "assertTrue(split(9).contains(4));",
        ];
        check(EXACT, members, true);
    }

    #[test]
    fn another_spelling_of_the_same_is_none() {
        let other = [
            "self.assertEqual(split(9), [4, 5])",
            "expect(split(9)).toEqual([4, 5]);",
            "let parts = split(9);\n    assert!(parts == [4, 5]);",
            "assert.Equal(t, []int{4, 5}, split(9))",
            "assertThat(split(9)).isEqualTo(List.of(4, 5));",
        ];
        check(EXACT, other, false);
        let true_to_equal = [
            ("self.assertTrue(f(1) == 2)", "self.assertEqual(f(1), 2)"),
            ("assert f(1) is None", "self.assertIsNone(f(1))"),
            ("assert f(1) == 2", "assert 2 == f(1)"),
            ("assert f(1) == 2", "x = f(1)\n    assert x == 2, 'message'"),
            ("assert len(f(1)) == 0", "assert f(1) == []"),
        ];
        for (before, after) in true_to_equal {
            let text = |line: &str| format!("def test_a(self):\n    {line}\n");
            let (before, after) = (text(before), text(after));
            expect(look, &[("tests/test_a.py", &before)], &[("tests/test_a.py", &after)], "");
        }
        let scripts = [
            ("assert.deepEqual(f(1), [2]);", "assert.deepStrictEqual(f(1), [2]);"),
            ("assert.equal(f(1), 2);", "assert.strictEqual(f(1), 2);"),
            ("assert.ok(f(1) === 2);", "assert.equal(f(1), 2);"),
            ("expect(f(1)).toBe(2);", "expect(f(1)).to.equal(2);"),
        ];
        for (before, after) in scripts {
            let text = |line: &str| format!("test('a', () => {{\n  {line}\n}});\n");
            let (before, after) = (text(before), text(after));
            expect(look, &[("a.test.js", &before)], &[("a.test.js", &after)], "");
        }
    }

    #[test]
    fn a_value_that_is_expected_instead_is_no_weakening() {
        let other = [
            "assert split(9) == [5, 4]",
            "assert.deepEqual(split(9), [5, 4]);",
            "assert_eq!(split(9), [5, 4]);",
            "if !reflect.DeepEqual(split(9), []int{5, 4}) {\n\t\tt.Fatal()\n\t}",
            "assertEquals(List.of(5, 4), split(9));",
        ];
        check(EXACT, other, false);
    }

    #[test]
    fn an_assertion_that_is_gone_is_a_warning_unless_it_stands_elsewhere() {
        let before = "def test_a():\n    assert f(1) == 12\n    assert f(2) == 24\n";
        let after = "def test_a():\n    assert f(1) == 12\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "warning weakened tests/test_a.py:1",
        );
        let moved =
            "def test_a():\n    assert f(1) == 12\n\ndef test_b():\n    assert f(2) == 24\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", moved)], "");
        // What a test in another language asserts is about another program.
        let foreign = "test('a', () => {\n  assert.equal(f(2), 24);\n});\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after), ("test/a.test.js", foreign)],
            "warning weakened tests/test_a.py:1",
        );
    }

    #[test]
    fn tables_parameters_and_helpers_keep_what_they_are_given() {
        let before = "def test_a():\n    assert f('x') == 12\n    assert f('y') == 24\n";
        for after in [
            "def test_a():\n    for text, n in [('x', 12), ('y', 24)]:\n        assert f(text) == n\n",
            "@pytest.mark.parametrize('text,n', [('x', 12), ('y', 24)])\ndef test_a(text, n):\n    assert f(text) == n\n",
            "CASES = [('x', 12), ('y', 24)]\ndef test_a():\n    for text, n in CASES:\n        assert f(text) == n\n",
            "def check(text, n):\n    assert f(text) == n\ndef test_a():\n    check('x', 12)\n    check('y', 24)\n",
            "def test_a():\n    assert [f('x'), f('y')] == [12, 24]\n",
        ] {
            expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
        }
        let before =
            "test('a', () => {\n  assert.equal(f('x'), 12);\n  assert.equal(f('y'), 24);\n});\n";
        for after in [
            "test('a', () => {\n  for (const [t, n] of [['x', 12], ['y', 24]]) assert.equal(f(t), n);\n});\n",
            "const same = (t, n) => assert.equal(f(t), n);\ntest('a', () => {\n  same('x', 12);\n  same('y', 24);\n});\n",
        ] {
            expect(look, &[("a.test.js", before)], &[("a.test.js", after)], "");
        }
        let before =
            "#[test]\nfn a() {\n    assert_eq!(f(\"x\"), 12);\n    assert_eq!(f(\"y\"), 24);\n}\n";
        let after = "#[test]\nfn a() {\n    for (t, n) in [(\"x\", 12), (\"y\", 24)] {\n        assert_eq!(f(t), n);\n    }\n}\n";
        expect(look, &[("src/a.rs", before)], &[("src/a.rs", after)], "");
        let before =
            "package p\nfunc TestA(t *testing.T) {\n\tif f(\"x\") != 12 {\n\t\tt.Fatal()\n\t}\n}\n";
        let after = "package p\nfunc TestA(t *testing.T) {\n\tfor _, c := range []struct{ in string; want int }{{\"x\", 12}} {\n\t\tif got := f(c.in); got != c.want {\n\t\t\tt.Fatal()\n\t\t}\n\t}\n}\n";
        expect(look, &[("a_test.go", before)], &[("a_test.go", after)], "");
        let before = "class ATest {\n  @Test void a() {\n    assertEquals(12, f(\"x\"));\n  }\n}\n";
        let after = "class ATest {\n  @ParameterizedTest\n  @CsvSource({\"x, 12\"})\n  void a(String t, int n) {\n    assertEquals(n, f(t));\n  }\n  @Test void b() {\n    assertEquals(12, f(\"x\"));\n  }\n}\n";
        expect(look, &[("ATest.java", before)], &[("ATest.java", after)], "");
    }

    #[test]
    fn an_assertion_on_a_field_that_is_gone_is_a_note() {
        let code = |field: &str| format!("package p\ntype Post struct {{\n\tDay int\n{field}}}\n");
        let test = |looks: &str| {
            format!(
                "package p\nfunc TestA(t *testing.T) {{\n\tp := Parse(s)\n\tif p.Day != 3{looks} {{\n\t\tt.Fatal()\n\t}}\n}}\n"
            )
        };
        let both = test(" || p.Remark != \"x\"");
        let (had, has) = (code("\tRemark string\n"), code(""));
        let (before, after) = ([("a.go", had.as_str()), ("a_test.go", &both)], test(""));
        expect(
            look,
            &before,
            &[("a.go", &has), ("a_test.go", &after)],
            "note weakened a_test.go:2",
        );
        expect(
            look,
            &before,
            &[("a.go", &had), ("a_test.go", &after)],
            "warning weakened a_test.go:2",
        );
    }

    #[test]
    fn a_row_that_a_table_lost_is_a_warning() {
        let before = "@pytest.mark.parametrize('text,n', [('x', 12), ('y', 24)])\ndef test_a(text, n):\n    assert f(text) == n\n";
        let after = "@pytest.mark.parametrize('text,n', [('x', 12)])\ndef test_a(text, n):\n    assert f(text) == n\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "warning weakened tests/test_a.py:1",
        );
    }

    #[test]
    fn a_helper_that_asserts_less_is_a_warning() {
        let test = "from helpers import agree\ndef test_a():\n    agree(f(1), 2)\n";
        let helper = "def agree(a, b):\n    assert a == b\n";
        let weaker = "def agree(a, b):\n    assert a\n";
        expect(
            look,
            &[("tests/helpers.py", helper), ("tests/test_a.py", test)],
            &[("tests/helpers.py", weaker), ("tests/test_a.py", test)],
            "warning weakened tests/helpers.py:1",
        );
    }

    #[test]
    fn what_goes_with_what_it_was_about_is_a_note() {
        let source = "def total(x):\n    return x\n\ndef legacy(x):\n    return x\n";
        let test = "from shop import total, legacy\ndef test_a():\n    assert total(1) == 12\n    assert legacy(2) == 24\n";
        let after = "from shop import total\ndef test_a():\n    assert total(1) == 12\n";
        expect(
            look,
            &[("shop.py", source), ("tests/test_a.py", test)],
            &[("shop.py", "def total(x):\n    return x\n"), ("tests/test_a.py", after)],
            "note weakened tests/test_a.py:2",
        );
    }
}
