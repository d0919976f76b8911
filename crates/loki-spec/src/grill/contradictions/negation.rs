use std::collections::HashMap;

use loki_model::Severity;

use super::{says, severity};
use crate::grill::rule::{Found, Rule};
use crate::grill::sentence::{Cx, Sentence};
use crate::grill::topic;
use crate::grill::words::stem;

pub(crate) const RULE: Rule = Rule {
    id: "contradiction/negation",
    severity: Severity::Error,
    what: "Two requirements of which one denies the other.",
    why: "No program fulfils both, so the run can not end verified, whatever it costs.",
    example: "Guests can edit shared notes.\nGuests must not edit shared notes.",
    reworded: "Guests can read shared notes and can not edit them.",
    limits: "Both have to say the same words in the same order, apart from the denial and from pairs such as \
             ascending and descending. Exceptions (`unless`, `only`, `except`) and conditions that only one of \
             them has are not compared. What only one of two can be, as in `users can sort ascending` and `users \
             can sort descending`, is no contradiction.",
    look,
};

const DENIALS: &[&str] =
    &["not", "never", "cannot", "no", "forbidden", "prohibited", "disallowed", "nor"];

/// What makes a statement hold for a part only.
const SCOPES: &[&str] = &[
    "unless",
    "except",
    "only",
    "until",
    "other",
    "instead",
    "otherwise",
    "again",
    "yet",
    "already",
    "anymore",
    "longer",
];

const CONDITIONS: &[&str] = &[
    "when", "whenever", "if", "while", "where", "after", "before", "during", "once", "given",
    "then",
];

/// What both can be said of something that may be either.
const ABILITIES: &[&str] =
    &["can", "may", "could", "able", "possible", "allow", "allows", "lets", "choose"];

/// Of each pair one denies the other; only what a thing is, and nothing that somebody does.
const OPPOSITES: &[(&str, &str)] = &[
    ("ascending", "descending"),
    ("newest", "oldest"),
    ("visible", "hidden"),
    ("public", "private"),
    ("optional", "mandatory"),
    ("enabled", "disabled"),
    ("encrypted", "unencrypted"),
    ("case-sensitive", "case-insensitive"),
    ("synchronously", "asynchronously"),
    ("mutable", "immutable"),
];

/// What a statement says, and whether it denies it.
struct Said<'a, 'b> {
    sentence: &'b Sentence<'a>,
    words: Vec<String>,
    denies: bool,
    opposites: usize,
    is_ability: bool,
}

/// Fewer words than this are too few to be sure that they mean the same.
const WORDS_MIN: usize = 2;

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    let mut by_words: HashMap<Vec<String>, Vec<Said<'_, '_>>> = HashMap::new();
    for sentence in cx.statements() {
        let Some(said) = said(sentence) else { continue };
        let same = by_words.entry(said.words.clone()).or_default();
        for other in same.iter() {
            let denied = other.denies != said.denies;
            let opposed =
                other.opposites != said.opposites && !(other.is_ability && said.is_ability);
            if denied != opposed {
                let message = format!("this and `{}` deny each other", sentence.text);
                let severity = severity(other.sentence, sentence);
                found.contradiction(
                    rule,
                    severity,
                    (other.sentence, sentence),
                    says(message, sentence),
                );
            }
        }
        same.push(said);
    }
}

fn said<'a, 'b>(sentence: &'b Sentence<'a>) -> Option<Said<'a, 'b>> {
    if sentence.has(SCOPES) {
        return None;
    }
    let (mut words, mut denials, mut opposites) = (Vec::new(), 0, 0);
    for word in sentence.words.iter().map(|word| word.folded.as_str()) {
        if DENIALS.contains(&word) || word.ends_with("n't") {
            denials += 1;
            continue;
        }
        let pair = OPPOSITES.iter().find(|(a, b)| *a == word || *b == word);
        if let Some((first, second)) = pair {
            opposites += usize::from(*second == word);
            words.push((*first).to_owned());
        } else if CONDITIONS.contains(&word) {
            words.push(word.to_owned());
        } else if topic::is_content(word)
            || is_person(word)
            || word.starts_with(|c: char| c.is_ascii_digit())
        {
            words.push(topic::alike(stem(word)));
        }
    }
    let is_ability = sentence.has(ABILITIES);
    (words.len() >= WORDS_MIN).then_some(Said {
        sentence,
        words,
        denies: denials % 2 == 1,
        opposites: opposites % 2,
        is_ability,
    })
}

/// Who does it, which matters here.
fn is_person(word: &str) -> bool {
    matches!(word, "user" | "users" | "i" | "we" | "all" | "every" | "each" | "any")
}
