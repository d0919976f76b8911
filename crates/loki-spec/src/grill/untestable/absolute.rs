use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::{Cx, Sentence};

pub(crate) const RULE: Rule = Rule {
    id: "untestable/absolute",
    severity: Severity::Warning,
    what: "A promise without an end: all browsers, always available, no bugs.",
    why: "It can be refuted and never shown, and nobody means it: there are those that count.",
    example: "The page must work in all browsers.",
    reworded: "The page must work in the current and the previous version of Firefox, Chrome and Safari.",
    limits: "`all` and `never` by themselves are fine: all notes of a user can be listed.",
    look,
};

const PHRASES: &[(&[&str], &str)] = &[
    (
        &[
            "all browsers",
            "every browser",
            "any browser",
            "all major browsers",
            "all modern browsers",
            "modern browsers",
            "major browsers",
        ],
        "⟨the current versions of Firefox, Chrome and Safari⟩",
    ),
    (
        &[
            "all devices",
            "any device",
            "every device",
            "all screen sizes",
            "any screen size",
            "all platforms",
            "any platform",
            "every platform",
            "all operating systems",
            "any operating system",
        ],
        "⟨which⟩",
    ),
    (
        &[
            "always available",
            "always be available",
            "never be down",
            "never go down",
            "at all times",
            "24 7",
            "100 % uptime",
            "100 % availability",
            "100 % available",
        ],
        "⟨99.9 % of a month⟩",
    ),
    (
        &[
            "bug-free",
            "no bugs",
            "without bugs",
            "error-free",
            "free of bugs",
            "free of errors",
            "flawless",
            "flawlessly",
            "perfect",
            "perfectly",
        ],
        "⟨passing the following tests⟩",
    ),
    (
        &[
            "under all circumstances",
            "under any circumstances",
            "in all cases",
            "in any case",
            "all possible",
            "every possible",
            "all kinds of",
            "any kind of",
            "all sorts of",
        ],
        "⟨which⟩",
    ),
    (
        &[
            "any format",
            "all formats",
            "every format",
            "all languages",
            "any language",
            "any size",
            "any length",
            "any number of",
        ],
        "⟨which, up to how many⟩",
    ),
];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in cx.sentences.iter().filter(|sentence| !sentence.is_explained()) {
        let hit = PHRASES
            .iter()
            .find_map(|(phrases, instead)| Some((sentence.find(phrases)?.1, *instead)))
            // `all devices of the account`: those that there are.
            .filter(|(at, _)| sentence.word(at.end) != "of" || sentence.word(at.end - 1) == "of");
        let hit =
            hit.or_else(|| Some((any_browser(sentence)?, "⟨which browsers, in which versions⟩")));
        // `in 80 % of all browsers`: a share is no absolute.
        let share =
            sentence.is_counted() && !sentence.has(&["uptime", "availability", "available"]);
        let Some((at, instead)) = hit.filter(|_| !share) else { continue };
        let word = sentence.quote(&at).to_owned();
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("`{word}` can never be shown"),
                ask: format!("Which of `{word}` count?"),
                rewording: Some(sentence.with(&at, instead)),
                assumption: format!("`{word}` means what the tests of the project cover"),
            },
        );
    }
}

/// `any HTML browser`, `most database systems`: the word between does not make them fewer.
fn any_browser(sentence: &Sentence<'_>) -> Option<std::ops::Range<usize>> {
    const WHAT: &[&str] = &["browser", "browsers", "devices", "platforms", "systems", "servers"];
    (0..sentence.words.len()).find_map(|at| {
        let all = matches!(sentence.word(at), "any" | "all" | "most" | "every");
        let end = (at + 2..=at + 4).find(|end| WHAT.contains(&sentence.word(end - 1)))?;
        let own = sentence.words[at + 1..end].iter().any(|word| {
            // `all devices of the profile`, `all my servers`
            matches!(
                word.folded.as_str(),
                "of" | "the" | "his" | "her" | "my" | "our" | "its" | "their" | "these"
            )
        });
        let browser = sentence.word(end - 1).starts_with("browser") || sentence.word(at) == "most";
        (all && !own && browser && sentence.word(end) != "of").then_some(at..end)
    })
}
