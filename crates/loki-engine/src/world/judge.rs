//! Has the newest snapshot judged on a clean copy.

use std::sync::Mutex;
use std::time::Instant;

use anyhow::Context as _;
use loki_model::{Digest, EffectResult, GateReport, GateSummary, Judged, Progress, Run};
use loki_store::Store;
use loki_verify::{Claim, Keep, Subject};

use super::{Done, RealWorld, now};
use crate::drive::OnProgress;

impl RealWorld<'_> {
    pub(crate) fn judge_tree(&self, run: &Run, progress: &mut OnProgress<'_>) -> Done {
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let snapshot = run.snapshot.as_ref().context("the run has no snapshot")?;
        let (config, _) = self.judging(run, workspace);
        let scratch = self.scratch(run);
        let subject = Subject {
            repo: &self.repo,
            base: &workspace.start_tree,
            tree: &snapshot.tree,
            tree_commit: &snapshot.commit,
            files: None,
            scratch: &scratch,
            history: None,
            // In place the agent itself could have written what is reused.
            reuse: (!run.settings.in_place).then(|| self.repo.root()),
            // Whoever starts a run wants something to change.
            claim: Claim::Behaviour,
            messages: &[],
            spec: Some(&self.spec),
            // What an agent without a sandbox could write is no memory.
            memory: None,
            jobs: loki_host::machine::cpus(),
        };
        let blobs = Blobs::new(self.store);
        let started = Instant::now();
        let mut on_gate = |report: &GateReport| {
            // Gates end by themselves soon enough; what they saw is not lost by it.
            let _ = progress(now(), Progress::GateJudged(GateSummary::from(report)));
        };
        let answer = loki_verify::judge(&subject, config, &blobs, &self.stop.cancel, &mut on_gate)
            .context("the change could not be judged")?;
        if self.stop.requested().is_some() {
            // Gates that were cut short would read as inconclusive for reasons of ours.
            return Ok(EffectResult::Interrupted);
        }
        blobs.finish()?;
        let stored = self.store.put_blob(&answer.to_json()?)?;
        let reports = answer.reports;
        Ok(EffectResult::TreeJudged(Judged {
            tree: snapshot.tree.clone(),
            policy: config.policy.clone(),
            gates: reports.iter().map(GateSummary::from).collect(),
            findings: digest_of_findings(&reports),
            reports: stored,
            judged_at: now(),
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }))
    }
}

/// Equal when the complaints are equal: times, outputs and order do not matter.
fn digest_of_findings(reports: &[GateReport]) -> Digest {
    let mut complaints: Vec<String> = Vec::new();
    for report in reports {
        complaints.push(format!("{}\0{}", report.gate(), report.judgement().label()));
        for finding in report.findings() {
            let place = finding.location.as_ref().map(ToString::to_string).unwrap_or_default();
            complaints.push(format!("{}\0{place}\0{}", finding.rule, finding.message));
        }
    }
    complaints.sort();
    Digest::of(complaints.join("\n").as_bytes())
}

/// Outputs go to the store as they come; the first failure is told at the end.
struct Blobs<'a> {
    store: &'a Store,
    failure: Mutex<Option<anyhow::Error>>,
}

impl Blobs<'_> {
    fn new(store: &Store) -> Blobs<'_> {
        Blobs { store, failure: Mutex::new(None) }
    }

    fn finish(self) -> anyhow::Result<()> {
        let failure = self.failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        failure.map_or(Ok(()), |err| Err(err.context("evidence could not be kept")))
    }
}

impl Keep for Blobs<'_> {
    fn keep(&self, bytes: &[u8]) -> Digest {
        self.store.put_blob(bytes).unwrap_or_else(|err| {
            let mut failure =
                self.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            failure.get_or_insert_with(|| err.into());
            Digest::of(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use loki_model::{Finding, GateId, Severity};

    use super::*;

    fn report(message: &str, duration_ms: u64) -> GateReport {
        let finding = Finding {
            rule: "tests/failed".to_owned(),
            severity: Severity::Error,
            location: None,
            message: message.to_owned(),
            detail: format!("took {duration_ms} ms"),
        };
        let gate = GateId::from("tests");
        GateReport::fail(gate, "1 failed".into(), finding, vec![], vec![]).took(duration_ms)
    }

    #[test]
    fn equal_complaints_have_equal_digests_whatever_the_time_and_order() {
        let one = digest_of_findings(&[report("a", 1), report("b", 2)]);
        let two = digest_of_findings(&[report("b", 30), report("a", 40)]);
        assert_eq!(one, two);
        assert_ne!(one, digest_of_findings(&[report("a", 1)]));
    }
}
