//! What of a red build the change is to blame for: what the base's build says in the same words was there before.

use std::collections::BTreeMap;

use loki_model::{Evidence, Finding, GateId, GateReport, Judgement, Severity};

use super::{ID, grammar};
use crate::gates::part::{Part, State, fold};
use crate::gates::suites::lasting;
use crate::gates::{Cx, finding};
use crate::variant::beside;

/// The rule of what was broken before.
const RED_BEFORE: &str = "build/red-before";

/// Has `look` build what is judged, and where that fails, the base too. A failure of which the base's build says
/// everything that `said` tells is a note, and one that is nothing else no failure of the change.
///
/// What a project lacks on this machine in the base shows nothing: then the change is to blame.
pub(super) fn weighed(
    cx: &Cx<'_>,
    look: fn(&Cx<'_>) -> Vec<Part>,
    said: fn(&Finding) -> Vec<String>,
) -> Vec<Part> {
    let mut parts = look(cx);
    if !parts.iter().any(|part| part.state == State::Broken) {
        return parts;
    }
    match beside(cx, cx.subject.base, look) {
        Ok(base) => {
            let mut before = Before::of(&base, said);
            broken(&mut parts).for_each(|part| weigh(part, &mut before, said));
        }
        Err(error) => {
            let message = format!("whether it was red before is not known: {error}");
            let note = finding("build/no-base", Severity::Note, None, message, "");
            broken(&mut parts).for_each(|part| part.findings.push(note.clone()));
        }
    }
    parts
}

fn broken(parts: &mut [Part]) -> impl Iterator<Item = &mut Part> {
    parts.iter_mut().filter(|part| part.state == State::Broken)
}

/// What the base's builds say, each as often as they say it, and what that rests on.
struct Before {
    said: BTreeMap<String, usize>,
    evidence: Vec<Evidence>,
}

impl Before {
    fn of(parts: &[Part], said: fn(&Finding) -> Vec<String>) -> Before {
        let broken = || parts.iter().filter(|part| part.state == State::Broken);
        let mut before = BTreeMap::new();
        for line in broken().flat_map(|part| &part.findings).flat_map(said) {
            *before.entry(line).or_default() += 1;
        }
        let evidence = broken().flat_map(|part| part.evidence.iter().cloned()).collect();
        Before { said: before, evidence }
    }

    /// Whether the base says all of it and has not yet been taken to say it of something else.
    fn takes(&mut self, said: Vec<String>) -> bool {
        let mut left = self.said.clone();
        let is_said = !said.is_empty()
            && said.iter().all(|line| match left.get_mut(line) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            });
        if is_said {
            self.said = left;
        }
        is_said
    }
}

fn weigh(part: &mut Part, before: &mut Before, said: fn(&Finding) -> Vec<String>) {
    let (mut old, mut new) = (0_usize, 0_usize);
    for found in part.findings.iter_mut().filter(|found| found.severity == Severity::Error) {
        if before.takes(said(found)) {
            old += 1;
            let message = format!("as before the change: {}", found.message);
            let place = found.location.take();
            *found = finding(RED_BEFORE, Severity::Note, place, message, &found.detail);
        } else {
            new += 1;
        }
    }
    if old == 0 {
        return;
    }
    part.evidence.extend(before.evidence.iter().cloned());
    if new == 0 {
        part.state = State::Held;
        part.summary += ", as before the change";
    } else {
        part.summary += &format!(", {old} of them as before the change");
    }
}

/// The lines of what a build printed, or says in its message where that is not one of them: whatever was
/// built elsewhere or in another order, the same failure says the same.
pub(super) fn lines(finding: &Finding) -> Vec<String> {
    let message = (!finding.detail.contains(&finding.message)).then_some(finding.message.as_str());
    let said = finding.detail.lines().chain(message).map(lasting);
    said.filter(|line| !line.is_empty()).collect()
}

/// Folds the parts. What is red as it was before is no failure, what may not parse is none for certain, and
/// neither shows that all is well: a concern. `heading` begins the summary.
pub(super) fn concluded(heading: &str, parts: Vec<Part>) -> GateReport {
    let is_red = |part: &Part| {
        part.state == State::Held && part.findings.iter().any(|one| one.rule == RED_BEFORE)
    };
    let doubtful = parts.iter().filter(|part| is_red(part) || grammar::warns(part));
    let summaries: Vec<&str> = doubtful.map(|part| part.summary.as_str()).collect();
    let told = format!("{heading}{}", summaries.join("; "));
    let summary = crate::text::one_line(&told, SUMMARY_BYTES_MAX);
    let is_doubtful = !summaries.is_empty();
    let report = fold(ID, heading, parts);
    if !is_doubtful || report.judgement() != Judgement::Pass {
        return report;
    }
    let (mut findings, evidence) = (report.findings().to_vec(), report.evidence().to_vec());
    if findings.is_empty() {
        return report;
    }
    let first = findings.remove(0);
    GateReport::concern(GateId::from(ID), summary, first, findings, evidence)
}

/// Bytes of the summary.
const SUMMARY_BYTES_MAX: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(detail: &str) -> Finding {
        finding("build/failed", Severity::Error, None, "make in the root exited 2", detail)
    }

    fn weighed(old: &[&str], new: &[&str]) -> Part {
        let broken = |details: &[&str]| {
            Part::broken("make", details.iter().map(|text| failed(text)).collect(), Vec::new())
        };
        let mut part = broken(new);
        weigh(&mut part, &mut Before::of(&[broken(old)], lines), lines);
        part
    }

    #[test]
    fn the_same_words_at_another_line_and_in_another_order_were_there_before() {
        let part = weighed(
            &["a.c:3:1: error: x\nb.c:1:1: error: y"],
            &["b.c:2:1: error: y\na.c:9:1: error: x"],
        );
        assert_eq!(part.state, State::Held);
        assert_eq!(part.summary, "make, as before the change");
        assert_eq!(part.findings[0].rule, RED_BEFORE);
    }

    #[test]
    fn one_of_several_failures_that_is_left_was_there_before() {
        let part = weighed(&["a.c:3:1: error: x\nb.c:1:1: error: y"], &["b.c:2:1: error: y"]);
        assert_eq!(part.state, State::Held);
    }

    #[test]
    fn other_words_and_more_of_the_same_are_new() {
        for new in
            ["a.c:3:1: error: z", "a.c:3:1: error: x\na.c:4:1: error: x", "b.c:3:1: error: x"]
        {
            let part = weighed(&["a.c:3:1: error: x"], &[new]);
            assert_eq!(
                (part.state, part.findings[0].severity),
                (State::Broken, Severity::Error),
                "{new}"
            );
        }
    }

    #[test]
    fn what_is_new_beside_what_is_old_still_breaks() {
        let part = weighed(&["a.c:3:1: error: x"], &["a.c:3:1: error: x", "c.c:3:1: error: x"]);
        assert_eq!(part.state, State::Broken);
        assert_eq!(part.summary, "make, 1 of them as before the change");
    }
}
