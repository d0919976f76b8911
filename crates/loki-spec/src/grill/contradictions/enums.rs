use std::collections::BTreeSet;

use loki_model::Severity;

use super::{says, severity};
use crate::grill::rule::{Found, Rule};
use crate::grill::sentence::{Cx, Sentence};
use crate::grill::topic;
use crate::grill::words::{stem, words};

pub(crate) const RULE: Rule = Rule {
    id: "contradiction/enums",
    severity: Severity::Error,
    what: "Two lists of what something can be that are not the same.",
    why: "A value of one list is refused by a program that follows the other.",
    example: "The status is one of open, doing, done.\nThe status is one of open, closed.",
    reworded: "The status is one of open, doing, done.",
    limits: "Only lists after `one of`, or after a noun such as states, roles or priorities with `are` or a \
             colon. A list that only lacks some of the other's values is a warning.",
    look,
};

/// What has values.
const KINDS: &[&str] = &[
    "status",
    "statuses",
    "state",
    "states",
    "role",
    "roles",
    "type",
    "types",
    "kind",
    "kinds",
    "level",
    "levels",
    "priority",
    "priorities",
    "category",
    "categories",
    "plan",
    "plans",
    "severity",
    "severities",
];

struct Values<'a, 'b> {
    sentence: &'b Sentence<'a>,
    /// What has them: one or two stems.
    of: BTreeSet<String>,
    values: BTreeSet<String>,
}

/// More lists than this are not compared.
const LISTS_MAX: usize = 200;

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    let all: Vec<Values<'_, '_>> = cx.sentences.iter().filter_map(values).take(LISTS_MAX).collect();
    for (at, a) in all.iter().enumerate() {
        for b in &all[at + 1..] {
            let same = a.of.is_subset(&b.of) || b.of.is_subset(&a.of);
            if !same || a.values == b.values || std::ptr::eq(a.sentence, b.sentence) {
                continue;
            }
            let part = a.values.is_subset(&b.values) || b.values.is_subset(&a.values);
            let severity = if part { Severity::Warning } else { severity(a.sentence, b.sentence) };
            let differ: Vec<&str> =
                a.values.symmetric_difference(&b.values).map(String::as_str).collect();
            let message = format!(
                "this and `{}` differ in what it can be: {}",
                b.sentence.text,
                differ.join(", ")
            );
            found.contradiction(
                rule,
                severity,
                (a.sentence, b.sentence),
                says(message, b.sentence),
            );
        }
    }
}

fn values<'a, 'b>(sentence: &'b Sentence<'a>) -> Option<Values<'a, 'b>> {
    let lower = sentence.text.to_lowercase().replace(['`', '"', '“', '”', '*'], "");
    let (before, list) = match lower.split_once("one of") {
        Some((before, list)) => (before, list.trim_start_matches([':', ' '])),
        None => listed(&lower)?,
    };
    let list = list.trim_start_matches("the following").trim_start_matches([':', ' ']);
    let end = list.find(['.', ';', ')', '(']).unwrap_or(list.len());
    let list = list[..end].replace(" or ", ",").replace(" and ", ",").replace('/', ",");
    let values: BTreeSet<String> = list
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect();
    // Long parts are sentences.
    if values.len() < 2 || values.iter().any(|value| value.split(' ').count() > 2) {
        return None;
    }
    let before = words(before);
    let named = before.iter().rev().map(|word| word.folded.as_str()).filter(|word| {
        topic::is_content(word)
            && !matches!(*word, "value" | "values" | "either" | "following" | "exactly")
    });
    let of: BTreeSet<String> = named.take(2).map(stem).collect();
    (!of.is_empty()).then_some(Values { sentence, of, values })
}

/// `The roles are admin, editor and viewer.`, `Priorities: low, high`
fn listed(lower: &str) -> Option<(&str, &str)> {
    KINDS.iter().find_map(|kind| {
        [" are ", ": "].iter().find_map(|verb| {
            let joined = format!("{kind}{verb}");
            let at = lower.find(&joined)?;
            let begins_word = lower[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let list = &lower[at + joined.len()..];
            (begins_word && list.contains(',')).then(|| (&lower[..at + kind.len()], list))
        })
    })
}
