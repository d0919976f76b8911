//! One judgement: a clean copy, every gate over it, and nothing left behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use loki_host::process::Cancel;
use loki_model::{FileChange, GateId, GateReport, SandboxLevel};
use serde::{Deserialize, Serialize};

use crate::bond;
use crate::copy::{CleanCopy, JudgeError, Scratch};
use crate::coverage::{self, Coverage};
use crate::gates::described::{Described, Runs};
use crate::gates::secrets::masked;
use crate::gates::{self, Cx, SOURCE_BYTES_MAX};
use crate::layout::{Layout, file_name};
use crate::memory::Memory;
use crate::slots::Slots;
use crate::{Config, CustomGate, Files, Keep, Subject};

/// Judges one change.
///
/// Makes a clean copy of the judged tree, runs every gate that `config` gives a say, and removes the
/// copy. `on_gate` hears of each report as it is ready; the result has them in the order of the gates,
/// cheapest first. A gate that panics is inconclusive. Pulling `cancel` ends running commands; gates
/// that could not finish are then inconclusive.
///
/// # Errors
///
/// Only when no clean copy could be made, or there is less of a sandbox than was strictly asked for.
/// Nothing was judged then.
pub fn judge(
    subject: &Subject<'_>,
    config: &Config,
    keep: &dyn Keep,
    cancel: &Cancel,
    on_gate: &mut (dyn FnMut(&GateReport) + Send),
) -> Result<Answer, JudgeError> {
    refuse_less_than_asked(config)?;
    let layout = layout_of(subject)?;
    let memory = Memory::of(subject, config, &layout);
    if let Some(answer) = memory.as_ref().and_then(Memory::recall) {
        answer.reports.iter().for_each(on_gate);
        return Ok(Answer { is_remembered: true, ..answer });
    }
    let answer = judge_afresh(subject, &layout, config, keep, cancel, on_gate, Bonds::Asked)?;
    if let Some(memory) = memory.filter(|_| !cancel.is_pulled()) {
        memory.keep(&answer);
    }
    Ok(answer)
}

/// A strict sandbox is whole, or nothing is run.
fn refuse_less_than_asked(config: &Config) -> Result<(), JudgeError> {
    let missing = config.isolation.confinement().missing;
    let is_strict = config.isolation.level == SandboxLevel::Strict;
    if config.runs && is_strict && !missing.is_empty() {
        return Err(JudgeError::Sandbox { missing });
    }
    Ok(())
}

/// What the gates concluded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// One for each gate that counts, in the order of the gates.
    pub reports: Vec<GateReport>,
    /// What shows each requirement of what was asked for; nothing where nothing was asked for.
    pub coverage: Option<Coverage>,
    /// Whether the very same question was answered before, and nothing was run for this.
    #[serde(skip)]
    pub is_remembered: bool,
}

impl Answer {
    /// The answer as JSON, for [`Answer::from_json`].
    ///
    /// # Errors
    ///
    /// None that its content could cause.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The answer in `bytes`. What was written before requirements were looked at one by one has reports
    /// only.
    ///
    /// # Errors
    ///
    /// When `bytes` hold neither.
    pub fn from_json(bytes: &[u8]) -> Result<Answer, serde_json::Error> {
        if !bytes.starts_with(b"[") {
            return serde_json::from_slice(bytes);
        }
        let reports = serde_json::from_slice(bytes)?;
        Ok(Answer { reports, coverage: None, is_remembered: false })
    }
}

/// Judges a violation that was planted to see whether a gate notices it. No gate has to prove for that
/// that it can fail.
pub(crate) fn judge_planted(
    subject: &Subject<'_>,
    config: &Config,
    keep: &dyn Keep,
    cancel: &Cancel,
) -> Result<Vec<GateReport>, JudgeError> {
    let layout = layout_of(subject)?;
    let planted = judge_afresh(subject, &layout, config, keep, cancel, &mut |_| {}, Bonds::Waived);
    planted.map(|answer| answer.reports)
}

fn layout_of(subject: &Subject<'_>) -> Result<Layout, JudgeError> {
    if let Some(Files(layout)) = subject.files {
        return Ok(layout.clone());
    }
    Layout::at(subject.repo, subject.tree).map_err(|source| JudgeError::Checkout { source })
}

/// Whether gates that pass have to show that they can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bonds {
    Asked,
    Waived,
}

