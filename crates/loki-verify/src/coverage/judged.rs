//! What one judgement shows of the requirements that it is about.

use std::collections::BTreeMap;

use loki_model::{GateReport, Requirement, RequirementId, Spec};
use loki_spec::{FileAssertion, Holds, Lock, file_assertions};

use super::{
    Coverage, CoverageStatus, Piece, PieceKind, Shown, Wanted, commands, is_found_fault_with,
    test_name,
};
use crate::agreed::LOCK_PATH;
use crate::counts::{Case, CaseEnd};
use crate::gates::Cx;
use crate::gates::part::State;
use crate::gates::suites::{Suites, last, name};
use crate::named_tests::{NamedTest, may_hold_tests};

/// Own files that are searched for tests which name a requirement.
const FILES_MAX: usize = 20_000;

/// What the judgement in `cx` with `reports` shows of what was asked for: of the spec that the caller pinned,
/// else of the locked one. Nothing where neither is there. It decides nothing.
pub(crate) fn coverage(cx: &Cx<'_>, reports: &[GateReport]) -> Option<Coverage> {
    let spec = match cx.subject.spec {
        Some(spec) => spec.clone(),
        None => locked(cx)?,
    };
    let tests = tests(cx, &spec.requirements, reports);
    let shown = |requirement: &Requirement| {
        let tests = tests.get(&requirement.id).cloned().unwrap_or_default();
        let evidence = [tests, commands(requirement, reports), files(cx, requirement)];
        Shown::of(requirement, evidence.concat())
    };
    let requirements = spec.requirements.iter().map(shown).collect();
    Some(Coverage { requirements, ..Coverage::unknown(&Spec { requirements: Vec::new(), ..spec }) })
}

/// What the base agreed on; what the change itself locks, where the base has no lock yet.
fn locked(cx: &Cx<'_>) -> Option<Spec> {
    let lock = match &cx.agreed().lock {
        Some(Ok(lock)) => lock.clone(),
        Some(Err(_)) => return None,
        None => Lock::parse(&cx.read(LOCK_PATH)?).ok()?,
    };
    let title = "the locked spec";
    let requirements = lock.requirements.clone();
    Some(Spec { requirements, ..Spec::of(LOCK_PATH, title, &lock.to_text()) })
}

/// What `requirement` says of files, and whether the judged tree has it so. What the project makes while it is
/// built or tested is in no tree.
fn files(cx: &Cx<'_>, requirement: &Requirement) -> Vec<Piece> {
    let piece = |assertion: FileAssertion| {
        let status = match holds(cx, &assertion) {
            Some(true) => CoverageStatus::Covered,
            Some(false) => CoverageStatus::Failing,
            None => CoverageStatus::Stale,
        };
        Piece { kind: PieceKind::File, name: assertion.to_string(), status }
    };
    file_assertions(requirement).into_iter().map(piece).collect()
}

/// Nothing where it can not be told, such as for a file that is too large.
fn holds(cx: &Cx<'_>, assertion: &FileAssertion) -> Option<bool> {
    let path = assertion.path.as_str();
    let below = format!("{path}/");
    let is_there =
        cx.layout.has(path) || cx.layout.all_files().any(|file| file.starts_with(&below));
    match &assertion.holds {
        Holds::Exists => Some(is_there),
        Holds::Absent => Some(!is_there),
        Holds::Contains(_) if !cx.layout.has(path) => Some(false),
        Holds::Contains(text) => cx.read(path).map(|content| content.contains(text.as_str())),
    }
}

/// The tests of the judged tree that name a requirement, and how each ended.
fn tests(
    cx: &Cx<'_>,
    requirements: &[Requirement],
    reports: &[GateReport],
) -> BTreeMap<RequirementId, Vec<Piece>> {
    let wanted = Wanted::of(requirements);
    let mut found: BTreeMap<RequirementId, Vec<Piece>> = BTreeMap::new();
    let own = cx.layout.own_files().filter(|path| may_hold_tests(path));
    for path in own.take(FILES_MAX) {
        let Some(text) = cx.read(path) else { continue };
        for (test, ids) in wanted.tests(path, &text) {
            let status = match cx.suites_if_run() {
                _ if is_found_fault_with(&test, path, reports) => CoverageStatus::Failing,
                Some(suites) => ended(suites, path, &test),
                None => CoverageStatus::Stale,
            };
            let piece = Piece { kind: PieceKind::Test, name: test_name(path, &test), status };
            for id in ids {
                found.entry(id.clone()).or_default().push(piece.clone());
            }
        }
    }
    found
}

/// How `test` ended where it was run under its own name, in every form that it was run in.
fn ended(suites: &Suites, path: &str, test: &NamedTest) -> CoverageStatus {
    let believed = |state: State| matches!(state, State::Held | State::Broken);
    let cases = suites.parts.iter().flat_map(|part| {
        let is_believed = believed(part.state);
        part.cases.iter().map(move |case| (case, is_believed))
    });
    let of_test: Vec<(&Case, bool)> = cases.filter(|(case, _)| is_of(case, path, test)).collect();
    // Runners that name no file call many tests alike; the names around them tell some apart.
    let exact = |case: &Case| name(&case.id).ends_with(&test.name);
    let is_exact = of_test.iter().any(|(case, _)| exact(case));
    let mut of_test = of_test.into_iter().filter(|(case, _)| !is_exact || exact(case)).peekable();
    let is_known = of_test.peek().is_some();
    let mut has_passed = false;
    for (case, is_believed) in of_test {
        match case.ended {
            CaseEnd::Failed => return CoverageStatus::Failing,
            CaseEnd::Passed => has_passed |= is_believed,
            CaseEnd::Skipped => {}
        }
    }
    if is_known && has_passed { CoverageStatus::Covered } else { CoverageStatus::Stale }
}

/// Whether `case` is a run of `test`, as far as the names tell. Of a file without a tree every case is.
fn is_of(case: &Case, path: &str, test: &NamedTest) -> bool {
    let is_of_file = case.file.as_deref().map(|file| file == path);
    match test.own.as_str() {
        "" => is_of_file == Some(true),
        own => is_of_file != Some(false) && last(&case.id) == own,
    }
}
