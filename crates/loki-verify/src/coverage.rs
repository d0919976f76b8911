//! Which evidence shows which requirement.
//!
//! Owns what counts as evidence of one requirement, and what all of it amounts to. Refuses to guess: a test
//! covers a requirement when it names it and was seen to pass, by its own id, in this judgement.

use std::collections::BTreeSet;

use loki_model::{
    Digest, Finding, GateReport, Judgement, Priority, Requirement, RequirementId, Severity,
};
use loki_spec::{Mentions, Names, is_about_files_only};
use serde::{Deserialize, Serialize};

use crate::gates::names as own_gates;
use crate::named_tests::{NamedTest, may_hold_tests, named_tests};
use crate::probe::{Probe, of_argv};

mod judged;

pub(crate) use judged::coverage;

/// How far a requirement, or one piece of evidence of it, is shown. Ordered: less is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageStatus {
    /// Something that speaks of it does not hold.
    Failing,
    /// What speaks of it was not seen to hold: it was not run, or not in this state of the files.
    Stale,
    /// What speaks of it was seen to hold.
    Covered,
    /// Nothing speaks of it.
    None,
}

impl CoverageStatus {
    /// Every one, the best first.
    pub const ALL: [CoverageStatus; 4] = [
        CoverageStatus::Covered,
        CoverageStatus::Failing,
        CoverageStatus::Stale,
        CoverageStatus::None,
    ];

    /// Lower case.
    pub fn label(self) -> &'static str {
        match self {
            CoverageStatus::Failing => "failing",
            CoverageStatus::Stale => "stale",
            CoverageStatus::Covered => "covered",
            CoverageStatus::None => "none",
        }
    }
}

/// What one piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// A test that names the requirement.
    Test,
    /// A command that the project declares as a gate and that names the requirement.
    Command,
    /// What the requirement itself says of a file.
    File,
    /// A question over HTTP that a declared gate asks of the project's server.
    Probe,
}

impl PieceKind {
    /// Lower case.
    pub fn label(self) -> &'static str {
        match self {
            PieceKind::Test => "test",
            PieceKind::Command => "command",
            PieceKind::File => "file",
            PieceKind::Probe => "probe",
        }
    }
}

/// One piece of evidence of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// `path > name` of a test, the gate's name for a command, for a file what is said of it.
    pub name: String,
    /// Never [`CoverageStatus::None`].
    pub status: CoverageStatus,
}

/// One requirement and its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// As the spec names it.
    pub id: RequirementId,
    /// The statement.
    pub text: String,
    /// How much it is wanted.
    pub priority: Priority,
    /// What all of the evidence amounts to.
    pub status: CoverageStatus,
    /// Tests first, then commands, then files.
    pub evidence: Vec<Piece>,
}

impl Shown {
    /// `requirement` with `evidence`: one failure outweighs everything. Files that are as one of several
    /// criteria says show no more than that.
    pub fn of(requirement: &Requirement, evidence: Vec<Piece>) -> Shown {
        let files_count = is_about_files_only(requirement);
        let counts = |piece: &&Piece| piece.kind != PieceKind::File || files_count;
        let has = |status| evidence.iter().any(|piece: &Piece| piece.status == status);
        let covers = |piece: &Piece| piece.status == CoverageStatus::Covered;
        let status = match () {
            () if has(CoverageStatus::Failing) => CoverageStatus::Failing,
            () if evidence.iter().filter(counts).any(covers) => CoverageStatus::Covered,
            () if evidence.is_empty() => CoverageStatus::None,
            () => CoverageStatus::Stale,
        };
        let Requirement { id, text, priority, .. } = requirement.clone();
        Shown { id, text, priority, status, evidence }
    }
}

/// A spec, requirement by requirement, with what shows each in one judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// One line for people.
    pub title: String,
    /// Where the requirements came from.
    pub source: String,
    /// Digest of the text that they were read from.
    pub digest: Digest,
    /// In the order of the spec.
    pub requirements: Vec<Shown>,
}

impl Coverage {
    /// Nothing is known of any of `requirements`.
    pub fn unknown(spec: &loki_model::Spec) -> Coverage {
        let shown = spec.requirements.iter().map(|one| Shown::of(one, Vec::new()));
        Coverage {
            title: spec.title.clone(),
            source: spec.source.clone(),
            digest: spec.digest.clone(),
            requirements: shown.collect(),
        }
    }

    /// The same with each of its texts as `tell` gives it back.
    pub(crate) fn retold(mut self, tell: &dyn Fn(&str) -> String) -> Coverage {
        self.title = tell(&self.title);
        self.source = tell(&self.source);
        for shown in &mut self.requirements {
            shown.text = tell(&shown.text);
            shown.evidence.iter_mut().for_each(|piece| piece.name = tell(&piece.name));
        }
        self
    }

    /// What was seen of the files that requirement `id` speaks of.
    pub fn files(&self, id: &RequirementId) -> Vec<Piece> {
        let shown = self.requirements.iter().filter(|shown| shown.id == *id);
        let pieces = shown.flat_map(|shown| &shown.evidence);
        pieces.filter(|piece| piece.kind == PieceKind::File).cloned().collect()
    }

    /// How the test `name` (`path > name`) ended, for whichever requirement it was looked at.
    pub fn of_test(&self, name: &str) -> Option<CoverageStatus> {
        let all = self.requirements.iter().flat_map(|shown| &shown.evidence);
        let mut tests = all.filter(|piece| piece.kind == PieceKind::Test && piece.name == name);
        tests.next().map(|piece| piece.status)
    }
}

