//! Tests that a later one of the same name replaces.

use std::collections::BTreeMap;

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::suite::Suite;
use crate::syntax::{At, Language, Part, Role, Source};

/// Two tests of one name.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/shadowed",
    severity: Severity::Error,
    what: "Two tests have one name in one scope, so that only the later one exists.",
    why: "The earlier one is silently replaced and never runs.",
    example: "+    def test_ties(self):  # a second one\n+        self.assertEqual(len(sort(x)), 3)",
    fix: "Give one of them another name.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (file, before, after) in suite.files() {
        // Without tests nothing of theirs has one name.
        if after.tests().is_empty() {
            continue;
        }
        let Some(after) = after.source() else { continue };
        // In other languages it is an error, or both run.
        if !matches!(after.language(), Language::Python | Language::Ruby) {
            continue;
        }
        let doubles_now = doubles(after);
        if doubles_now.is_empty() {
            continue;
        }
        let known = before.source().map(doubles).unwrap_or_default();
        for (name, lines) in doubles_now {
            let had = known.get(&name).map_or(0, Vec::len);
            if lines.len() > had
                && let (Some(first), Some(last)) = (lines.first(), lines.last())
            {
                let message =
                    format!("`{name}` of line {first} is replaced by that of line {last}");
                found.add(RULE.at(&file.path, *last, message));
            }
        }
    }
}

/// Names of tests, and of classes of tests, that are given more than once in one scope, with the lines
/// on which that happens.
fn doubles(source: &Source) -> BTreeMap<String, Vec<u32>> {
    let tree = source.tree();
    let mut lines: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for test in source.tests() {
        let is_named = tree.role(test.code) == Role::Function;
        if is_named && !is_chosen(source, test.whole) {
            lines.entry(test.qualified.clone()).or_default().push(test.lines.0);
        }
    }
    // What is not in a function is seen by the runner, and so is what it is replaced by.
    for at in tree.all(Role::Class) {
        let name = tree.child(at, Part::Name).map_or("", |name| tree.text(name));
        let holds_tests = source.tests().iter().any(|test| tree.is_within(test.whole, at));
        let is_outer = tree.all_around(at).all(|around| {
            !matches!(tree.role(around), Role::Class | Role::Function | Role::Lambda)
        });
        // Ruby opens a class again.
        if holds_tests
            && is_outer
            && source.language() == Language::Python
            && !is_chosen(source, at)
        {
            lines.entry(format!("class {name}")).or_default().push(tree.line(at));
        }
    }
    for bind in tree.all(Role::Bind) {
        let left = tree.child(bind, Part::Left).map_or("", |left| tree.text(left));
        let is_outer = tree.all_around(bind).all(|around| {
            !matches!(tree.role(around), Role::Class | Role::Function | Role::Lambda)
        });
        if is_outer && let Some(known) = lines.get_mut(left) {
            known.push(tree.line(bind));
        }
    }
    lines.retain(|_, lines| lines.len() > 1);
    // Two tests of one name in a class that is given twice are told by the class.
    let classes: Vec<String> =
        lines.keys().filter_map(|name| name.strip_prefix("class ")).map(str::to_owned).collect();
    lines.retain(|name, _| !classes.iter().any(|class| name.starts_with(&format!("{class}::"))));
    lines
}

/// Whether one of several definitions is chosen by a condition.
fn is_chosen(source: &Source, at: At) -> bool {
    let tree = source.tree();
    tree.all_around(at).any(|around| {
        matches!(tree.role(around), Role::If | Role::Else | Role::Try | Role::Handler)
    })
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const ONE: &str = "class TestA:\n    def test_a(self):\n        assert f() == [1, 2]\n";

    #[test]
    fn a_second_test_of_one_name_is_an_error() {
        let after = format!("{ONE}\n    def test_a(self):\n        assert len(f()) == 2\n");
        expect(
            look,
            &[("tests/test_a.py", ONE)],
            &[("tests/test_a.py", &after)],
            "error shadowed tests/test_a.py:5",
        );
        let after = format!("{ONE}\nclass TestA:\n    def test_b(self):\n        assert g()\n");
        expect(
            look,
            &[("tests/test_a.py", ONE)],
            &[("tests/test_a.py", &after)],
            "error shadowed tests/test_a.py:5",
        );
        let one = "def test_a():\n    assert f() == 1\n";
        let after = format!("{one}\ntest_a = None\n");
        expect(
            look,
            &[("tests/test_a.py", one)],
            &[("tests/test_a.py", &after)],
            "error shadowed tests/test_a.py:4",
        );
        let one = "class ATest < Minitest::Test\n  def test_a\n    assert_equal 1, f\n  end\nend\n";
        let after = "class ATest < Minitest::Test\n  def test_a\n    assert_equal 1, f\n  end\n  def test_a\n    assert f\n  end\nend\n";
        expect(
            look,
            &[("test/a_test.rb", one)],
            &[("test/a_test.rb", after)],
            "error shadowed test/a_test.rb:5",
        );
    }

    #[test]
    fn names_in_other_scopes_and_choices_are_none() {
        let after =
            format!("{ONE}\nclass TestB:\n    def test_a(self):\n        assert g() == 2\n");
        expect(look, &[("tests/test_a.py", ONE)], &[("tests/test_a.py", &after)], "");
        let chosen = "if sys.version_info > (3, 9):\n    def test_a():\n        assert f() == 1\nelse:\n    def test_a():\n        assert f() == 2\n";
        expect(look, &[], &[("tests/test_a.py", chosen)], "");
        let js =
            "it('a', () => { expect(f()).toBe(1); });\nit('a', () => { expect(f()).toBe(2); });";
        expect(look, &[], &[("a.test.js", js)], "");
        let twice = format!("{ONE}\n    def test_a(self):\n        assert len(f()) == 2\n");
        let later = format!("{twice}\n    def test_b(self):\n        assert g() == 2\n");
        expect(look, &[("tests/test_a.py", &twice)], &[("tests/test_a.py", &later)], "");
    }
}
