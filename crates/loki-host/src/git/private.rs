//! Git directories of loki's own: they share a repository's objects and nothing else of it.
//!
//! Configuration, attributes, hooks, references and the list of worktrees of the repository have no
//! say in a call that is made through one, and no such call changes them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::run::Call;
use super::{GitError, Repo};

/// Kept of a file that says what is ignored.
const EXCLUDE_BYTES_MAX: u64 = 1 << 20;

/// Makes the git directory `git_dir`, whose `HEAD` says `head`. Everything above it is there.
pub(super) fn make(git_dir: &Path, head: &str, is_sha256: bool) -> Result<(), GitError> {
    let version = if is_sha256 {
        "\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"
    } else {
        "\trepositoryformatversion = 0\n"
    };
    let make = || {
        fs::create_dir(git_dir)?;
        for directory in ["info", "objects", "objects/info", "refs", "refs/heads", "refs/tags"] {
            fs::create_dir(git_dir.join(directory))?;
        }
        fs::write(git_dir.join("HEAD"), format!("{head}\n"))?;
        fs::write(git_dir.join("config"), format!("[core]\n\tbare = false\n{version}"))
    };
    make().map_err(|error| GitError::file(git_dir, error))
}

/// A work tree as seen through a git directory of loki's own, which writes new objects straight
/// into the repository.
pub(super) struct View<'a> {
    pub(super) repo: &'a Repo,
    pub(super) git_dir: PathBuf,
    pub(super) worktree: PathBuf,
}

impl<'a> View<'a> {
    /// Makes the directory `git_dir`. Files of `worktree` that the file `exclude` names are ignored
    /// as if it were the work tree's own.
    pub(super) fn make(
        repo: &'a Repo,
        git_dir: PathBuf,
        worktree: &Path,
        exclude: &Path,
    ) -> Result<View<'a>, GitError> {
        make(&git_dir, "ref: refs/heads/none", repo.settings.is_sha256)?;
        if let Ok(Some((text, _))) = read_regular(exclude, EXCLUDE_BYTES_MAX) {
            let copy = git_dir.join("info/exclude");
            fs::write(&copy, text).map_err(|error| GitError::file(&copy, error))?;
        }
        Ok(View { repo, git_dir, worktree: worktree.to_owned() })
    }

    /// Where calls find what they know of the files.
    pub(super) fn index(&self) -> PathBuf {
        self.git_dir.join("index")
    }

    /// A call about the files of the work tree and the index of this view.
    pub(super) fn call(&self, subcommand: &'static str) -> Call {
        let call = self.repo.call(&self.worktree, subcommand);
        call.settings(&self.repo.settings.passed)
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.worktree)
            .env("GIT_OBJECT_DIRECTORY", self.repo.common_dir.join("objects"))
            .env("GIT_LITERAL_PATHSPECS", "1")
    }
}

/// Reads a file of at most `bytes_max` bytes, and what the system says of it. Nothing when there is
/// none, or something else that might never end.
pub(super) fn read_regular(
    path: &Path,
    bytes_max: u64,
) -> io::Result<Option<(Vec<u8>, fs::Metadata)>> {
    let mut options = File::options();
    // Else a named pipe would be waited for.
    let opened = options.read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > bytes_max {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(Some((bytes, metadata)))
}
