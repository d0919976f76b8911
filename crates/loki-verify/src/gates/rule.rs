//! Rules: the things that a gate looks for without running anything, each documented where it is
//! written, and the way from what they find to a judgement.

use loki_model::{Evidence, Finding, GateId, GateReport, Location, Severity};

use super::limit::left_out;
use super::part::Part;
use super::verdicts::{Basis, worst_and_more};
use super::{Cx, finding};
use crate::delta::Delta;
use crate::waiver::waive;

/// One thing that is looked for. Its texts make the gate's page, the rule table of SARIF and what
/// `--explain` says.
pub(crate) struct Rule {
    /// `gate/offence`, kebab case.
    pub(crate) id: &'static str,
    /// How bad it is, where a finding does not say less.
    pub(crate) severity: Severity,
    /// One sentence: what is found.
    pub(crate) what: &'static str,
    /// Why that matters.
    pub(crate) why: &'static str,
    /// A few lines of a change in which it is found.
    pub(crate) example: &'static str,
    /// What to do about it.
    pub(crate) fix: &'static str,
    /// Looks through a change.
    pub(crate) look: fn(&Cx<'_>, &Delta, &mut Found),
}

impl Rule {
    /// A finding of this rule at a line of a file, 1-based.
    pub(crate) fn at(&self, path: &str, line: u32, message: impl Into<String>) -> Finding {
        let place = Location { path: path.to_owned(), line: Some(line.max(1)) };
        finding(self.id, self.severity, Some(place), message, &self.advice())
    }

    /// A finding of this rule about a whole file.
    pub(crate) fn of(&self, path: &str, message: impl Into<String>) -> Finding {
        let place = Location { path: path.to_owned(), line: None };
        finding(self.id, self.severity, Some(place), message, &self.advice())
    }

    fn advice(&self) -> String {
        format!("{} {}", self.why, self.fix)
    }
}

/// What is said of one thing that gates look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// `gate/offence`, as findings name it.
    pub id: &'static str,
    /// How bad it is, where a finding does not say less.
    pub severity: Severity,
    /// One sentence: what is found.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A few lines of a change in which it is found.
    pub example: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

impl From<&Rule> for RuleText {
    fn from(rule: &Rule) -> RuleText {
        let &Rule { id, severity, what, why, example, fix, .. } = rule;
        RuleText { id, severity, what, why, example, fix }
    }
}

/// In place of a look: the gate reports the rule while it judges, and there is nothing to look for in
/// texts.
pub(crate) fn while_judging(_: &Cx<'_>, _: &Delta, _: &mut Found) {}

/// What rules found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of the rules.
    pub(crate) findings: Vec<Finding>,
    /// Files that could not be looked into.
    pub(crate) unread: Vec<String>,
    /// What else could not be told: it keeps the gate from passing as well.
    pub(crate) unclear: Vec<Part>,
    /// What else the judgement rests on, to follow the summary.
    pub(crate) rests_on: Vec<String>,
}

impl Found {
    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Judges the change by `rules`: the worst finding decides.
///
/// `concerned` counts the changed files that such a gate looks at; without any it does not apply.
pub(crate) fn judge(cx: &Cx<'_>, gate: &str, rules: &[&Rule], concerned: u64) -> GateReport {
    let id = GateId::from(gate);
    let delta = match cx.delta() {
        Ok(delta) => delta,
        Err(error) => {
            let summary = format!("what changed could not be read: {error}");
            return GateReport::inconclusive(id, summary, Vec::new(), Vec::new());
        }
    };
    if concerned == 0 {
        return GateReport::not_applicable(id, "the change holds nothing of the kind".to_owned());
    }
    let mut found = Found { unread: delta.unread.clone(), ..Found::default() };
    for rule in rules {
        (rule.look)(cx, delta, &mut found);
    }
    conclude(cx, gate, delta, found, concerned)
}

/// From what was found to a report.
fn conclude(cx: &Cx<'_>, gate: &str, delta: &Delta, found: Found, files: u64) -> GateReport {
    let noun = if files == 1 { "file" } else { "files" };
    let said: String = found.rests_on.iter().map(|what| format!(", {what}")).collect();
    let what = format!("{files} changed {noun}{said}");
    let (tree, digest) = (cx.subject.tree.clone(), delta.digest.clone());
    let evidence = vec![Evidence::Inspection { tree, what: what.clone(), digest }];
    let Found { mut findings, mut unread, unclear, .. } = found;
    waive(cx, &mut findings);
    unread.sort();
    unread.dedup();
    let left_out = left_out(
        gate,
        "changed file(s)",
        &unread,
        "too large or nested too deep to be looked into",
    );
    let left_out = left_out.into_iter().chain(unclear).reduce(Part::and);
    let basis = Basis { findings, left_out, evidence };
    basis.conclude(cx, gate, format!("nothing found in {what}"), |worst, open| {
        format!("{}{said}", worst_and_more(worst, open))
    })
}
