use loki_model::Severity;

use super::all;
use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "scenario/several-whens",
    severity: Severity::Note,
    what: "A scenario with more than one `When`.",
    why: "When it fails, nobody knows after which step.",
    example: "Given a cart, when I add a book, then it holds one, when I remove it, then it is empty",
    reworded: "Given a cart with a book, when I remove it, then the cart is empty",
    limits: "A note: it is style.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for scenario in all(cx) {
        let whens = scenario.count("when");
        let Some(first) = scenario.first().filter(|_| whens > 1 && scenario.count("then") > 1)
        else {
            continue;
        };
        found.ask(
            rule,
            first,
            Says {
                message: format!("has {whens} `When`"),
                ask: "Can it be several scenarios?".to_owned(),
                rewording: None,
                assumption: "its steps are checked one after another".to_owned(),
            },
        );
    }
}
