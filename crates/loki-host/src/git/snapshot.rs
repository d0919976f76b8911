//! Writing all files of a work tree into the object database, without anybody noticing.

use std::path::Path;

use loki_model::TreeId;

use super::private::View;
use super::{GitError, Repo, index};

impl Repo {
    /// Writes the full tree of `worktree`: tracked and untracked files, without ignored ones.
    ///
    /// `worktree` is the root of any work tree of this repository. Its index, its HEAD, its files
    /// and all branches stay as they are, and its own `.git` is not asked for anything. How files
    /// are read was settled when the repository was found, and is up to the attributes among them
    /// and to the user's settings; the repository's filters are not run.
    ///
    /// A repository within it is a directory like any other, of which what it ignores itself is
    /// left out; only a submodule, known to the index or HEAD and named in `.gitmodules`, is kept as
    /// its commit. Two calls of git where there is none.
    ///
    /// Errors: when a file can not be read; unreachable objects are all that is left then.
    pub fn snapshot(&self, worktree: &Path) -> Result<TreeId, GitError> {
        let temp = tempfile::Builder::new().prefix("loki-index-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let exclude = self.common_dir.join("info/exclude");
        let mut view = View::make(self, temp.path(), worktree, &exclude)?;
        let git_dir = self.git_dir_of(worktree)?;
        let head_of = git_dir.as_deref().unwrap_or(&self.git_dir);
        if let Some(git_dir) = &git_dir {
            let theirs = git_dir.join("index");
            let copied = index::copy(&theirs, &view.index(), worktree)
                .map_err(|error| GitError::file(&theirs, error))?;
            if copied {
                match view.write_files(Some(head_of)) {
                    Err(GitError::Failed { .. } | GitError::File { .. }) => {}
                    other => return other,
                }
            }
        }
        // No index, or a damaged one.
        match self.begin_at_head(&view, head_of) {
            Err(GitError::Failed { .. }) => {
                // Attributes may ask for what can not be done, such as an encoding that a file does
                // not have. Then the files are taken as they are.
                view.attributes = Some(self.empty_tree()?);
                self.begin_at_head(&view, head_of)
            }
            other => other,
        }
    }

    /// Tracked files may be ignored ones, so begin with the commit.
    fn begin_at_head(&self, view: &View<'_>, head_of: &Path) -> Result<TreeId, GitError> {
        let _ = std::fs::remove_file(view.index());
        view.nested.set(0);
        if let Some(tree) = self.checked_out(head_of)? {
            view.call("read-tree").args([tree.as_str()]).answer()?;
        }
        view.write_files(Some(head_of))
    }

    /// The tree of the commit that the work tree of `git_dir` has checked out.
    pub(super) fn checked_out(&self, git_dir: &Path) -> Result<Option<TreeId>, GitError> {
        let call = self.call(&self.root, "rev-parse").env("GIT_DIR", git_dir);
        let outcome = call.args(["-q", "--verify", "HEAD^{tree}"]).outcome()?;
        let answer = String::from_utf8_lossy(&outcome.stdout).trim_end().to_owned();
        Ok(TreeId::try_from(answer).ok())
    }
}

impl View<'_> {
    /// Brings the index up to the files and writes its tree. `head_of` is the git directory whose
    /// HEAD may vouch for submodules.
    pub(super) fn write_files(&self, head_of: Option<&Path>) -> Result<TreeId, GitError> {
        let before = self.gitlinks()?;
        let refused = self.add_all()?;
        let vanishing = self.vanishing(&before, head_of)?;
        self.take_along(&refused, &vanishing)?;
        self.call("write-tree").id()
    }
}
