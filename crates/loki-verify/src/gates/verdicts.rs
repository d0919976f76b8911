//! From findings to a judgement, for every gate: the worst of them decides.

use std::collections::BTreeMap;

use loki_model::{Evidence, Finding, GateId, GateReport, Severity};

use super::part::Part;
use super::{Cx, finding};

/// Findings of one rule that are reported one by one.
const FINDINGS_PER_RULE_MAX: usize = 25;

/// Findings of one gate that are reported one by one.
const FINDINGS_MAX: usize = 100;

/// What a gate saw.
pub(crate) struct Basis {
    /// In the order in which they were found.
    pub(crate) findings: Vec<Finding>,
    /// What could not be looked into: it keeps the gate from passing.
    pub(crate) left_out: Option<Part>,
    /// What was looked at; without any nothing passes.
    pub(crate) evidence: Vec<Evidence>,
}

impl Basis {
    /// What it amounts to, under what the settings let block. `nothing` is the summary where nothing is
    /// worse than a note; else `something` makes it of the worst finding and of how many are.
    pub(crate) fn conclude(
        self,
        cx: &Cx<'_>,
        gate: &str,
        nothing: String,
        something: impl FnOnce(&Finding, usize) -> String,
    ) -> GateReport {
        let id = GateId::from(gate);
        let Basis { mut findings, left_out, evidence } = self;
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let open = findings.iter().filter(|finding| finding.severity > Severity::Note).count();
        let mut findings = bounded(gate, findings);
        if open == 0 {
            if let Some(part) = left_out {
                let findings = part.findings.into_iter().chain(findings).collect();
                let report = GateReport::inconclusive(id, part.summary, findings, evidence);
                return if part.environment { report.for_want_of_environment() } else { report };
            }
            let mut evidence = evidence.into_iter();
            return match evidence.next() {
                Some(first) => {
                    GateReport::pass(id, nothing, first, evidence.collect()).noting(findings)
                }
                None => {
                    let summary = "nothing was looked at".to_owned();
                    GateReport::inconclusive(id, summary, findings, Vec::new())
                }
            };
        }
        let first = findings.remove(0);
        findings.extend(left_out.into_iter().flat_map(|part| part.findings));
        let summary = something(&first, open);
        if first.severity >= cx.config.block_on {
            GateReport::fail(id, summary, first, findings, evidence)
        } else {
            GateReport::concern(id, summary, first, findings, evidence)
        }
    }
}

/// The message of the worst, and how many more there are.
pub(crate) fn worst_and_more(worst: &Finding, open: usize) -> String {
    match open {
        0 | 1 => worst.message.clone(),
        open => format!("{}; and {} more", worst.message, open - 1),
    }
}

/// The first of every rule; what is beyond is counted.
fn bounded(gate: &str, findings: Vec<Finding>) -> Vec<Finding> {
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let of_rule = seen.entry(finding.rule.clone()).or_default();
        *of_rule += 1;
        if *of_rule > FINDINGS_PER_RULE_MAX {
            *left_out.entry(finding.rule).or_default() += 1;
        } else if kept.len() >= FINDINGS_MAX {
            *left_out.entry(format!("{gate}/more")).or_default() += 1;
        } else {
            kept.push(finding);
        }
    }
    kept.extend(left_out.into_iter().map(|(rule, more)| {
        finding(&rule, Severity::Note, None, format!("{more} more of the same"), "")
    }));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_findings_are_counted_and_the_worst_stay() {
        let one = |rule: String| finding(&rule, Severity::Warning, None, "m", "");
        let findings: Vec<Finding> = (0..30).map(|_| one("g/a".to_owned())).collect();
        let kept = bounded("g", findings);
        assert_eq!(kept.len(), FINDINGS_PER_RULE_MAX + 1);
        assert_eq!(kept.last().unwrap().message, "5 more of the same");
        let findings = (0..FINDINGS_MAX + 3).map(|number| one(format!("g/{number}"))).collect();
        let kept = bounded("g", findings);
        assert_eq!(kept.len(), FINDINGS_MAX + 1);
        assert_eq!(kept.last().unwrap().rule, "g/more");
        assert_eq!(kept.last().unwrap().message, "3 more of the same");
    }
}
