//! Table: what the gate `secrets` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[&KIND];

const KIND: Rule = Rule {
    id: "secrets/*",
    severity: Severity::Error,
    what: "An added line, the name of an added file or the message of a commit holds something of the shape that an issuer documents for its keys, tokens \
           or passwords; the part after the slash says which.",
    why: "What was once pushed is known for ever.",
    example: "+token = \"ghp_…\"",
    fix: "Revoke it, take it out of every commit of the change, and read it from the environment.",
    look: while_judging,
};
