//! Python: a default value that all calls share, and that a call changes.

use loki_model::Severity;

use super::Own;
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Language, Part, Role, Source, Tree};

/// `def f(seen=[])` that adds to `seen`.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/mutable-default",
        severity: Severity::Warning,
        what: "A function changes the list, set or table that is the default of a parameter.",
        why: "There is one of it for all calls: each finds what the ones before have left.",
        example: "+def collect(item, into=[]):\n+    into.append(item)",
        fix: "Let the default be `None`, and make a new one in the function.",
        look: while_judging,
    },
    seen,
};

/// Methods that change what they are called on.
const CHANGERS: &[&str] = &[
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "clear",
    "sort",
    "reverse",
    "add",
    "discard",
    "update",
    "setdefault",
    "popitem",
];

fn seen(source: &Source) -> Vec<(At, String)> {
    if source.language() != Language::Python {
        return Vec::new();
    }
    let tree = source.tree();
    let mut seen = Vec::new();
    for function in tree.all(Role::Function) {
        // In a function, the default of an inner one is a place of the outer one's.
        if tree.all_around(function).any(|at| tree.role(at) == Role::Function) {
            continue;
        }
        let parts = (tree.child(function, Part::Parameters), tree.child(function, Part::Body));
        let (Some(parameters), Some(body)) = parts else { continue };
        for parameter in tree.named(parameters) {
            let parts = (tree.child(parameter, Part::Name), tree.child(parameter, Part::Value));
            let (Some(name), Some(value)) = parts else { continue };
            let name = tree.text(name);
            let is_meant = ["cache", "memo"].iter().any(|word| name.contains(word));
            if !is_meant && is_made_once(tree, value) && is_changed(tree, body, name) {
                seen.push((parameter, format!("every call changes the same default of `{name}`")));
            }
        }
    }
    seen
}

fn is_made_once(tree: &Tree, value: At) -> bool {
    matches!(tree.text(value), "[]" | "{}" | "list()" | "dict()" | "set()")
}

/// Whether a body changes what `name` holds, and nowhere gives the name another value.
fn is_changed(tree: &Tree, body: At, name: &str) -> bool {
    let is_name = |at: At| tree.role(at) == Role::Name && tree.text(at) == name;
    let mut changes = false;
    for at in tree.inside(body) {
        match tree.role(at) {
            Role::Bind => {
                let Some(left) = tree.child(at, Part::Left).or_else(|| tree.child(at, Part::Name))
                else {
                    continue;
                };
                if is_name(left) {
                    return false;
                }
                changes |= tree.role(left) == Role::Subscript
                    && tree.named(left).next().is_some_and(is_name);
            }
            Role::Call => {
                let Some(callee) = tree.child(at, Part::Callee) else { continue };
                let parts: Vec<At> = tree.named(callee).collect();
                changes |= match parts.as_slice() {
                    [of, method] => is_name(*of) && CHANGERS.contains(&tree.text(*method)),
                    _ => false,
                };
            }
            _ => {}
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn a_default_that_is_changed_is_seen() {
        let said = [(1, "every call changes the same default of `a`")];
        sees(&OWN, "a.py", "def f(a=[]):\n    a.append(1)\n", &said);
        sees(&OWN, "a.py", "def f(b, a: dict = {}):\n    a['x'] = b\n", &said);
        sees(&OWN, "a.py", "def f(a=set()):\n    for b in c:\n        a.add(b)\n", &said);
    }

    #[test]
    fn a_default_that_is_only_read_or_replaced_is_not_meant() {
        sees(&OWN, "a.py", "def f(a=[]):\n    return list(a)\n", &[]);
        sees(&OWN, "a.py", "def f(a=[]):\n    a = list(a)\n    a.append(1)\n", &[]);
        sees(&OWN, "a.py", "def f(a=None):\n    a.append(1)\n", &[]);
        sees(&OWN, "a.py", "def f(a=()):\n    a.add(1)\n", &[]);
        sees(&OWN, "a.py", "def f(b, _cache={}):\n    _cache[b] = 1\n", &[]);
        sees(&OWN, "a.py", "def f():\n    def g(a=[]):\n        a.append(1)\n", &[]);
    }
}
