//! Git, through its own command line.
//!
//! Owns every question to and every change of a repository. Refuses to let what a repository holds
//! (hooks, monitors, attributes, the index of a workspace) decide what loki sees of it.

mod commit;
mod diff;
mod discover;
mod index;
mod locks;
mod objects;
mod patch;
mod refs;
mod run;
mod snapshot;
mod status;
mod worktree;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use diff::ADDED_BYTES_PER_FILE_MAX;
pub use discover::DiscoverError;
pub use refs::Head;
pub use run::GitError;
pub use status::WorkStatus;

use commit::Identity;
use run::Call;

/// A repository with a work tree. Cheap to clone, usable from several threads.
#[derive(Clone, Debug)]
pub struct Repo {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    identity: OnceLock<Identity>,
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

    /// A call about objects and branches: the same in every work tree.
    fn shared(&self, subcommand: &'static str) -> Call {
        Call::new(&self.root, subcommand).env("GIT_DIR", &self.common_dir)
    }

    /// A call about this work tree.
    fn here(&self, subcommand: &'static str) -> Call {
        Call::new(&self.root, subcommand)
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.root)
    }
}
