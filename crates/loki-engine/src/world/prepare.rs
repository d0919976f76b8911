//! Makes the run's branch and worktree.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Context as _;
use loki_host::git::{Head, Merged};
use loki_model::crew::{Base, Crew};
use loki_model::{CommitId, EffectResult, Run, Workspace};

use super::{Done, RealWorld};

impl RealWorld<'_> {
    /// Nothing of a first try is of use: the agent was not called yet. So what a crash left is
    /// removed and made again.
    pub(super) fn prepare_workspace(&self, run: &Run) -> Done {
        let workspace =
            if run.settings.in_place { self.adopt_checkout(run) } else { self.make_worktree(run) };
        let workspace = workspace?;
        // Read before an agent could reach what they are read from.
        let _ = self.judging(run, &workspace);
        Ok(EffectResult::WorkspacePrepared(workspace))
    }

    fn make_worktree(&self, run: &Run) -> anyhow::Result<Workspace> {
        let start_commit = match &run.part {
            Some(part) => part.base.clone(),
            None => self.start_commit()?,
        };
        let start_tree = self.repo.tree_of(&start_commit)?;
        let branch = format!("loki/{}", run.id);
        // The folder is called as the repository is: some tools read their project's name there.
        let name = self.repo.root().file_name().unwrap_or(OsStr::new("repository"));
        let parent = self.work.join("worktrees").join(run.id.as_str());
        let path = parent.join(name);
        self.repo.remove_worktree(&path)?;
        self.repo.delete_ref(&format!("refs/heads/{branch}"))?;
        std::fs::create_dir_all(&parent)
            .with_context(|| format!("failed to create `{}`", parent.display()))?;
        self.repo
            .add_worktree(&path, &start_commit, Some(&branch))
            .context("the run's worktree could not be made")?;
        Ok(Workspace { path: text_of(&path)?, branch: Some(branch), start_commit, start_tree })
    }

    /// Where the tasks of a crew start from, and the branch that their results come to. Nothing of a first try
    /// is of use.
    pub(crate) fn prepare_base(&self, crew: &Crew) -> anyhow::Result<Base> {
        let commit = self.start_commit()?;
        if self.repo.merge(&commit, &commit)? == Merged::GitTooOld {
            anyhow::bail!("tasks side by side need git 2.38, which can merge without a checkout");
        }
        let branch = match self.repo.head()? {
            Head::Branch { name, .. } | Head::Unborn { branch: name } => Some(name),
            Head::Detached { .. } => None,
        };
        let onto = format!("loki/{}", crew.id);
        self.repo.set_ref(&format!("refs/heads/{onto}"), &commit, None)?;
        let tree = self.repo.tree_of(&commit)?;
        Ok(Base { branch, onto, commit, tree })
    }

    /// HEAD, or an empty commit of our own where nothing was committed yet.
    fn start_commit(&self) -> anyhow::Result<CommitId> {
        match self.repo.head()? {
            Head::Branch { commit, .. } | Head::Detached { commit } => Ok(commit),
            Head::Unborn { .. } => {
                let tree = self.repo.empty_tree()?;
                Ok(self.repo.commit_tree(&tree, &[], "Start from nothing")?)
            }
        }
    }

    fn adopt_checkout(&self, run: &Run) -> anyhow::Result<Workspace> {
        let root = self.repo.root();
        let start_tree = self.repo.snapshot(root)?;
        let parents = match self.repo.head()? {
            Head::Branch { commit, .. } | Head::Detached { commit } => vec![commit],
            Head::Unborn { .. } => Vec::new(),
        };
        let start_commit = self.repo.commit_tree(&start_tree, &parents, "Before the run")?;
        self.repo.set_ref(&format!("refs/loki/{}/start", run.id), &start_commit, None)?;
        Ok(Workspace { path: text_of(root)?, branch: None, start_commit, start_tree })
    }
}

/// The journal holds text.
fn text_of(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.with_context(|| format!("`{}` is not valid UTF-8; use another directory", path.display()))
}
