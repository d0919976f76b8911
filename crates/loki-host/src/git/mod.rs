//! Git, through its own command line.
//!
//! Owns every question to and every change of a repository. Refuses to let what a repository holds
//! (hooks, monitors, attributes, filters, replacements, the index of a workspace) decide what loki
//! sees of it.

mod bring;
mod commit;
mod compose;
mod diff;
mod discover;
mod export;
mod fetch;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod history;
mod ignored;
mod index;
mod inverse;
mod locks;
mod nested;
mod objects;
mod patch;
mod private;
mod push;
mod reader;
mod refs;
mod remove;
mod restore;
mod reuse;
mod revisions;
mod run;
mod settings;
mod snapshot;
mod status;
mod version;
mod worktree;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use bring::Merged;
pub use compose::Edit;
pub use diff::{ADDED_BYTES_PER_FILE_MAX, Shown};
pub use discover::DiscoverError;
pub use export::remove_export;
pub use fetch::{FetchError, Request};
pub use history::{History, HistoryEntry};
pub use objects::{Entry, EntryKind, ObjectId, Side};
pub use push::{Pushed, RemoteBranch};
pub use reader::FileReader;
pub use refs::{Head, NamedCommit};
pub use restore::{RestoreError, Restored};
pub use reuse::Written;
pub use run::GitError;
pub use status::WorkStatus;
pub use version::{Version, version};

use crate::process::Cancel;
use commit::Identity;
use run::Call;
use settings::Settings;

/// A repository with a work tree. Cheap to clone, usable from several threads.
#[derive(Clone, Debug)]
pub struct Repo {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    identity: OnceLock<Identity>,
    settings: Arc<Settings>,
    cancel: Option<Cancel>,
}

impl Repo {
    /// The work tree's root, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory that all work trees of the repository share, absolute: objects and branches.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The directory of this work tree alone, absolute: what is checked out and staged.
    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The same repository, whose calls end with [`GitError::Cancelled`] when `cancel` is pulled.
    /// What is to be cleaned up even then needs one without it.
    #[must_use]
    pub fn with_cancel(&self, cancel: &Cancel) -> Repo {
        Repo { cancel: Some(cancel.clone()), ..self.clone() }
    }

    /// Any call of git, in the directory `cwd`.
    fn call(&self, cwd: &Path, subcommand: &'static str) -> Call {
        Call::new(cwd, subcommand).cancel(self.cancel.as_ref())
    }

    /// A call about objects and branches: the same in every work tree.
    fn shared(&self, subcommand: &'static str) -> Call {
        self.call(&self.root, subcommand).env("GIT_DIR", &self.common_dir)
    }

    /// A call about this work tree.
    fn here(&self, subcommand: &'static str) -> Call {
        self.call(&self.root, subcommand)
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.root)
    }
}
