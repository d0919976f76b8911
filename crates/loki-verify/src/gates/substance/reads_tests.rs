//! Product code that reads files of the tests.

use loki_model::Severity;

use super::each_code;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::layout::{parent, resolved};
use crate::suite::is_for_tests;
use crate::syntax::{At, Role, call};

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
        for at in tree.inside(At::ROOT) {
            let is_new = code.file.is_added(tree.line(at)) && !code.is_in_tests(at);
            let Some(joined) = is_new.then(|| joined(code.after, at)).flatten() else { continue };
            let is_meant = |known: &&str| {
                let rest = known
                    .strip_suffix(joined.as_str())
                    .map(|front| front.is_empty() || front.ends_with('/'));
                let is_in = || {
                    known.starts_with(&format!("{joined}/"))
                        || known.contains(&format!("/{joined}/"))
                };
                is_for_tests(known) && (rest == Some(true) || is_in())
            };
            if let Some(known) = cx.layout.all_files().find(is_meant) {
                let message = format!("reads `{known}`, which belongs to the tests");
                found.add(RULE.at(path, tree.line(at), message));
            }
        }
    });
}

/// Calls that put a path together.
const JOINS: &[&str] = &["join", "joinpath", "resolve", "Join", "of", "expand_path"];

/// The path that an expression puts together from two or more texts, as far as they say:
/// `Path(__file__).parent / "tests" / "data"`, `path.join(__dirname, "..", "test", "a.json")`.
fn joined(source: &crate::syntax::Source, at: At) -> Option<String> {
    let tree = source.tree();
    let is_division = |at: At| {
        tree.role(at) == Role::Binary && tree.children(at).any(|sign| tree.text(sign).trim() == "/")
    };
    let parts: Vec<At> = match tree.role(at) {
        Role::Binary if is_division(at) => {
            if tree.around(at).is_some_and(is_division) {
                return None;
            }
            let texts = tree.inside(at).filter(|at| tree.role(*at) == Role::Text);
            texts.collect()
        }
        Role::Call => {
            let called = call::chain(tree, at);
            let is_join = JOINS.contains(&called.last_name());
            if !is_join {
                return None;
            }
            call::positional(tree, at)
        }
        _ => return None,
    };
    let texts = parts.iter().filter(|at| tree.role(**at) == Role::Text);
    let texts = texts.map(|at| call::unquoted(tree.text(*at)).trim_matches('/'));
    let texts: Vec<&str> = texts.filter(|text| !matches!(*text, "" | "." | "..")).collect();
    let is_path = |text: &&str| {
        text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
    };
    (texts.len() >= 2 && texts.iter().all(is_path)).then(|| texts.join("/"))
}
