//! What the words of a statement say: how much it is wanted, and of which kind it is.

use loki_model::Priority;

/// How much the words ask for, by the first of them that says so; nothing when none does.
///
/// Words in `code` do not count.
pub(crate) fn priority(statement: &str) -> Option<Priority> {
    let words = words(statement);
    let found = (0..words.len()).find_map(|at| priority_at(&words, at));
    found.or_else(|| priority_without_spaces(statement))
}

/// Whether a sentence of prose asks for something: it has `must`, `shall`, `should` or `may`, or
/// is a user story.
pub(crate) fn asks(sentence: &str) -> bool {
    let words = words(sentence);
    let is_modal = |at: usize| {
        let word = words[at].folded.as_str();
        let is_one = matches!(word, "must" | "shall" | "should" | "may" | "mustn't" | "shouldn't");
        let is_state = |at: usize| matches!(words[at].folded.as_str(), "is" | "are");
        let is_one = is_one || word == "required" && at > 0 && is_state(at - 1);
        (is_one || OTHER_MODALS.contains(&word)) && priority_at(&words, at).is_some()
    };
    (0..words.len()).any(is_modal) && !explains_modals(&words)
        || is_story(&words)
        || priority_without_spaces(sentence).is_some()
}

/// Whether a statement says what a product does where hardly any does: it asks, or somebody can.
pub(crate) fn offers(statement: &str) -> bool {
    asks(statement)
        || words(statement).iter().any(|word| matches!(word.folded.as_str(), "can" | "cannot"))
}

/// Whether a statement may not be left out of a product.
pub(crate) fn insists(sentence: &str) -> bool {
    words(sentence).iter().any(|word| matches!(word.folded.as_str(), "must" | "shall"))
}

/// Whether a text says what is taken for granted.
pub(crate) fn assumes(text: &str) -> bool {
    let words = words(text);
    let word = |at: usize| words.get(at).map_or("", |word| word.folded.as_str());
    match (word(0), word(1), word(2)) {
        ("assume" | "assuming" | "assumption" | "assumptions" | "assumed", ..)
        | ("we" | "i", "assume", _)
        | ("it", "is", "assumed")
        | ("presumably", ..) => true,
        _ => false,
    }
}

/// Whether it asks the reader.
pub(crate) fn is_question(sentence: &str) -> bool {
    sentence.trim_end_matches([' ', '"', '\'', ')', '*', '_']).ends_with(['?', '？'])
}

/// Whether a text begins a scenario: `Given …`, with a `when` or `then`, or without asking.
pub(crate) fn begins_scenario(text: &str) -> bool {
    let words = words(text);
    let has = |what: &[&str]| words.iter().any(|word| what.contains(&word.folded.as_str()));
    match words.first().map(|word| word.folded.as_str()) {
        Some("given") => has(&["when", "then"]) || priority(text).is_none(),
        Some("scenario") => has(&["given", "when", "then"]),
        _ => false,
    }
}

/// Whether a text goes on with a scenario that was begun before it.
pub(crate) fn continues_scenario(text: &str) -> bool {
    let first = words(text).into_iter().next();
    first.is_some_and(|word| matches!(word.folded.as_str(), "when" | "then" | "and" | "but"))
}

/// What asks in other languages.
const OTHER_MODALS: [&str; 20] = [
    "muss",
    "müssen",
    "soll",
    "sollen",
    "darf",
    "dürfen",
    "sollte",
    "sollten",
    "doit",
    "doivent",
    "devrait",
    "devraient",
    "debe",
    "deben",
    "debería",
    "deve",
    "devem",
    "devono",
    "moet",
    "moeten",
];

/// Chinese and Japanese have no spaces between words.
fn priority_without_spaces(text: &str) -> Option<Priority> {
    if text.is_ascii() {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["必须", "必須", "不得", "禁止", "しなければならない", "する必要がある"])
    {
        Some(Priority::Must)
    } else if has(&["应当", "应该", "應該", "べきである"]) {
        Some(Priority::Should)
    } else if has(&["可以选择", "してもよい"]) {
        Some(Priority::Could)
    } else {
        None
    }
}

struct Word {
    folded: String,
    /// Written like a name: `May`, and neither `may` nor `MAY`.
    is_name: bool,
}

