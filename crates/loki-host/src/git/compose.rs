//! Trees put together from others, without a checkout.

use std::collections::BTreeMap;

use loki_model::TreeId;

use super::private::View;
use super::{GitError, Repo};

/// One difference from the tree that is begun with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit<'a> {
    /// The file as another tree has it, with its mode; nothing happens where that has none.
    Take {
        /// From the root of the repository.
        path: &'a str,
        /// Where it is taken from.
        from: &'a TreeId,
    },
    /// A file with new content, not executable.
    Write {
        /// From the root of the repository.
        path: &'a str,
        /// All of it.
        content: &'a [u8],
    },
    /// The file with other content, and the mode that it has.
    Alter {
        /// From the root of the repository.
        path: &'a str,
        /// All of it.
        content: &'a [u8],
    },
    /// No such file any more.
    Remove {
        /// From the root of the repository.
        path: &'a str,
    },
}

impl Repo {
    /// Writes a tree that is `tree` but for `edits`, in order.
    ///
    /// A file takes the place of a directory of its name and the other way round. Paths that git
    /// would not take (`..`, `.git`) fail the whole.
    pub fn compose(&self, tree: &TreeId, edits: &[Edit<'_>]) -> Result<TreeId, GitError> {
        if edits.is_empty() {
            return Ok(tree.clone());
        }
        let temp = tempfile::Builder::new().prefix("loki-compose-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let view = View::make(self, temp.path(), &self.root, temp.path())?;
        view.call("read-tree").args([tree.as_str()]).answer()?;
        let mut entries: BTreeMap<&TreeId, BTreeMap<Vec<u8>, String>> = BTreeMap::new();
        let mut lines: Vec<u8> = Vec::new();
        let mut line = |facts: &str, path: &[u8]| {
            lines.extend_from_slice(facts.as_bytes());
            lines.push(b'\t');
            lines.extend_from_slice(path);
            lines.push(0);
        };
        for edit in edits {
            match edit {
                Edit::Take { path, from } => {
                    if !entries.contains_key(from) {
                        entries.insert(from, self.entries(from)?);
                    }
                    let facts = entries.get(from).and_then(|all| all.get(path.as_bytes()));
                    if let Some(facts) = facts {
                        line(facts, path.as_bytes());
                    }
                }
                Edit::Write { path, content } => {
                    line(&format!("100644 {}", self.stored(content)?), path.as_bytes());
                }
                Edit::Alter { path, content } => {
                    let known = self.entries(tree)?.remove(path.as_bytes());
                    let mode = known.as_deref().and_then(|facts| facts.split(' ').next());
                    let mode = mode.unwrap_or("100644");
                    line(&format!("{mode} {}", self.stored(content)?), path.as_bytes());
                }
                Edit::Remove { path } => {
                    line(&format!("0 {}", "0".repeat(tree.as_str().len())), path.as_bytes());
                }
            }
        }
        view.call("update-index")
            .args(["-z", "--replace", "--add", "--index-info"])
            .stdin(lines)
            .answer()?;
        view.call("write-tree").id()
    }

    /// The id of the object with this content, which is there afterwards.
    fn stored(&self, content: &[u8]) -> Result<String, GitError> {
        let call = self.shared("hash-object").args(["-w", "--stdin", "--no-filters"]);
        call.stdin(content.to_vec()).line()
    }

    /// Mode and id of every file, link and submodule in `tree`, by path.
    fn entries(&self, tree: &TreeId) -> Result<BTreeMap<Vec<u8>, String>, GitError> {
        let answer =
            self.shared("ls-tree").args(["-r", "-z", "--full-tree", tree.as_str()]).answer()?;
        let entry = |entry: &[u8]| {
            let tab = entry.iter().position(|byte| *byte == b'\t')?;
            let (facts, path) = (entry.get(..tab)?, entry.get(tab + 1..)?);
            let facts = std::str::from_utf8(facts).ok()?;
            let mut words = facts.split(' ');
            let (mode, id) = (words.next()?, words.nth(1)?);
            Some((path.to_vec(), format!("{mode} {id}")))
        };
        Ok(answer.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// Writes the tree that `patch`, as `git diff` or `git format-patch` writes it, makes of `tree`.
    ///
    /// Nothing of the work tree is looked at. Fails when it does not apply as a whole.
    pub fn apply_patch(&self, tree: &TreeId, patch: &[u8]) -> Result<TreeId, GitError> {
        let temp = tempfile::Builder::new().prefix("loki-compose-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let view = View::make(self, temp.path(), &self.root, temp.path())?;
        view.call("read-tree").args([tree.as_str()]).answer()?;
        view.call("apply")
            .args(["--cached", "--whitespace=nowarn", "-"])
            .stdin(patch.to_vec())
            .answer()?;
        view.call("write-tree").id()
    }
}
