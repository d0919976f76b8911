use loki_model::Severity;

use super::all;
use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "scenario/no-then",
    severity: Severity::Warning,
    what: "A scenario that ends before anything is expected.",
    why: "Without a `Then` there is nothing that could be wrong.",
    example: "Given an empty list, when the user adds a note",
    reworded: "Given an empty list, when the user adds a note, then the list shows one note",
    limits: "`Then` may stand in a criterion of its own, below.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for scenario in all(cx) {
        let Some(first) = scenario.first().filter(|_| scenario.count("then") == 0) else {
            continue;
        };
        found.ask(
            rule,
            first,
            Says {
                message: "has no `Then`".to_owned(),
                ask: "What is to be seen at its end?".to_owned(),
                rewording: Some(first.followed_by("Then ⟨what is to be seen⟩.")),
                assumption: "the scenario is not checked".to_owned(),
            },
        );
    }
}
