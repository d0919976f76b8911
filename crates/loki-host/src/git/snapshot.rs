//! Writing all files of a work tree into the object database, without anybody noticing.

use std::path::Path;

use loki_model::TreeId;

use super::index::{self, Belief};
use super::private::View;
use super::{GitError, Repo};

/// What is kept of the files.
#[derive(Clone, Copy)]
enum Kept<'a> {
    /// What a commit would have.
    AsCommitted,
    /// Their bytes, also of the ignored ones among `also`.
    AsTheyLie { also: &'a [Vec<u8>] },
}

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
        self.tree_of_files(worktree, Kept::AsCommitted)
    }

    /// As [`Repo::snapshot`], but byte by byte as the files lie there: line ends and encodings are not
    /// converted, and no filter runs, so that a pointer to a large file stays one and its content stays
    /// content. Every file is read. Files of `also` are taken along even if they are ignored.
    pub fn raw_tree(&self, worktree: &Path, also: &[Vec<u8>]) -> Result<TreeId, GitError> {
        self.tree_of_files(worktree, Kept::AsTheyLie { also })
    }

    fn tree_of_files(&self, worktree: &Path, kept: Kept<'_>) -> Result<TreeId, GitError> {
        let temp = tempfile::Builder::new().prefix("loki-index-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let exclude = self.common_dir.join("info/exclude");
        let mut view = View::make(self, temp.path(), worktree, &exclude)?;
        let belief = match kept {
            Kept::AsCommitted => Belief::Looks,
            Kept::AsTheyLie { .. } => {
                view.make_raw()?;
                Belief::Names
            }
        };
        let git_dir = self.git_dir_of(worktree)?;
        let head_of = git_dir.as_deref().unwrap_or(&self.git_dir);
        if let Some(git_dir) = &git_dir {
            let theirs = git_dir.join("index");
            let copied = index::copy(&theirs, &view.index(), worktree, belief)
                .map_err(|error| GitError::file(&theirs, error))?;
            if copied {
                match view.write_all(head_of, kept) {
                    Err(GitError::Failed { .. } | GitError::File { .. }) => {}
                    other => return other,
                }
            }
        }
        // No index, or a damaged one.
        match self.begin_at_head(&view, head_of, kept) {
            Err(GitError::Failed { .. }) => {
                // Attributes may ask for what can not be done, such as an encoding that a file does
                // not have. Then the files are taken as they are.
                view.attributes = Some(self.empty_tree()?);
                self.begin_at_head(&view, head_of, kept)
            }
            other => other,
        }
    }

    /// Tracked files may be ignored ones, so begin with the commit.
    fn begin_at_head(
        &self,
        view: &View<'_>,
        head_of: &Path,
        kept: Kept<'_>,
    ) -> Result<TreeId, GitError> {
        let _ = std::fs::remove_file(view.index());
        view.nested.set(0);
        if let Some(tree) = self.checked_out(head_of)? {
            view.call("read-tree").args([tree.as_str()]).answer()?;
        }
        view.write_all(head_of, kept)
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
    fn write_all(&self, head_of: &Path, kept: Kept<'_>) -> Result<TreeId, GitError> {
        let tree = self.write_files(Some(head_of))?;
        let Kept::AsTheyLie { also: also @ [_, ..] } = kept else { return Ok(tree) };
        let list = also.iter().flat_map(|path| path.iter().chain([&0])).copied().collect();
        let call = self.call("update-index").args(["--add", "--replace", "-z", "--stdin"]);
        call.stdin(list).answer()?;
        self.call("write-tree").id()
    }

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
