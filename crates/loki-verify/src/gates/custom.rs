//! Gates that the project declares: its own commands, with findings in a form that it names.
//!
//! Each runs on a clean copy of its own, so that neither the tests nor another gate get in its way.

use loki_host::git::Edit;
use loki_model::{Evidence, Finding, GateId, GateReport, Judgement, Location, Severity};

use super::verdicts::{Basis, worst_and_more};
use super::{Cx, chain, finding};
use crate::config::custom::{CustomCheck, CustomGate, Violation};
use crate::place::{Which, find};
use crate::reported::{Reported, new_in};
use crate::variant::beside;
use crate::waiver::waive;
use run::{Seen, run};

mod run;

/// Runs what the project declared.
pub(crate) fn judge(cx: &Cx<'_>, gate: &CustomGate) -> GateReport {
    let unknown = |why: String, evidence| unclear(gate, &why, evidence);
    let check = match &gate.check {
        Ok(check) => check,
        Err(why) => return unknown(format!("its settings can not be followed: {why}"), Vec::new()),
    };
    let seen = match beside(cx, cx.subject.tree, |at| run(at, check, cx)) {
        Ok(seen) => seen,
        Err(error) => return unknown(format!("it could not be run: {error}"), Vec::new()),
    };
    if let Some(why) = seen.doubt {
        return unknown(why, seen.evidence);
    }
    let found = check.violation.as_ref().map(|violation| (violation, seen.found.clone()));
    let report = weighed(cx, gate, check, seen);
    let Some((violation, found)) = found.filter(|_| report.judgement() == Judgement::Pass) else {
        return report;
    };
    match noticed(cx, check, violation, &found) {
        Ok(()) => report,
        Err(why) => unknown(why, report.evidence().to_vec()),
    }
}

/// What the command showed of the judged tree, without what it shows of the base too.
fn weighed(cx: &Cx<'_>, gate: &CustomGate, check: &CustomCheck, seen: Seen) -> GateReport {
    if seen.found.is_empty() || !check.new_only {
        return told(cx, gate, check, seen, 0);
    }
    let base = match beside(cx, cx.subject.base, |at| run(at, check, cx)) {
        Ok(base) => base,
        Err(error) => {
            return unclear(
                gate,
                &format!("it could not be run on the base: {error}"),
                seen.evidence,
            );
        }
    };
    let Seen { found, mut evidence, detail, what, .. } = seen;
    evidence.extend(base.evidence);
    if let Some(why) = base.doubt {
        return unclear(gate, &format!("what is new is not known; on the base: {why}"), evidence);
    }
    let total = found.len();
    let found = new_in(found, &base.found, cx.changes.unwrap_or(&[]));
    let known = total - found.len();
    told(cx, gate, check, Seen { found, evidence, detail, what, doubt: None }, known)
}

/// Whether the command notices a violation that is written beside what it has `found`; else why its word is
/// worth nothing. Asked each time: the change may have altered what it runs.
fn noticed(
    cx: &Cx<'_>,
    check: &CustomCheck,
    Violation { path, content }: &Violation,
    found: &[Reported],
) -> Result<(), String> {
    let write = Edit::Write { path, content: content.as_bytes() };
    let planted = cx.subject.repo.compose(cx.subject.tree, &[write]);
    let planted = planted.map_err(|error| format!("the violation: {}", chain(&error)))?;
    let seen = beside(cx, &planted, |at| run(at, check, cx))
        .map_err(|error| format!("it could not be run with its violation: {error}"))?;
    if let Some(why) = seen.doubt {
        return Err(format!("whether it notices its violation is not known: {why}"));
    }
    if new_in(seen.found, found, &[]).is_empty() {
        return Err(format!("{}: it accepts its own violation in `{path}`", seen.what));
    }
    Ok(())
}

fn unclear(gate: &CustomGate, why: &str, evidence: Vec<Evidence>) -> GateReport {
    let why = crate::text::one_line(why, SUMMARY_BYTES_MAX);
    GateReport::inconclusive(GateId::from(gate.name.as_str()), why, Vec::new(), evidence)
}

/// Bytes of a summary.
const SUMMARY_BYTES_MAX: usize = 400;

fn told(
    cx: &Cx<'_>,
    gate: &CustomGate,
    check: &CustomCheck,
    seen: Seen,
    known: usize,
) -> GateReport {
    let Seen { found, evidence, detail, what, .. } = seen;
    let mut findings: Vec<Finding> =
        found.iter().map(|one| reported(cx, gate, check, one, &detail)).collect();
    let none = match (known, findings.len()) {
        (0, 0) => format!("{what}: nothing found"),
        (0, notes) => format!("{what}: {notes} note(s)"),
        (known, _) => format!("{what}: nothing new, {known} as before the change"),
    };
    waive(cx, &mut findings);
    Basis { findings, left_out: None, evidence }.conclude(cx, &gate.name, none, worst_and_more)
}

fn reported(
    cx: &Cx<'_>,
    gate: &CustomGate,
    check: &CustomCheck,
    one: &Reported,
    detail: &str,
) -> Finding {
    let rule = if one.rule.is_empty() { "finding" } else { one.rule.as_str() };
    let severity: Severity = one.severity.unwrap_or(check.severity);
    let place = match &one.path {
        Some(path) => Some(Location { path: path.clone(), line: one.line }),
        None => find(detail, Which::Last, &|path| cx.known(&check.dir, path)),
    };
    finding(&format!("{}/{rule}", gate.name), severity, place, one.message.clone(), detail)
}
