//! Code that behaves otherwise while tests run.

use loki_model::Severity;

use super::each_code;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Role, Source};

/// A look at who is calling.
pub(super) const RULE: Rule = Rule {
    id: "substance/knows-its-tests",
    severity: Severity::Error,
    what: "Code of the product finds out whether tests are running.",
    why: "What it does then is not what its users get, so that no test shows anything about it.",
    example: "+ if 'pytest' in sys.modules:\n+     return EXPECTED",
    fix: "Pass what has to differ in from outside: a clock, a connection, a setting.",
    look,
};

/// Names that only test runners set or have.
const MARKS: &[&str] = &[
    "PYTEST_CURRENT_TEST",
    "PYTEST_VERSION",
    "PYTEST_XDIST_WORKER",
    "NODE_TEST_CONTEXT",
    "JEST_WORKER_ID",
    "VITEST_WORKER_ID",
    "VITEST_POOL_ID",
    "MOCHA_COLORS",
    "NEXTEST",
    "NEXTEST_RUN_ID",
    "RUST_TEST_THREADS",
    "BAZEL_TEST",
    "TEST_SRCDIR",
    "PHPUNIT_COMPOSER_INSTALL",
    "__coverage__",
    "LOKI_VERIFY",
];

/// Calls that only make sense to find out.
const CALLS: &[&str] = &["testing.Testing", "flag.Lookup(\"test"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        let tree = code.after.tree();
        let mut lines: Vec<u32> = Vec::new();
        for at in tree.inside(At::ROOT) {
            let line = tree.line(at);
            if !code.file.is_added(line) || lines.contains(&line) || code.is_in_tests(at) {
                continue;
            }
            if let Some(what) = mark(code.after, at) {
                lines.push(line);
                let message = format!("code of the product finds out whether tests run: {what}");
                found.add(RULE.at(&code.file.path, line, message));
            }
        }
    });
}

/// How a node finds out; nothing where it does not.
fn mark(source: &Source, at: At) -> Option<String> {
    let tree = source.tree();
    let text = tree.text(at);
    match tree.role(at) {
        Role::Text | Role::Name => {
            let name = text.trim_matches(['"', '\'', '`']);
            MARKS.contains(&name).then(|| format!("it asks for `{name}`"))
        }
        Role::Binary => {
            let names = ["NODE_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "ENVIRONMENT", "MIX_ENV"];
            let asks = names.iter().any(|name| text.contains(name))
                && ["'test'", "\"test\"", "'testing'", "\"testing\""]
                    .iter()
                    .any(|test| text.contains(test));
            let modules = ["pytest", "unittest", "_pytest", "nose"];
            let looks_at_modules = text.contains("sys.modules")
                && modules.iter().any(|name| {
                    text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"))
                });
            let is_argv = (text.contains("argv")
                && ["pytest", "jest", "vitest", "mocha"].iter().any(|name| text.contains(name)))
                || text.contains("process.env.VITEST");
            (asks || looks_at_modules || is_argv)
                .then(|| format!("`{}`", text.chars().take(80).collect::<String>()))
        }
        Role::Macro | Role::Call => {
            // `#[cfg(test)]` is an attribute, and no look at the caller.
            let is_cfg = text.starts_with("cfg!(test)") || text.starts_with("cfg!(any(test");
            let calls = CALLS.iter().any(|call| text.starts_with(call));
            (is_cfg || calls).then(|| format!("`{}`", text.chars().take(40).collect::<String>()))
        }
        _ => None,
    }
}
