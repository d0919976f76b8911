use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "vague/undecided",
    severity: Severity::Warning,
    what: "A place holder for a decision that nobody took: TBD, `to be decided`, `???`.",
    why: "The agent takes it for you, at your cost, and nobody is told.",
    example: "Sessions end after TBD minutes.",
    reworded: "Sessions end after 30 minutes without a request.",
    limits: "Place holders in code and quotations are text.",
    look,
};

/// As people write them in capitals; in small letters they may be names.
const MARKS: &[&str] = &["TBD", "TBC", "TBA", "FIXME", "XXX", "???"];

const PHRASES: &[&str] = &[
    "to be decided",
    "to be determined",
    "to be defined",
    "to be confirmed",
    "to be discussed",
    "to be clarified",
    "to be agreed",
    "to be specified",
    "not yet decided",
    "not decided yet",
    "undecided",
    "not sure",
    "or something",
    "or whatever",
    "lorem ipsum",
    "we will decide",
    "decide later",
];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in &cx.sentences {
        let phrase = sentence.find(PHRASES).map(|(_, at)| at);
        let mark = || {
            let at = sentence.words.iter().position(|word| {
                sentence.text.get(word.at.clone()).is_some_and(|text| MARKS.contains(&text))
            });
            at.map(|at| at..at + 1)
        };
        let found_at = phrase.or_else(mark);
        let unknown =
            found_at.is_none() && outside_code(sentence.text).any(|part| part.contains("???"));
        let (word, rewording) = match &found_at {
            Some(at) => (sentence.quote(at).to_owned(), sentence.with(at, "⟨your decision⟩")),
            None if unknown => ("???".to_owned(), sentence.text.replace("???", "⟨your decision⟩")),
            None => continue,
        };
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("`{word}` stands where a decision belongs"),
                ask: "What is decided?".to_owned(),
                rewording: Some(rewording),
                assumption: "the agent decides".to_owned(),
            },
        );
    }
}

fn outside_code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').step_by(2)
}
