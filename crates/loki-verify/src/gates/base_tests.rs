//! Requires that the tests of the base hold on the new code.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{Evidence, Finding, GateId, GateReport, Severity};

use super::Cx;
use super::described::{Described, Runs};
use super::states::{Settings, old_tests_on_new_code, touches_settings, touches_tests};
use super::suites::{Suites, failed, last, name};
use super::verdicts::Basis;
use crate::counts::totals::is_whole;
use crate::counts::{Case, CaseEnd};
use crate::variant::State;

mod fate;
mod reported;

use fate::{Fate, fate};

/// This gate's name.
pub(crate) const ID: &str = "base-tests";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "the tests that were there before hold on the new code, whatever became of them",
    why: "A change that breaks behaviour can bring tests that do not notice: weakened, skipped, \
          deleted, deselected, or with the wrong result written down as the right one. The tests \
          of the base, run under its own settings, do not know of any of that.",
    evidence: "One command for each runner over the new code with the base's tests, one over the base \
          where something is red, one over the base's code with the new tests where a test was \
          changed.",
    cannot_tell: "Whether a changed expectation is the one that was asked for: it names the test, and a \
          person or an approval decides.",
    runs: Runs::Everything,
    rules: reported::RULES,
    judge,
};

/// Whether the tests of the base are run, so that what became of them is known by what they do.
pub(crate) fn decides(cx: &Cx<'_>) -> bool {
    cx.config.runs && cx.config.policy.roles.contains_key(&GateId::from(ID))
}

/// Runs the tests of the base on the new code.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let id = GateId::from(ID);
    let delta = match cx.delta() {
        Ok(delta) => delta,
        Err(error) => return unknown(format!("what changed could not be read: {error}")),
    };
    if !touches_tests(&delta.files) && !touches_settings(&delta.files) {
        let summary = "the change leaves tests and their settings as they are".to_owned();
        return GateReport::not_applicable(id, summary);
    }
    let first = match cx.old_on_new().map_err(str::to_owned).and_then(|state| run(cx, state)) {
        Ok(first) => first,
        Err(error) => return unknown(format!("the base's tests could not be run: {error}")),
    };
    let mut evidence: Vec<Evidence> = first.evidence().cloned().collect();
    let red = first.ids(CaseEnd::Failed);
    if red.is_empty() && first.troubles().is_empty() {
        return quiet(cx, &first, evidence);
    }
    let base = match cx.base_suites() {
        Ok(base) => base,
        Err(error) => return unknown(format!("the base's own tests could not be run: {error}")),
    };
    evidence.extend(base.evidence().cloned());
    let held = base.ids(CaseEnd::Passed);
    if held.is_empty() {
        if base.troubles().is_empty() {
            return GateReport::not_applicable(id, "the base has no test that passes".to_owned());
        }
        let troubles = base.troubles().join("; ");
        let summary = format!("the base's own tests show nothing: {troubles}");
        return GateReport::inconclusive(id, summary, Vec::new(), evidence);
    }
    let passed = first.ids(CaseEnd::Passed);
    let mut lost: BTreeSet<&str> = held.iter().copied().filter(|id| !passed.contains(id)).collect();
    // Settings may have had to follow the code, such as where modules are looked for.
    let second = (!lost.is_empty() && touches_settings(&delta.files)).then(|| {
        let tree = old_tests_on_new_code(cx, Settings::Head)?;
        run(cx, &State::of(cx, tree)?)
    });
    let mut under_old_settings: BTreeSet<&str> = BTreeSet::new();
    if let Some(Ok(second)) = &second {
        evidence.extend(second.evidence().cloned());
        let passed = second.ids(CaseEnd::Passed);
        // All tests of a run hold easily where settings leave some of them out.
        let is_less = second.counts().ran() < first.counts().ran();
        let holds_now = |id: &&str| passed.contains(id) && !(is_less && is_whole(id));
        let (now, still): (BTreeSet<&str>, BTreeSet<&str>) = lost.into_iter().partition(holds_now);
        lost = still;
        // Settings that something needs to run at all are one thing, those under which it passes another.
        under_old_settings = now
            .into_iter()
            .filter(|id| first.cases().get(id).is_some_and(|case| fate::has_run(&case.said)))
            .collect();
    }
    let resettled = resettled(cx, &first, &under_old_settings);
    if lost.is_empty() && resettled.is_empty() {
        return quiet(cx, &first, evidence);
    }
    told(cx, &first, base, &lost, resettled, evidence)
}

/// Runs every suite over `state`, and what failed once more: what holds at either try is not broken.
fn run(cx: &Cx<'_>, state: &State) -> Result<Suites, String> {
    state.over(cx, |cx| {
        let once = Suites::run(cx);
        let is_red = !once.ids(CaseEnd::Failed).is_empty();
        if is_red && once.duration_ms() <= RERUN_MS_MAX {
            once.or_better(Suites::run(cx))
        } else {
            once
        }
    })
}

/// Suites that took longer are not run a second time.
const RERUN_MS_MAX: u64 = 60_000;

fn unknown(summary: String) -> GateReport {
    GateReport::inconclusive(GateId::from(ID), summary, Vec::new(), Vec::new())
}

