//! Writing all files of a work tree into the object database, without anybody noticing.

use std::path::Path;

use loki_model::TreeId;

use super::run::{Call, Outcome};
use super::{GitError, Repo, index};

/// How git refuses a repository within the work tree that has no commit it could point to.
const NESTED_UNBORN: &str = "does not have a commit checked out";

impl Repo {
    /// Writes the full tree of `worktree`: tracked and untracked files, without ignored ones.
    ///
    /// `worktree` is the root of any work tree of this repository. Its index, its HEAD, its files
    /// and all branches stay as they are, and its own `.git` is not asked for anything. A
    /// repository within it is kept as the commit it has checked out, and left out as long as it
    /// has none. Two calls of git.
    ///
    /// Errors: when a file can not be read; unreachable objects are all that is left then.
    pub fn snapshot(&self, worktree: &Path) -> Result<TreeId, GitError> {
        let temp = tempfile::Builder::new().prefix("loki-index-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let index = temp.path().join("index");
        let git_dir = self.git_dir_of(worktree)?;
        if let Some(git_dir) = &git_dir {
            let theirs = git_dir.join("index");
            let copied = index::copy(&theirs, &index, worktree)
                .map_err(|error| GitError::file(&theirs, error))?;
            if copied && let Ok(tree) = self.write_files(worktree, &index) {
                return Ok(tree);
            }
        }
        // No index, or a damaged one. Tracked files may be ignored ones, so begin with the commit.
        let _ = std::fs::remove_file(&index);
        if let Some(tree) = self.checked_out(git_dir.as_deref().unwrap_or(&self.git_dir))? {
            let call = self.shared("read-tree").env("GIT_INDEX_FILE", &index);
            call.args([tree.as_str()]).answer()?;
        }
        self.write_files(worktree, &index)
    }

    fn write_files(&self, worktree: &Path, index: &Path) -> Result<TreeId, GitError> {
        let call = |subcommand| {
            Call::new(worktree, subcommand)
                .env("GIT_DIR", &self.common_dir)
                .env("GIT_WORK_TREE", worktree)
                .env("GIT_INDEX_FILE", index)
        };
        let add = |options: &[&'static str]| {
            call("add").args(["--all", "--sparse"]).args(options.iter().copied()).outcome()
        };
        let outcome = add(&[])?;
        if outcome.exit != 0 {
            if !outcome.stderr.contains(NESTED_UNBORN) {
                return Err(outcome.failure());
            }
            let again = add(&["--ignore-errors"])?;
            if !only_nested_unborn(&again) {
                return Err(again.failure());
            }
        }
        call("write-tree").id()
    }

    fn checked_out(&self, git_dir: &Path) -> Result<Option<TreeId>, GitError> {
        let call = Call::new(&self.root, "rev-parse").env("GIT_DIR", git_dir);
        let outcome = call.args(["-q", "--verify", "HEAD^{tree}"]).outcome()?;
        let answer = String::from_utf8_lossy(&outcome.stdout).trim_end().to_owned();
        Ok(TreeId::try_from(answer).ok())
    }
}

fn only_nested_unborn(outcome: &Outcome) -> bool {
    let problem = |line: &&str| line.starts_with("error: ") || line.starts_with("fatal: ");
    outcome.stderr.lines().filter(problem).all(|line| line.contains(NESTED_UNBORN))
}
