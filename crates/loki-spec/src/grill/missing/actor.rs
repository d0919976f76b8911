use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::{Cx, Sentence};

pub(crate) const RULE: Rule = Rule {
    id: "missing/actor",
    severity: Severity::Warning,
    what: "A decision or a right without saying whose it is.",
    why: "Who may do something is what has to be enforced; when nobody is named, everybody may.",
    example: "New reviews must be approved before they are shown.",
    reworded: "A moderator must approve new reviews before they are shown.",
    limits: "Only for decisions (approve, authorise, moderate and the like), and for `it must be possible to` \
             in a spec that names at least two kinds of people.",
    look,
};

/// What somebody in particular does.
const DECIDED: &[&str] = &[
    "approved",
    "authorised",
    "authorized",
    "reviewed",
    "moderated",
    "escalated",
    "overridden",
    "vetted",
    "signed off",
];

const POSSIBLE: &[&str] = &[
    "it must be possible to",
    "it shall be possible to",
    "it should be possible to",
    "must be possible to",
    "should be possible to",
    "it is possible to",
];

/// Kinds of people that have different rights.
const PEOPLE: &[&str] = &[
    "admin",
    "admins",
    "administrator",
    "administrators",
    "owner",
    "owners",
    "member",
    "members",
    "guest",
    "guests",
    "moderator",
    "moderators",
    "customer",
    "customers",
    "manager",
    "managers",
    "editor",
    "editors",
    "viewer",
    "viewers",
    "author",
    "authors",
    "seller",
    "sellers",
    "buyer",
    "buyers",
    "teacher",
    "teachers",
    "student",
    "students",
    "employee",
    "employees",
    "operator",
    "operators",
    "visitor",
    "visitors",
    "staff",
    "patient",
    "patients",
    "doctor",
    "doctors",
];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    let kinds = kinds_of_people(cx);
    for sentence in &cx.sentences {
        if sentence.has(&["by", "himself", "automatically"]) {
            continue;
        }
        let names_somebody =
            sentence.has(PEOPLE) || sentence.has(&["user", "users", "everyone", "anyone"]);
        let decided = sentence.find(DECIDED).filter(|(_, at)| is_demanded(sentence, at.start));
        let possible = sentence.find(POSSIBLE).filter(|_| kinds >= 2 && !names_somebody);
        let Some((_, at)) = decided.clone().or(possible) else { continue };
        let word = sentence.quote(&at).to_owned();
        let rewording = match decided {
            Some(_) => sentence.with(&at, &format!("{word} by ⟨whom⟩")),
            None => sentence.with(&at, "⟨Who⟩ must be able to"),
        };
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("`{word}` does not say by whom"),
                ask: "Who does it, and who must not be able to?".to_owned(),
                rewording: Some(rewording),
                assumption: "every user may".to_owned(),
            },
        );
    }
}

/// `must be approved`, `needs to be reviewed`; not `approved items are shown`.
fn is_demanded(sentence: &Sentence<'_>, at: usize) -> bool {
    let asks = |word: &str| matches!(word, "must" | "shall" | "should" | "to");
    let two_before = at.checked_sub(2).map_or("", |at| sentence.word(at));
    sentence.before(at) == "be" && asks(two_before)
}

fn kinds_of_people(cx: &Cx<'_>) -> usize {
    let mut kinds: Vec<&str> = cx
        .sentences
        .iter()
        .flat_map(|sentence| &sentence.words)
        .map(|word| word.folded.as_str())
        .filter(|word| PEOPLE.contains(word))
        .map(|word| {
            word.trim_end_matches("istrator").trim_end_matches("istrators").trim_end_matches('s')
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len()
}
