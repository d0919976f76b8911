//! Tests under names that no runner looks for.

use std::collections::BTreeSet;

use loki_model::{ChangeKind, Digest, Severity};

use super::{Found, Rule, with_suite};
use crate::kind::Kind;
use crate::layout::{file_name, parent};
use crate::suite::{Located, Suite};
use crate::syntax::{Language, Source, normal, scope::Scope};

/// A test that is still there, under a name that no runner looks for.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/renamed-away",
    severity: Severity::Error,
    what: "A test, or a file of tests, has a new name by which its runner does not find it.",
    why: "It looks as if it were still there, and never runs.",
    example: "-def test_total():\n+def check_total():",
    fix: "Give it back a name, or a mark, by which it is found.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Of the lines of a file that is gone, so many percent are in one that took its place.
const LINES_KEPT_PERCENT_MIN: usize = 80;

fn look(suite: &Suite<'_>, found: &mut Found) {
    let delta = suite.sides.delta;
    let mut files_told: BTreeSet<&str> = BTreeSet::new();
    for (file, before, _) in suite.files() {
        if file.change != ChangeKind::Deleted || before.tests().is_empty() {
            continue;
        }
        let Some(before) = before.source() else { continue };
        if !is_collected(&file.path, before.language()) {
            continue;
        }
        let heirs = delta.files.iter().filter(|other| other.change == ChangeKind::Added);
        let heir = heirs.into_iter().find(|other| {
            let after = other.after.as_deref().unwrap_or_default();
            let language = Language::of(&other.path);
            let is_seen = language.is_some_and(|language| is_collected(&other.path, language));
            !is_seen && has_same_lines(file.before.as_deref().unwrap_or_default(), after)
        });
        if let Some(heir) = heir {
            files_told.insert(&file.path);
            let message = format!(
                "the tests of `{}` are in `{}` now, where no runner looks for tests",
                file.path, heir.path
            );
            found.add(RULE.of(&heir.path, message));
        }
    }
    for test in suite.gone() {
        if files_told.contains(test.path()) {
            continue;
        }
        if let Some((name, line)) = disguise(suite, &test) {
            let message =
                format!("`{}` is called `{name}` now, and no runner runs it", test.test.qualified);
            found.add(RULE.at(test.path(), line, message));
        }
    }
}

/// Whether a test that is gone is still there under a name that no runner looks for.
pub(super) fn is_renamed(suite: &Suite<'_>, test: &Located<'_>) -> bool {
    if disguise(suite, test).is_some() {
        return true;
    }
    let mut added = suite.sides.delta.files.iter().filter(|other| {
        other.change == ChangeKind::Added
            && !Language::of(&other.path)
                .is_some_and(|language| is_collected(&other.path, language))
    });
    let before = test.file.before.as_deref().unwrap_or_default();
    test.file.change == ChangeKind::Deleted
        && added.any(|other| has_same_lines(before, other.after.as_deref().unwrap_or_default()))
}

/// The function that does what the test did, by name and 1-based line.
fn disguise(suite: &Suite<'_>, test: &Located<'_>) -> Option<(String, u32)> {
    if test.test.assertions.is_empty() && test.test.calls.is_empty() {
        return None;
    }
    let (_, before, after) = suite.files().find(|(file, ..)| file.path == test.path())?;
    let (before, after) = (before.source()?, after.source()?);
    let known: BTreeSet<Digest> = bodies(before).into_iter().map(|(digest, ..)| digest).collect();
    let called: BTreeSet<&str> = after
        .tests()
        .iter()
        .flat_map(|test| &test.calls)
        .map(|call| call.rsplit('.').next().unwrap_or_default())
        .collect();
    let same = bodies(after).into_iter().find(|(digest, name, _)| {
        *digest == test.test.digest && !known.contains(digest) && !called.contains(name.as_str())
    });
    same.map(|(_, name, line)| (name, line))
}

/// What each function that is no test does, with its name and its line.
fn bodies(source: &Source) -> Vec<(Digest, String, u32)> {
    let tree = source.tree();
    let tests: BTreeSet<_> = source.tests().iter().map(|test| test.code).collect();
    let functions = source.functions().iter().filter(|function| !tests.contains(&function.at));
    functions
        .filter_map(|function| {
            let scope = Scope::of(tree, function.at);
            let digest = normal::digest(tree, function.body?, &scope);
            Some((digest, function.name.clone(), function.lines.0))
        })
        .collect()
}

