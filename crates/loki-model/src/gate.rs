//! One independent judgement over a change, and what it rests on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Confinement, Deadline, Digest, TreeId};

/// Names a gate: kebab case, for what must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GateId(pub String);

impl From<&str> for GateId {
    fn from(id: &str) -> GateId {
        GateId(id.to_owned())
    }
}

impl fmt::Display for GateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a gate concluded, without what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Looked, and it holds.
    Pass,
    /// Looked, and it does not hold.
    Fail,
    /// Looked, and saw nothing that is surely wrong, but something that a person has to decide.
    Concern,
    /// Could not look, or not far enough. Never green.
    Inconclusive,
    /// There is nothing of the kind in this repository.
    NotApplicable,
}

impl Judgement {
    /// One word for a screen.
    pub fn label(self) -> &'static str {
        match self {
            Judgement::Pass => "pass",
            Judgement::Fail => "fail",
            Judgement::Concern => "concern",
            Judgement::Inconclusive => "inconclusive",
            Judgement::NotApplicable => "n/a",
        }
    }

    /// Whether it leaves something to be done or decided.
    pub fn is_open(self) -> bool {
        matches!(self, Judgement::Fail | Judgement::Concern | Judgement::Inconclusive)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong.
    Error,
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// From the root of the repository.
    pub path: String,
    /// 1-based; nothing when the whole file is meant.
    pub line: Option<u32>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// One thing a gate saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `gate/offence`, kebab case.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is, as far as known.
    pub location: Option<Location>,
    /// One sentence: what is wrong.
    pub message: String,
    /// What shows it: the last lines of an output, a test's message. Untrusted, bounded by
    /// [`Finding::DETAIL_BYTES_MAX`].
    pub detail: String,
}

impl Finding {
    /// Longer details are cut in the middle.
    pub const DETAIL_BYTES_MAX: usize = 4 * 1024;

    /// The same finding with each of its texts as `tell` gives it back.
    #[must_use]
    pub fn retold(mut self, tell: &dyn Fn(&str) -> String) -> Finding {
        self.rule = tell(&self.rule);
        self.message = tell(&self.message);
        self.detail = tell(&self.detail);
        if let Some(location) = &mut self.location {
            location.path = tell(&location.path);
        }
        self
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Exit {
    /// By itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// By a signal that loki did not send.
    Signalled {
        /// The signal's number.
        signal: i32,
    },
    /// By loki, when it had used its time.
    TimedOut {
        /// Which limit.
        deadline: Deadline,
    },
    /// By loki, when the run was stopped.
    Cancelled,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Exited { code } => write!(f, "exited {code}"),
            Exit::Signalled { signal } => write!(f, "was ended by signal {signal}"),
            Exit::TimedOut { deadline: Deadline::Idle } => {
                f.write_str("was ended after too long a silence")
            }
            Exit::TimedOut { deadline: Deadline::Total } => {
                f.write_str("was ended at its time limit")
            }
            Exit::Cancelled => f.write_str("was cancelled"),
        }
    }
}

/// One stream of a finished process, kept by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Digest of what was kept.
    pub digest: Digest,
    /// Bytes that the process wrote.
    pub bytes: u64,
    /// Whether the middle was dropped.
    pub truncated: bool,
}

/// Tests as a runner that loki itself started counted them, read from its machine format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    /// Ended well.
    pub passed: u64,
    /// Ended badly, errors included.
    pub failed: u64,
    /// Not run on purpose.
    pub skipped: u64,
}

impl TestCounts {
    /// Tests that really ran.
    pub fn ran(self) -> u64 {
        self.passed + self.failed
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: TestCounts) -> TestCounts {
        TestCounts {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for TestCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// A command that loki ran, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRun {
    /// As given to the system, no shell in between. The clean copy's own path reads `$COPY`.
    pub argv: Vec<String>,
    /// From the root of the clean copy; empty for the root itself.
    pub cwd: String,
    /// How it ended.
    pub exit: Exit,
    /// Wall time.
    pub duration_ms: u64,
    /// What it wrote to standard output.
    pub stdout: Output,
    /// What it wrote to standard error.
    pub stderr: Output,
    /// What its runner counted, if it is one.
    pub tests: Option<TestCounts>,
    /// What it was held to; nothing in a record that was written before there was a sandbox.
    #[serde(default)]
    pub sandbox: Option<Confinement>,
    /// The same as a person would run it, where `argv` has parts that only loki has: words as in `argv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<Box<[String]>>,
}

/// A record of something loki did and saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// A command was run on a clean copy of `tree`.
    Command {
        /// What was judged.
        tree: TreeId,
        /// What was run.
        run: CommandRun,
    },
    /// Content was read.
    Inspection {
        /// What was judged.
        tree: TreeId,
        /// What was looked at, such as `412 added lines in 9 files`.
        what: String,
        /// Digest of what was read.
        digest: Digest,
    },
}

/// What one gate concluded over one tree, and what that rests on.
///
/// A pass cannot be made without evidence, a failure or a concern not without a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    gate: GateId,
    judgement: Judgement,
    summary: String,
    findings: Vec<Finding>,
    evidence: Vec<Evidence>,
    duration_ms: u64,
    /// Reports of older versions do not say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    environment: bool,
}

