//! One gate often looks at several projects. What it saw of each, and the fold of all of them.

use loki_host::process::SpawnError;
use loki_model::{Evidence, Finding, GateId, GateReport, Severity, TestCounts};

use super::{NO_TESTS, chain, finding};
use crate::counts::Case;

/// What a gate concluded about one project.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// What it concluded.
    pub(crate) state: State,
    /// One sentence, naming the project.
    pub(crate) summary: String,
    /// What it saw.
    pub(crate) findings: Vec<Finding>,
    /// What it rests on.
    pub(crate) evidence: Vec<Evidence>,
    /// What was counted, if anything was.
    pub(crate) counts: TestCounts,
    /// The tests that were counted, by id.
    pub(crate) cases: Vec<Case>,
    /// Whether no test is missing from `cases` that its runner would name.
    pub(crate) cases_complete: bool,
    /// Whether it could not be told for want of something on this machine.
    pub(crate) environment: bool,
}

/// What a gate concluded about one project.
///
/// Ordered: more is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It holds.
    Held,
    /// It was run and had nothing to show.
    Idle,
    /// It could not be told.
    Unclear,
    /// It does not hold.
    Broken,
}

impl Part {
    /// It holds.
    pub(crate) fn held(summary: impl Into<String>, evidence: Vec<Evidence>) -> Part {
        Part::new(State::Held, summary, Vec::new(), evidence)
    }

    /// It does not hold.
    pub(crate) fn broken(
        summary: impl Into<String>,
        findings: Vec<Finding>,
        evidence: Vec<Evidence>,
    ) -> Part {
        Part::new(State::Broken, summary, findings, evidence)
    }

    /// It could not be told.
    pub(crate) fn unclear(summary: impl Into<String>, evidence: Vec<Evidence>) -> Part {
        Part::new(State::Unclear, summary, Vec::new(), evidence)
    }

    /// A program could not be started; `fix` says what would help.
    pub(crate) fn not_started(what: &str, error: &SpawnError, fix: &str) -> Part {
        Part::lacking(format!("{what}: {}: {fix}", chain(error)))
    }

    /// It could not be told for want of something on this machine, which `summary` names.
    pub(crate) fn lacking(summary: impl Into<String>) -> Part {
        Part { environment: true, ..Part::unclear(summary, Vec::new()) }
    }

    /// It was run and had nothing to show.
    pub(crate) fn idle(summary: impl Into<String>, evidence: Vec<Evidence>) -> Part {
        Part::new(State::Idle, summary, Vec::new(), evidence)
    }

    fn new(
        state: State,
        summary: impl Into<String>,
        findings: Vec<Finding>,
        evidence: Vec<Evidence>,
    ) -> Part {
        Part {
            state,
            summary: summary.into(),
            findings,
            evidence,
            counts: NO_TESTS,
            cases: Vec::new(),
            // Where it could not be told, nobody knows what would have run.
            cases_complete: matches!(state, State::Held | State::Idle),
            environment: false,
        }
    }

    /// The same, unless it is idle without so much as a skipped test and `is_nested` in a project that
    /// has to show tests itself: then it holds, and a note of `gate` says that nothing ran there.
    pub(crate) fn excused_idle(self, gate: &str, is_nested: bool) -> Part {
        if !is_nested || self.state != State::Idle || self.counts != NO_TESTS {
            return self;
        }
        let rule = format!("{gate}/none-here");
        let note = finding(&rule, Severity::Note, None, &*self.summary, "");
        Part { state: State::Held, ..self }.noting([note])
    }

    /// The same with more findings.
    pub(crate) fn noting(mut self, findings: impl IntoIterator<Item = Finding>) -> Part {
        self.findings.extend(findings);
        self
    }

    /// Both as one: the worse state wins and tells.
    pub(crate) fn and(mut self, mut other: Part) -> Part {
        let counts = self.counts.plus(other.counts);
        let is_complete = self.cases_complete && other.cases_complete;
        let mut cases = std::mem::take(&mut self.cases);
        cases.append(&mut other.cases);
        if other.state > self.state {
            std::mem::swap(&mut self, &mut other);
        } else if other.state == self.state {
            self.environment &= other.environment;
            self.summary = format!("{}; {}", self.summary, other.summary);
        }
        self.findings.extend(other.findings);
        self.evidence.extend(other.evidence);
        self.counting(counts).with_cases(cases, is_complete)
    }

