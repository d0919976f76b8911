//! Table: what the gate `change` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[
    &EMPTY,
    &CONFLICT_MARKER,
    &super::dangling_submodule::RULE,
    &super::stray::RULE,
    &super::huge::RULE,
    &SETTINGS,
    &OWN_DIRECTORY,
];

const EMPTY: Rule = Rule {
    id: "change/empty",
    severity: Severity::Error,
    what: "Nothing differs from where the change started.",
    why: "\"Done\" over an empty change is the cheapest false claim.",
    example: "(an empty diff)",
    fix: "Make the change, or name the right base: `loki verify BASE`.",
    look: while_judging,
};

const CONFLICT_MARKER: Rule = Rule {
    id: "change/conflict-marker",
    severity: Severity::Error,
    what: "Added lines hold both ends of a merge conflict.",
    why: "A merge was left half done; the file is not what anybody wrote.",
    example: "+<<<<<<< HEAD\n+a = 1\n+=======\n+a = 2\n+>>>>>>> theirs",
    fix: "Resolve the conflict.",
    look: while_judging,
};

const SETTINGS: Rule = Rule {
    id: "change/settings",
    severity: Severity::Warning,
    what: "The change alters `.loki/config.toml`, the settings of its own judge.",
    why: "Those of the base were used; the new ones count once they are merged, so a person has to \
          agree with them.",
    example: "+[verify.gates]\n+tests = \"off\"",
    fix: "Look at the settings by themselves.",
    look: while_judging,
};

const OWN_DIRECTORY: Rule = Rule {
    id: "change/own-directory",
    severity: Severity::Note,
    what: "The change touches a file of `.loki/`.",
    why: "What loki writes there is not part of the work, and not evidence either.",
    example: "+.loki/verify/evidence.json",
    fix: "Leave the directory to loki; only settings and the spec lock are committed.",
    look: while_judging,
};
