//! An operator that has the same on both sides.

use loki_model::Severity;

use super::{Own, is_same, is_steady, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Role, Source};

/// An operator with the same value twice.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/same-operands",
        severity: Severity::Warning,
        what: "A comparison, a condition or a difference has the same value on both sides.",
        why: "Its outcome is known before anything runs; one of the two sides was meant to be another.",
        example: "+    if order.id == order.id:",
        fix: "Name the other value, or take the operator out.",
        look: while_judging,
    },
    seen,
};

/// Signs whose outcome is known where both sides are the same.
const SIGNS: &[&str] = &[
    "==", "!=", "===", "!==", "<", ">", "<=", ">=", "&&", "||", "and", "or", "is", "is not", "-",
    "/", "%", "&", "|", "^",
];

fn seen(source: &Source) -> Vec<(At, String)> {
    let tree = source.tree();
    let mut seen = Vec::new();
    for at in tree.all(Role::Binary) {
        let sides: Vec<At> = tree.named(at).collect();
        let [left, right] = sides.as_slice() else { continue };
        let signs: Vec<&str> = tree
            .children(at)
            .filter(|at| !tree.is_named(*at))
            .map(|at| tree.text(at).trim())
            .collect();
        let &[sign] = signs.as_slice() else { continue };
        if !SIGNS.contains(&sign) || !is_same(tree, *left, *right) || !is_steady(tree, *left) {
            continue;
        }
        let left = tree.bare(*left);
        let has_name = tree.role(left) == Role::Name
            || tree.inside(left).any(|at| tree.role(at) == Role::Name);
        let is_part = matches!(tree.role(left), Role::Member | Role::Subscript);
        // `x != x` and `x - x` ask whether it is a number, or make one that is none; `x & x` keeps the type.
        let is_idiom = match sign {
            "==" | "!=" | "===" | "!==" | "-" | "/" | "%" | "&" | "|" | "^" => !is_part,
            _ => false,
        };
        if has_name && !is_idiom {
            seen.push((at, format!("`{}` has the same on both sides", short(tree.text(at)))));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn the_same_on_both_sides_is_seen_in_every_language() {
        for (path, text) in [
            ("a.py", "x = a.id == a.id\n"),
            ("a.js", "const x = a.id === a.id;\n"),
            ("a.ts", "const x: boolean = a.id === a.id;\n"),
            ("a.rs", "fn f() { let x = a.id == a.id; }\n"),
            ("a.go", "package a\nvar x = a.id == a.id\n"),
            ("a.java", "class A { boolean x = a.id == a.id; }\n"),
            ("a.rb", "x = a.id == a.id\n"),
            ("a.cs", "class A { bool x = a.id == a.id; }\n"),
            ("a.c", "int f(void) { return a.id == a.id; }\n"),
            ("a.cpp", "bool f() { return a.id == a.id; }\n"),
        ] {
            let line = if path == "a.go" { 2 } else { 1 };
            let sign = if text.contains("===") { "===" } else { "==" };
            // In Ruby, a name after a dot is a call.
            if path == "a.rb" {
                sees(&OWN, path, text, &[]);
                continue;
            }
            let said = format!("`a.id {sign} a.id` has the same on both sides");
            sees(&OWN, path, text, &[(line, said.as_str())]);
        }
        sees(
            &OWN,
            "a.py",
            "if ready or ready:\n    f()\n",
            &[(1, "`ready or ready` has the same on both sides")],
        );
        sees(
            &OWN,
            "a.py",
            "x = a.end - a.end\n",
            &[(1, "`a.end - a.end` has the same on both sides")],
        );
    }

    #[test]
    fn what_may_differ_and_what_is_an_idiom_is_not_meant() {
        sees(&OWN, "a.py", "x = next(i) - next(i)\n", &[]);
        sees(&OWN, "a.js", "const isNaN = x !== x;\n", &[]);
        sees(&OWN, "a.c", "double f(double x) { return (x - x) / (x - x); }\n", &[]);
        sees(&OWN, "a.c", "int f(char *p) { return *p++ - *p++; }\n", &[]);
        sees(&OWN, "a.js", "const isNumber = x - x === 0;\n", &[]);
        sees(&OWN, "a.py", "x = 1 - 1\n", &[]);
        sees(&OWN, "a.py", "x = a < b < a\n", &[]);
        sees(&OWN, "a.py", "x = a * a + b\n", &[]);
    }
}
