//! Numbers that limit something: what is limited, in which unit, from where to where.

use std::collections::BTreeSet;

use super::sentence::Sentence;
use super::topic;
use super::words::stem;

/// One limit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    /// What is limited, as stems.
    pub(crate) of: BTreeSet<String>,
    /// What is counted: `time`, `bytes`, `%`, or the stem of a noun.
    pub(crate) unit: String,
    /// In the smallest part of the unit.
    pub(crate) least: Option<f64>,
    pub(crate) most: Option<f64>,
}

impl Bound {
    /// Whether nothing can be within both.
    pub(crate) fn excludes(&self, other: &Bound) -> bool {
        let above =
            |a: &Bound, b: &Bound| a.least.zip(b.most).is_some_and(|(least, most)| least > most);
        above(self, other) || above(other, self)
    }

    /// Whether both end somewhere else at the same side.
    pub(crate) fn differs(&self, other: &Bound) -> bool {
        let differ = |a: Option<f64>, b: Option<f64>| a.zip(b).is_some_and(|(a, b)| a != b);
        differ(self.least, other.least) || differ(self.most, other.most)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Least,
    Most,
    Exact,
}

/// What stands before a number, the longest first.
const BEFORE: &[(&str, Side)] = &[
    ("no more than", Side::Most),
    ("not more than", Side::Most),
    ("no longer than", Side::Most),
    ("no larger than", Side::Most),
    ("must not exceed", Side::Most),
    ("may not exceed", Side::Most),
    ("not exceed", Side::Most),
    ("never exceed", Side::Most),
    ("no less than", Side::Least),
    ("no fewer than", Side::Least),
    ("not less than", Side::Least),
    ("a maximum of", Side::Most),
    ("maximum of", Side::Most),
    ("a minimum of", Side::Least),
    ("minimum of", Side::Least),
    ("limited to", Side::Most),
    ("limit of", Side::Most),
    ("limit is", Side::Most),
    ("at most", Side::Most),
    ("up to", Side::Most),
    ("at least", Side::Least),
    ("less than", Side::Most),
    ("fewer than", Side::Most),
    ("shorter than", Side::Most),
    ("smaller than", Side::Most),
    ("lower than", Side::Most),
    ("more than", Side::Least),
    ("greater than", Side::Least),
    ("longer than", Side::Least),
    ("larger than", Side::Least),
    ("bigger than", Side::Least),
    ("higher than", Side::Least),
    ("older than", Side::Least),
    ("exceeding", Side::Least),
    ("exceeds", Side::Least),
    ("over", Side::Least),
    ("above", Side::Least),
    ("under", Side::Most),
    ("below", Side::Most),
    ("within", Side::Most),
    ("maximum", Side::Most),
    ("minimum", Side::Least),
    ("max", Side::Most),
    ("min", Side::Least),
    ("≤", Side::Most),
    ("<=", Side::Most),
    ("<", Side::Most),
    ("≥", Side::Least),
    (">=", Side::Least),
    (">", Side::Least),
    ("exactly", Side::Exact),
    ("after", Side::Exact),
    ("for", Side::Exact),
    ("lasts", Side::Exact),
    ("last", Side::Exact),
    ("defaults to", Side::Exact),
];

/// What stands behind a number and its unit.
const BEHIND: &[(&str, Side)] = &[
    ("or more", Side::Least),
    ("or longer", Side::Least),
    ("or higher", Side::Least),
    ("at least", Side::Least),
    ("minimum", Side::Least),
    ("or less", Side::Most),
    ("or fewer", Side::Most),
    ("or shorter", Side::Most),
    ("at most", Side::Most),
    ("maximum", Side::Most),
];

/// What is said of that which is beyond a limit.
const REFUSED: &[&str] = &[
    "refused",
    "rejected",
    "invalid",
    "denied",
    "declined",
    "not allowed",
    "not accepted",
    "not permitted",
    "must not",
    "may not",
    "can not",
    "cannot",
    "an error",
    "fails",
    "too long",
    "too large",
];

/// Words of limits, which are not what is limited.
const OF_LIMITS: &[&str] = &[
    "most",
    "least",
    "more",
    "less",
    "fewer",
    "than",
    "maximum",
    "minimum",
    "max",
    "min",
    "limit",
    "limited",
    "limits",
    "exactly",
    "within",
    "over",
    "above",
    "under",
    "below",
    "exceed",
    "exceeds",
    "exceeding",
    "longer",
    "shorter",
    "larger",
    "bigger",
    "smaller",
    "higher",
    "lower",
    "greater",
    "after",
    "between",
    "refused",
    "rejected",
    "invalid",
    "denied",
    "declined",
    "accepted",
    "permitted",
    "error",
    "fails",
    "not",
    "no",
    "never",
    "contain",
    "contains",
    "length",
    "long",
    "size",
    "consist",
    "consists",
    "defaults",
    "old",
    "older",
    "time",
    "number",
    "amount",
    "count",
];

/// The limits in `sentence`; none where a number has no clear side.
pub(crate) fn bounds(sentence: &Sentence<'_>) -> Vec<Bound> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < sentence.words.len() {
        let Some(value) = number(sentence.word(at)) else {
            at += 1;
            continue;
        };
        let (bound, next) = bound_at(sentence, at, value);
        found.extend(bound);
        at = next;
    }
    found
}

