//! Product code that reads files of the tests.

use loki_model::Severity;

use super::each_code;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::layout::{parent, resolved};
use crate::suite::is_for_tests;
use crate::syntax::{Role, call};

/// Code that knows a file of the tests.
pub(super) const RULE: Rule = Rule {
    id: "substance/reads-tests",
    severity: Severity::Error,
    what: "Code of the product reads a file that belongs to the tests.",
    why: "Users do not have that file: what they get differs from what the tests see, which look at \
          answers that were laid out for them.",
    example: "+ const ORDERS = new URL(\"../test/orders.json\", import.meta.url);",
    fix: "Compute the answer. Data that the product needs belongs to the product.",
    look,
};

/// Directories of what is run by hand.
const BY_HAND: &[&str] = &[
    "scripts",
    "script",
    "tools",
    "tool",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "examples",
    "example",
    "xtask",
    "dev",
    "ci",
    "hack",
    "docs",
    "doc",
    "generate",
    "fuzz",
];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        let path = &code.file.path;
        let is_by_hand = path.split('/').any(|part| {
            let stem = part.split('.').next().unwrap_or(part);
            BY_HAND.contains(&stem) || stem == "build" || stem == "setup" || stem == "conftest"
        });
        if is_by_hand {
            return;
        }
        let tree = code.after.tree();
        let texts = tree.all(Role::Text).filter(|at| code.file.is_added(tree.line(*at)));
        for at in texts.filter(|at| !code.is_in_tests(*at)) {
            // What is imported is not read, and a document only tells.
            let is_import = tree.all_around(at).any(|around| tree.role(around) == Role::Import);
            let named = call::unquoted(tree.text(at));
            if is_import || named.contains(['*', '\n', ' ']) || !named.contains('/') {
                continue;
            }
            let places = [resolved(parent(path), named), resolved("", named)];
            let known = places
                .into_iter()
                .flatten()
                .find(|known| cx.layout.has(known) && is_for_tests(known));
            if let Some(known) = known {
                let message = format!("reads `{known}`, which belongs to the tests");
                found.add(RULE.at(path, tree.line(at), message));
            }
        }
    });
}
