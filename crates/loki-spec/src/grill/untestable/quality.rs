use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::{Cx, Sentence};

pub(crate) const RULE: Rule = Rule {
    id: "untestable/quality",
    severity: Severity::Warning,
    what: "A quality without anything that would show it: secure, reliable, works well.",
    why: "No test fails when it is missing, so a verdict can not say that it is there.",
    example: "The API must be secure.",
    reworded: "Every route but `/health` answers 401 without a valid token.",
    limits: "Not reported where acceptance criteria follow, and not where the word has a plain meaning, as in \
             `a secure cookie` or `accessible from the menu`.",
    look,
};

/// Whatever stands around them.
const ALWAYS: &[&str] = &[
    "best practice",
    "best practices",
    "industry standard",
    "industry standards",
    "production-ready",
    "production ready",
    "production-grade",
    "enterprise-grade",
    "high quality",
    "high-quality",
    "works well",
    "work well",
    "works correctly",
    "work correctly",
    "works as expected",
    "work as expected",
    "works properly",
    "work properly",
    "works fine",
    "looks good",
    "look good",
    "looks professional",
    "look professional",
    "look nice",
    "looks nice",
    "feels native",
    "feel native",
    "great user experience",
    "good user experience",
    "good ux",
    "great ux",
    "securely",
    "reliably",
    "thoroughly",
    "comprehensively",
    "comprehensive",
    "maintainable",
    "clean code",
    "well-tested",
    "well tested",
    "well-structured",
    "well structured",
    "robustly",
    "future-proof",
    "secure way",
    "secure manner",
    "professional appearance",
    "professional look",
    "consistent security",
    "appealing",
    "pleasant",
    "attractive to",
    "good look",
    "high level of security",
];

/// Only as what something is.
const IS: &[&str] = &[
    "secure",
    "reliable",
    "robust",
    "stable",
    "usable",
    "professional",
    "extensible",
    "modular",
    "testable",
    "portable",
    "accessible",
    "consistent",
    "safe",
    "friendly",
    "simple",
    "clean",
    "attractive",
    "polished",
];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in cx.sentences.iter().filter(|s| !s.is_explained() && !s.is_counted()) {
        let is = || sentence.find(IS).filter(|(word, at)| is_all_of_it(sentence, word, at.start));
        let Some((_, at)) = sentence.find(ALWAYS).or_else(is) else { continue };
        let word = sentence.quote(&at).to_owned();
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("nothing could show that `{word}` holds"),
                ask: format!("What would you look at to see that `{word}` is not true?"),
                rewording: Some(sentence.followed_by("This holds when ⟨what can be observed⟩.")),
                assumption: format!("`{word}` is not checked"),
            },
        );
    }
}

/// `must be secure.`, `is stable and …`; not `must be secure cookies`, `is accessible from the menu`,
/// `sorting is stable`.
fn is_all_of_it(sentence: &Sentence<'_>, word: &str, at: usize) -> bool {
    const BE: &[&str] = &["be", "stay", "remain", "look", "feel", "very", "highly"];
    let (before, next) = (sentence.before(at), sentence.word(at + 1));
    let two_before = at.checked_sub(2).map_or("", |at| sentence.word(at));
    let is = BE.contains(&before)
        || before == "and" && sentence.has(&["must", "should", "shall"]) && next.is_empty();
    let ends = next.is_empty()
        || matches!(next, "and" | "at" | "for" | "in" | "enough" | "under" | "all" | "as");
    let place =
        matches!(word, "accessible") && matches!(next, "at" | "in" | "for" | "under" | "as");
    let sort = matches!(word, "stable")
        && sentence.has(&["sort", "sorted", "sorting", "order", "ids", "id", "urls", "url"]);
    let must = two_before != "not";
    is && ends && !place && !sort && must && !sentence.has_number()
}
