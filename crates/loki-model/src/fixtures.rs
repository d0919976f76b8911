//! What tests of runs and of crews are made of.

use crate::{
    CommitId, Digest, GateId, GateSummary, Judged, Judgement, Policy, Role, SpecPin, Timestamp,
    TreeId,
};

pub(crate) const AT: Timestamp = Timestamp(1_000);

pub(crate) fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub(crate) fn tree(n: u32) -> TreeId {
    TreeId::try_from(format!("{n:040x}")).unwrap()
}

pub(crate) fn commit(n: u32) -> CommitId {
    CommitId::try_from(format!("{n:040x}")).unwrap()
}

pub(crate) fn spec_pin() -> SpecPin {
    SpecPin {
        digest: digest("spec"),
        blob: digest("spec blob"),
        title: "Todo".to_owned(),
        source: "prd.md".to_owned(),
        requirements: 3,
    }
}

pub(crate) fn judged(n: u32, judgement: Judgement) -> Judged {
    Judged {
        tree: tree(n),
        policy: Policy::new(&[("tests", Role::Required)]),
        gates: vec![GateSummary {
            gate: GateId::from("tests"),
            judgement,
            summary: String::new(),
            findings: 0,
            duration_ms: 1,
            environment: false,
        }],
        findings: digest(judgement.label()),
        reports: digest("reports"),
        judged_at: AT,
        duration_ms: 1,
    }
}
