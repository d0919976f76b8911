//! One judgement: a clean copy, every gate over it, and nothing left behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use loki_host::process::Cancel;
use loki_model::{GateId, GateReport};

use crate::copy::{CleanCopy, JudgeError, Scratch};
use crate::gates::{self, Cx};
use crate::{Config, Keep, Subject};

/// Judges one change.
///
/// Makes a clean copy of the judged tree, runs every gate that `config` gives a say, and removes the
/// copy. `on_gate` hears of each report as it is ready; the result has them in the order of the gates,
/// cheapest first. A gate that panics is inconclusive. Pulling `cancel` ends running commands; gates
/// that could not finish are then inconclusive.
///
/// # Errors
///
/// Only when no clean copy could be made. Nothing was judged then.
pub fn judge(
    subject: &Subject<'_>,
    config: &Config,
    keep: &dyn Keep,
    cancel: &Cancel,
    on_gate: &mut (dyn FnMut(&GateReport) + Send),
) -> Result<Vec<GateReport>, JudgeError> {
    let scratch = Scratch::open(subject.scratch)?;
    let (made, changes) = std::thread::scope(|scope| {
        let diff = scope.spawn(|| subject.repo.diff(subject.base, subject.tree));
        (CleanCopy::make(&scratch, subject), diff.join())
    });
    let (copy, layout) = made?;
    let changes = match changes {
        Ok(changes) => changes.map_err(|err| gates::chain(&err)),
        Err(_) => Err("reading it failed: please report this".to_owned()),
    };
    let cx = Cx {
        subject,
        config,
        keep,
        cancel,
        scratch: &scratch,
        copy: &copy,
        layout: &layout,
        changes: changes.as_deref().map_err(String::as_str),
        results_made: &AtomicU32::new(0),
        known: Arc::default(),
    };
    let mut reports = Vec::new();
    std::thread::scope(|scope| {
        let (done, ready) = channel();
        for lane in lanes(&cx) {
            let (cx, done) = (&cx, done.clone());
            scope.spawn(move || lane.into_iter().for_each(|gate| run(gate, cx, &done)));
        }
        drop(done);
        for report in ready {
            on_gate(&report);
            reports.push(report);
        }
    });
    reports.sort_by_key(|report| gates::IDS.iter().position(|id| *id == report.gate().0));
    Ok(reports)
}

/// A gate: its name and how it judges.
type Gate = (&'static str, fn(&Cx<'_>) -> GateReport);

/// Which gates run one after another. Lanes run side by side.
///
/// Tests come after the build where they use what it made.
fn lanes(cx: &Cx<'_>) -> Vec<Vec<Gate>> {
    const CHANGE: Gate = (gates::change::ID, gates::change::judge);
    const TAMPERING: Gate = (gates::runner_tampering::ID, gates::runner_tampering::judge);
    const SECRETS: Gate = (gates::secrets::ID, gates::secrets::judge);
    const BUILD: Gate = (gates::build::ID, gates::build::judge);
    const TESTS: Gate = (gates::tests::ID, gates::tests::judge);
    const BASE_TESTS: Gate = (gates::base_tests::ID, gates::base_tests::judge);
    const NEW_TESTS: Gate = (gates::new_tests::ID, gates::new_tests::judge);
    const MUTANTS: Gate = (gates::mutants::ID, gates::mutants::judge);
    const TEST_INTEGRITY: Gate = (gates::test_integrity::ID, gates::test_integrity::judge);
    const MOCK_INTEGRITY: Gate = (gates::mock_integrity::ID, gates::mock_integrity::judge);
    const SUBSTANCE: Gate = (gates::substance::ID, gates::substance::judge);
    if cx.changes.is_ok_and(gates::change::is_empty) {
        // That is blocked whatever else holds: not worth the time of a whole suite.
        return vec![vec![CHANGE]];
    }
    let shares = !cx.layout.all_roots("Cargo.toml").is_empty()
        || crate::node::packages(cx).all.iter().any(|package| package.script("build").is_some());
    let mut lanes =
        vec![vec![CHANGE], vec![SECRETS, TAMPERING, TEST_INTEGRITY, MOCK_INTEGRITY, SUBSTANCE]];
    let tests = vec![TESTS, BASE_TESTS, NEW_TESTS, MUTANTS];
    lanes.extend(if shares {
        vec![[vec![BUILD], tests].concat()]
    } else {
        vec![vec![BUILD], tests]
    });
    let counts = |gate: &Gate| cx.config.policy.roles.contains_key(&GateId::from(gate.0));
    lanes
        .into_iter()
        .map(|lane| lane.into_iter().filter(counts).collect::<Vec<_>>())
        .filter(|lane: &Vec<Gate>| !lane.is_empty())
        .collect()
}

/// Gates that run commands of the project.
const RUNNING: &[&str] = &[
    gates::build::ID,
    gates::tests::ID,
    gates::base_tests::ID,
    gates::new_tests::ID,
    gates::mutants::ID,
];

fn run((id, judge): Gate, cx: &Cx<'_>, done: &Sender<GateReport>) {
    if !cx.config.runs && RUNNING.contains(&id) {
        let summary = "not run, as was asked".to_owned();
        let _ = done.send(GateReport::inconclusive(id.into(), summary, Vec::new(), Vec::new()));
        return;
    }
    // Nobody listens any more only when the caller itself panicked.
    let _ = done.send(guarded(id, || judge(cx)));
}

/// What `judge` reports, with the time it took; a panic in it is inconclusive.
fn guarded(id: &str, judge: impl FnOnce() -> GateReport) -> GateReport {
    let started = Instant::now();
    // Nothing that a gate leaves half done is read after it: its only product is its report.
    let report = catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| {
        let summary = "the gate itself failed: please report this".to_owned();
        GateReport::inconclusive(GateId::from(id), summary, Vec::new(), Vec::new())
    });
    report.took(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::Judgement;

    #[test]
    fn a_panic_in_a_gate_is_inconclusive() {
        let report = guarded("build", || panic!("a bug"));
        assert_eq!(
            (report.gate().0.as_str(), report.judgement()),
            ("build", Judgement::Inconclusive)
        );
    }
}