fn words(text: &str) -> Vec<Word> {
    // Every second part stands between backticks.
    let prose = text.split('`').step_by(2);
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '\'' || letter == '’';
    prose
        .flat_map(|part| part.split(move |letter| !is_part(letter)))
        .filter(|word| !word.is_empty())
        .map(|word| Word {
            folded: word.to_lowercase().replace('’', "'"),
            is_name: word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase),
        })
        .collect()
}

fn priority_at(words: &[Word], at: usize) -> Option<Priority> {
    let word = |offset: usize| words.get(at + offset).map_or("", |word| word.folded.as_str());
    match (word(0), word(1), word(2)) {
        ("must" | "shall" | "mustn't" | "required" | "mandatory", ..)
        | ("has" | "have" | "need" | "needs", "to", _)
        | ("may", "not", _) => Some(Priority::Must),
        // The same in the languages that specs mix in most.
        (
            "muss" | "müssen" | "soll" | "sollen" | "doit" | "doivent" | "debe" | "deben" | "deve"
            | "devem" | "devono" | "moet" | "moeten",
            ..,
        )
        | ("darf" | "dürfen", ..) => Some(Priority::Must),
        ("sollte" | "sollten" | "devrait" | "devraient" | "debería" | "deberían", ..) => {
            Some(Priority::Should)
        }
        ("should" | "shouldn't" | "recommended", ..) => Some(Priority::Should),
        // The month.
        ("may", ..) if at > 0 && words[at].is_name => None,
        ("may" | "could" | "might" | "optional" | "optionally" | "ideally", ..)
        | ("nice", "to", "have") => Some(Priority::Could),
        _ => None,
    }
}

/// `The key words MUST and SHOULD are to be read as in RFC 2119.`
fn explains_modals(words: &[Word]) -> bool {
    words.iter().any(|word| matches!(word.folded.as_str(), "2119" | "rfc2119" | "8174" | "rfc8174"))
}

/// `As a reader, I want to …`
fn is_story(words: &[Word]) -> bool {
    let is = |at: usize, what: &[&str]| {
        words.get(at).is_some_and(|word| what.contains(&word.folded.as_str()))
    };
    is(0, &["as"])
        && is(1, &["a", "an", "the"])
        && (2..words.len()).any(|at| is(at, &["i", "we"]) && is(at + 1, &["want", "need", "can"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_that_says_so_gives_the_priority() {
        use Priority::{Could, Must, Should};
        for (statement, expected) in [
            ("It must save.", Some(Must)),
            ("It MUST NOT crash, and may warn.", Some(Must)),
            ("Users may not edit", Some(Must)),
            ("You need to log in", Some(Must)),
            ("It should warn when it must stop", Some(Should)),
            ("Optional: dark mode", Some(Could)),
            ("Dark mode (nice to have)", Some(Could)),
            ("Users may export", Some(Could)),
            ("Released in May 2031", None),
            ("Clients MAY retry", Some(Could)),
            ("Saves the file", None),
            ("`must` is printed", None),
            ("mustard", None),
            ("", None),
        ] {
            assert_eq!(priority(statement), expected, "{statement}");
        }
    }

    #[test]
    fn prose_asks_with_a_modal_verb_or_as_a_story() {
        for sentence in [
            "The list must be sorted.",
            "It shall be fast.",
            "May be run twice.",
            "As a cook, I want to see my recipes so that I can shop.",
        ] {
            assert!(asks(sentence), "{sentence}");
        }
        for sentence in [
            "Lists are sorted.",
            "It could be that nobody cares.",
            "They have to wait today.",
            "The release is in May.",
            "As a rule, I think so.",
            "MUST and MAY are to be read as in RFC 2119.",
        ] {
            assert!(!asks(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_scenario_begins_with_given_and_is_no_mere_clause() {
        for text in [
            "Given a list When I add Then it grows",
            "given an empty list",
            "Given x, then the app must stop",
        ] {
            assert!(begins_scenario(text), "{text}");
        }
        for text in
            ["Given its size, the app must be fast.", "When I click, it opens", "", "Giving"]
        {
            assert!(!begins_scenario(text), "{text}");
        }
    }
}