fn judge_afresh(
    subject: &Subject<'_>,
    layout: &Layout,
    config: &Config,
    keep: &dyn Keep,
    cancel: &Cancel,
    on_gate: &mut (dyn FnMut(&GateReport) + Send),
    bonds: Bonds,
) -> Result<Answer, JudgeError> {
    let scratch = Scratch::open(subject.scratch)?;
    let copy = CleanCopy::new(&scratch, subject, layout)?;
    let reader = subject.repo.reader(usize::try_from(SOURCE_BYTES_MAX).unwrap_or(usize::MAX));
    let answer = std::thread::scope(|scope| {
        if is_anything_run(config) {
            // Beside everything that only reads.
            scope.spawn(|| copy.fill());
        }
        let diff = subject.repo.diff_shown(subject.base, subject.tree);
        let diff = diff.map(|diff| diff.into_iter().unzip()).map_err(|err| gates::chain(&err));
        let (changes, shown): (Result<Vec<_>, _>, Vec<_>) = match diff {
            Ok((changes, shown)) => (Ok(changes), shown),
            Err(why) => (Err(why), Vec::new()),
        };
        scratch.spares().allow(may_use_again(config, &changes));
        let cx = Cx {
            subject,
            config,
            keep,
            cancel,
            scratch: &scratch,
            copy: &copy,
            reader: &reader,
            layout,
            changes: changes.as_deref().map_err(String::as_str),
            shown: &shown,
            results_made: &AtomicU32::new(0),
            slots: &Slots::new(subject.jobs),
            near: None,
            known: Arc::default(),
        };
        let reports = judge_lanes(&cx, bonds, on_gate);
        let coverage = (bonds == Bonds::Asked).then(|| coverage::coverage(&cx, &reports)).flatten();
        let coverage = coverage.map(|coverage| coverage.retold(&masked));
        Answer { reports, coverage, is_remembered: false }
    });
    match copy.into_failure() {
        Some(source) => Err(JudgeError::Checkout { source }),
        None => Ok(answer),
    }
}

/// Whether a copy that one state has done with may become that of another.
fn may_use_again(config: &Config, changes: &Result<Vec<FileChange>, String>) -> bool {
    let is_held = config.isolation.confinement().missing.is_empty()
        && config.isolation.level != SandboxLevel::Off;
    // They decide how git writes files that do not differ.
    let are_attributes_kept = changes.as_ref().is_ok_and(|changes| {
        changes.iter().all(|change| file_name(&change.path) != ".gitattributes")
    });
    is_held && are_attributes_kept
}

/// Whether any gate that has a say runs commands of the project.
fn is_anything_run(config: &Config) -> bool {
    let has_a_say = |gate: &&&Described| config.policy.roles.contains_key(&GateId::from(gate.id));
    let own = gates::ALL.iter().filter(has_a_say).any(|gate| gate.runs != Runs::Nothing);
    config.runs && (own || !config.custom.is_empty())
}

fn judge_lanes(
    cx: &Cx<'_>,
    bonds: Bonds,
    on_gate: &mut (dyn FnMut(&GateReport) + Send),
) -> Vec<GateReport> {
    let lanes = lanes(cx);
    let runners = cx.subject.jobs.get().min(lanes.len());
    let lanes = Mutex::new(lanes.into_iter());
    let mut reports = Vec::new();
    std::thread::scope(|scope| {
        let (done, ready) = channel();
        if is_anything_run(cx.config) {
            // While the first commands run there is time for what comes next.
            scope.spawn(|| cx.copy.fill().map(|()| gates::states::prepare(cx)));
        }
        for _ in 0..runners {
            let (done, lanes) = (done.clone(), &lanes);
            scope.spawn(move || {
                while let Some(lane) = next(lanes) {
                    lane.iter().for_each(|gate| run(gate, cx, bonds, &done));
                }
            });
        }
        drop(done);
        for report in ready {
            on_gate(&report);
            reports.push(report);
        }
    });
    let names = cx.config.gate_names();
    reports.sort_by_key(|report| names.iter().position(|name| *name == report.gate().0));
    reports
}

/// One gate, whoever made it.
#[derive(Clone, Copy)]
enum Gate<'a> {
    /// One of loki's own.
    Own(&'static Described),
    /// One that the project declares.
    Custom(&'a CustomGate),
}

impl Gate<'_> {
    fn id(&self) -> &str {
        match self {
            Gate::Own(gate) => gate.id,
            Gate::Custom(gate) => &gate.name,
        }
    }

    /// How much of it is commands of the project.
    fn runs(&self) -> Runs {
        match self {
            Gate::Own(gate) => gate.runs,
            Gate::Custom(_) => Runs::Everything,
        }
    }

    fn judge(&self, cx: &Cx<'_>) -> GateReport {
        match self {
            Gate::Own(gate) => (gate.judge)(cx),
            Gate::Custom(gate) => gates::custom::judge(cx, gate),
        }
    }
}

type Lane<'a> = Vec<Gate<'a>>;

