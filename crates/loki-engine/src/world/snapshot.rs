//! Keeps the whole tree of the workspace.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use loki_model::{ChangeStats, EffectResult, Run, Snapshot, Workspace};

use super::{Done, RealWorld};

impl RealWorld<'_> {
    /// The commit is parented on the one before, so that git shows what each call did; a hidden
    /// ref keeps it from being collected.
    pub(super) fn take_snapshot(&self, run: &Run) -> Done {
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let path = Path::new(&workspace.path);
        self.remake_if_gone(run, workspace)?;
        let tree = self.repo.snapshot(path).context("the workspace could not be kept")?;
        let (last_commit, last_tree) = match &run.snapshot {
            Some(last) => (&last.commit, &last.tree),
            None => (&workspace.start_commit, &workspace.start_tree),
        };
        let message = format!("After call {} of run {}", run.calls, run.id);
        let name = format!("refs/loki/{}/{}", run.id, run.calls);
        let repo = &self.repo;
        let (commit, changes) = std::thread::scope(|scope| {
            let changes = scope.spawn(|| repo.diff(&workspace.start_tree, &tree));
            let parent = std::slice::from_ref(last_commit);
            let commit = repo.commit_tree(&tree, parent, &message).and_then(|commit| {
                repo.set_ref(&name, &commit, None)?;
                Ok(commit)
            });
            (commit, changes.join())
        });
        let commit = commit?;
        let changes = changes.map_err(|_| anyhow!("reading the change failed"))??;
        let since_start = ChangeStats::of(&changes);
        let changed = *last_tree != tree;
        let snapshot = Snapshot { commit, tree, since_start, changed };
        Ok(EffectResult::SnapshotTaken(snapshot))
    }

    /// An agent that removed its own worktree has undone its work: the run goes on from what was
    /// kept last.
    pub(super) fn remake_if_gone(&self, run: &Run, workspace: &Workspace) -> anyhow::Result<()> {
        let path = Path::new(&workspace.path);
        // The sandbox keeps the directory itself from being removed, and nothing that is in it.
        let is_there = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
        if run.settings.in_place || is_there {
            return Ok(());
        }
        let last = run.snapshot.as_ref().map_or(&workspace.start_commit, |last| &last.commit);
        self.repo.remove_worktree(path)?;
        self.repo.add_worktree(path, last, None).context("the run's worktree is gone")
    }
}
