//! Finding the repository a path belongs to, and making a new one.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::run::{Call, Outcome};
use super::{GitError, Repo, settings};
use crate::process::SpawnError;

/// Why a path has no repository that loki can work in.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Neither the path nor any directory above it is a work tree.
    #[error("`{path}` is not in a git repository")]
    NotARepository {
        /// As given.
        path: PathBuf,
    },
    /// There are no files to work on.
    #[error("`{path}` is in a bare git repository, which has no work tree")]
    Bare {
        /// As given.
        path: PathBuf,
    },
    /// Git refuses, because the files belong to another user.
    #[error("the repository at `{path}` belongs to another user; if you trust it, run `{fix}`")]
    NotTrusted {
        /// As given.
        path: PathBuf,
        /// A command that makes git trust it.
        fix: String,
    },
    /// There is no `git` on `PATH`.
    #[error("git is not installed, or not on PATH")]
    GitMissing,
    /// This git does not know what loki asks.
    #[error("this git is older than 2.31, the oldest that loki works with")]
    GitTooOld,
    /// Anything else.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Repo {
    /// Finds the repository whose work tree holds the directory `path`, and reads once how its
    /// files are to be converted. Three calls of git.
    pub fn discover(path: &Path) -> Result<Repo, DiscoverError> {
        let ask = |args: [&str; 2]| Call::new(path, "rev-parse").args(args).outcome();
        let tree = ask(["--is-bare-repository", "--show-toplevel"]).map_err(missing)?;
        if tree.exit != 0 {
            return Err(refusal(path, &tree));
        }
        let root = tree.stdout.strip_prefix(b"false\n").and_then(|rest| rest.strip_suffix(b"\n"));
        let Some(root) = root.map(path_of) else {
            return Err(DiscoverError::Bare { path: path.to_owned() });
        };
        // Both, then, of one call: what an old git does not know it repeats.
        let dirs = Call::new(path, "rev-parse")
            .args(["--path-format=absolute", "--git-common-dir", "--absolute-git-dir"])
            .answer()?;
        let (common_dir, git_dir) = split_dirs(&dirs).ok_or(DiscoverError::GitTooOld)?;
        let settings = Arc::new(settings::read(path, &common_dir)?);
        Ok(Repo { root, git_dir, common_dir, identity: OnceLock::new(), settings, cancel: None })
    }

    /// Makes a repository out of the directory `path`, with nothing in it yet. Harmless where
    /// there is one already.
    pub fn init(path: &Path) -> Result<Repo, GitError> {
        // Templates bring hooks along.
        Call::new(path, "init").args(["--quiet", "--template="]).answer()?;
        Repo::discover(path).map_err(|error| match error {
            DiscoverError::Git(error) => error,
            other => GitError::Unexpected { subcommand: "init", what: other.to_string() },
        })
    }
}

fn missing(error: GitError) -> DiscoverError {
    match error {
        GitError::NotRun(SpawnError::NotFound { .. }) => DiscoverError::GitMissing,
        other => DiscoverError::Git(other),
    }
}

fn refusal(path: &Path, outcome: &Outcome) -> DiscoverError {
    let path = path.to_owned();
    let mut lines = outcome.stderr.lines().map(str::trim);
    if outcome.stderr.contains("dubious ownership")
        && let Some(fix) = lines.rfind(|line| line.starts_with("git config"))
    {
        return DiscoverError::NotTrusted { path, fix: fix.to_owned() };
    }
    if outcome.stdout.starts_with(b"true\n") {
        return DiscoverError::Bare { path };
    }
    if outcome.stdout.starts_with(b"false\n") || outcome.stderr.contains("not a git repository") {
        return DiscoverError::NotARepository { path };
    }
    DiscoverError::Git(outcome.failure())
}

/// Tells two paths apart that come one a line, though either may hold line ends itself: the second
/// is the first, or `worktrees/<name>` below it.
fn split_dirs(answer: &[u8]) -> Option<(PathBuf, PathBuf)> {
    let answer = answer.strip_suffix(b"\n")?;
    let ends = answer.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    ends.map(|at| (&answer[..at], &answer[at + 1..]))
        .find(|(common, git)| {
            let below = git.strip_prefix(*common);
            common.starts_with(b"/")
                && below.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/worktrees/"))
        })
        .map(|(common, git)| (path_of(common), path_of(git)))
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}
