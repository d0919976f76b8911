use std::ops::Range;

use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::{Cx, Sentence};

pub(crate) const RULE: Rule = Rule {
    id: "vague/no-limit",
    severity: Severity::Warning,
    what: "A speed or an amount without a number.",
    why: "`fast` and `many` hold or not depending on who measures, with what, and when they stop.",
    example: "The search must be fast.",
    reworded: "The search must answer within 200 ms for 10,000 notes.",
    limits: "Not reported where a number stands in the statement or in its criteria. `responsive` is a speed \
             only where no layout is meant.",
    look,
};

/// Speeds that need no company to be one.
const SPEEDS: &[&str] = &[
    "quickly",
    "rapidly",
    "swiftly",
    "promptly",
    "performant",
    "efficiently",
    "high performance",
    "high-performance",
    "low latency",
    "low-latency",
    "in real time",
    "in real-time",
    "near real time",
    "as soon as possible",
    "as fast as possible",
    "as quickly as possible",
    "scalable",
    "instantly",
    "without delay",
    "without noticeable delay",
    "in a timely manner",
    "timely",
    "snappy",
];

/// Speeds only as what something is.
const IS_SPEED: &[&str] = &["fast", "quick", "slow", "responsive", "efficient", "lightning-fast"];

/// What things are said to do so.
const FAST_WHAT: &[&str] = &[
    "response",
    "responses",
    "load",
    "loading",
    "search",
    "performance",
    "startup",
    "start-up",
    "queries",
    "rendering",
    "lookup",
    "lookups",
    "page",
    "pages",
];

const LARGE: &[&str] = &["large", "huge", "big", "massive", "enormous"];

/// What can be large without anybody knowing how large.
const AMOUNTS: &[&str] = &[
    "file",
    "files",
    "dataset",
    "datasets",
    "data",
    "volume",
    "volumes",
    "number",
    "numbers",
    "amount",
    "amounts",
    "list",
    "lists",
    "document",
    "documents",
    "image",
    "images",
    "input",
    "inputs",
    "repository",
    "repositories",
    "table",
    "tables",
    "upload",
    "uploads",
    "payload",
    "payloads",
    "collection",
    "collections",
    "video",
    "videos",
    "project",
    "projects",
];

const MANY: &[&str] = &["many", "lots of", "a lot of", "plenty of", "countless", "numerous"];

/// What there can be many of.
const COUNTED: &[&str] = &[
    "user",
    "users",
    "request",
    "requests",
    "client",
    "clients",
    "connection",
    "connections",
    "item",
    "items",
    "record",
    "records",
    "file",
    "files",
    "visitor",
    "visitors",
    "row",
    "rows",
    "message",
    "messages",
    "customer",
    "customers",
    "player",
    "players",
    "device",
    "devices",
    "order",
    "orders",
    "event",
    "events",
    "concurrent",
    "simultaneous",
    "parallel",
    "entries",
    "products",
];

const LOADS: &[&str] = &[
    "high load",
    "heavy load",
    "high traffic",
    "heavy traffic",
    "high volume",
    "peak load",
    "under load",
];

const TOO: &[&str] = &[
    "too long",
    "too large",
    "too big",
    "too many",
    "too short",
    "too small",
    "too old",
    "too often",
    "too frequent",
    "too frequently",
    "very long",
    "very large",
    "very many",
    "very short",
];

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in cx.sentences.iter().filter(|sentence| !sentence.is_measured()) {
        let Some((at, instead)) = hit(sentence) else { continue };
        let word = sentence.quote(&at).trim_start_matches("be ").to_owned();
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("`{word}` has no number"),
                ask: format!("How much is `{word}`, measured how?"),
                rewording: Some(sentence.with(&at, instead)),
                assumption: format!("no limit is checked for `{word}`"),
            },
        );
    }
}

fn hit(sentence: &Sentence<'_>) -> Option<(Range<usize>, &'static str)> {
    const WITHIN: &str = "within ⟨200 ms⟩ for ⟨1,000 items⟩";
    if let Some((_, at)) = sentence.find(SPEEDS) {
        return Some((at, WITHIN));
    }
    if let Some((word, at)) =
        sentence.find(IS_SPEED).filter(|(word, at)| is_speed(sentence, word, at))
    {
        return Some(match (word, sentence.before(at.start)) {
            ("slow", _) => (at, "slower than ⟨200 ms⟩"),
            (_, "be") => (at.start - 1..at.end, "take at most ⟨200 ms⟩ for ⟨1,000 items⟩"),
            _ => (at, WITHIN),
        });
    }
    if let Some((_, at)) = sentence.find(LOADS) {
        return Some((at, "⟨100⟩ requests a second"));
    }
    if let Some((_, at)) = sentence.find(TOO) {
        return Some((at, "longer or larger than ⟨number and unit⟩"));
    }
    let pair = |first: &[&str], second: &[&str]| {
        (0..sentence.words.len()).find_map(|at| {
            let (_, hit) = sentence.find_at(at, first)?;
            second.contains(&sentence.word(hit.end)).then_some(hit)
        })
    };
    if let Some(at) = pair(LARGE, AMOUNTS) {
        return Some((at, "⟨up to 100 MB of⟩"));
    }
    let counted = |at: &Range<usize>| {
        // `how many users`, `as many items as`: a number that somebody else says.
        !matches!(sentence.before(at.start), "how" | "as" | "so" | "too" | "that")
    };
    let many = pair(MANY, COUNTED).filter(counted);
    many.or_else(|| simultaneous(sentence)).map(|at| (at, "up to ⟨1,000⟩"))
}

/// `support multiple remote users`: how many at once decides how it is built.
fn simultaneous(sentence: &Sentence<'_>) -> Option<Range<usize>> {
    const WHO: &[&str] = &["users", "clients", "connections", "requests", "players", "sessions"];
    let serves = sentence.has(&["support", "supports", "handle", "handles", "serve", "serves"]);
    let (_, at) = sentence.find(&["multiple", "several"]).filter(|_| serves)?;
    let near = WHO.contains(&sentence.word(at.end)) || WHO.contains(&sentence.word(at.end + 1));
    near.then_some(at)
}

fn is_speed(sentence: &Sentence<'_>, word: &str, at: &Range<usize>) -> bool {
    const IS: &[&str] = &[
        "be", "is", "are", "very", "feel", "feels", "stay", "stays", "remain", "remains", "load",
        "loads", "run", "runs", "start", "starts", "respond", "responds", "and",
    ];
    let (before, next) = (sentence.before(at.start), sentence.word(at.end));
    if word == "responsive" && sentence.has(LAYOUT) {
        return false;
    }
    // `slow networks` and `quick add` are names of things.
    IS.contains(&before) && (before != "and" || next.is_empty())
        || word == "fast" && FAST_WHAT.contains(&next)
}

/// What makes `responsive` a matter of width.
const LAYOUT: &[&str] = &[
    "layout",
    "design",
    "screen",
    "screens",
    "mobile",
    "phone",
    "phones",
    "tablet",
    "tablets",
    "desktop",
    "viewport",
    "viewports",
    "breakpoint",
    "breakpoints",
    "page",
    "pages",
    "website",
    "site",
    "devices",
];