impl Evidence {
    fn retold(mut self, tell: &dyn Fn(&str) -> String) -> Evidence {
        match &mut self {
            Evidence::Command { run, .. } => {
                run.cwd = tell(&run.cwd);
                let by_hand = run.by_hand.as_deref_mut().unwrap_or_default();
                run.argv.iter_mut().chain(by_hand).for_each(|word| *word = tell(word));
            }
            Evidence::Inspection { what, .. } => *what = tell(what),
        }
        self
    }
}

impl GateReport {
    /// It holds: `first` (and `more`) show it.
    pub fn pass(gate: GateId, summary: String, first: Evidence, more: Vec<Evidence>) -> GateReport {
        let mut evidence = vec![first];
        evidence.extend(more);
        GateReport {
            gate,
            judgement: Judgement::Pass,
            summary,
            findings: Vec::new(),
            evidence,
            duration_ms: 0,
            environment: false,
        }
    }

    /// It does not hold: `first` (and `more`) say why.
    pub fn fail(
        gate: GateId,
        summary: String,
        first: Finding,
        more: Vec<Finding>,
        evidence: Vec<Evidence>,
    ) -> GateReport {
        let mut findings = vec![first];
        findings.extend(more);
        GateReport {
            gate,
            judgement: Judgement::Fail,
            summary,
            findings,
            evidence,
            duration_ms: 0,
            environment: false,
        }
    }

    /// A person has to decide: `first` (and `more`) say about what.
    pub fn concern(
        gate: GateId,
        summary: String,
        first: Finding,
        more: Vec<Finding>,
        evidence: Vec<Evidence>,
    ) -> GateReport {
        let failed = GateReport::fail(gate, summary, first, more, evidence);
        GateReport { judgement: Judgement::Concern, ..failed }
    }

    /// It could not be told; `summary` says why, and what would make it so.
    pub fn inconclusive(
        gate: GateId,
        summary: String,
        findings: Vec<Finding>,
        evidence: Vec<Evidence>,
    ) -> GateReport {
        GateReport {
            gate,
            judgement: Judgement::Inconclusive,
            summary,
            findings,
            evidence,
            duration_ms: 0,
            environment: false,
        }
    }

    /// There is nothing of the kind to judge.
    pub fn not_applicable(gate: GateId, summary: String) -> GateReport {
        GateReport {
            gate,
            judgement: Judgement::NotApplicable,
            summary,
            findings: Vec::new(),
            evidence: Vec::new(),
            duration_ms: 0,
            environment: false,
        }
    }

    /// The same report with the wall time the gate took.
    #[must_use]
    pub fn took(mut self, duration_ms: u64) -> GateReport {
        self.duration_ms = duration_ms;
        self
    }

    /// The same report with each text that a gate made or took over as `tell` gives it back.
    #[must_use]
    pub fn retold(mut self, tell: &dyn Fn(&str) -> String) -> GateReport {
        self.summary = tell(&self.summary);
        self.findings = self.findings.into_iter().map(|finding| finding.retold(tell)).collect();
        self.evidence = self.evidence.into_iter().map(|evidence| evidence.retold(tell)).collect();
        self
    }

    /// The same report with more findings that do not change the conclusion.
    #[must_use]
    pub fn noting(mut self, findings: Vec<Finding>) -> GateReport {
        self.findings.extend(findings);
        self
    }

    /// The same report of a gate that could not tell for want of something on this machine: an
    /// interpreter, packages. No change of the code would help.
    #[must_use]
    pub fn for_want_of_environment(mut self) -> GateReport {
        self.environment = self.judgement == Judgement::Inconclusive;
        self
    }

    /// Whether only the machine kept the gate from telling.
    pub fn is_for_want_of_environment(&self) -> bool {
        self.environment
    }

    /// Which gate.
    pub fn gate(&self) -> &GateId {
        &self.gate
    }

    /// What it concluded.
    pub fn judgement(&self) -> Judgement {
        self.judgement
    }

    /// One line for people.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// What it saw.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What it rests on.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Wall time.
    pub fn duration_ms(&self) -> u64 {
        self.duration_ms
    }
}
