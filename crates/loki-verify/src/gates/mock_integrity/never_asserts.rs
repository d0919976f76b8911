//! Assertions on doubles that are none.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::chain;
use crate::syntax::{At, Language, Role};

/// What looks like an assertion and is none.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/never-asserts",
    severity: Severity::Error,
    what: "What looks like an assertion asserts nothing: an attribute of a double that does not exist, \
           a matcher that is not called, an expectation without one.",
    why: "It is true whatever happened, or not even looked at.",
    example: "+assert audit.called_once_with(\"delete\", 1)",
    fix: "Call what asserts: `audit.assert_called_once_with(…)`, `expect(f).toHaveBeenCalled()`.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Names that doubles of Python make up when they are asked for, and that look like assertions.
const MADE_UP: &[&str] = &[
    "called_once_with",
    "called_with",
    "called_once",
    "not_called",
    "has_calls",
    "any_call",
    "has_been_called",
    "has_been_called_with",
    "was_called",
    "was_called_with",
    "was_called_once_with",
    "called_once_with_args",
    "is_called",
    "is_called_with",
    "awaited_once_with",
    "awaited_with",
    "not_awaited",
    "called_twice",
    "was_not_called",
    "called_exactly_once",
    "called_only_once",
];

/// Beginnings of matchers that have to be called.
const MATCHERS: &[&str] =
    &["toHave", "toBe", "toEqual", "toStrict", "toMatch", "toContain", "toThrow", "toReturn"];

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had: BTreeSet<String> =
            before.iter().flat_map(|before| idle(before)).map(|(_, text)| text).collect();
        for (place, text) in idle(&after) {
            if had.contains(&text) {
                continue;
            }
            let line = after.source.tree().line(place);
            let shown = crate::text::one_line(&text, 100);
            let message = format!("in `{}` `{shown}` asserts nothing", after.test.qualified);
            found.add(RULE.at(after.path(), line, message));
        }
    }
}

/// Everything in a test that looks like an assertion and is none, with its text.
fn idle(located: &Located<'_>) -> Vec<(At, String)> {
    let tree = located.source.tree();
    let language = located.source.language();
    let mut found = Vec::new();
    for at in tree.inside(located.test.code) {
        let is_idle = match (language, tree.role(at)) {
            (Language::Python, Role::Member) => is_made_up(located, at),
            (language, Role::Statement) if language.is_script() => is_unfinished(located, at),
            _ => false,
        };
        if is_idle {
            found.push((at, tree.text(at).to_owned()));
        }
    }
    found
}

/// `double.called_once_with` that is asked for its truth, or for nothing; `double.assert_called` that
/// is not called.
fn is_made_up(located: &Located<'_>, member: At) -> bool {
    let tree = located.source.tree();
    let chain = chain(tree, member);
    let name = chain.last_name();
    let Some(around) = tree.around(member) else { return false };
    let is_called = tree.role(around) == Role::Call && tree.named(around).next() == Some(member);
    if name.starts_with("assert_") && is_mock_assertion(name) {
        return !is_called && tree.role(around) == Role::Statement;
    }
    if !MADE_UP.contains(&name) || !speaks_of_doubles(located) {
        return false;
    }
    // Someone's own class may have such a method.
    let defines = located.source.functions().iter().any(|function| function.name == name);
    if defines || is_typed(located, member) {
        return false;
    }
    let used = if is_called { around } else { member };
    let mut at = used;
    // Up to what asks for its truth.
    while let Some(around) = tree.around(at) {
        match tree.role(around) {
            Role::Wrap | Role::Unary | Role::Binary | Role::Arguments => at = around,
            Role::Assert | Role::Statement => return true,
            Role::Call => return located.test.assertions.iter().any(|one| one.at == around),
            _ => return false,
        }
    }
    false
}

fn is_mock_assertion(name: &str) -> bool {
    matches!(
        name,
        "assert_called"
            | "assert_called_once"
            | "assert_called_with"
            | "assert_called_once_with"
            | "assert_not_called"
            | "assert_any_call"
            | "assert_has_calls"
            | "assert_awaited"
            | "assert_awaited_once"
            | "assert_awaited_with"
            | "assert_not_awaited"
    )
}

