//! Comments that ask loki not to report something.

use loki_model::Severity;

use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;
use crate::waiver::Suppression;

/// The change asks for a finding not to be reported.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/own-suppression",
    severity: Severity::Warning,
    what: "The change brings a comment that asks for a finding not to be reported.",
    why: "Who is judged does not decide what is reported: the comment counts from the next change on, \
          once somebody else has let it in.",
    example: "+key = EXAMPLE  # loki: allow(secrets/aws-access-key) of the vendor's manual",
    fix: "Correct what is found. Where that is not wanted, say so when the change is reviewed.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| file.kind != Kind::Docs) {
        for (line, text) in file.added_lines() {
            let Some(suppression) = Suppression::of(text) else { continue };
            let rules = suppression.rules().join("`, `");
            let message = format!("asks for `{rules}` not to be reported; it hides nothing here");
            found.add(RULE.at(&file.path, line, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn a_suppression_that_is_added_is_told_and_one_that_stands_is_not() {
        let before = "x = 1  # loki: allow(substance/stub) by design\n";
        let after = format!("{before}y = 2  # loki: allow(secrets/jwt) an example\n");
        check(look, &[("a.py", before)], &[("a.py", &after)], "warning own-suppression a.py:2");
        check(look, &[], &[("README.md", before)], "");
    }
}