/// The first lane that nobody runs yet.
fn next<'a>(lanes: &Mutex<std::vec::IntoIter<Lane<'a>>>) -> Option<Lane<'a>> {
    lanes.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// Which gates run one after another. Lanes run side by side, as many as [`Subject::jobs`].
///
/// Tests come after the build where they use what it made. What the project declares has copies of its
/// own.
fn lanes<'a>(cx: &Cx<'a>) -> Vec<Lane<'a>> {
    const CHANGE: Gate<'_> = Gate::Own(&gates::change::GATE);
    const SPEC_DRIFT: Gate<'_> = Gate::Own(&gates::spec_drift::GATE);
    const SECRETS: Gate<'_> = Gate::Own(&gates::secrets::GATE);
    const DOCS: Gate<'_> = Gate::Own(&gates::docs::GATE);
    const STATIC_ANALYSIS: Gate<'_> = Gate::Own(&gates::static_analysis::GATE);
    const BUILD: Gate<'_> = Gate::Own(&gates::build::GATE);
    const TESTS: Gate<'_> = Gate::Own(&gates::tests::GATE);
    const BASE_TESTS: Gate<'_> = Gate::Own(&gates::base_tests::GATE);
    const NEW_TESTS: Gate<'_> = Gate::Own(&gates::new_tests::GATE);
    const TAMPERING: Gate<'_> = Gate::Own(&gates::runner_tampering::GATE);
    const SUBSTANCE: Gate<'_> = Gate::Own(&gates::substance::GATE);
    const MUTANTS: Gate<'_> = Gate::Own(&gates::mutants::GATE);
    const TEST_INTEGRITY: Gate<'_> = Gate::Own(&gates::test_integrity::GATE);
    const DEPENDENCIES: Gate<'_> = Gate::Own(&gates::dependencies::GATE);
    const MOCK_INTEGRITY: Gate<'_> = Gate::Own(&gates::mock_integrity::GATE);
    if cx.changes.is_ok_and(|changes| gates::change::is_empty(changes, cx.claim())) {
        // That is blocked whatever else holds: not worth the time of a whole suite.
        return vec![vec![CHANGE]];
    }
    let shares = gates::build::leaves_output(cx);
    let mut lanes = vec![
        vec![CHANGE],
        vec![
            SPEC_DRIFT,
            SECRETS,
            TAMPERING,
            DEPENDENCIES,
            TEST_INTEGRITY,
            MOCK_INTEGRITY,
            SUBSTANCE,
            DOCS,
        ],
    ];
    let tests = vec![TESTS, BASE_TESTS, NEW_TESTS, MUTANTS];
    lanes.extend(if shares {
        vec![[vec![BUILD], tests].concat()]
    } else {
        vec![vec![BUILD], tests]
    });
    let custom = cx.config.custom.iter().map(Gate::Custom);
    lanes.push(std::iter::once(STATIC_ANALYSIS).chain(custom).collect());
    let counts = |gate: &Gate<'_>| cx.config.policy.roles.contains_key(&GateId::from(gate.id()));
    lanes
        .into_iter()
        .map(|lane| lane.into_iter().filter(counts).collect::<Vec<_>>())
        .filter(|lane: &Lane<'_>| !lane.is_empty())
        .collect()
}

fn run(gate: &Gate<'_>, cx: &Cx<'_>, bonds: Bonds, done: &Sender<GateReport>) {
    let id = gate.id();
    if !cx.config.runs && gate.runs() == Runs::Everything {
        let summary = gates::NOT_RUN.to_owned();
        let _ = done.send(GateReport::inconclusive(id.into(), summary, Vec::new(), Vec::new()));
        return;
    }
    if cx.cancel.is_pulled() {
        // Nobody waits for it, and what it reads may take a while.
        let summary = "not looked at: the judgement was stopped".to_owned();
        let _ = done.send(GateReport::inconclusive(id.into(), summary, Vec::new(), Vec::new()));
        return;
    }
    // Nobody listens any more only when the caller itself panicked.
    let _ = done.send(guarded(id, || match (gate, bonds) {
        (Gate::Own(own), Bonds::Asked) => bond::held(cx, own, gate.judge(cx)),
        _ => gate.judge(cx),
    }));
}

/// What `judge` reports, with the time it took; a panic in it is inconclusive. Nobody is handed a report
/// with a secret in it, whatever a command wrote and wherever a gate took it over.
fn guarded(id: &str, judge: impl FnOnce() -> GateReport) -> GateReport {
    let started = Instant::now();
    // Nothing that a gate leaves half done is read after it: its only product is its report.
    let report = catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| {
        let summary = "the gate itself failed: please report this".to_owned();
        GateReport::inconclusive(GateId::from(id), summary, Vec::new(), Vec::new())
    });
    let report = report.retold(&masked);
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
