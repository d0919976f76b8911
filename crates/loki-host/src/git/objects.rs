//! Reading trees and files out of the object database.

use loki_model::{CommitId, TreeId};

use super::{GitError, Repo};

/// Larger files are not read.
const FILE_BYTES_MAX: usize = 64 << 20;

impl Repo {
    /// The tree of a commit.
    pub fn tree_of(&self, commit: &CommitId) -> Result<TreeId, GitError> {
        self.shared("rev-parse").args(["-q", "--verify"]).arg(format!("{commit}^{{tree}}")).id()
    }

    /// The tree without files; it is there afterwards.
    pub fn empty_tree(&self) -> Result<TreeId, GitError> {
        self.shared("mktree").id()
    }

    /// What the file at `path` (from the root, `/` between parts) holds in `tree`; for a symlink,
    /// where it points. Nothing when there is no such file. Fails above 64 MiB.
    pub fn read_file(&self, tree: &TreeId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        // Git would read these as relative to the directory it runs in; no tree holds them.
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains('\0') {
            return Ok(None);
        }
        // The tree first: what is asked for is absent more often than not, and an object that can
        // not be read is not an absent one.
        let entry = self.shared("ls-tree").args(["--full-tree", tree.as_str(), path]);
        if entry.answer()?.split(|byte| *byte == b' ').nth(1) != Some(b"blob") {
            return Ok(None);
        }
        let call = self.shared("cat-file").args(["blob", &format!("{tree}:{path}")]);
        call.answer_bytes_max(FILE_BYTES_MAX).answer().map(Some)
    }

    /// The paths of all files and symlinks in `tree`, in git's order. Bytes that are not UTF-8 are
    /// replaced.
    pub fn list_files(&self, tree: &TreeId) -> Result<Vec<String>, GitError> {
        let answer =
            self.shared("ls-tree").args(["-r", "-z", "--full-tree", tree.as_str()]).answer()?;
        let entries = answer.split(|byte| *byte == 0);
        // An entry: `mode type id<tab>path`.
        let path = |entry: &[u8]| {
            let tab = entry.iter().position(|byte| *byte == b'\t')?;
            let (facts, path) = (entry.get(..tab)?, entry.get(tab + 1..)?);
            let is_file = facts.split(|byte| *byte == b' ').nth(1) == Some(b"blob");
            is_file.then(|| String::from_utf8_lossy(path).into_owned())
        };
        Ok(entries.filter_map(path).collect())
    }
}
