use std::ops::Range;

use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::{Cx, Sentence};

pub(crate) const RULE: Rule = Rule {
    id: "vague/weasel-word",
    severity: Severity::Warning,
    what: "A word that leaves the decision to whoever reads it.",
    why: "The agent decides what it means, and nothing can show that it decided as you would have.",
    example: "Invalid input must be handled gracefully.",
    reworded: "Invalid input must be refused with a message that names the field, and nothing is saved.",
    limits: "Not reported where acceptance criteria say what the word means, nor in code and quotations.",
    look,
};

/// What to say instead of each word.
const WORDS: &[(&[&str], &str)] = &[
    (
        &[
            "user-friendly",
            "user friendly",
            "easy",
            "easily",
            "intuitive",
            "intuitively",
            "straightforward",
            "convenient",
            "conveniently",
            "effortless",
            "effortlessly",
            "self-explanatory",
            "self explanatory",
            "naturally understandable",
            "simple to",
        ],
        "in at most ⟨3⟩ steps, without ⟨reading documentation⟩",
    ),
    (&["seamless", "seamlessly", "smooth", "smoothly"], "without ⟨what must not be noticed⟩"),
    (
        &["appropriate", "appropriately", "suitable", "suitably", "adequate", "adequately"],
        "⟨which⟩",
    ),
    (
        &[
            "reasonable",
            "reasonably",
            "sensible",
            "sensibly",
            "meaningful",
            "acceptable",
            "acceptably",
            "satisfactory",
            "decent",
            "clear message",
            "clear messages",
            "clear error",
        ],
        "⟨exactly which⟩",
    ),
    (
        &[
            "basic functionality",
            "basic validation",
            "basic checking",
            "basic data",
            "basic features",
            "basic security",
            "basic support",
            "basic error",
            "basic search",
            "basic editing",
            "basic statistics",
        ],
        "⟨exactly which⟩",
    ),
    (&["various", "numerous", "miscellaneous", "most of the", "most common"], "⟨which⟩"),
    (&["sufficient", "sufficiently", "enough"], "⟨how much⟩"),
    (
        &[
            "as needed",
            "if needed",
            "when needed",
            "where needed",
            "as necessary",
            "if necessary",
            "when necessary",
            "where necessary",
            "as required",
            "if required",
            "when required",
            "where applicable",
            "if applicable",
            "when applicable",
            "as applicable",
            "as appropriate",
        ],
        "when ⟨condition⟩",
    ),
    (
        &[
            "if possible",
            "where possible",
            "when possible",
            "whenever possible",
            "as far as possible",
            "as much as possible",
            "best effort",
            "best-effort",
        ],
        "unless ⟨condition⟩",
    ),
    (&["etc", "and so on", "and so forth", "and the like", "or similar", "and more"], "⟨the rest⟩"),
    (&["flexible", "flexibly"], "configurable by ⟨setting⟩"),
    (&["gracefully", "properly", "sanely"], "by ⟨what happens⟩"),
    (&["modern", "state-of-the-art", "state of the art", "cutting-edge"], "⟨which⟩"),
    (
        &["nice", "nicely", "beautiful", "beautifully", "pretty", "elegant", "elegantly"],
        "⟨as in …⟩",
    ),
    (&["lightweight", "powerful", "rich"], "⟨with which measure⟩"),
    (&["optimal", "optimally"], "⟨best by which measure⟩"),
    (&["usually", "normally", "typically", "generally", "mostly"], "unless ⟨condition⟩"),
    (
        &["often", "frequently", "periodically", "regularly", "occasionally", "from time to time"],
        "every ⟨interval⟩",
    ),
];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in cx.sentences.iter().filter(|sentence| !sentence.is_explained()) {
        let hit = WORDS.iter().find_map(|(words, instead)| {
            let (_, at) = sentence.find(words)?;
            (!is_meant_otherwise(sentence, &at)).then_some((at, *instead))
        });
        let hit = hit.or_else(|| Some((as_possible(sentence)?, "⟨how much⟩")));
        // `intuitive: 90 % of new users can …`: the number is what it means.
        let Some((at, instead)) = hit.filter(|_| !sentence.is_counted()) else { continue };
        let word = sentence.quote(&at).to_owned();
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("`{word}` means something else to everybody"),
                ask: format!("What exactly does `{word}` mean here?"),
                rewording: Some(sentence.with(&at, instead)),
                assumption: format!("the agent decides what `{word}` means"),
            },
        );
    }
}

/// `as secure as possible`, but for the speeds, which have a rule of their own.
fn as_possible(sentence: &Sentence<'_>) -> Option<Range<usize>> {
    let (_, end) = sentence.find(&["as possible"])?;
    let start = end.start.checked_sub(2).filter(|start| sentence.word(*start) == "as")?;
    let word = sentence.word(start + 1);
    (!matches!(word, "soon" | "fast" | "quickly" | "far" | "much")).then_some(start..end.end)
}

/// The same letters with a plain meaning.
fn is_meant_otherwise(sentence: &Sentence<'_>, at: &Range<usize>) -> bool {
    let (before, word, next) =
        (sentence.before(at.start), sentence.word(at.start), sentence.word(at.end));
    match word {
        "sufficient" | "sufficiently" | "enough" => {
            // `if the balance is not sufficient`, `enough items are left`: a comparison of two numbers.
            matches!(before, "not" | "n't" | "isn't" | "aren't" | "no")
                || matches!(
                    next,
                    "balance"
                        | "funds"
                        | "stock"
                        | "credit"
                        | "credits"
                        | "permission"
                        | "permissions"
                        | "rights"
                        | "space"
                        | "memory"
                        | "money"
                        | "points"
                )
        }
        "often" | "frequently" | "regularly" => {
            matches!(before, "how" | "so" | "as" | "too" | "more")
        }
        "nice" => next == "to",
        // Levels of games have names.
        "easy" => {
            matches!(next, "mode" | "level" | "medium" | "apply")
                || sentence.has(&["difficulty", "hard"])
        }
        "various" => before == "the",
        "pretty" => matches!(next, "print" | "printer" | "printed" | "printing" | "url" | "urls"),
        "rich" => matches!(
            next,
            "text" | "presence" | "embed" | "embeds" | "link" | "links" | "preview" | "previews"
        ),
        "smooth" => matches!(next, "scrolling" | "scroll"),
        "properly" => matches!(next, "escaped" | "encoded" | "quoted" | "nested" | "closed"),
        // `as required by RFC 9110`: somebody else says what.
        "as" | "if" | "when" | "where" => matches!(next, "by" | "in" | "to" | "for"),
        _ => false,
    }
}
