//! Doubles that would know what did not happen, and that nobody asks.

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::chain;
use crate::syntax::{At, Part, Role};

/// A test of what does not happen never asks its only witness.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/never-asked",
    severity: Severity::Warning,
    what: "A test says in its name that something is not done, makes a double of it, and never asks the double.",
    why: "The double does nothing by itself: whether it was called or not, the test holds.",
    example: "+test(\"dry runs deliver nothing\", () => {\n+  const mailer = { deliver: jest.fn() };\n+  expect(send(letters, mailer).failed).toEqual([]);\n+});",
    fix: "Ask it: `expect(mailer.deliver).not.toHaveBeenCalled()`, `mailer.deliver.assert_not_called()`.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Words of names that say that something is not done.
const DENIALS: &[&str] =
    &["nothing", "never", "not", "without", "doesn", "don", "isn", "no", "none", "neither"];

/// Letters by which a double is known again in the name of a test.
const STEM_CHARS: usize = 5;

/// Parts of names by which doubles are asked.
const ASKS: &[&str] =
    &["called", "calls", ".mock", "callcount", "assert_not", "verify", "received"];

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (_, after) in suite.touched() {
        let name = after.test.name.to_lowercase();
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        if !words.any(|word| DENIALS.contains(&word)) {
            continue;
        }
        let said = after.text(after.test.code).to_lowercase();
        if ASKS.iter().any(|ask| said.contains(ask)) {
            continue;
        }
        for (double, at) in doubles(&after) {
            let stem: String = double.to_lowercase().chars().take(STEM_CHARS).collect();
            let uses = said.matches(double.to_lowercase().as_str()).count();
            // Its name in the name of the test, and where it is made.
            let in_name = name.matches(double.to_lowercase().as_str()).count();
            if stem.chars().count() == STEM_CHARS && name.contains(&stem) && uses <= in_name + 1 {
                let line = after.source.tree().line(at);
                let message =
                    format!("`{}` never asks whether `{double}` was called", after.test.qualified);
                found.add(RULE.at(after.path(), line, message));
                break;
            }
        }
    }
}

/// The doubles that a test makes without an answer, by the name that they get.
fn doubles<'a>(located: &Located<'a>) -> Vec<(&'a str, At)> {
    let tree = located.source.tree();
    let calls = tree.inside(located.test.code).filter(|at| tree.role(*at) == Role::Call);
    let made = calls.filter(|at| {
        let path = chain(tree, *at).path();
        matches!(
            path.as_str(),
            "jest.fn"
                | "vi.fn"
                | "mock.fn"
                | "t.mock.fn"
                | "sinon.fake"
                | "sinon.stub"
                | "sinon.spy"
                | "Mock"
                | "MagicMock"
                | "AsyncMock"
                | "mock.Mock"
                | "mock.MagicMock"
        )
    });
    let named = made.filter_map(|at| {
        let around = tree.around(at)?;
        let name = match tree.role(around) {
            Role::Entry => tree.child(around, Part::Key).or_else(|| tree.named(around).next())?,
            Role::Bind => {
                let left = tree.child(around, Part::Left);
                left.or_else(|| tree.child(around, Part::Name))?
            }
            _ => return None,
        };
        Some((tree.text(name).rsplit('.').next().unwrap_or_default(), at))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    fn script(name: &str, ask: &str) -> String {
        format!(
            "test('{name}', () => {{\n  const mailer = {{ deliver: jest.fn() }};\n  expect(send(mailer).failed).toEqual([]);\n{ask}}});\n"
        )
    }

    #[test]
    fn a_double_that_knows_what_did_not_happen_and_is_not_asked_is_a_warning() {
        let text = script("dry runs deliver nothing", "");
        expect(look, &[], &[("a.test.js", &text)], "warning never-asked a.test.js:2");
        let python = "from unittest.mock import Mock\ndef test_dry_run_never_delivers():\n    deliver = Mock()\n    assert run(dry=True) == []\n";
        expect(look, &[], &[("tests/test_a.py", python)], "warning never-asked tests/test_a.py:3");
    }

    #[test]
    fn doubles_that_are_asked_and_tests_of_something_else_are_fine() {
        for (name, ask) in [
            ("dry runs deliver nothing", "  expect(mailer.deliver).not.toHaveBeenCalled();\n"),
            ("dry runs deliver nothing", "  expect(mailer.deliver.mock.calls).toEqual([]);\n"),
            ("failures are not hidden", ""),
            ("letters are delivered", ""),
        ] {
            expect(look, &[], &[("a.test.js", &script(name, ask))], "");
        }
    }
}
