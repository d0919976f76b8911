//! A branch whose condition an earlier branch has.

use loki_model::Severity;

use super::{Own, is_same, is_steady, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Part, Role, Source, Tree};

/// A branch that is never taken.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/same-condition",
        severity: Severity::Warning,
        what: "A branch has the condition of an earlier branch of the same choice.",
        why: "It is never taken.",
        example: "+    if kind == 'file':\n+        …\n+    elif kind == 'file':",
        fix: "Name the condition that was meant, or take the branch out.",
        look: while_judging,
    },
    seen,
};

fn seen(source: &Source) -> Vec<(At, String)> {
    let tree = source.tree();
    let mut seen = Vec::new();
    for at in tree.all(Role::If) {
        let Some(condition) = tree.child(at, Part::Condition) else { continue };
        // What is bound first is asked about, in `if x := f(); x {`.
        let binds = tree.named(at).next() != Some(condition);
        if binds || !is_steady(tree, condition) {
            continue;
        }
        let is_earlier = |other: &At| {
            tree.child(*other, Part::Condition).is_some_and(|other| is_same(tree, other, condition))
        };
        if earlier(tree, at).iter().any(is_earlier) {
            let said = short(tree.text(tree.bare(condition)));
            seen.push((at, format!("`{said}` is the condition of an earlier branch too")));
        }
    }
    seen
}

/// Branches of the same choice that were asked before this one.
fn earlier(tree: &Tree, branch: At) -> Vec<At> {
    let mut found = Vec::new();
    let mut at = branch;
    while let Some(around) = tree.around(at) {
        // Where the branch is what is done otherwise, as it is or alone in what is done otherwise.
        let (holder, member) = match (tree.role(around), tree.part(at)) {
            (Role::If, Part::Alternative) => (around, at),
            (Role::Else, _) if tree.named(around).next() == Some(at) => match tree.around(around) {
                Some(outer) if tree.role(outer) == Role::If => (outer, around),
                _ => break,
            },
            _ => break,
        };
        found.push(holder);
        let before = tree.children(holder).take_while(|other| *other < member);
        found.extend(before.filter(|other| {
            tree.role(*other) == Role::If && tree.part(*other) == Part::Alternative
        }));
        at = holder;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn the_same_condition_again_is_seen() {
        let said = [(3, "`a == 1` is the condition of an earlier branch too")];
        sees(&OWN, "a.py", "if a == 1:\n    f()\nelif a == 1:\n    g()\n", &said);
        sees(&OWN, "a.js", "if (a == 1) {\n  f();\n} else if (a == 1) {\n  g();\n}\n", &said);
        sees(
            &OWN,
            "a.java",
            "class A { void f() { if (a == 1) {\n  f();\n} else if (a == 1) {\n  g();\n} } }\n",
            &said,
        );
        sees(
            &OWN,
            "a.rs",
            "fn f() { if a == 1 {\n  f();\n} else if a == 1 {\n  g();\n} }\n",
            &said,
        );
        sees(
            &OWN,
            "a.c",
            "void f(void) { if (a == 1) {\n  f();\n} else if (a == 1) {\n  g();\n} }\n",
            &said,
        );
        sees(
            &OWN,
            "a.go",
            "package a\nfunc f() { if a == 1 {\n\tf()\n} else if a == 1 {\n\tg()\n} }\n",
            &[(4, said[0].1)],
        );
        sees(
            &OWN,
            "a.py",
            "if a:\n    f()\nelif b:\n    g()\nelif c:\n    h()\nelif b:\n    i()\n",
            &[(7, "`b` is the condition of an earlier branch too")],
        );
    }

    #[test]
    fn other_conditions_calls_and_choices_inside_are_not_meant() {
        sees(&OWN, "a.py", "if a:\n    f()\nelif b:\n    g()\n", &[]);
        sees(&OWN, "a.py", "if next(a):\n    f()\nelif next(a):\n    g()\n", &[]);
        sees(&OWN, "a.py", "if a:\n    if a:\n        f()\nelse:\n    if a:\n        g()\n", &[]);
        sees(&OWN, "a.js", "if (a) f();\nif (a) g();\n", &[]);
        let binds = "package a\nfunc f() {\n\tif a, ok := b[1]; ok {\n\t\tg(a)\n\t} else if a, ok := b[2]; ok {\n\t\tg(a)\n\t}\n}\n";
        sees(&OWN, "a.go", binds, &[]);
    }
}
