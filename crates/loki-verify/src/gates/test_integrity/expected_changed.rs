//! Expectations that changed.

use loki_model::Severity;

use super::compared::{Became, compared};
use super::{Found, Rule, at, quoted, showing, with_suite};
use crate::suite::Suite;

/// The same is looked at, and something else is expected.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/expected-changed",
    severity: Severity::Note,
    what: "An existing assertion looks at the same and expects another value.",
    why: "That is what an intended change of behaviour looks like, and what a test that was bent to \
          the code looks like. Only who knows what was wanted can tell.",
    example: "-    assert price(3) == 30\n+    assert price(3) == 27",
    fix: "Say in the change which behaviour was meant to change.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after, _) in suite.kept() {
        for became in compared(suite, &before, &after) {
            let Became::Expects(b, a) = became else { continue };
            let value = |text: &Option<String>| {
                text.as_deref().map_or_else(|| "something else".to_owned(), quoted)
            };
            let message = format!(
                "`{}` expects {} where it expected {}",
                after.test.name,
                value(&a.assertion.expected_text),
                value(&b.assertion.expected_text)
            );
            let shown =
                format!("- {}\n+ {}", before.text(b.assertion.at), after.text(a.assertion.at));
            found.add(showing(at(&RULE, &after, a.line, message), &shown));
        }
    }
}
