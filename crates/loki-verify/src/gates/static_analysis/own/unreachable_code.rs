//! Statements behind the one that leaves their block.

use loki_model::Severity;

use super::{Own, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Language, Role, Source, Tree};

/// A statement that never runs.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/unreachable-code",
        severity: Severity::Warning,
        what: "A statement stands behind one that always leaves its block.",
        why: "It never runs: what it was to do is not done.",
        example: "+    return total\n+    log(total)",
        fix: "Move it before what leaves the block, or take it out.",
        look: while_judging,
    },
    seen,
};

fn seen(source: &Source) -> Vec<(At, String)> {
    // In the others a line that only seems to follow may belong to what leaves.
    if matches!(source.language(), Language::Kotlin | Language::Swift | Language::Shell) {
        return Vec::new();
    }
    let tree = source.tree();
    tree.all(Role::Block).filter_map(|block| behind(tree, block)).collect()
}

fn behind(tree: &Tree, block: At) -> Option<(At, String)> {
    let statements: Vec<At> = tree.named(block).collect();
    let leaves = statements.iter().position(|at| is_leaving(tree, *at))?;
    // Only one of those that stand under conditions of the compiler is built.
    let before = leaves.checked_sub(1).map(|at| statements[at]);
    if before.is_some_and(|at| tree.role(at) == Role::Decorator) {
        return None;
    }
    let next = *statements.get(leaves + 1)?;
    // Definitions and bare `var`s hold wherever they stand, labels are jumped to, and a `yield` makes a
    // generator.
    let is_reached = |at: At| {
        matches!(
            tree.role(at),
            Role::Function | Role::Class | Role::Import | Role::Decorator | Role::Pass
        ) || is_labelled(tree.text(at))
            || (tree.text(at).starts_with("var ") && !tree.text(at).contains('='))
            || tree.role(at) == Role::Yield
            || tree.inside(at).any(|at| tree.role(at) == Role::Yield)
    };
    if statements[leaves + 1..].iter().any(|at| is_reached(*at)) {
        return None;
    }
    let (what, left) =
        (short(first_line(tree.text(next))), short(first_line(tree.text(statements[leaves]))));
    Some((next, format!("`{what}` stands behind `{left}` and never runs")))
}

fn is_leaving(tree: &Tree, at: At) -> bool {
    matches!(tree.role(tree.bare(at)), Role::Return | Role::Throw | Role::Jump)
        && !tree.text(at).contains(" if ")
        && !tree.text(at).contains(" unless ")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Whether a statement begins with `name:`.
fn is_labelled(text: &str) -> bool {
    let name = text.find(|char: char| !(char.is_alphanumeric() || char == '_' || char == '\''));
    name.is_some_and(|end| {
        end > 0
            && text[end..].trim_start().starts_with(':')
            && !text[end..].trim_start().starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn what_stands_behind_a_return_a_throw_or_a_jump_never_runs() {
        let said = |line, said| [(line, said)];
        sees(
            &OWN,
            "a.py",
            "def f(a):\n    return a\n    log(a)\n",
            &said(3, "`log(a)` stands behind `return a` and never runs"),
        );
        sees(
            &OWN,
            "a.js",
            "function f(a) {\n  throw new Error(a);\n  clean();\n}\n",
            &said(3, "`clean();` stands behind `throw new Error(a);` and never runs"),
        );
        sees(
            &OWN,
            "a.go",
            "package a\nfunc f() int {\n\tfor {\n\t\tbreak\n\t\tg()\n\t}\n\treturn 1\n}\n",
            &said(5, "`g()` stands behind `break` and never runs"),
        );
        sees(
            &OWN,
            "a.rs",
            "fn f() -> u8 {\n    return 1;\n    g();\n}\n",
            &said(3, "`g();` stands behind `return 1;` and never runs"),
        );
    }

    #[test]
    fn what_is_reached_in_another_way_is_not_meant() {
        sees(&OWN, "a.py", "def f(a):\n    if a:\n        return\n    g()\n", &[]);
        sees(&OWN, "a.py", "def f(a):\n    raise NotImplementedError\n    yield a\n", &[]);
        sees(&OWN, "a.js", "function f() {\n  return g();\n  function g() { return 1; }\n}\n", &[]);
        sees(&OWN, "a.js", "function f() {\n  return g(a);\n  var a;\n}\n", &[]);
        sees(&OWN, "a.go", "package a\nfunc f() {\n\tgoto end\nend:\n\tg()\n}\n", &[]);
        sees(
            &OWN,
            "a.rs",
            "fn f() -> u8 {\n    #[cfg(unix)]\n    return 1;\n    #[cfg(windows)]\n    return 2;\n}\n",
            &[],
        );
        sees(&OWN, "a.rb", "def f(a)\n  return 1 if a\n  g\nend\n", &[]);
        sees(
            &OWN,
            "a.c",
            "int f(int a) {\n  switch (a) {\n  case 1:\n    return 1;\n  default:\n    g();\n  }\n  return 2;\n}\n",
            &[],
        );
    }
}
