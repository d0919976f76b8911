//! Tests that are gone.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{ChangeKind, Severity};

use super::compared::Others;
use super::{Found, Rule, commented_out, renamed_away, weighing, with_suite};
use crate::layout::Layout;
use crate::suite::{Files, Located, Suite};
use crate::syntax::Role;

/// A test is gone.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/deleted",
    severity: Severity::Warning,
    what: "A test of the base is gone, and what it asserted is in no other test.",
    why: "What it guarded is not guarded any more.",
    example: "-def test_rejects_empty():\n-    with pytest.raises(ValueError):\n-        parse(\"\")",
    fix: "Keep the test. Where it goes with what it tested, remove both in one change and say so.",
    look: |cx, delta, found| {
        let before = found.findings.len();
        with_suite(cx, delta, found, look);
        if crate::gates::base_tests::decides(cx) {
            // Where the lost tests are run over the new code, that tells more than that they are gone.
            let own = found.findings.iter_mut().skip(before);
            own.for_each(|finding| finding.severity = Severity::Note);
        }
    },
};

/// Names of tests that a message tells.
const NAMED_MAX: usize = 5;

/// Shorter words are in everything.
const WORD_CHARS_MIN: usize = 3;

fn look(suite: &Suite<'_>, found: &mut Found) {
    let gone = suite.gone();
    if gone.is_empty() {
        return;
    }
    let others = Others::of(suite);
    let removed = Removed::of(suite);
    // One finding a file and a severity.
    let mut by_file: BTreeMap<(&str, Severity), Vec<Located<'_>>> = BTreeMap::new();
    for test in gone {
        if renamed_away::is_renamed(suite, &test) || commented_out::is_commented(suite, &test) {
            continue;
        }
        let asserted = suite.effective(&test);
        let lives_on = !asserted.is_empty()
            && asserted.iter().all(|assertion| others.have(assertion, &test, None));
        let is_idle = asserted.is_empty() && test.test.calls.is_empty();
        let severity = if lives_on || is_idle || removed.is_about(&test) {
            Severity::Note
        } else {
            Severity::Warning
        };
        by_file.entry((test.path(), severity)).or_default().push(test);
    }
    for ((path, severity), tests) in by_file {
        let names: Vec<String> =
            tests.iter().take(NAMED_MAX).map(|test| format!("`{}`", test.test.qualified)).collect();
        let more = tests.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let why = match severity {
            Severity::Note => "; what they tested is gone too, or is asserted elsewhere".to_owned(),
            _ => String::new(),
        };
        let noun = if tests.len() == 1 { "test is" } else { "tests are" };
        let message = format!("{} {noun} gone: {}{more}{why}", tests.len(), names.join(", "));
        found.add(weighing(RULE.of(path, message), severity));
    }
}

/// What the change takes out of the product.
struct Removed {
    names: BTreeSet<String>,
    /// The same in small letters.
    spelled: BTreeSet<String>,
    files: Files,
}

impl Removed {
    fn of(suite: &Suite<'_>) -> Removed {
        let deleted = suite.sides.delta.files.iter().filter(|file| {
            file.change == ChangeKind::Deleted && !crate::suite::is_for_tests(&file.path)
        });
        let names = suite.removed_names();
        Removed {
            spelled: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            names,
            files: Files::of(&Layout::of(deleted.map(|file| file.path.clone()))),
        }
    }

