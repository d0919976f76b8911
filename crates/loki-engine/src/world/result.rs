//! Writes the result: a commit on the run's branch, and what people and programs read.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use loki_model::{CommitId, Digest, EffectResult, Outcome, Run, Snapshot, Workspace};
use loki_verify::{document, report_markdown};

use super::{Done, RealWorld};

/// `.loki` holds projections; what is committed there is named here.
const GITIGNORE: &str = "# Written by loki: only settings and the spec lock are committed.\n\
                         *\n!config.toml\n!spec/\n!spec/**\n";

impl RealWorld<'_> {
    pub(super) fn write_result(&self, run: &Run, outcome: Outcome) -> Done {
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let commit = match &run.snapshot {
            Some(snapshot) => self.commit_result(run, workspace, snapshot, outcome)?,
            None => None,
        };
        let (evidence, report) = self.write_evidence(run, workspace)?.unzip();
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

    /// Gives back the digests of evidence and report; nothing when no tree was ever judged.
    fn write_evidence(
        &self,
        run: &Run,
        workspace: &Workspace,
    ) -> anyhow::Result<Option<(Digest, Digest)>> {
        let (Some((judged, _)), Some(snapshot)) = (&run.judged, &run.snapshot) else {
            return Ok(None);
        };
        let reports = self.last_reports(run)?;
        let (_, config_findings) = self.judging(workspace);
        let judged = loki_verify::Judged {
            judged_at: judged.judged_at,
            duration_ms: judged.duration_ms,
            policy: &judged.policy,
            base: &workspace.start_tree,
            tree: &judged.tree,
            commit: &snapshot.commit,
            gates: &reports,
            config_findings,
            spec: Some(&self.spec),
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        let evidence = serde_json::to_vec_pretty(&document(&judged))?;
        let report = report_markdown(&judged).into_bytes();
        let digests = (self.store.put_blob(&evidence)?, self.store.put_blob(&report)?);
        let directory = projections(self.repo.root())?;
        write(&directory.join("evidence.json"), &evidence)?;
        write(&directory.join("report.md"), &report)?;
        Ok(Some(digests))
    }
}

/// `.loki/verify` in the user's checkout, ignored by git. Made before anything is spent, so that a
/// run does not find at its end that it can not be.
pub fn projections(root: &Path) -> anyhow::Result<std::path::PathBuf> {
    let loki = root.join(".loki");
    let verify = loki.join("verify");
    for directory in [&loki, &verify] {
        // A repository may bring a link here that leads elsewhere.
        if std::fs::symlink_metadata(directory).is_ok_and(|meta| !meta.is_dir()) {
            anyhow::bail!("`{}` is in the way: it is not a directory", directory.display());
        }
    }
    std::fs::create_dir_all(&verify)
        .with_context(|| format!("failed to create `{}`", verify.display()))?;
    let gitignore = loki.join(".gitignore");
    if std::fs::symlink_metadata(&gitignore).is_err() {
        write(&gitignore, GITIGNORE.as_bytes())?;
    }
    Ok(verify)
}

/// Whole or not at all; a link at `path` is replaced, not followed.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let directory = path.parent().context("a file without a directory")?;
    let failed = || format!("failed to write `{}`", path.display());
    let mut file = tempfile::NamedTempFile::new_in(directory).with_context(failed)?;
    file.write_all(bytes).with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}
