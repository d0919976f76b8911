//! Table: what the gate `static-analysis` reports.

use loki_model::Severity;

use super::own::{
    condition_assigned, literal_identity, mutable_default, same_condition, same_key, same_operands,
    self_assigned, unknown_name, unreachable_code,
};
use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[
    &NEWS,
    &NOT_INSTALLED,
    &NOT_RUN,
    &unknown_name::OWN.rule,
    &unreachable_code::OWN.rule,
    &same_operands::OWN.rule,
    &same_condition::OWN.rule,
    &same_key::OWN.rule,
    &condition_assigned::OWN.rule,
    &self_assigned::OWN.rule,
    &literal_identity::OWN.rule,
    &mutable_default::OWN.rule,
];

const NEWS: Rule = Rule {
    id: "static-analysis/*",
    severity: Severity::Warning,
    what: "A linter or type checker of the project finds something in a changed file that it does \
           not find in the base; the part after the slash names the tool and its rule.",
    why: "The project runs the tool itself: its automation will turn red.",
    example: "+import os                     # ruff: `os` imported but unused (F401)",
    fix: "Correct what is named, or suppress it where the project does so too. \
          `[verify.static_analysis] blocking = true` lets it block.",
    look: while_judging,
};

const NOT_INSTALLED: Rule = Rule {
    id: "static-analysis/not-installed",
    severity: Severity::Note,
    what: "A tool is configured and not installed on this machine.",
    why: "What it knows about the change is not known here.",
    example: "pyrightconfig.json is there, and pyright is not",
    fix: "Install it in the project's own environment, as the message says.",
    look: while_judging,
};

const NOT_RUN: Rule = Rule {
    id: "static-analysis/not-run",
    severity: Severity::Note,
    what: "A tool could not be run. A note when it can not be run on the base either.",
    why: "What it knows about the change is not known here.",
    example: "eslint: Cannot find package 'eslint-plugin-x'",
    fix: "Install what it misses; the message says what that is.",
    look: while_judging,
};
