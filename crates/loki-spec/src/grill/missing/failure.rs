use loki_model::{Priority, Severity};

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::{Cx, Sentence};
use crate::grill::topic;

pub(crate) const RULE: Rule = Rule {
    id: "missing/failure-case",
    severity: Severity::Warning,
    what: "Something that depends on what nobody controls, with no word about what happens when it fails.",
    why: "Files are broken, services are down and passwords are wrong every day; a build that was never told \
          what to do then does something that nobody chose.",
    example: "Users can import contacts from a CSV file.",
    reworded: "Users can import contacts from a CSV file. A file that is no CSV is refused with the number of \
               the first bad line, and no contact is added.",
    limits: "Only for what comes from outside: uploads, imports, logins, payments, mail, other services. Any \
             sentence of the spec that speaks of a failure and of the same thing answers it, and so does one \
             about all errors.",
    look,
};

/// What can fail, and what is suggested.
const RISKS: &[(&[&str], &str)] = &[
    (&["upload", "uploads", "uploading"], "A file that can not be read is refused with ⟨message⟩."),
    (
        &["import", "imports", "importing"],
        "Input that is not valid is refused with ⟨message⟩, and ⟨nothing is imported⟩.",
    ),
    (
        &["log in", "logs in", "sign in", "signs in", "login", "logging in"],
        "A wrong password is answered with ⟨message⟩.",
    ),
    (
        &["pay", "pays", "payment", "payments", "checkout"],
        "A payment that is declined leaves ⟨the order unpaid, and says why⟩.",
    ),
    (
        &["sync", "syncs", "synchronise", "synchronize", "synchronises", "synchronizes"],
        "Without a connection ⟨changes are kept and sent later⟩.",
    ),
    (
        &["scrape", "scrapes", "crawl", "crawls"],
        "A page that does not answer is ⟨retried 3 times, then reported⟩.",
    ),
    (
        &[
            "sends an email",
            "send an email",
            "sends a mail",
            "email is sent",
            "sends emails",
            "send emails",
            "emails are sent",
            "sends a webhook",
            "send a webhook",
            "calls a webhook",
        ],
        "What can not be delivered is ⟨retried for 24 hours, then reported⟩.",
    ),
    (
        &[
            "external api",
            "third-party api",
            "third party api",
            "remote api",
            "external service",
            "third-party service",
            "weather api",
            "payment provider",
            "remote server",
        ],
        "When the service does not answer within ⟨10 s⟩, ⟨what the user sees⟩.",
    ),
    (&["parse", "parses"], "Input that is not valid is refused with ⟨message⟩."),
    (
        &["fetch", "fetches", "download", "downloads"],
        "When it can not be fetched, ⟨what the user sees⟩.",
    ),
];

/// Words that only a failure is described with.
const FAILURES: &[&str] = &[
    "fail",
    "fails",
    "failed",
    "failing",
    "failure",
    "failures",
    "error",
    "errors",
    "erroneous",
    "invalid",
    "missing",
    "empty",
    "wrong",
    "unavailable",
    "unreachable",
    "timeout",
    "timeouts",
    "times out",
    "time out",
    "reject",
    "rejects",
    "rejected",
    "refuse",
    "refuses",
    "refused",
    "denied",
    "decline",
    "declined",
    "declines",
    "exceed",
    "exceeds",
    "exceeding",
    "not found",
    "does not exist",
    "do not exist",
    "malformed",
    "corrupt",
    "corrupted",
    "broken",
    "damaged",
    "retry",
    "retries",
    "retried",
    "unknown",
    "unsupported",
    "duplicate",
    "duplicates",
    "expired",
    "otherwise",
    "can not",
    "cannot",
    "can't",
    "unless",
    "interrupted",
    "offline",
    "exit code",
    "exits with",
    "not valid",
    "not allowed",
    "down",
    "no longer",
    "without a",
    "does not answer",
    "not reachable",
    "undeliverable",
    "skipped",
    "incorrect",
    "unreadable",
    "warning",
];

/// Words of a sentence about every failure.
const ALL_OF_THEM: &[&str] = &["all", "any", "every", "each"];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    let failures: Vec<&Sentence<'_>> =
        cx.sentences.iter().filter(|s| speaks_of_failure(s)).collect();
    let about_all = |s: &&Sentence<'_>| {
        let words = &["error", "errors", "failure", "failures", "invalid", "fails", "failed"];
        s.has(ALL_OF_THEM) && s.has(words)
    };
    if failures.iter().any(about_all) {
        return;
    }
    let told: std::collections::BTreeSet<String> =
        failures.iter().flat_map(|sentence| topic::stems(sentence)).collect();
    for sentence in cx.statements() {
        let of_same = |other: &&Sentence<'_>| other.requirement.id == sentence.requirement.id;
        if sentence.requirement.priority == Priority::Could || failures.iter().any(of_same) {
            continue;
        }
        let Some((risk, at, instead)) = risk(sentence) else { continue };
        // The same thing, or anything else in the statement that a failure is told of.
        if topic::stems(sentence).iter().any(|stem| told.contains(stem)) {
            continue;
        }
        found.ask(
            rule,
            sentence,
            Says {
                message: format!(
                    "nothing is said of what happens when `{}` fails",
                    sentence.quote(&at)
                ),
                ask: format!("What happens when `{risk}` fails?"),
                rewording: Some(sentence.followed_by(instead)),
                assumption: "a failure is told in a message, and nothing is changed".to_owned(),
            },
        );
    }
}

fn risk<'a>(sentence: &Sentence<'_>) -> Option<(&'a str, std::ops::Range<usize>, &'static str)> {
    // What is not wanted can not fail.
    if sentence.has(&["not", "never", "no", "without"]) {
        return None;
    }
    RISKS.iter().find_map(|(words, instead)| {
        let (word, at) = sentence.find(words)?;
        // `the import must …`, `the status of a payment`: it is spoken of, and nobody does it here.
        let is_named = matches!(
            sentence.before(at.start),
            "the" | "a" | "an" | "each" | "every" | "of" | "this" | "after" | "before" | "per"
        );
        // `a sign in front`
        let is_place = word == "sign in" && sentence.word(at.end) == "front";
        let is_service = word.contains(' ') && !is_place;
        (is_service || !is_named && !is_place).then_some((word, at, *instead))
    })
}

fn speaks_of_failure(sentence: &Sentence<'_>) -> bool {
    sentence.has(FAILURES)
        || sentence.words.iter().any(|word| {
            // A status of HTTP that is one.
            word.folded.len() == 3
                && word.folded.starts_with(['4', '5'])
                && word.folded.bytes().all(|b| b.is_ascii_digit())
        })
}
