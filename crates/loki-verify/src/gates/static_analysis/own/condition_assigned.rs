//! A condition that gives a value instead of comparing it.

use loki_model::Severity;

use super::{Own, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Language, Part, Role, Source, Tree};

/// `if (a = b)`.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/condition-assigned",
        severity: Severity::Warning,
        what: "A condition gives a name a value where it seems to compare the two.",
        why: "It holds or does not whatever the name was, and the name is changed.",
        example: "+  if (state = 'done') {",
        fix: "Compare, or give the value before the condition.",
        look: while_judging,
    },
    seen,
};

fn seen(source: &Source) -> Vec<(At, String)> {
    let language = source.language();
    let is_one =
        language.is_script() || matches!(language, Language::C | Language::Cpp | Language::Php);
    if !is_one {
        return Vec::new();
    }
    let tree = source.tree();
    tree.all(Role::If).filter_map(|at| assigned(tree, at)).collect()
}

fn assigned(tree: &Tree, branch: At) -> Option<(At, String)> {
    let mut at = tree.child(branch, Part::Condition)?;
    let mut wraps = 0;
    while tree.role(at) == Role::Wrap {
        wraps += 1;
        at = tree.named(at).next()?;
    }
    // Two pairs of parentheses say that it is meant.
    if wraps > 1 || tree.role(at) != Role::Bind || tree.child(at, Part::Name).is_some() {
        return None;
    }
    let is_plain = tree.children(at).any(|sign| !tree.is_named(sign) && tree.text(sign) == "=");
    let value = tree.child(at, Part::Right)?;
    let is_value = matches!(
        tree.role(value),
        Role::Text | Role::Number | Role::Boolean | Role::Null | Role::Name
    );
    (is_plain && is_value)
        .then(|| (at, format!("the condition `{}` gives a value", short(tree.text(at)))))
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn a_condition_that_gives_a_value_is_seen() {
        let said = |text: &'static str| [(1, text)];
        sees(
            &OWN,
            "a.js",
            "if (a = 'x') { f(); }\n",
            &said("the condition `a = 'x'` gives a value"),
        );
        sees(
            &OWN,
            "a.c",
            "void f(int a) { if (a = 1) g(); }\n",
            &said("the condition `a = 1` gives a value"),
        );
        sees(
            &OWN,
            "a.php",
            "<?php if ($a = 1) { f(); }\n",
            &said("the condition `$a = 1` gives a value"),
        );
    }

    #[test]
    fn what_is_meant_is_not_seen() {
        sees(&OWN, "a.js", "if ((a = b)) { f(); }\n", &[]);
        sees(&OWN, "a.js", "if (m = re.exec(s)) { f(m); }\n", &[]);
        sees(&OWN, "a.js", "if (a === 'x') { f(); }\n", &[]);
        sees(&OWN, "a.js", "while (a = b) { f(); }\n", &[]);
    }
}
