use loki_model::Severity;

use super::all;
use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "scenario/no-when",
    severity: Severity::Note,
    what: "A scenario in which nothing happens.",
    why: "Whoever writes its test has to guess what to do.",
    example: "Given a logged-in user, then the menu shows their name",
    reworded: "Given a logged-in user, when they open any page, then the menu shows their name",
    limits: "A note: some things hold all the time.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for scenario in all(cx) {
        let happens =
            ["when", "if", "after", "once", "while"].iter().any(|word| scenario.count(word) > 0);
        let Some(first) = scenario.first().filter(|_| !happens && scenario.count("then") > 0)
        else {
            continue;
        };
        found.ask(
            rule,
            first,
            Says {
                message: "has no `When`".to_owned(),
                ask: "What happens between `Given` and `Then`?".to_owned(),
                rewording: None,
                assumption: "it holds without anything happening".to_owned(),
            },
        );
    }
}
