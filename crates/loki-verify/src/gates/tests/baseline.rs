//! What of a red suite the change is to blame for.
//!
//! A test that failed before the change and still fails is listed, not blamed; one that fails once and
//! passes at the next try is flaky, and said to be.

use std::collections::BTreeSet;

use loki_model::{ChangeKind, Evidence, Finding, GateId, GateReport, Severity};

use super::ID;
use super::unloaded::is_unloaded;
use crate::counts::CaseEnd;
use crate::gates::states::{touches_settings, touches_tests};
use crate::gates::suites::{Crash, Suites, failed, name};
use crate::gates::{Cx, finding};
use crate::layout::file_name;

/// A suite that took longer is not run a second time to find out whether it is flaky.
const RERUN_MS_MAX: u64 = 60_000;

/// Tests of one kind that are listed one by one.
const LISTED_MAX: usize = 20;

/// Weighs the failing `report` about `suites`: it stays a failure where the change broke something.
pub(super) fn weighed(cx: &Cx<'_>, suites: &Suites, report: GateReport) -> GateReport {
    let red = suites.ids(CaseEnd::Failed);
    let mut evidence: Vec<Evidence> = report.evidence().to_vec();
    // In this order: the copy can not be built in again once the base was.
    let again = (!red.is_empty() && suites.duration_ms() <= RERUN_MS_MAX).then(|| Suites::run(cx));
    let flaky: BTreeSet<&str> = again.as_ref().map_or_else(BTreeSet::new, |again| {
        let passed = again.ids(CaseEnd::Passed);
        red.iter().copied().filter(|id| passed.contains(id)).collect()
    });
    let base = match cx.base_suites() {
        Ok(base) => base,
        Err(error) => {
            let message = format!("whether it was red before is not known: {error}");
            return report.noting(vec![finding(
                "tests/no-base",
                Severity::Note,
                None,
                message,
                "",
            )]);
        }
    };
    evidence.extend(again.iter().flat_map(Suites::evidence).cloned());
    evidence.extend(base.evidence().cloned());
    let was_red = base.ids(CaseEnd::Failed);
    let is_old = |id: &&str| was_red.contains(id);
    let old: Vec<&str> = red.iter().copied().filter(is_old).collect();
    let new = red.iter().copied().filter(|id| !is_old(id) && !flaky.contains(id));
    let cases = suites.cases();
    let is_of_unloaded = |id: &&str| cases.get(id).is_some_and(|case| is_unloaded(cx, base, case));
    let (unloaded, new): (Vec<&str>, Vec<&str>) = new.partition(is_of_unloaded);
    let (before, excusable) = (base.crashes(), is_excusable(cx));
    // A command that the project declares has to end well.
    let is_found = cx.config.tests.is_none();
    let is_old_crash = |crash: &Crash<'_>| {
        let same_suite = |old: &Crash<'_>| excusable && old.summary == crash.summary;
        // Other words of it can be the business of tests or settings that the change touches.
        let is_known = |old: &Crash<'_>| is_found && excusable && old.is_as_uncounted_as(crash);
        let is_it = |old: &Crash<'_>| old.is_like(crash) || same_suite(old) || is_known(old);
        before.iter().any(|old| is_it(old) && !lacked_what_is_brought(cx, old))
    };
    let (crashed_before, crashed): (Vec<Crash<'_>>, Vec<Crash<'_>>) =
        suites.crashes().into_iter().partition(is_old_crash);
    if [&old, &unloaded].iter().all(|ids| ids.is_empty())
        && flaky.is_empty()
        && crashed_before.is_empty()
    {
        return report;
    }
    let mut findings = told(cx, suites, &new, Severity::Error, "failed, and did not before");
    let flaky: Vec<&str> = flaky.into_iter().filter(|id| !is_old(id)).collect();
    let says = "is flaky: it failed, and passed when it was run again";
    findings.extend(told(cx, suites, &flaky, Severity::Warning, says));
    findings.extend(told(
        cx,
        suites,
        &old,
        Severity::Note,
        "failed before the change and still does",
    ));
    let says = "fails, and could not even be loaded before the change";
    findings.extend(told(cx, suites, &unloaded, Severity::Note, says));
    // Notes and crashes that no test accounts for.
    let is_other = |finding: &&Finding| finding.rule != "tests/failed";
    let uncounted = crashed.iter().filter(|crash| crash.is_uncounted);
    findings.extend(uncounted.flat_map(|crash| crash.findings).filter(|f| !is_other(f)).cloned());
    findings.extend(report.findings().iter().filter(is_other).cloned());
    let uncounted = crashed_before.iter().filter(|crash| is_found && crash.is_uncounted);
    let uncounted: Vec<Finding> = uncounted.map(red_before).collect();
    let red_before_count = old.len() + unloaded.len() + uncounted.len();
    findings.extend(uncounted);
    let summary = format!(
        "{}{}: {} newly red, {} flaky, {} red before the change and still",
        cx.copy.without(),
        suites.counts(),
        new.len(),
        flaky.len(),
        red_before_count
    );
    if findings.is_empty() {
        return report;
    }
    let first = findings.remove(0);
    let id = GateId::from(ID);
    if new.is_empty() && crashed.is_empty() {
        GateReport::concern(id, summary, first, findings, evidence)
    } else {
        GateReport::fail(id, summary, first, findings, evidence)
    }
}

/// Whether a command in which nothing can be counted names a file that only the change brings: then it may have
/// ended badly for want of that.
fn lacked_what_is_brought(cx: &Cx<'_>, crash: &Crash<'_>) -> bool {
    let Ok(delta) = cx.delta() else { return true };
    let said = || crash.findings.iter().map(|finding| finding.detail.as_str());
    let mut brought = delta.files.iter().filter(|file| file.change == ChangeKind::Added);
    crash.is_uncounted
        && brought.any(|file| said().any(|said| said.contains(file_name(&file.path))))
}

/// That a suite in which nothing can be counted ended badly before and still does.
fn red_before(crash: &Crash<'_>) -> Finding {
    let message =
        format!("{}, as before the change: none of its tests can be counted", crash.summary);
    let found = crash.findings.first();
    let place = found.and_then(|found| found.location.clone());
    let detail = found.map_or("", |found| found.detail.as_str());
    finding("tests/red-before", Severity::Note, place, message, detail)
}

/// Whether a suite that broke before can be none of the change's business although it says something else
/// now: the change leaves alone what decides how suites run.
fn is_excusable(cx: &Cx<'_>) -> bool {
    cx.delta().is_ok_and(|delta| !touches_tests(&delta.files) && !touches_settings(&delta.files))
}

fn told(
    cx: &Cx<'_>,
    suites: &Suites,
    ids: &[&str],
    severity: Severity,
    says: &str,
) -> Vec<Finding> {
    let rule = match severity {
        Severity::Error => "tests/failed",
        Severity::Warning => "tests/flaky",
        Severity::Note => "tests/red-before",
    };
    let cases = suites.cases();
    let shown = ids.iter().take(LISTED_MAX).filter_map(|id| cases.get(id));
    let mut findings: Vec<Finding> = shown
        .map(|case| failed(cx, rule, severity, case, &format!("`{}` {says}", name(&case.id))))
        .collect();
    if ids.len() > LISTED_MAX {
        let message = format!("{} more like it", ids.len() - LISTED_MAX);
        findings.push(finding(rule, severity, None, message, ""));
    }
    findings
}