/// Whether a file makes doubles at all.
fn speaks_of_doubles(located: &Located<'_>) -> bool {
    let text = located.source.tree().whole_text();
    ["Mock", "mock", "patch"].iter().any(|word| text.contains(word))
}

/// Whether what a member is asked of is made by a class that is no double.
fn is_typed(located: &Located<'_>, member: At) -> bool {
    let tree = located.source.tree();
    let chain = chain(tree, member);
    let Some(first) = chain.links.first().filter(|_| chain.root.is_none()) else { return false };
    let Some(value) = located.test.scope.value(tree, first.at).map(|at| tree.bare(at)) else {
        return false;
    };
    let made = self::chain(tree, value);
    tree.role(value) == Role::Call
        && made.last_name().starts_with(char::is_uppercase)
        && !made.last_name().contains("Mock")
}

/// `expect(f).toHaveBeenCalled;` and `expect(f);`.
fn is_unfinished(located: &Located<'_>, statement: At) -> bool {
    let tree = located.source.tree();
    let Some(expression) = tree.named(statement).next().map(|at| tree.bare(at)) else {
        return false;
    };
    let chain = chain(tree, expression);
    if chain.first_name() != "expect" || is_own_expect(located) {
        return false;
    }
    let is_given = chain.links.first().is_some_and(|link| link.arguments.is_some());
    match tree.role(expression) {
        Role::Member => {
            let last = chain.last_name();
            is_given && MATCHERS.iter().any(|matcher| last.starts_with(matcher))
        }
        Role::Call => chain.links.len() == 1 && is_given,
        _ => false,
    }
}

/// Whether the file has an `expect` of its own.
fn is_own_expect(located: &Located<'_>) -> bool {
    located.source.functions().iter().any(|function| function.name == "expect")
        || located.source.imports().iter().any(|import| {
            import.module.starts_with('.') && import.known_as.iter().any(|name| name == "expect")
        })
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn attributes_that_doubles_make_up_are_an_error() {
        for line in [
            "assert audit.called_once_with('delete', 1)",
            "assert audit.not_called",
            "audit.called_once_with('delete', 1)",
            "self.assertTrue(audit.called_with(1))",
            "assert audit.log.has_been_called()",
            "audit.assert_called_once",
        ] {
            let text = format!(
                "from unittest.mock import MagicMock\ndef test_a(self):\n    audit = MagicMock()\n    run(audit)\n    {line}\n"
            );
            expect(
                look,
                &[],
                &[("tests/test_a.py", &text)],
                "error never-asserts tests/test_a.py:5",
            );
        }
    }

    #[test]
    fn matchers_that_are_not_called_are_an_error() {
        for line in ["expect(f).toHaveBeenCalled;", "expect(f).not.toBeNull;", "expect(f(1));"] {
            let text = format!("test('a', () => {{\n  {line}\n}});\n");
            expect(look, &[], &[("a.test.ts", &text)], "error never-asserts a.test.ts:2");
        }
    }

    #[test]
    fn what_asserts_is_none() {
        for line in [
            "audit.assert_called_once_with('delete', 1)",
            "assert audit.called",
            "assert audit.call_count == 1",
            "assert audit.method_calls == []",
            "check = audit.assert_called_once_with",
        ] {
            let text = format!(
                "from unittest.mock import MagicMock\ndef test_a():\n    audit = MagicMock()\n    run(audit)\n    {line}\n"
            );
            expect(look, &[], &[("tests/test_a.py", &text)], "");
        }
        // An own class may have such a method.
        let text = "import mock\nclass Log:\n    def was_called(self):\n        return True\ndef test_a():\n    log = Log()\n    assert log.was_called()\n";
        expect(look, &[], &[("tests/test_a.py", text)], "");
        for line in [
            "expect(f).toHaveBeenCalled();",
            "expect(f).to.be.true;",
            "expect(f).to.have.been.called;",
            "expect.assertions(1);",
            "expect.extend({});",
        ] {
            let text = format!("test('a', () => {{\n  {line}\n}});\n");
            expect(look, &[], &[("a.test.ts", &text)], "");
        }
    }
}
