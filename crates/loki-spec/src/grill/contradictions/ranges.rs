use loki_model::Severity;

use super::{says, severity};
use crate::grill::bounds::{Bound, bounds};
use crate::grill::rule::{Found, Rule};
use crate::grill::sentence::{Cx, Sentence};
use crate::grill::topic::SPECIAL;

pub(crate) const RULE: Rule = Rule {
    id: "contradiction/ranges",
    severity: Severity::Error,
    what: "Two limits of the same thing that nothing can keep, or that are not the same.",
    why: "Whichever is built, a test of the other one fails; the run can not end verified.",
    example: "A password must have at least 12 characters.\nA password must have at most 8 characters.",
    reworded: "A password must have 12 to 64 characters.",
    limits: "Both statements have to name the same thing in the same words, one of them at most one word \
             more, and the same unit. Two limits that can both be kept are a warning. Special cases (`free \
             accounts`, `on mobile`) are not compared with the general one.",
    look,
};

/// More limits than this are not compared with each other.
const BOUNDS_MAX: usize = 400;

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    let mut all: Vec<(&Sentence<'_>, Bound)> = Vec::new();
    for sentence in &cx.sentences {
        all.extend(bounds(sentence).into_iter().map(|bound| (sentence, bound)));
        if all.len() > BOUNDS_MAX {
            break;
        }
    }
    for (at, (sentence, bound)) in all.iter().enumerate() {
        for (other, theirs) in &all[at + 1..] {
            if std::ptr::eq(*sentence, *other) || bound.unit != theirs.unit || !same(bound, theirs)
            {
                continue;
            }
            let severity = match (bound.excludes(theirs), bound.differs(theirs)) {
                (true, _) => severity(sentence, other),
                (false, true) => Severity::Warning,
                (false, false) => continue,
            };
            let what = if bound.excludes(theirs) {
                "can not both hold"
            } else {
                "are two limits of one thing"
            };
            let message = format!("this and `{}` {what}", other.text);
            found.contradiction(rule, severity, (sentence, other), says(message, other));
        }
    }
}

/// Whether both are about the same: one may say one word more that makes no special case of it.
fn same(a: &Bound, b: &Bound) -> bool {
    let (less, more) = if a.of.len() <= b.of.len() { (&a.of, &b.of) } else { (&b.of, &a.of) };
    let mut extra = more.difference(less);
    !less.is_empty()
        && less.is_subset(more)
        && more.len() - less.len() <= 1
        && extra.all(|word| !SPECIAL.contains(&word.as_str()))
}
