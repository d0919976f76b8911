//! Requires that tests which come with a change of behaviour fail without it.

use loki_model::{ChangeKind, Evidence, GateId, GateReport, Severity};

use super::described::{Described, Runs};
use super::states::{brings_tests, changed_tests};
use super::{Cx, finding};
use crate::claim::Claim;
use crate::counts::CaseEnd;
use crate::delta::{Delta, FileDelta};
use crate::gates::suites::Suites;
use crate::kind::Kind;
use crate::suite::Side;
use brought::{Brought, brought};

mod brought;
mod not_run;
mod reported;

/// This gate's name.
pub(crate) const ID: &str = "new-tests";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "of the tests that come with a change of behaviour at least one fails without the change",
    why: "A test that passes before the change as well as after it shows nothing about the \
          change.",
    evidence: "One command for each runner over the base's code with the tests of the change.",
    cannot_tell: "Whether the tests ask for what was wanted, and whether a change that claims to keep \
          behaviour does.",
    runs: Runs::Everything,
    rules: reported::RULES,
    judge,
};

/// Runs the tests of the change on the code of the base.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let id = GateId::from(ID);
    let not_applicable = |why: &str| GateReport::not_applicable(id.clone(), why.to_owned());
    let unknown = |why: String| GateReport::inconclusive(id.clone(), why, Vec::new(), Vec::new());
    let delta = match cx.delta() {
        Ok(delta) => delta,
        Err(error) => return unknown(format!("what changed could not be read: {error}")),
    };
    if brings_tests(&delta.files)
        && let Some(report) = lost(cx, delta)
    {
        return report;
    }
    if let Some(why) = why_not(cx, delta) {
        return not_applicable(why);
    }
    let held = cx.suites().ids(CaseEnd::Passed);
    if held.is_empty() {
        return not_applicable("no test holds on the new code: see `tests`");
    }
    let old = match cx.new_on_old() {
        Ok(old) => old,
        Err(error) => {
            return unknown(format!("the new tests could not be run on the old code: {error}"));
        }
    };
    // A base without any suite runs nothing: what the change itself ran is what there is to see.
    let evidence: Vec<Evidence> = old.evidence().chain(cx.suites().evidence()).cloned().collect();
    concluded(cx, old, evidence)
}

/// A concern where a new test was run by nobody.
fn lost(cx: &Cx<'_>, delta: &Delta) -> Option<GateReport> {
    let (name, path, line, count) = not_run::not_run(cx, delta)?;
    let mut evidence = cx.suites().evidence().cloned();
    let (first, rest) = (evidence.next()?, evidence.collect());
    let others = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    let message = format!("no runner has run the new test `{name}`{others}");
    let place = loki_model::Location { path, line: Some(line) };
    let found = finding("new-tests/not-run", Severity::Warning, Some(place), &message, "");
    let all = std::iter::once(first).chain::<Vec<Evidence>>(rest).collect();
    Some(GateReport::concern(GateId::from(ID), message, found, Vec::new(), all))
}

/// Why the tests of the change have nothing to show on the code of the base, if so.
pub(crate) fn why_not(cx: &Cx<'_>, delta: &Delta) -> Option<&'static str> {
    if !brings_tests(&delta.files) {
        return Some("the change brings no tests");
    }
    if !changes_code(cx, delta) {
        return Some("the change leaves the code as it is");
    }
    (cx.claim() == Claim::Neutral).then_some("the change does not claim to change behaviour")
}

/// Whether code of the product does anything else than before: not where only tests within it or comments are
/// others. A file that is nothing of both, data say, may be what makes the difference.
fn changes_code(cx: &Cx<'_>, delta: &Delta) -> bool {
    let is_other = |file: &FileDelta| match file.kind {
        Kind::Source => !does_the_same(cx, delta, file),
        Kind::Test | Kind::Docs | Kind::Foreign => false,
        Kind::Fixture | Kind::Harness | Kind::Manifest | Kind::Lock | Kind::Other => true,
    };
    let has_code = delta.of(Kind::Source).next().is_some();
    has_code && delta.files.iter().any(is_other)
}

fn does_the_same(cx: &Cx<'_>, delta: &Delta, file: &FileDelta) -> bool {
    let trees = cx.trees(delta);
    let side = |side| trees.of_file(&file.path, side);
    let both = side(Side::Before).zip(side(Side::After));
    file.change == ChangeKind::Modified
        && both.is_some_and(|(before, after)| before.does_the_same_as(after))
}

fn concluded(cx: &Cx<'_>, old: &Suites, evidence: Vec<Evidence>) -> GateReport {
    let id = GateId::from(ID);
    let passed = old.ids(CaseEnd::Passed);
    let shows: Vec<&str> =
        cx.suites().ids(CaseEnd::Passed).into_iter().filter(|id| !passed.contains(id)).collect();
    let mut evidence = evidence.into_iter();
    let Some(first) = evidence.next() else {
        let why = "no test was run on the old code".to_owned();
        return GateReport::inconclusive(id, why, Vec::new(), Vec::new());
    };
    if !shows.is_empty() {
        let noun = if shows.len() == 1 { "test needs" } else { "tests need" };
        let summary = format!("{} {noun} the change to pass", shows.len());
        return GateReport::pass(id, summary, first, evidence.collect());
    }
    let brought = cx.delta().map_or(Brought::Something, |delta| brought(cx, delta));
    let claims = match (cx.claim(), brought) {
        // Tests that were there may only have been brought up to date.
        (Claim::Unknown, _) | (Claim::Vague, Brought::Something | Brought::SetUp) => {
            let summary = "every test of the change holds without it; nothing says that behaviour was to change";
            return GateReport::pass(id, summary.to_owned(), first, evidence.collect());
        }
        (_, Brought::SetUp) => {
            let why = "the change brings no tests: only the set-up of some is another";
            return GateReport::not_applicable(id, why.to_owned());
        }
        (_, Brought::Skipped) => {
            let why = "every test that the change brings is skipped here, and so shows nothing either way";
            let all = std::iter::once(first).chain(evidence).collect();
            return GateReport::inconclusive(id, why.to_owned(), Vec::new(), all);
        }
        (Claim::Vague, Brought::Tests) => {
            "the change brings tests without a word that it keeps what the code does"
        }
        (Claim::Neutral | Claim::Behaviour, _) => "the change claims new behaviour",
    };
    let files = cx.delta().map(|delta| changed_tests(&delta.files)).unwrap_or_default();
    let place =
        files.first().map(|path| loki_model::Location { path: (*path).to_owned(), line: None });
    let message = format!("{claims}, and every test that it brings holds without it");
    let found = finding("new-tests/nothing-shown", Severity::Warning, place, &message, "");
    let all = std::iter::once(first).chain(evidence).collect();
    GateReport::concern(id, message, found, Vec::new(), all)
}
