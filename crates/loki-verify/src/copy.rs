//! The clean copy: a fresh checkout of the judged tree in a repository of its own, gone when the
//! judgement ends.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use loki_host::git::{GitError, remove_export};
use tempfile::TempDir;

use crate::Subject;
use crate::layout::Layout;

mod links;

pub(crate) use links::PYTHON_ENVIRONMENTS;

/// What directories of judgements begin with.
const PREFIX: &[u8] = b"judge-";

/// Why no clean copy could be made.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// There is no place for it.
    #[error("no directory for the clean copy could be made in `{path}`")]
    Scratch {
        /// Where it was tried.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// Git did not check the tree out.
    #[error("the tree could not be checked out into a clean copy")]
    Checkout {
        /// Git's word.
        #[source]
        source: GitError,
    },
}

/// A checkout of the judged tree, and a directory beside it for results that no file of the
/// repository can stand in for. Both are removed when this is dropped.
pub(crate) struct CleanCopy {
    root: PathBuf,
    results: PathBuf,
    /// It holds both.
    dir: TempDir,
}

impl CleanCopy {
    /// Checks the judged tree out and links the dependency folders of [`Subject::reuse`] into it.
    ///
    /// Filters and settings of the judged repository have no say in what the files hold.
    pub(crate) fn make(subject: &Subject<'_>) -> Result<(CleanCopy, Layout), JudgeError> {
        let scratch = |source| JudgeError::Scratch { path: subject.scratch.to_owned(), source };
        let checkout = |source| JudgeError::Checkout { source };
        fs::create_dir_all(subject.scratch).map_err(scratch)?;
        // Tools print resolved paths, which have to be recognised as the copy's own.
        let within = fs::canonicalize(subject.scratch).map_err(scratch)?;
        remove_leftovers(&within);
        let dir = tempfile::Builder::new()
            .prefix(OsStr::from_bytes(PREFIX))
            .tempdir_in(&within)
            .map_err(scratch)?;
        let results = dir.path().join("results");
        fs::create_dir(&results).map_err(scratch)?;
        let root = dir.path().join("copy").join(name_of(subject.repo.root()));
        // From here on the copy is removed, whatever happens.
        let copy = CleanCopy { root, results, dir };
        let (made, files) = std::thread::scope(|scope| {
            let files = scope.spawn(|| subject.repo.list_files(subject.tree));
            (subject.repo.export(&copy.root, subject.tree_commit), files.join())
        });
        made.map_err(checkout)?;
        let files = match files {
            Ok(files) => files.map_err(checkout)?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        let layout = Layout::of(files);
        if let Some(reuse) = subject.reuse {
            links::link_dependencies(&copy.root, reuse, &layout);
        }
        Ok((copy, layout))
    }

    /// The root of the checkout; resolved, absolute.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory for results; resolved, absolute.
    pub(crate) fn results(&self) -> &Path {
        &self.results
    }
}

impl Drop for CleanCopy {
    fn drop(&mut self) {
        // Commands may have left directories that are not writable.
        let _ = remove_export(self.dir.path());
    }
}

/// Removes what a judgement left that was killed. What can not be removed is only in the way of
/// the disk.
fn remove_leftovers(scratch: &Path) {
    for entry in fs::read_dir(scratch).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX) {
            let _ = remove_export(&entry.path());
        }
    }
}

/// The repository's own name, since some projects take theirs from it.
fn name_of(root: &Path) -> PathBuf {
    root.file_name().map_or_else(|| PathBuf::from("copy"), PathBuf::from)
}
