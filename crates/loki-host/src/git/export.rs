//! Clean copies: a commit's files, in a repository of their own.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use loki_model::CommitId;

use super::private;
use super::remove::remove_tree;
use super::{GitError, Repo};
use crate::machine;

/// Larger lists of commits without parents are not taken along.
const SHALLOW_BYTES_MAX: u64 = 16 << 20;

/// Processes that write files at the same time, given as many processors.
const WORKERS_MAX: usize = 8;

/// As many of them as there is something to gain from.
pub(super) fn workers() -> usize {
    machine::cpus().get().min(WORKERS_MAX)
}

/// Fewer files than it takes to start processes.
const FILES_ALONE_MAX: usize = 50;

impl Repo {
    /// Checks `commit` out into the new directory `path`, detached. The directories above it are
    /// made if need be. One call of git.
    ///
    /// The copy is a repository of its own that borrows this one's objects. Of what this one
    /// configures nothing applies: only the user's and the system's settings and the attributes
    /// within the commit decide how files are written. What programs do to branches, settings and
    /// worktrees in the copy stays there. Nobody remembers the copy: see [`remove_export`].
    ///
    /// Errors: when `path` exists. After any other error nothing is left.
    pub fn export(&self, path: &Path, commit: &CommitId) -> Result<(), GitError> {
        self.export_by(path, commit, workers())
    }

    /// The same by so many processes that write at the same time.
    pub(super) fn export_by(
        &self,
        path: &Path,
        commit: &CommitId,
        workers: usize,
    ) -> Result<(), GitError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| GitError::file(parent, error))?;
        }
        fs::create_dir(path).map_err(|error| GitError::file(path, error))?;
        self.fill(path, commit, workers, &|_| Ok(())).inspect_err(|_| {
            // The first error says more than this one would.
            let _ = remove_tree(path);
        })
    }

    /// Makes the repository of a copy, has `prepare` add to it, and has git write the files.
    pub(super) fn fill(
        &self,
        path: &Path,
        commit: &CommitId,
        workers: usize,
        prepare: &dyn Fn(&Path) -> io::Result<()>,
    ) -> Result<(), GitError> {
        let (git_dir, objects) = (path.join(".git"), self.common_dir.join("objects"));
        let make = || {
            fs::create_dir_all(git_dir.join("objects/info"))?;
            private::fill(&git_dir, commit.as_str(), self.settings.is_sha256)?;
            fs::write(git_dir.join("objects/info/alternates"), alternate(&objects))?;
            // Without it, git looks for parents that nobody has.
            let shallow =
                private::read_regular(&self.common_dir.join("shallow"), SHALLOW_BYTES_MAX);
            if let Ok(Some((bytes, _))) = shallow {
                fs::write(git_dir.join("shallow"), bytes)?;
            }
            prepare(&git_dir)
        };
        make().map_err(|error| GitError::file(&git_dir, error))?;
        let mut settings = self.settings.large_files();
        settings.push(("checkout.workers".to_owned(), workers.to_string()));
        settings.push(("checkout.thresholdForParallelism".to_owned(), FILES_ALONE_MAX.to_string()));
        self.call(path, "read-tree")
            .settings(&settings)
            .env("GIT_DIR", &git_dir)
            .env("GIT_WORK_TREE", path)
            // Where they are, instead of where they might be.
            .env("GIT_OBJECT_DIRECTORY", &objects)
            .args(["--reset", "-u", commit.as_str()])
            .answer()
            .map(drop)
    }
}

/// Removes a copy that [`Repo::export`] made, whatever was done to it since, or what is left of
/// one. Harmless when there is none.
pub fn remove_export(path: &Path) -> Result<(), GitError> {
    remove_tree(path).map_err(|error| GitError::file(path, error))
}

/// One line of `objects/info/alternates`; quoted, since a path may hold the line's end.
fn alternate(objects: &Path) -> Vec<u8> {
    let mut line = vec![b'"'];
    for byte in objects.as_os_str().as_bytes() {
        match byte {
            b'"' | b'\\' => line.extend([b'\\', *byte]),
            b'\n' => line.extend(b"\\n"),
            _ => line.push(*byte),
        }
    }
    line.extend(b"\"\n");
    line
}
