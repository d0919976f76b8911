//! From findings of tools to a judgement.

use loki_model::{Evidence, Finding, GateId, GateReport, Severity};

use super::{Cx, finding};

/// Findings of one gate that are reported one by one.
const FINDINGS_MAX: usize = 50;

/// What `findings` amount to: the worst decides, under what the settings let block. `none` is the
/// summary where nothing is worse than a note.
pub(crate) fn conclude(
    cx: &Cx<'_>,
    gate: &str,
    mut findings: Vec<Finding>,
    none: String,
    evidence: Vec<Evidence>,
) -> GateReport {
    let id = GateId::from(gate);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let open = findings.iter().filter(|finding| finding.severity > Severity::Note).count();
    let more = findings.len().saturating_sub(FINDINGS_MAX);
    findings.truncate(FINDINGS_MAX);
    if more > 0 {
        let message = format!("{more} more findings");
        findings.push(finding(&format!("{gate}/more"), Severity::Note, None, message, ""));
    }
    if open == 0 {
        let mut evidence = evidence.into_iter();
        return match evidence.next() {
            Some(first) => GateReport::pass(id, none, first, evidence.collect()).noting(findings),
            None => GateReport::inconclusive(
                id,
                "nothing was looked at".to_owned(),
                findings,
                Vec::new(),
            ),
        };
    }
    let first = findings.remove(0);
    let more = if open > 1 { format!("; and {} more", open - 1) } else { String::new() };
    let summary = format!("{}{more}", first.message);
    if first.severity >= cx.config.block_on {
        GateReport::fail(id, summary, first, findings, evidence)
    } else {
        GateReport::concern(id, summary, first, findings, evidence)
    }
}
