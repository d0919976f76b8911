//! `evidence.json`: what was concluded and what that rests on, for programs.

use std::collections::BTreeMap;

use loki_model::{
    CommitId, Confinement, Evidence, Finding, GateId, GateReport, Policy, Timestamp, TreeId,
    Verdict, conclude, worst_of_each,
};
use serde_json::{Value, json};

use crate::Coverage;

/// The version of the shape that [`document`] writes. See `docs/formats/evidence.md`.
pub const SCHEMA_VERSION: u32 = 2;

/// One finished judgement, as it is told to programs and people.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// Which gates counted, and how.
    pub policy: &'a Policy,
    /// Which did not, each with who says so.
    pub left_out: &'a BTreeMap<GateId, String>,
    /// The tree that the change started from.
    pub base: &'a TreeId,
    /// The tree that was judged.
    pub tree: &'a TreeId,
    /// The commit that holds `tree`.
    pub commit: &'a CommitId,
    /// What the gates concluded.
    pub gates: &'a [GateReport],
    /// What was wrong with the settings.
    pub config_findings: &'a [Finding],
    /// What was asked for, if anything was, with what shows each requirement.
    pub coverage: Option<&'a Coverage>,
    /// What the agents that wrote the change were held to, where loki called them.
    pub agents_held: Option<&'a Confinement>,
    /// When the judgement ended.
    pub judged_at: Timestamp,
    /// Wall time of the whole judgement.
    pub duration_ms: u64,
    /// The version of loki that judged.
    pub tool_version: &'a str,
}

impl Judged<'_> {
    /// What the change amounts to: the fold of the gates under the policy, never anything else. Of
    /// two reports of one gate the worse counts.
    pub fn verdict(&self) -> Verdict {
        let judgements =
            self.gates.iter().map(|report| (report.gate().clone(), report.judgement()));
        conclude(self.policy, &worst_of_each(judgements))
    }

    /// How many of all gates counted: "13 of 15 gates"; nothing where all did.
    pub fn counted(&self) -> Option<String> {
        let (counted, left_out) = (self.policy.roles.len(), self.left_out.len());
        (left_out > 0).then(|| format!("{counted} of {} gates", counted + left_out))
    }

    /// What every command was held to that the gates rest on; nothing when none was run, or before there
    /// was a sandbox.
    pub fn confinement(&self) -> Option<Confinement> {
        let evidence = self.gates.iter().flat_map(GateReport::evidence);
        let mut runs = evidence.filter_map(|evidence| match evidence {
            Evidence::Command { run, .. } => Some(run.sandbox.as_ref()),
            Evidence::Inspection { .. } => None,
        });
        let first = runs.next()??.clone();
        runs.try_fold(first, |all, one| one.map(|one| all.and(one)))
    }
}

/// The whole judgement as one JSON document of [`SCHEMA_VERSION`].
pub fn document(judged: &Judged<'_>) -> Value {
    json!({
        "schema_version": SCHEMA_VERSION,
        "verdict": judged.verdict(),
        "tool": { "name": "loki", "version": judged.tool_version },
        "judged_at": instant(judged.judged_at),
        "duration_ms": judged.duration_ms,
        "base_tree": judged.base,
        "tree": judged.tree,
        "commit": judged.commit,
        "sandbox": judged.confinement(),
        "agent_sandbox": judged.agents_held,
        "policy": judged.policy,
        "left_out": judged.left_out,
        "gates": judged.gates.iter().map(gate).collect::<Vec<_>>(),
        "config_findings": judged.config_findings,
        "spec": judged.coverage,
    })
}

fn gate(report: &GateReport) -> Value {
    json!({
        "gate": report.gate(),
        "judgement": report.judgement(),
        "summary": report.summary(),
        "duration_ms": report.duration_ms(),
        "findings": report.findings(),
        "evidence": report.evidence(),
    })
}

/// RFC 3339 in UTC with milliseconds; the raw number for a moment that no calendar holds.
pub(crate) fn instant(at: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(instant) => format!("{instant:.3}"),
        Err(_) => at.0.to_string(),
    }
}