    /// The same with the tests that were counted, and whether none is missing.
    pub(crate) fn with_cases(mut self, cases: Vec<Case>, is_complete: bool) -> Part {
        (self.cases, self.cases_complete) = (cases, is_complete);
        self
    }

    /// The same with what was counted.
    pub(crate) fn counting(mut self, counts: TestCounts) -> Part {
        self.counts = counts;
        self
    }
}

/// Folds what was seen of each project: one that is broken breaks the gate, else one that is unclear
/// or idle makes it inconclusive. `heading` comes before the sentences of the parts that decided.
pub(crate) fn fold(gate: &str, heading: &str, parts: Vec<Part>) -> GateReport {
    let state = parts.iter().map(|part| part.state).max().unwrap_or(State::Unclear);
    let summaries: Vec<&str> =
        parts.iter().filter(|part| part.state == state).map(|part| part.summary.as_str()).collect();
    let summary =
        crate::text::one_line(&format!("{heading}{}", summaries.join("; ")), SUMMARY_BYTES_MAX);
    let mut decided = parts.iter().filter(|part| part.state == state).peekable();
    let environment = decided.peek().is_some() && decided.all(|part| part.environment);
    let id = GateId::from(gate);
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for part in parts {
        findings.extend(part.findings);
        evidence.extend(part.evidence);
    }
    // What breaks the gate comes first.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut evidence_left = evidence.into_iter();
    match state {
        State::Held => match evidence_left.next() {
            Some(first) => {
                GateReport::pass(id, summary, first, evidence_left.collect()).noting(findings)
            }
            None => GateReport::inconclusive(
                id,
                "nothing was looked at".to_owned(),
                findings,
                Vec::new(),
            ),
        },
        State::Idle | State::Unclear => {
            let report = GateReport::inconclusive(id, summary, findings, evidence_left.collect());
            if environment { report.for_want_of_environment() } else { report }
        }
        State::Broken => {
            let mut findings = findings.into_iter();
            let first = findings.next().unwrap_or_else(|| {
                finding(&format!("{gate}/failed"), Severity::Error, None, &*summary, "")
            });
            GateReport::fail(id, summary, first, findings.collect(), evidence_left.collect())
        }
    }
}

/// Bytes of a gate's summary.
const SUMMARY_BYTES_MAX: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::{Digest, Judgement, TreeId};
    use proptest::prelude::*;

    fn part(state: State) -> Part {
        let evidence = Evidence::Inspection {
            tree: TreeId::try_from("0".repeat(40)).unwrap(),
            what: "x".to_owned(),
            digest: Digest::of(b""),
        };
        Part::new(state, "s", Vec::new(), vec![evidence])
    }

    #[test]
    fn what_only_the_machine_lacks_is_told_apart_from_what_the_code_can_mend() {
        let lacking = || Part::lacking("ruby is not installed");
        let report = |parts| fold("tests", "", parts);
        assert!(report(vec![lacking(), part(State::Held)]).is_for_want_of_environment());
        assert!(!report(vec![lacking(), part(State::Unclear)]).is_for_want_of_environment());
        assert!(!report(vec![lacking(), part(State::Broken)]).is_for_want_of_environment());
        assert!(!report(vec![part(State::Held)]).is_for_want_of_environment());
        assert!(lacking().and(part(State::Held)).environment);
        assert!(!lacking().and(part(State::Unclear)).environment);
    }

    proptest! {
        #[test]
        fn one_broken_part_breaks_and_one_unclear_part_clouds(
            states in proptest::collection::vec(
                prop_oneof![Just(State::Held), Just(State::Idle), Just(State::Unclear), Just(State::Broken)], 1..6)
        ) {
            let judgement = fold("build", "", states.iter().map(|&state| part(state)).collect()).judgement();
            let expected = if states.contains(&State::Broken) {
                Judgement::Fail
            } else if states.iter().any(|state| *state != State::Held) {
                Judgement::Inconclusive
            } else {
                Judgement::Pass
            };
            prop_assert_eq!(judgement, expected);
        }
    }

    #[test]
    fn nothing_looked_at_is_not_a_pass() {
        assert_eq!(fold("build", "", Vec::new()).judgement(), Judgement::Inconclusive);
    }
}