    /// Whether a test is about something that is gone: it uses it, imports it, or speaks of it.
    fn is_about(&self, located: &Located<'_>) -> bool {
        let (test, source) = (located.test, located.source);
        let tree = source.tree();
        let uses = tree
            .inside(test.code)
            .filter(|at| tree.role(*at) == Role::Name)
            .any(|at| self.names.contains(tree.text(at)));
        if uses {
            return true;
        }
        let language = source.language();
        let imports = source.imports().iter().any(|import| {
            let is_gone = !self.files.meant(language, located.path(), import).is_empty();
            let known = import.known_as.iter().any(|name| {
                test.calls.iter().any(|call| call.split('.').next() == Some(name.as_str()))
            });
            (is_gone && (known || import.known_as.is_empty()))
                || import.names.iter().any(|name| self.names.contains(name))
        });
        if imports {
            return true;
        }
        let stem = crate::layout::file_name(located.path()).split('.').next().unwrap_or_default();
        let said = test.literals.iter().map(String::as_str);
        let said = said.chain([test.name.as_str(), stem]);
        let mut words = said.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        words.any(|word| {
            word.len() >= WORD_CHARS_MIN && self.spelled.contains(&word.to_ascii_lowercase())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const TWO: &[(&str, &str, &str)] = &[
        (
            "tests/test_a.py",
            "def test_a():\n    assert f('x') == 12\n",
            "def test_b():\n    assert g('y') == 24\n",
        ),
        (
            "a.test.js",
            "test('a', () => { assert.equal(f('x'), 12); });\n",
            "test('b', () => { assert.equal(g('y'), 24); });\n",
        ),
        (
            "src/a.rs",
            "#[test]\nfn a() {\n    assert_eq!(f(\"x\"), 12);\n}\n",
            "#[test]\nfn b() {\n    assert_eq!(g(\"y\"), 24);\n}\n",
        ),
        (
            "a_test.go",
            "package p\nfunc TestA(t *testing.T) {\n\tif f(\"x\") != 12 {\n\t\tt.Fatal()\n\t}\n}\n",
            "func TestB(t *testing.T) {\n\tif g(\"y\") != 24 {\n\t\tt.Fatal()\n\t}\n}\n",
        ),
    ];

    #[test]
    fn a_test_that_is_gone_is_a_warning() {
        for (path, kept, gone) in TWO {
            let before = format!("{kept}{gone}");
            let expected = format!("warning deleted {path}");
            expect(look, &[(path, &before)], &[(path, kept)], &expected);
        }
        let java = "class ATest {\n  @Test void a() { assertEquals(12, f()); }\n  @Test void b() { assertEquals(24, g()); }\n}\n";
        let less = "class ATest {\n  @Test void a() { assertEquals(12, f()); }\n}\n";
        expect(
            look,
            &[("ATest.java", java)],
            &[("ATest.java", less)],
            "warning deleted ATest.java",
        );
    }

    #[test]
    fn a_file_of_tests_that_is_gone_is_told_once() {
        for (path, first, second) in TWO {
            let before = format!("{first}{second}");
            expect(look, &[(path, &before)], &[], &format!("warning deleted {path}"));
        }
    }

    #[test]
    fn a_test_that_moved_or_was_renamed_is_none() {
        for (path, first, second) in TWO {
            let both = format!("{first}{second}");
            let other = format!("other/{path}");
            expect(look, &[(path, &both)], &[(&other, &both)], "");
        }
        let before = "def test_a():\n    x = f('x')\n    assert x == 12\n";
        let after = "def test_that_a_is_twelve():\n    found = f('x')\n    assert found == 12\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
    }

    #[test]
    fn a_test_that_goes_with_what_it_tested_is_a_note() {
        let test =
            "from shop.export import to_xml\ndef test_xml():\n    assert to_xml([]) == '<x/>'\n";
        expect(
            look,
            &[
                ("shop/export.py", "def to_xml(x):\n    return '<x/>'\n"),
                ("tests/test_xml.py", test),
            ],
            &[("shop/other.py", "x = 1\n")],
            "note deleted tests/test_xml.py",
        );
        let test = "test('legacy', () => { assert.equal(legacy('x'), 12); });\n";
        expect(
            look,
            &[("src/a.js", "export function legacy(x) { return 12; }\n"), ("test/a.test.js", test)],
            &[("src/a.js", "export function other(x) { return 12; }\n")],
            "note deleted test/a.test.js",
        );
    }

    #[test]
    fn tests_that_were_merged_into_one_are_a_note() {
        let before = "def test_a():\n    assert f('xx') == 'first'\n\ndef test_b():\n    assert f('yy') == 'second'\n";
        let after = "@pytest.mark.parametrize('t,n', [('xx', 'first'), ('yy', 'second')])\ndef test_f(t, n):\n    assert f(t) == n\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "note deleted tests/test_a.py",
        );
    }
}
