//! A table that gives the same key two values, and a choice with the same case twice.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Own, is_steady, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Part, Role, Source, Tree};

/// A key that is given twice.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/same-key",
        severity: Severity::Warning,
        what: "A table that is written out gives the same key two values, or a choice has the same case twice.",
        why: "Only one of the two holds, and nobody is told which.",
        example: "+    \"EUR\": 2,\n+    \"USD\": 2,\n+    \"EUR\": 3,",
        fix: "Take one of them out, or name the key that was meant.",
        look: while_judging,
    },
    seen,
};

fn seen(source: &Source) -> Vec<(At, String)> {
    let tree = source.tree();
    let mut seen = Vec::new();
    for map in tree.all(Role::Map) {
        // What is spread between two keys may be there to be written over.
        let entries: Vec<At> = tree.named(map).collect();
        if entries.iter().all(|at| tree.role(*at) == Role::Entry) {
            let keys = entries.iter().filter_map(|at| tree.child(*at, Part::Key));
            twice(tree, keys, "is a key of this table", &mut seen);
        }
    }
    if source.language().is_script() {
        for switch in tree.all(Role::Switch) {
            let inside = tree.inside_but(switch, |at| tree.role(at) == Role::Case);
            let cases = inside.filter(|at| tree.role(*at) == Role::Case);
            let values = cases.filter_map(|at| tree.child(at, Part::Value));
            twice(tree, values, "is a case of this choice", &mut seen);
        }
    }
    seen
}

fn twice(tree: &Tree, keys: impl Iterator<Item = At>, what: &str, seen: &mut Vec<(At, String)>) {
    let mut known = BTreeSet::new();
    for key in keys.filter(|at| is_steady(tree, *at)) {
        let text = tree.text(key);
        if !known.insert(text) {
            seen.push((key, format!("`{}` {what} twice", short(text))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn a_key_that_is_given_twice_is_seen() {
        sees(
            &OWN,
            "a.py",
            "x = {\n    'a': 1,\n    'b': 2,\n    'a': 3,\n}\n",
            &[(4, "`'a'` is a key of this table twice")],
        );
        sees(
            &OWN,
            "a.js",
            "const x = {\n  a: 1,\n  a: 2,\n};\n",
            &[(3, "`a` is a key of this table twice")],
        );
        sees(
            &OWN,
            "a.ts",
            "switch (a) {\n  case 'x':\n    f();\n    break;\n  case 'x':\n    g();\n}\n",
            &[(5, "`'x'` is a case of this choice twice")],
        );
    }

    #[test]
    fn other_keys_and_what_is_written_over_on_purpose_are_not_meant() {
        sees(&OWN, "a.py", "x = {'a': {'b': 1}, 'b': {'b': 1}}\n", &[]);
        sees(&OWN, "a.py", "x = {f(): 1, f(): 2}\n", &[]);
        sees(&OWN, "a.js", "const x = { a: 1, ...rest, a: 2 };\n", &[]);
    }
}