/// Whether runners take a file for tests by its name.
fn is_collected(path: &str, language: Language) -> bool {
    let name = file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match language {
        Language::Python => {
            stem.starts_with("test_")
                || stem.ends_with("_test")
                || stem == "tests"
                || stem == "test"
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let words = [".test.", ".spec.", "-test.", "_test.", ".cy.", ".e2e."];
            let is_in_tests = parent(path)
                .split('/')
                .any(|dir| matches!(dir, "test" | "tests" | "__tests__" | "spec" | "e2e"));
            words.iter().any(|word| name.contains(word))
                || name.starts_with("test-")
                || stem == "test"
                || is_in_tests
        }
        Language::Go => stem.ends_with("_test"),
        Language::Rust => {
            // Files of a directory of tests are targets, directories in it are not.
            let dir = parent(path);
            file_name(dir) == "tests" || dir.split('/').any(|dir| dir == "src")
        }
        Language::Java | Language::Kotlin => {
            stem.ends_with("Test")
                || stem.ends_with("Tests")
                || stem.starts_with("Test")
                || stem.ends_with("TestCase")
                || stem.ends_with("IT")
                || stem.ends_with("Spec")
        }
        Language::Ruby => {
            stem.ends_with("_test") || stem.ends_with("_spec") || stem.starts_with("test_")
        }
        Language::Php => stem.ends_with("Test") || path.contains("tests/"),
        _ => crate::kind::kind(path) == Kind::Test,
    }
}

fn has_same_lines(before: &str, after: &str) -> bool {
    let lines = |text| -> BTreeSet<String> {
        let text: &str = text;
        text.lines().map(|line| line.trim().to_owned()).filter(|line| line.len() > 3).collect()
    };
    let (before, after) = (lines(before), lines(after));
    let kept = before.intersection(&after).count();
    !before.is_empty() && kept * 100 >= before.len() * LINES_KEPT_PERCENT_MIN
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_test_under_another_name_is_found_by_what_it_does() {
        for (path, before, after, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    x = f(1)\n    assert x == 1\n",
                "def check_a():\n    y = f(1)\n    assert y == 1\n",
                1,
            ),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    assert_eq!(f(1), 1);\n}\n",
                "fn a() {\n    assert_eq!(f(1), 1);\n}\n",
                1,
            ),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tif f(1) != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
                "package p\nfunc testA(t *testing.T) {\n\tif f(1) != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
                2,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() { assertEquals(1, f(1)); }\n}",
                "class ATest {\n  void a() { assertEquals(1, f(1)); }\n}",
                2,
            ),
        ] {
            let expected = format!("error renamed-away {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn a_file_under_another_name_is_found_by_its_lines() {
        let text = "def test_a():\n    x = f(1)\n    assert x == 1\n";
        for path in ["tests/check_a.py", "tests/test_a.py.disabled", "tests/test_a.bak"] {
            let expected = format!("error renamed-away {path}");
            expect(look, &[("tests/test_a.py", text)], &[(path, text)], &expected);
        }
        let text = "it('adds', () => {\n  expect(add(1)).toBe(2);\n});\n";
        expect(
            look,
            &[("src/a.test.ts", text)],
            &[("src/a.checks.ts", text)],
            "error renamed-away src/a.checks.ts",
        );
    }

    #[test]
    fn a_test_that_is_moved_or_made_a_helper_is_none() {
        let text = "def test_a():\n    x = f(1)\n    assert x == 1\n";
        expect(look, &[("tests/test_a.py", text)], &[("tests/unit/test_b.py", text)], "");
        let after = "def check():\n    x = f(1)\n    assert x == 1\n\ndef test_b():\n    check()\n";
        expect(look, &[("tests/test_a.py", text)], &[("tests/test_a.py", after)], "");
        let js = "it('adds', () => {\n  expect(add(1)).toBe(2);\n});\n";
        expect(look, &[("src/a.test.ts", js)], &[("src/b/a.spec.ts", js)], "");
    }
}