fn bound_at(sentence: &Sentence<'_>, at: usize, value: f64) -> (Option<Bound>, usize) {
    // `3 to 20 characters`, `between 3 and 20 characters`
    let joined = matches!(sentence.word(at + 1), "to" | "and")
        && (sentence.word(at + 1) == "to" || sentence.before(at) == "between");
    if joined && let Some(second) = number(sentence.word(at + 2)) {
        let Some((unit, factor, next)) = unit(sentence, at + 3) else { return (None, at + 3) };
        let bound = Bound {
            of: subject(sentence, &unit),
            unit,
            least: Some(value.min(second) * factor),
            most: Some(value.max(second) * factor),
        };
        return (Some(bound), next);
    }
    let Some((unit, factor, next)) = unit(sentence, at + 1) else { return (None, at + 1) };
    let value = value * factor;
    let Some(side) = side(sentence, at, next) else { return (None, next) };
    let is_refused = sentence.has(REFUSED) && !sentence.has(&["must not exceed", "may not exceed"]);
    // What is above it is refused: then it is the most.
    let side = match side {
        Side::Least if is_refused => Side::Most,
        Side::Most if is_refused => Side::Least,
        side => side,
    };
    let (least, most) = match side {
        Side::Least => (Some(value), None),
        Side::Most => (None, Some(value)),
        Side::Exact => (Some(value), Some(value)),
    };
    (Some(Bound { of: subject(sentence, &unit), unit, least, most }), next)
}

fn side(sentence: &Sentence<'_>, at: usize, next: usize) -> Option<Side> {
    let behind = BEHIND.iter().find(|(phrase, _)| sentence.find_at(next, &[phrase]).is_some());
    if let Some((_, side)) = behind {
        return Some(*side);
    }
    let ends_here = |phrase: &str| {
        let len = phrase.split(' ').count();
        at.checked_sub(len).is_some_and(|start| sentence.find_at(start, &[phrase]).is_some())
    };
    BEFORE.iter().find(|(phrase, _)| ends_here(phrase)).map(|(_, side)| *side)
}

/// What is counted, how much of its smallest part one is, and where the text goes on.
fn unit(sentence: &Sentence<'_>, at: usize) -> Option<(String, f64, usize)> {
    let word = sentence.word(at);
    let (name, factor) = match word {
        "ms" | "millisecond" | "milliseconds" => ("time", 1.0),
        "s" | "sec" | "secs" | "second" | "seconds" => ("time", 1e3),
        "min" | "mins" | "minute" | "minutes" => ("time", 6e4),
        "h" | "hour" | "hours" => ("time", 3.6e6),
        "day" | "days" => ("time", 8.64e7),
        "week" | "weeks" => ("time", 6.048e8),
        "month" | "months" => ("time", 2.592e9),
        "year" | "years" => ("time", 3.1536e10),
        "b" | "byte" | "bytes" => ("bytes", 1.0),
        "kb" => ("bytes", 1e3),
        "kib" => ("bytes", 1024.0),
        "mb" => ("bytes", 1e6),
        "mib" => ("bytes", 1_048_576.0),
        "gb" => ("bytes", 1e9),
        "gib" => ("bytes", 1_073_741_824.0),
        "%" | "percent" => ("%", 1.0),
        "" => return None,
        word if topic::is_content(word) => return Some((stem(word), 1.0, at + 1)),
        _ => return None,
    };
    Some((name.to_owned(), factor, at + 1))
}

/// What is limited: what the sentence is about, without words of limits and the unit.
fn subject(sentence: &Sentence<'_>, unit: &str) -> BTreeSet<String> {
    let words = sentence.words.iter().enumerate().filter(|(at, word)| {
        let counts = at.checked_sub(1).is_some_and(|at| number(sentence.word(at)).is_some());
        let is_unit = counts && matches!(unit, "time" | "bytes" | "%");
        topic::is_content(&word.folded) && !OF_LIMITS.contains(&word.folded.as_str()) && !is_unit
    });
    let mut of: BTreeSet<String> =
        words.map(|(_, word)| topic::alike(stem(&word.folded))).collect();
    if of.len() > 1 {
        of.remove(unit);
    }
    of
}

fn number(word: &str) -> Option<f64> {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        // `1,000`; a comma that is no thousand is a list.
        let is_thousand = word
            .split(',')
            .skip(1)
            .all(|part| part.split('.').next().is_some_and(|p| p.len() == 3));
        return word.replace(',', "").parse().ok().filter(|_| is_thousand);
    }
    let value = match word {
        "two" => 2.0,
        "three" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "twelve" => 12.0,
        "twenty" => 20.0,
        _ => return None,
    };
    Some(value)
}
