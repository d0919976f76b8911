use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "ears/several-in-one",
    severity: Severity::Note,
    what: "Several demands in one requirement.",
    why: "One half can hold without the other, and the requirement then is neither covered nor not.",
    example: "The list must be sorted by date and it must show at most 20 entries.",
    reworded: "The list must be sorted by date. / The list must show at most 20 entries.",
    limits: "A note: it is style. Only for two or more of `must`, `shall` and `should` in one statement.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in cx.statements() {
        let asks = |word: &&crate::grill::words::Word| {
            matches!(word.folded.as_str(), "must" | "shall" | "should")
        };
        let demands = sentence.words.iter().filter(asks).count();
        if demands < 2 {
            continue;
        }
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("asks for {demands} things at once"),
                ask: "Can each of them be a requirement of its own?".to_owned(),
                rewording: None,
                assumption: "it holds only when all of them do".to_owned(),
            },
        );
    }
}
