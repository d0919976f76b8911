//! Repositories within a work tree, whose files git would leave out.
//!
//! Git keeps of them the commit they have checked out, and nothing when they have none. A snapshot
//! has to have the files, or what an agent put there would neither be judged nor delivered.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loki_model::TreeId;

use super::private::{View, read_regular};
use super::{GitError, index};

/// Repositories around one another.
const DEPTH_MAX: usize = 8;

/// Repositories in all. Each costs some calls of git.
const NESTED_MAX: usize = 256;

/// A larger list of submodules is taken for none.
const MODULES_BYTES_MAX: u64 = 4 << 20;

/// How `git add` exits when it was told to go on, and had to.
const LEFT_OUT_EXIT: i32 = 1;

/// A submodule's entry in `git ls-tree`.
const LINK_MODE: &[u8] = b"160000 ";

/// From the root of the work tree, without a `/` at the end.
type Paths = BTreeSet<Vec<u8>>;

impl View<'_> {
    /// The repositories that the index points to.
    pub(super) fn gitlinks(&self) -> Result<Paths, GitError> {
        let index = self.index();
        index::gitlinks(&index).map_err(|error| GitError::file(&index, error))
    }

    /// Adds all that git adds. Returns the repositories that it refuses: those without a commit to
    /// point to, or with one that it can not name.
    pub(super) fn add_all(&self) -> Result<Paths, GitError> {
        let add = || self.call("add").args(["--all", "--sparse"]);
        if add().outcome()?.exit == 0 {
            return Ok(Paths::new());
        }
        let outcome = add().args(["--ignore-errors"]).outcome()?;
        if outcome.exit != LEFT_OUT_EXIT {
            outcome.require_success()?;
        }
        // A message could be made up of names of files; in this list only repositories end in `/`.
        let list = ["-z", "--others", "--modified", "--exclude-standard"];
        let left = self.call("ls-files").args(list).answer()?;
        let links = self.gitlinks()?;
        let mut refused = Paths::new();
        for path in paths(&left) {
            match path.strip_suffix(b"/") {
                Some(path) => drop(refused.insert(path.to_vec())),
                None if links.contains(path) => {}
                None => return Err(outcome.failure()),
            }
        }
        Ok(refused)
    }

    /// The repositories of which the index has but the commit and which are no submodules: neither
    /// `before` nor HEAD knew them, or `.gitmodules` does not.
    pub(super) fn vanishing(
        &self,
        before: &Paths,
        head_of: Option<&Path>,
    ) -> Result<Paths, GitError> {
        let mut links = self.gitlinks()?;
        links.retain(|path| has_entries(&self.place(path)));
        let Some(head_of) = head_of.filter(|_| !links.is_empty()) else { return Ok(links) };
        let mut declared = self.declared()?;
        declared.retain(|path| links.contains(path));
        let unknown: Vec<&Vec<u8>> = declared.difference(before).collect();
        if !unknown.is_empty() {
            let committed = self.committed(head_of, &unknown)?;
            declared.retain(|path| before.contains(path) || committed.contains(path));
        }
        Ok(links.into_iter().filter(|path| !declared.contains(path)).collect())
    }

    /// Puts the files of the repositories into the index, in the place of the commits of `links`.
    pub(super) fn take_along(&self, refused: &Paths, links: &Paths) -> Result<(), GitError> {
        self.drop_entries(links)?;
        for path in refused.union(links) {
            self.take(path).map_err(|error| match error {
                GitError::Cancelled { .. } | GitError::TimedOut { .. } => error,
                GitError::Nested { path: inner, what } => {
                    // What was too much names no path of its own.
                    let path = path_of(path).join(inner).components().collect();
                    GitError::Nested { path, what }
                }
                other => GitError::Nested { path: path_of(path), what: other.to_string() },
            })?;
        }
        Ok(())
    }

    fn take(&self, path: &[u8]) -> Result<(), GitError> {
        let too = |what: String| Err(GitError::Nested { path: PathBuf::new(), what });
        self.nested.set(self.nested.get() + 1);
        if self.depth >= DEPTH_MAX {
            return too(format!("more than {DEPTH_MAX} lie within one another"));
        }
        if self.nested.get() > NESTED_MAX {
            return too(format!("there are more than {NESTED_MAX}"));
        }
        let place = self.place(path);
        let temp = tempfile::tempdir_in(&self.git_dir);
        let temp = temp.map_err(|error| GitError::file(&self.git_dir, error))?;
        let exclude = place.join(".git/info/exclude");
        let mut view = View::make(self.repo, temp.path(), &place, &exclude)?;
        view.depth = self.depth + 1;
        view.nested = Rc::clone(&self.nested);
        if self.raw {
            view.make_raw()?;
        }
        // Nothing in it was vouched for by the work tree around it.
        let tree = view.write_files(None)?;
        self.graft(path, &tree)
    }

    /// Puts `tree` at `path` into the index, but for what this work tree ignores.
    fn graft(&self, path: &[u8], tree: &TreeId) -> Result<(), GitError> {
        let prefix = [b"--prefix=", path, b"/"].concat();
        self.call("read-tree").arg(OsStr::from_bytes(&prefix)).arg(tree.as_str()).answer()?;
        let list = ["-z", "--cached", "--ignored", "--exclude-standard", "--"];
        let ignored = self.call("ls-files").args(list).arg(OsStr::from_bytes(path)).answer()?;
        self.drop_entries(&paths(&ignored).map(<[u8]>::to_vec).collect())
    }

    fn drop_entries(&self, entries: &Paths) -> Result<(), GitError> {
        if entries.is_empty() {
            return Ok(());
        }
        let list = entries.iter().flat_map(|path| path.iter().chain([&0])).copied().collect();
        let call = self.call("update-index").args(["--force-remove", "-z", "--stdin"]);
        call.stdin(list).answer().map(drop)
    }

    /// The submodules that `.gitmodules` names. A link in its place names none, as for git.
    fn declared(&self) -> Result<Paths, GitError> {
        let file = self.worktree.join(".gitmodules");
        if !file.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Ok(Paths::new());
        }
        let text = read_regular(&file, MODULES_BYTES_MAX);
        let text = text.map_err(|error| GitError::file(&file, error))?;
        let Some((text, _)) = text else { return Ok(Paths::new()) };
        let call = self.call("config").args(["--file", "-", "-z", "--get-regexp"]);
        let outcome = call.arg("^submodule\\..*\\.path$").stdin(text).outcome()?;
        // Nothing found, or nothing understood.
        let answer = if outcome.exit == 0 { outcome.answer()? } else { Vec::new() };
        let value = |entry: &[u8]| entry.splitn(2, |byte| *byte == b'\n').nth(1).map(without_slash);
        Ok(paths(&answer).filter_map(value).collect())
    }

    /// Which of `links` are submodules in what the work tree of `git_dir` has checked out.
    fn committed(&self, git_dir: &Path, links: &[&Vec<u8>]) -> Result<Paths, GitError> {
        let Some(tree) = self.repo.checked_out(git_dir)? else { return Ok(Paths::new()) };
        let mut call = self.call("ls-tree").args(["-z", "--full-tree", tree.as_str(), "--"]);
        for link in links {
            call = call.arg(OsStr::from_bytes(link));
        }
        let answer = call.answer()?;
        let entries = paths(&answer).filter(|entry| entry.starts_with(LINK_MODE));
        let path = |entry: &[u8]| entry.splitn(2, |byte| *byte == b'\t').nth(1).map(<[u8]>::to_vec);
        Ok(entries.filter_map(path).collect())
    }

    fn place(&self, path: &[u8]) -> PathBuf {
        self.worktree.join(OsStr::from_bytes(path))
    }
}

/// Whether there is a directory with anything in it, or one that does not say.
fn has_entries(directory: &Path) -> bool {
    directory.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
        && fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_some())
}

fn paths(answer: &[u8]) -> impl Iterator<Item = &[u8]> {
    answer.split(|byte| *byte == 0).filter(|path| !path.is_empty())
}

fn without_slash(path: &[u8]) -> Vec<u8> {
    path.strip_suffix(b"/").unwrap_or(path).to_vec()
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}
