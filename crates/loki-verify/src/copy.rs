//! Clean copies: fresh checkouts, each in a repository of its own, gone when the judgement ends.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use loki_host::git::{GitError, Written, remove_export};
use loki_model::{Digest, Layer};
use tempfile::TempDir;

use crate::Subject;
use crate::isolation::Pool;
use crate::layout::{Layout, is_under, join};

pub(crate) mod links;
mod spare;
pub(crate) mod submodules;

pub(crate) use links::PYTHON_ENVIRONMENTS;
pub(crate) use spare::Spares;

/// Where a judgement keeps what was built between two copies.
const KEPT: &str = "built";

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
    /// There is less of a sandbox than was asked for.
    #[error(
        "the sandbox is to be strict, and this system does not have all of it: {} can not be held; \
         `loki doctor` says why",
        missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Sandbox {
        /// What is missing.
        missing: Vec<Layer>,
    },
    /// Git did not check the tree out.
    #[error("the tree could not be checked out into a clean copy")]
    Checkout {
        /// Git's word.
        #[source]
        source: GitError,
    },
}

/// The directory of one judgement: it holds every copy, and is removed when this is dropped.
pub(crate) struct Scratch {
    dir: TempDir,
    copies: AtomicU32,
    changes: Pool,
    spares: Spares,
}

impl Scratch {
    /// Makes the directory in [`Subject::scratch`], and removes what judgements left there that
    /// were killed.
    pub(crate) fn open(within: &Path) -> Result<Scratch, JudgeError> {
        let failed = |source| JudgeError::Scratch { path: within.to_owned(), source };
        fs::create_dir_all(within).map_err(failed)?;
        // Tools print resolved paths, which have to be recognised as the copy's own.
        let within = fs::canonicalize(within).map_err(failed)?;
        remove_leftovers(&within);
        let dir = tempfile::Builder::new()
            .prefix(OsStr::from_bytes(PREFIX))
            .tempdir_in(&within)
            .map_err(failed)?;
        let (changes, spares) = (Pool::default(), Spares::default());
        Ok(Scratch { dir, copies: AtomicU32::new(0), changes, spares })
    }

    /// The directory itself; resolved, absolute.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What commands write to caches.
    pub(crate) fn changes(&self) -> &Pool {
        &self.changes
    }

    /// Copies that a state has done with.
    pub(crate) fn spares(&self) -> &Spares {
        &self.spares
    }

    /// Takes what cargo has built in `copy` out of it, to be handed to another one.
    pub(crate) fn keep_built(&self, copy: &CleanCopy<'_>, layout: &Layout) {
        for target in targets(layout) {
            let (from, to) = (copy.root().join(&target), self.kept(&target));
            if from.is_dir() && !from.is_symlink() {
                let _ = remove_export(&to);
                // What can not be moved is built anew.
                let _ = fs::create_dir_all(self.dir.path().join(KEPT));
                let _ = fs::rename(from, to);
            }
        }
    }

    /// Gives `copy` what was kept of another state of the same repository.
    pub(crate) fn hand_built(&self, copy: &CleanCopy<'_>, layout: &Layout) {
        for target in targets(layout) {
            let _ = fs::rename(self.kept(&target), copy.root().join(&target));
        }
    }

    fn kept(&self, target: &str) -> PathBuf {
        self.dir.path().join(KEPT).join(Digest::of(target.as_bytes()).short())
    }
}

/// Directories in which cargo builds, where the tree does not hold any.
fn targets(layout: &Layout) -> impl Iterator<Item = String> {
    let targets = layout.all_roots("Cargo.toml").into_iter().map(|dir| join(&dir, "target"));
    targets.filter(|target| !layout.all_files().any(|path| is_under(path, target)))
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Commands may have left directories that are not writable. Whole copies are among them: side by
        // side.
        std::thread::scope(|scope| {
            for entry in fs::read_dir(self.dir.path()).into_iter().flatten().flatten() {
                scope.spawn(move || _ = remove_export(&entry.path()));
            }
        });
        let _ = remove_export(self.dir.path());
    }
}