/// Tests of the base that ran on the new code under the base's settings and failed, and hold under those of the
/// change.
fn resettled(cx: &Cx<'_>, first: &Suites, ids: &BTreeSet<&str>) -> Vec<Finding> {
    let seen = first.cases();
    let cases = ids.iter().filter_map(|id| seen.get(id).map(|case| (id, *case)));
    let on_old = cx.new_on_old().map(|old| old.ids(CaseEnd::Passed)).unwrap_or_default();
    let told = cases.map(|(id, case)| {
        let mut finding = reported(cx, id, case, Fate::Resettled);
        // Under those of the change it holds without the change as well: they do not follow it.
        if finding.severity == Severity::Warning && on_old.contains(id) {
            finding.severity = Severity::Error;
        }
        finding
    });
    told.collect()
}

/// Tests of the base that hold on the new code and are as they were in the change, which does not run them any
/// more.
fn silenced(cx: &Cx<'_>, first: &Suites) -> Vec<Finding> {
    let head = cx.suites();
    if !head.troubles().is_empty() {
        return Vec::new();
    }
    let (seen, runs) = (first.cases(), head.cases());
    let ended: BTreeSet<&str> = runs
        .values()
        .filter(|case| matches!(case.ended, CaseEnd::Passed | CaseEnd::Failed))
        .map(|case| last(&case.id))
        .collect();
    let held = first.ids(CaseEnd::Passed);
    let gone = held.into_iter().filter(|id| !is_whole(id) && !ended.contains(last(id)));
    let cases = gone.filter_map(|id| seen.get(id).map(|case| (id, *case)));
    cases
        .filter(|(id, case)| fate::is_there_as_it_was(cx, id, case))
        .map(|(id, case)| reported(cx, id, case, Fate::Silenced))
        .collect()
}

fn quiet(cx: &Cx<'_>, suites: &Suites, evidence: Vec<Evidence>) -> GateReport {
    let id = GateId::from(ID);
    let counts = suites.counts();
    if counts.ran() == 0 || evidence.is_empty() {
        return GateReport::not_applicable(id, "the base has no tests".to_owned());
    }
    let summary = format!("{counts} of the base's tests on the new code");
    let findings = silenced(cx, suites);
    let basis = Basis { findings, left_out: None, evidence };
    basis.conclude(cx, ID, summary.clone(), |_, count| {
        format!("{summary}, {count} of them not run by the change")
    })
}

/// Reports what became of every test that held before and does not on the new code.
fn told(
    cx: &Cx<'_>,
    first: &Suites,
    base: &Suites,
    lost: &BTreeSet<&str>,
    resettled: Vec<Finding>,
    evidence: Vec<Evidence>,
) -> GateReport {
    let (seen, known) = (first.cases(), base.cases());
    let mut fates: BTreeMap<Fate, usize> = BTreeMap::new();
    let silenced = silenced(cx, first);
    for (fate, findings) in [(Fate::Resettled, &resettled), (Fate::Silenced, &silenced)] {
        if !findings.is_empty() {
            fates.insert(fate, findings.len());
        }
    }
    let mut findings: Vec<Finding> = [resettled, silenced].concat();
    for id in lost {
        let case = seen.get(id).or_else(|| known.get(id));
        let Some(case) = case.copied() else { continue };
        let said = said(first, case);
        // Parts of a test fail under names that begin with its own.
        let has_failed = seen.iter().any(|(other, case)| {
            let rest = other.strip_prefix(id);
            let is_of_it = rest
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            is_of_it && case.ended == CaseEnd::Failed
        });
        let fate = fate(cx, id, case, &said, has_failed);
        *fates.entry(fate).or_default() += 1;
        let case = Case { said, ..case.clone() };
        findings.push(reported(cx, id, &case, fate));
    }
    let told: Vec<String> = fates.iter().map(|(fate, count)| fate.told(*count)).collect();
    let summary = format!("of the base's tests on the new code {}", told.join(", "));
    let basis = Basis { findings, left_out: None, evidence };
    basis.conclude(cx, ID, summary.clone(), |_, _| summary)
}

/// What a test said on the new code; where it never ran, what went wrong in its file, or around all.
fn said(suites: &Suites, case: &Case) -> String {
    if !case.said.is_empty() {
        return case.said.clone();
    }
    let all = suites.cases();
    let around = all.values().find(|other| {
        other.ended == CaseEnd::Failed && other.file.is_some() && other.file == case.file
    });
    if let Some(around) = around.filter(|around| !around.said.is_empty()) {
        return around.said.clone();
    }
    // Go names the package that does not build.
    let unbuilt = all.values().find(|other| {
        let package = name(&other.id).strip_suffix(" (does not build)");
        package.is_some_and(|package| name(&case.id).starts_with(package))
    });
    if let Some(unbuilt) = unbuilt {
        return unbuilt.said.clone();
    }
    // Runners name a file that can not even be loaded in ways of their own.
    let strangers =
        all.values().filter(|other| other.ended == CaseEnd::Failed && other.file.is_none());
    let loading: Vec<&str> = strangers
        .filter(|other| other.said.contains("Error") && other.id.contains("_FailedTest"))
        .map(|other| other.said.as_str())
        .collect();
    if !loading.is_empty() {
        return loading.join("\n");
    }
    let broken = suites.parts.iter().filter(|part| part.counts.failed == 0);
    let details = broken.flat_map(|part| &part.findings).map(|finding| finding.detail.as_str());
    details.filter(|detail| !detail.is_empty()).collect::<Vec<_>>().join("\n")
}

fn reported(cx: &Cx<'_>, id: &str, case: &Case, fate: Fate) -> Finding {
    let (rule, severity, says) = fate.report();
    let approved = cx.config.is_approved(name(id));
    let severity = if approved { Severity::Note } else { severity };
    let says = if approved { "changed, as was approved" } else { says };
    failed(cx, rule, severity, case, &format!("`{}` {says}", name(id)))
}
