//! Python: `is` with a text or a number.

use loki_model::Severity;

use super::{Own, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Language, Role, Source};

/// `x is "done"`.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/literal-identity",
        severity: Severity::Warning,
        what: "`is` compares with a text or a number.",
        why: "It asks for the same object and not for the same value, which holds or does not by chance.",
        example: "+    if state is \"done\":",
        fix: "Compare with `==` or `!=`.",
        look: while_judging,
    },
    seen,
};

fn seen(source: &Source) -> Vec<(At, String)> {
    if source.language() != Language::Python {
        return Vec::new();
    }
    let tree = source.tree();
    let mut seen = Vec::new();
    for at in tree.all(Role::Binary) {
        let is_identity =
            tree.children(at).any(|sign| !tree.is_named(sign) && tree.text(sign).starts_with("is"));
        let has_literal = || {
            tree.named(at)
                .any(|side| matches!(tree.role(tree.bare(side)), Role::Text | Role::Number))
        };
        if is_identity && has_literal() {
            seen.push((at, format!("`{}` compares objects, not values", short(tree.text(at)))));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn identity_with_a_literal_is_seen_and_with_none_is_not() {
        sees(&OWN, "a.py", "x = a is 'b'\n", &[(1, "`a is 'b'` compares objects, not values")]);
        sees(&OWN, "a.py", "x = a is not 3\n", &[(1, "`a is not 3` compares objects, not values")]);
        sees(&OWN, "a.py", "x = a is None or a is b or a == 'b' or a in 'is'\n", &[]);
    }
}
