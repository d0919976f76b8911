//! Functions in files of tests that ask for something, and that nothing ever calls.

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::suite::Suite;
use crate::syntax::{At, Function, Language, Nature, Role, Source};
use crate::text::is_word_in;

/// What would ask is never called.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/never-called",
    severity: Severity::Warning,
    what: "A new function in a file of tests asserts something, no runner takes it for a test, and nothing calls \
           it.",
    why: "It looks like a test and never runs.",
    example: "+def check_refuses_negative_counts():      # and pytest runs what begins with `test`\n+    with \
              pytest.raises(ManifestError):",
    fix: "Give it a name, or a mark, by which it is found; or call it.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Files whose functions others use without naming them.
const SHARED: &[&str] = &["conftest.py", "__init__.py"];

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (file, before, after) in suite.files() {
        let Some(source) = after.source() else { continue };
        // Compilers tell of functions that nothing calls; in these languages nothing does.
        let is_told_by_nobody =
            source.language() == Language::Python || source.language().is_script();
        if file.kind != Kind::Test
            || !is_told_by_nobody
            || SHARED.contains(&file_name(&file.path))
            || source.tests().is_empty() && !is_named_as_test(&file.path)
        {
            continue;
        }
        let known = before.text();
        for function in source.functions() {
            let (first, last) = function.lines;
            let is_new = file.is_any_added(first, last) && !is_word_in(known, &function.name);
            if is_new && is_lost(source, function) && asserts(source, function) {
                let message =
                    format!("`{}` asserts something, and nothing calls it", function.name);
                found.add(RULE.at(&file.path, first, message));
            }
        }
    }
}

/// Whether a file's name is one by which runners find tests.
fn is_named_as_test(path: &str) -> bool {
    let name = file_name(path);
    name.starts_with("test_") || name.contains("_test.") || name.contains(".test.")
}

/// Whether a function of the file's own, on its first level, is called or named nowhere in it.
fn is_lost(source: &Source, function: &Function) -> bool {
    let tree = source.tree();
    let is_free = tree.all_around(function.at).all(|at| {
        !matches!(tree.role(at), Role::Class | Role::Function | Role::Lambda | Role::Entry)
    });
    let is_test = source.tests().iter().any(|test| {
        tree.is_within(function.at, test.code) || tree.is_within(test.code, function.at)
    });
    let times = times(tree.whole_text(), &function.name);
    let is_given_on = || {
        let line = tree.text(At::ROOT).lines().find(|line| is_word_in(line, &function.name));
        line.is_some_and(|line| line.trim_start().starts_with("export"))
    };
    is_free
        && !is_test
        && function.nature == Nature::Plain
        && function.decorators.is_empty()
        && !function.name.starts_with("pytest_")
        && !is_hook(&function.name)
        && times == 1
        && !is_given_on()
}

/// Names that unittest and pytest call by themselves.
fn is_hook(name: &str) -> bool {
    ["setup", "teardown", "setUp", "tearDown", "load_tests"]
        .iter()
        .any(|hook| name.starts_with(hook))
}

fn asserts(source: &Source, function: &Function) -> bool {
    let tree = source.tree();
    tree.inside(function.at).any(|at| match tree.role(at) {
        Role::Assert => true,
        Role::Call => {
            let head = tree.text(at).split('(').next().unwrap_or_default();
            let first = head.split(['.', ' ']).next().unwrap_or_default();
            matches!(first, "assert" | "expect")
                || head.starts_with("pytest.raises")
                || head.starts_with("self.assert")
        }
        _ => false,
    })
}

/// How often a name stands in a text by itself.
fn times(text: &str, name: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let found = text.match_indices(name);
    found
        .filter(|(at, _)| {
            !text[..*at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const OLD: &str = "import pytest\n\n\ndef test_a():\n    assert f(1) == 1\n";

    #[test]
    fn a_function_that_asserts_and_is_never_called_is_a_warning() {
        for new in [
            "\n\ndef check_b():\n    assert f(2) == 2\n",
            "\n\ndef refuses_c():\n    with pytest.raises(E):\n        f(-1)\n",
        ] {
            let text = format!("{OLD}{new}");
            expect(
                look,
                &[("tests/test_a.py", OLD)],
                &[("tests/test_a.py", &text)],
                "warning never-called tests/test_a.py:8",
            );
        }
        let js = "import test from 'node:test';\ntest('a', () => { assert.equal(f(1), 1); });\nfunction refuses() {\n  assert.throws(() => f(-1));\n}\n";
        expect(look, &[], &[("test/a.test.js", js)], "warning never-called test/a.test.js:3");
    }

    #[test]
    fn helpers_that_are_called_or_found_otherwise_are_fine() {
        for new in [
            "\n\ndef check_b(x):\n    assert f(x) == x\n\n\ndef test_b():\n    check_b(2)\n",
            "\n\n@pytest.fixture\ndef checked():\n    assert f(2) == 2\n",
            "\n\ndef setup_module():\n    assert f(2) == 2\n",
            "\n\ndef rows():\n    return [1, 2]\n",
        ] {
            let text = format!("{OLD}{new}");
            expect(look, &[("tests/test_a.py", OLD)], &[("tests/test_a.py", &text)], "");
        }
        let shared = "def check_b(x):\n    assert x\n";
        expect(look, &[], &[("tests/conftest.py", shared), ("tests/helpers.py", shared)], "");
    }
}