/// The requirements that a text may speak of, by what they are mentioned by.
pub struct Wanted<'a>(Vec<(&'a RequirementId, Names)>);

impl<'a> Wanted<'a> {
    /// Those of `requirements`.
    pub fn of(requirements: &'a [Requirement]) -> Wanted<'a> {
        Wanted(requirements.iter().map(|one| (&one.id, Names::of(one))).collect())
    }

    /// The tests in the text of a file that name a requirement, each with those that it names.
    pub fn tests(&self, path: &str, text: &str) -> Vec<(NamedTest, BTreeSet<&'a RequirementId>)> {
        if !may_hold_tests(path) {
            return Vec::new();
        }
        // Most files name nothing, and are not worth a tree.
        let whole = Mentions::of(text);
        let named: Vec<&(&RequirementId, Names)> =
            self.0.iter().filter(|(_, names)| whole.may_have(names)).collect();
        if named.is_empty() {
            return Vec::new();
        }
        let of_test = |test: NamedTest| {
            let mentions = Mentions::of(&format!("{}\n{}", test.name, test.text));
            let ids = named.iter().filter(|(_, names)| mentions.has(names)).map(|(id, _)| *id);
            let ids: BTreeSet<&RequirementId> = ids.collect();
            (!ids.is_empty()).then_some((test, ids))
        };
        named_tests(path, text).into_iter().filter_map(of_test).collect()
    }
}

/// `path > name`, as a test is called among the evidence of a requirement.
pub fn test_name(path: &str, test: &NamedTest) -> String {
    format!("{path} > {}", test.name)
}

/// Probes and other commands that the project declares as gates and that name `requirement`, with what
/// came of them.
pub fn commands(requirement: &Requirement, reports: &[GateReport]) -> Vec<Piece> {
    let names = Names::of(requirement);
    let own = own_gates();
    let declared = reports.iter().filter(|report| !own.contains(&report.gate().0.as_str()));
    let (probing, declared): (Vec<&GateReport>, Vec<&GateReport>) =
        declared.partition(|report| !probes_of(report).is_empty());
    let probed = probing.into_iter().flat_map(|report| {
        let probes = probes_of(report).into_iter();
        let names = &names;
        let named = probes.filter(move |probe| {
            probe.requirement.as_deref().is_some_and(|id| Mentions::of(id).has(names))
        });
        named.map(move |probe| piece_of_probe(&probe, report))
    });
    let probed: Vec<Piece> = probed.collect();
    let named = declared.into_iter().filter(|report| {
        let argv = report.evidence().iter().filter_map(|evidence| match evidence {
            loki_model::Evidence::Command { run, .. } => Some(run.argv.as_slice()),
            loki_model::Evidence::Inspection { .. } => None,
        });
        let said: Vec<&str> =
            argv.flatten().chain([&report.gate().0]).map(String::as_str).collect();
        Mentions::of(&said.join("\n")).has(&names)
    });
    let piece = |report: &GateReport| Piece {
        kind: PieceKind::Command,
        name: report.gate().0.clone(),
        status: match report.judgement() {
            Judgement::Pass => CoverageStatus::Covered,
            Judgement::Fail | Judgement::Concern => CoverageStatus::Failing,
            Judgement::Inconclusive | Judgement::NotApplicable => CoverageStatus::Stale,
        },
    };
    named.map(piece).chain(probed).collect()
}

fn probes_of(report: &GateReport) -> Vec<Probe> {
    let argv = report.evidence().iter().filter_map(|evidence| match evidence {
        loki_model::Evidence::Command { run, .. } => Some(run.argv.as_slice()),
        loki_model::Evidence::Inspection { .. } => None,
    });
    argv.take(1).flat_map(of_argv).collect()
}

fn piece_of_probe(probe: &Probe, report: &GateReport) -> Piece {
    let name = probe.name();
    let fails = |finding: &Finding| finding.message.starts_with(&format!("`{name}` "));
    let status = match report.judgement() {
        _ if report.findings().iter().any(fails) => CoverageStatus::Failing,
        Judgement::Pass | Judgement::Fail | Judgement::Concern => CoverageStatus::Covered,
        Judgement::Inconclusive | Judgement::NotApplicable => CoverageStatus::Stale,
    };
    Piece { kind: PieceKind::Probe, name: format!("{}: {}", report.gate(), probe.request), status }
}

/// Gates whose findings about a test say that it shows nothing.
const GATES_OF_TESTS: &[&str] =
    &["tests", "base-tests", "new-tests", "test-integrity", "mock-integrity"];

/// Whether a finding of `reports` speaks of `test` in the file at `path`.
fn is_found_fault_with(test: &NamedTest, path: &str, reports: &[GateReport]) -> bool {
    let of_tests =
        reports.iter().filter(|report| GATES_OF_TESTS.contains(&report.gate().0.as_str()));
    let mut findings = of_tests
        .flat_map(GateReport::findings)
        .filter(|finding| finding.severity != Severity::Note);
    let names_it = |finding: &Finding| {
        let place = finding.location.as_ref().filter(|place| place.path == path);
        let line = place.and_then(|place| place.line);
        let is_within = line.is_some_and(|line| (test.line..=test.last_line).contains(&line));
        let is_of_file = place.is_some() || finding.message.contains(path);
        is_within && !test.name.is_empty()
            || is_of_file && crate::text::is_word_in(&finding.message, &test.own)
    };
    findings.any(names_it)
}

#[cfg(test)]
mod tests;
