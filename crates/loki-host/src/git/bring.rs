//! Bringing a commit into a checkout that a person works in.
//!
//! Git does the merging and writes the files, since here its conversions and the user's filters are wanted;
//! it does both through a git directory of loki's own, so that merge drivers, filters and hooks that the
//! repository configures do not run.

use std::collections::BTreeSet;
use std::fs;

use loki_model::{CommitId, TreeId};

use super::private::View;
use super::{GitError, Repo};

/// How `git merge-tree` says that there are conflicts.
const CONFLICTS_EXIT: i32 = 1;

/// How git exits when it does not know an option or a form of a command.
const USAGE_EXITS: [i32; 2] = [129, 128];

/// What merging two commits comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// A tree without conflicts.
    Clean(TreeId),
    /// Files that both sides changed, by name.
    Conflicts(Vec<String>),
    /// This git is older than 2.38, which can not merge without a checkout.
    GitTooOld,
}

impl Repo {
    /// Merges two commits. No file, index or branch changes.
    pub fn merge(&self, ours: &CommitId, theirs: &CommitId) -> Result<Merged, GitError> {
        let temp = tempfile::Builder::new().prefix("loki-merge-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let (git_dir, empty) = (temp.path().join("git"), temp.path().join("empty"));
        for directory in [&git_dir, &empty] {
            fs::create_dir(directory).map_err(|error| GitError::file(directory, error))?;
        }
        let view = View::make(self, &git_dir, &empty, &git_dir)?;
        let outcome = view
            .call("merge-tree")
            .args(["--write-tree", "-z", "--name-only", "--no-messages"])
            .args([ours.as_str(), theirs.as_str()])
            .outcome()?;
        if USAGE_EXITS.contains(&outcome.exit) && outcome.stderr.contains("usage: git merge-tree") {
            return Ok(Merged::GitTooOld);
        }
        if outcome.exit != 0 && outcome.exit != CONFLICTS_EXIT {
            outcome.require_success()?;
        }
        let mut fields = outcome.stdout.split(|byte| *byte == 0).filter(|field| !field.is_empty());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let tree = fields.next().map(text).unwrap_or_default();
        if outcome.exit == 0 {
            let unexpected =
                |_| GitError::Unexpected { subcommand: "merge-tree", what: tree.clone() };
            return TreeId::try_from(tree.clone()).map(Merged::Clean).map_err(unexpected);
        }
        let paths: BTreeSet<String> = fields.map(text).collect();
        Ok(Merged::Conflicts(paths.into_iter().collect()))
    }

    /// Whether `update_checkout` would work. Nothing changes.
    pub fn can_update_checkout(&self, from: &TreeId, to: &TreeId) -> Result<(), GitError> {
        self.two_trees(from, to, false)
    }

    /// Brings files and index of this work tree, whose commit has the tree `from`, to the tree `to`; what
    /// else is staged, changed or new stays. HEAD and branches stay as well.
    ///
    /// Errors: when something that is not committed would be overwritten; nothing has changed then.
    pub fn update_checkout(&self, from: &TreeId, to: &TreeId) -> Result<(), GitError> {
        self.two_trees(from, to, true)
    }

    fn two_trees(&self, from: &TreeId, to: &TreeId, update: bool) -> Result<(), GitError> {
        let temp = tempfile::Builder::new().prefix("loki-update-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let exclude = self.common_dir.join("info/exclude");
        let view = View::make(self, temp.path(), &self.root, &exclude)?;
        let theirs = self.git_dir.join("index");
        let index = if update { theirs } else { view.index() };
        if !update && self.git_dir.join("index").exists() {
            let theirs = self.git_dir.join("index");
            fs::copy(&theirs, &index).map_err(|error| GitError::file(&theirs, error))?;
        }
        let call = |subcommand| view.call(subcommand).env("GIT_INDEX_FILE", &index);
        // Files that only look changed are not in the way.
        let _ = call("update-index").args(["-q", "--refresh"]).outcome()?;
        let read = call("read-tree").args(["-m", "-u"]);
        let read = if update { read } else { read.args(["--dry-run"]) };
        read.args([from.as_str(), to.as_str()]).answer().map(drop)
    }

    /// Hands the change from one tree to another to `visit`, as `git diff` shows it without colours, piece
    /// by piece. No driver and no setting of the repository has a say.
    pub fn show_diff(
        &self,
        from: &TreeId,
        to: &TreeId,
        visit: &mut dyn FnMut(&[u8]),
    ) -> Result<(), GitError> {
        let options = [
            "-r",
            "--patch",
            "--full-index",
            "--binary",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--no-relative",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "--end-of-options",
        ];
        let call = self.shared("diff-tree").args(options).args([from.as_str(), to.as_str()]);
        call.stream(visit)
    }
}