/// A checkout of one tree, and a directory beside it for results that no file of the repository can
/// stand in for. Both are removed when this is dropped.
///
/// The files are written when they are first asked for, so that a judgement that runs nothing has no
/// need to.
pub(crate) struct CleanCopy<'a> {
    scratch: &'a Scratch,
    subject: &'a Subject<'a>,
    layout: &'a Layout,
    root: PathBuf,
    /// Whether the files were written, and what they looked like then, where that is known.
    filled: OnceLock<Result<Option<Written>, GitError>>,
    /// Submodules that are not here.
    empty: OnceLock<Vec<String>>,
    results: PathBuf,
    /// It holds both.
    dir: PathBuf,
    /// Whether somebody else removes it.
    is_left: bool,
}

impl<'a> CleanCopy<'a> {
    /// A copy of the tree of `subject`, whose files `layout` has.
    pub(crate) fn new(
        scratch: &'a Scratch,
        subject: &'a Subject<'a>,
        layout: &'a Layout,
    ) -> Result<CleanCopy<'a>, JudgeError> {
        let number = scratch.copies.fetch_add(1, Ordering::Relaxed);
        let dir = scratch.dir.path().join(number.to_string());
        let results = dir.join("results");
        fs::create_dir_all(&results)
            .map_err(|source| JudgeError::Scratch { path: dir.clone(), source })?;
        let root = dir.join("copy").join(name_of(subject.repo.root()));
        let (filled, empty, is_left) = (OnceLock::new(), OnceLock::new(), false);
        Ok(CleanCopy { scratch, subject, layout, root, filled, empty, results, dir, is_left })
    }

    /// Checks the tree out, unless that was done, and links the dependency folders of
    /// [`Subject::reuse`] into it.
    ///
    /// Filters and settings of the judged repository have no say in what the files hold.
    pub(crate) fn fill(&self) -> Result<(), &GitError> {
        let filled = self.filled.get_or_init(|| {
            let Subject { repo, tree_commit, reuse, .. } = *self.subject;
            let spares = self.scratch.spares();
            let taken = match self.builds_beside() {
                true => None,
                false => spares.take(repo, tree_commit, &self.root),
            };
            let written = match taken {
                Some(written) => written,
                None if spares.are_allowed() => repo.export_seen(&self.root, tree_commit)?,
                None => repo.export(&self.root, tree_commit).map(|()| None)?,
            };
            self.empty
                .get_or_init(|| submodules::fill(&self.root, reuse, self.layout.submodules()));
            if let Some(reuse) = reuse {
                links::link_dependencies(&self.root, reuse, self.layout);
            }
            Ok(written)
        });
        filled.as_ref().map(|_| ())
    }

    /// What a gate has to say before anything else where submodules are not in the copy, since they are not
    /// here; empty where all are.
    pub(crate) fn without(&self) -> String {
        if self.layout.submodules().is_empty() {
            return String::new();
        }
        let _ = self.fill();
        let empty = self.empty.get().map(Vec::as_slice).unwrap_or_default();
        let Some(first) = empty.first() else { return String::new() };
        let more = match empty.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("without the submodule `{first}`{more}, not here (git submodule update --init): ")
    }

    /// Whether what is built of one state is carried to the next, which tells what is new by the times of
    /// files: all of them have to be younger.
    pub(crate) fn builds_beside(&self) -> bool {
        targets(self.layout).next().is_some()
    }

    /// Why the files could not be written, if so. They go with the directory of the judgement.
    pub(crate) fn into_failure(mut self) -> Option<GitError> {
        self.is_left = true;
        self.filled.take()?.err()
    }

    /// The root of the checkout; resolved, absolute. Where it could not be made, nothing is there.
    pub(crate) fn root(&self) -> &Path {
        let _ = self.fill();
        &self.root
    }

    /// A directory for temporary files of commands that run in the copy, and what their sandbox needs.
    pub(crate) fn room(&self) -> PathBuf {
        self.dir.join("room")
    }

    /// The directory for results; resolved, absolute.
    pub(crate) fn results(&self) -> &Path {
        &self.results
    }
}

impl Drop for CleanCopy<'_> {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        // A copy with other repositories in it is more than git wrote.
        let is_plain = self.layout.submodules().is_empty();
        if let Some(Ok(Some(written))) = self.filled.take().filter(|_| is_plain) {
            self.scratch.spares().keep(&self.root, written, self.scratch.path());
        }
        let _ = remove_export(&self.dir);
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
