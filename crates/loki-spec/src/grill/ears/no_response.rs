use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "ears/no-response",
    severity: Severity::Warning,
    what: "A condition without what follows from it.",
    why: "It says when, and not what: there is nothing to build and nothing to check.",
    example: "When the upload is finished.",
    reworded: "When the upload is finished, the page shows the name and the size of the file.",
    limits: "Only for short statements with neither a comma nor a verb that asks for something.",
    look,
};

/// A longer statement has its response in it, even without a comma.
const WORDS_MAX: usize = 6;

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    const CONDITIONS: &[&str] = &["when", "whenever", "while", "if", "once", "as soon as", "after"];
    for sentence in cx.statements() {
        let begins = sentence.find_at(0, CONDITIONS).is_some();
        let answers = sentence.text.contains([',', ':', ';', '→', '`', '-', '—'])
            || sentence
                .has(&["must", "shall", "should", "then", "can", "may", "will", "show", "shows"]);
        if !begins || answers || sentence.words.len() > WORDS_MAX || sentence.is_explained() {
            continue;
        }
        found.ask(
            rule,
            sentence,
            Says {
                message: "says when, and not what happens then".to_owned(),
                ask: "What happens then?".to_owned(),
                rewording: Some(format!(
                    "{}, ⟨the product does what⟩.",
                    sentence.text.trim_end_matches('.')
                )),
                assumption: "nothing is built for it".to_owned(),
            },
        );
    }
}
