//! Comparisons that are always true.

use loki_model::Severity;

use super::each_code;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{Nature, Role};

/// An equality that compares nothing.
pub(super) const RULE: Rule = Rule {
    id: "substance/always-equal",
    severity: Severity::Warning,
    what: "An equality that the change brings does not compare anything.",
    why: "Tests that compare such values pass, whatever the values are. An error where the type has fields of its \
          own.",
    example: "+ def __eq__(self, other):\n+     return isinstance(other, View)",
    fix: "Compare what makes two values the same, or leave the language's own equality in place.",
    look,
};

/// What languages call their equalities.
const NAMES: &[&str] = &["__eq__", "__ne__", "equals", "Equals", "eq", "isEqual", "=="];

/// Signs that compare.
const SIGNS: &[&str] = &["==", "!=", "===", "!==", "is", "is not", "in", "<", ">", "<=", ">="];

/// Calls that only look at types.
const TYPE_CALLS: &[&str] = &["isinstance", "type", "issubclass", "getClass", "kind_of?", "is_a?"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        let tree = code.after.tree();
        for function in code.touched() {
            let Some(body) = function.body else { continue };
            // A receiver, and what it is compared with.
            let takes = function.parameters.len();
            if !NAMES.contains(&function.name.as_str())
                || function.nature != Nature::Plain
                || !(1..=2).contains(&takes)
            {
                continue;
            }
            let compares = tree.inside(body).any(|at| {
                tree.role(at) == Role::Binary
                    && tree.children(at).any(|sign| SIGNS.contains(&tree.text(sign).trim()))
            });
            let calls = tree.inside(body).any(|at| {
                let callee = tree.text(at).split('(').next().unwrap_or_default();
                matches!(tree.role(at), Role::Call | Role::Macro) && !TYPE_CALLS.contains(&callee)
            });
            if !compares && !calls {
                let message = format!("`{}` does not compare anything", function.qualified);
                let mut finding = RULE.at(&code.file.path, function.lines.0, message);
                if super::equality_narrowed::has_fields(code.after, function.at) {
                    finding.severity = Severity::Error;
                }
                found.add(finding);
            }
        }
    });
}
