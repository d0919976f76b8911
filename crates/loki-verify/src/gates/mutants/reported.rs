//! Table: what the gate `mutants` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[&UNWATCHED, &ADDITION, &SURVIVED];

const UNWATCHED: Rule = Rule {
    id: "mutants/unwatched",
    severity: Severity::Warning,
    what: "No mistake that was made on purpose in a function was noticed, not even that it did nothing at \
           all.",
    why: "Tests that pass whatever a function does show nothing about it.",
    example: "def total(items):\n    return None              # and every test still passes",
    fix: "Write a test that fails when the function is wrong.",
    look: while_judging,
};

const ADDITION: Rule = Rule {
    id: "mutants/addition-unwatched",
    severity: Severity::Warning,
    what: "What the change adds to functions that were there before can be left out again, and no test \
           notices any of it.",
    why: "The change claims new behaviour; the tests look at what was there before.",
    example: "+     if prepaid:                         # and no test prepays anything\n+         rows.append((\"Due\", total - prepaid))",
    fix: "Write a test that fails without the addition.",
    look: while_judging,
};

const SURVIVED: Rule = Rule {
    id: "mutants/survived",
    severity: Severity::Note,
    what: "A mistake that was made on purpose was not noticed by any test.",
    why: "It may be one that nobody could see, or one that a test is missing for.",
    example: "if amount > limit:           # `>=` in place of `>` is not noticed",
    fix: "Look whether a test of that case is missing.",
    look: while_judging,
};
