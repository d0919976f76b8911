//! Writes the result: a commit on the run's branch, and what people and programs read.

use std::path::Path;

use anyhow::Context as _;
use loki_model::crew::FIRST_KIND;
use loki_model::{CommitId, Digest, EffectResult, Event, Outcome, Run, Snapshot, Workspace};
use loki_verify::{Answer, Coverage, document, report_markdown, verify_dir, write_whole};

use super::{Done, RealWorld};
use crate::handoff::{HandoffInput, Seen, handoff};
use crate::journal::read_events;

/// What is left to do, beside the report.
const HANDOFF_FILE: &str = "handoff.md";

impl RealWorld<'_> {
    pub(crate) fn write_result(&self, run: &Run, outcome: Outcome) -> Done {
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let commit = match &run.snapshot {
            Some(snapshot) => self.commit_result(run, workspace, snapshot, outcome)?,
            None => None,
        };
        let (evidence, report) = self.write_evidence(run, workspace)?.unzip();
        self.write_handoff(run, outcome)?;
        Ok(EffectResult::ResultWritten { evidence, report, commit })
    }

    /// Everything the run did is on its branch, whatever its outcome, so that nothing of it is
    /// lost. In place nothing is committed: the branch is the user's.
    fn commit_result(
        &self,
        run: &Run,
        workspace: &Workspace,
        snapshot: &Snapshot,
        outcome: Outcome,
    ) -> anyhow::Result<Option<CommitId>> {
        let Some(branch) = &workspace.branch else { return Ok(None) };
        let name = format!("refs/heads/{branch}");
        let tip = self.repo.read_ref(&name)?.unwrap_or_else(|| workspace.start_commit.clone());
        if self.repo.tree_of(&tip)? == snapshot.tree {
            return Ok(Some(tip));
        }
        let message = format!("{}\n\nRun {} of loki: {}.", run.spec.title, run.id, outcome.label());
        let commit = self.repo.commit_tree(&snapshot.tree, std::slice::from_ref(&tip), &message)?;
        self.repo.advance_worktree(Path::new(&workspace.path), &commit)?;
        // The agent may have left the worktree on another branch or on none.
        self.repo.set_ref(&name, &commit, None)?;
        Ok(Some(commit))
    }

    /// What is left to do, next to the report; nothing where nothing is.
    fn write_handoff(&self, run: &Run, outcome: Outcome) -> anyhow::Result<()> {
        if run.part.is_some() {
            // What stands in the checkout is about the whole.
            return Ok(());
        }
        let path = verify_dir(self.repo.root())?.join(HANDOFF_FILE);
        let is_crew =
            self.store.events(&run.id, 0)?.first().is_some_and(|first| first.kind == FIRST_KIND);
        // `loki status` says of each task of a crew how it stands.
        if outcome == Outcome::Verified || is_crew {
            return match std::fs::remove_file(&path) {
                Err(err) if err.kind() != std::io::ErrorKind::NotFound => Err(err.into()),
                _ => Ok(()),
            };
        }
        let events = read_events(self.store, &run.id, 0)?;
        let mut seen = Vec::new();
        let mut call = 0;
        for recorded in &events {
            match &recorded.event {
                Event::AgentCalled { call: number, .. } => call = *number,
                Event::TreeJudged { judged, .. } => {
                    // A judgement of an older loki may not be readable: the rest still is.
                    let kept = self.store.get_blob(&judged.reports)?;
                    let answer = kept.and_then(|bytes| Answer::from_json(&bytes).ok());
                    if let Some(answer) = answer {
                        let Answer { reports, coverage, .. } = answer;
                        seen.push((Seen { call, judged, reports }, coverage));
                    }
                }
                _ => {}
            }
        }
        let coverage = seen.last_mut().and_then(|(_, coverage)| coverage.take());
        let seen: Vec<Seen<'_>> = seen.into_iter().map(|(seen, _)| seen).collect();
        let input = HandoffInput {
            run,
            outcome,
            events: &events,
            seen: &seen,
            coverage: coverage.as_ref(),
        };
        write_whole(&path, handoff(&input).as_bytes())?;
        Ok(())
    }

    /// Gives back the digests of evidence and report; nothing when no tree was ever judged.
    fn write_evidence(
        &self,
        run: &Run,
        workspace: &Workspace,
    ) -> anyhow::Result<Option<(Digest, Digest)>> {
        let (Some((judged, _)), Some(snapshot)) = (&run.judged, &run.snapshot) else {
            return Ok(None);
        };
        let Some(Answer { reports, coverage, .. }) = self.last_answer(run)? else {
            return Ok(None);
        };
        // A judgement of an older loki tied nothing to a requirement.
        let coverage = coverage.unwrap_or_else(|| Coverage::unknown(&self.spec));
        let (config, config_findings) = self.judging(run, workspace);
        let judged = loki_verify::Judged {
            judged_at: judged.judged_at,
            duration_ms: judged.duration_ms,
            policy: &judged.policy,
            left_out: &config.left_out,
            base: &workspace.start_tree,
            tree: &judged.tree,
            commit: &snapshot.commit,
            gates: &reports,
            config_findings,
            coverage: Some(&coverage),
            agents_held: run.agents_held.as_ref(),
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        let evidence = serde_json::to_vec_pretty(&document(&judged))?;
        let report = report_markdown(&judged).into_bytes();
        let digests = (self.store.put_blob(&evidence)?, self.store.put_blob(&report)?);
        if run.part.is_some() {
            // What stands in the checkout is about the whole.
            return Ok(Some(digests));
        }
        let directory = verify_dir(self.repo.root())?;
        write_whole(&directory.join("evidence.json"), &evidence)?;
        write_whole(&directory.join("report.md"), &report)?;
        Ok(Some(digests))
    }
}
