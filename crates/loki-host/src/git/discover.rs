//! Finding the repository a path belongs to, and making a new one.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::panic::resume_unwind;
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
    /// files are to be converted. Two calls of git.
    pub fn discover(path: &Path) -> Result<Repo, DiscoverError> {
        let (found, settings) = std::thread::scope(|scope| {
            // Asked beside it: each takes git some milliseconds to start.
            let settings = scope.spawn(|| settings::ask(path));
            let found = Call::new(path, "rev-parse")
                .args(["--is-bare-repository", "--path-format=absolute", "--git-common-dir"])
                // The last, since a bare repository has none and git says no more then.
                .args(["--absolute-git-dir", "--show-toplevel"])
                .outcome();
            (found, settings.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let found = found.map_err(missing)?;
        if found.exit != 0 {
            return Err(refusal(path, &found));
        }
        let Some(dirs) = found.stdout.strip_prefix(b"false\n") else {
            return Err(DiscoverError::Bare { path: path.to_owned() });
        };
        let Dirs { common_dir, git_dir, root } = dirs_of(dirs).ok_or(DiscoverError::GitTooOld)?;
        let settings = Arc::new(settings::read(settings?, &common_dir)?);
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

struct Dirs {
    common_dir: PathBuf,
    git_dir: PathBuf,
    root: PathBuf,
}

/// Tells three paths apart that come one a line, though each may hold line ends itself: the second is
/// the first, or `worktrees/<name>` below it, and no such name holds one. What an old git does not know
/// it repeats, and then the first is none.
fn dirs_of(answer: &[u8]) -> Option<Dirs> {
    const WORKTREES: &[u8] = b"/worktrees/";
    let answer = answer.strip_suffix(b"\n").filter(|answer| answer.starts_with(b"/"))?;
    let ends = answer.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    ends.map(|at| (&answer[..at], &answer[at + 1..])).find_map(|(common, rest)| {
        let below = rest.strip_prefix(common)?;
        let name_at = if below.starts_with(WORKTREES) { WORKTREES.len() } else { 0 };
        let end = name_at + below[name_at..].iter().position(|byte| *byte == b'\n')?;
        let (git, root) = (&rest[..common.len() + end], &rest[common.len() + end + 1..]);
        let is_it = (name_at > 0 || end == 0) && root.starts_with(b"/");
        is_it.then(|| Dirs {
            common_dir: path_of(common),
            git_dir: path_of(git),
            root: path_of(root),
        })
    })
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &str) -> Option<[String; 3]> {
        let Dirs { common_dir, git_dir, root } = dirs_of(answer.as_bytes())?;
        Some([common_dir, git_dir, root].map(|path| path.display().to_string()))
    }

    #[test]
    fn directories_are_told_apart_also_where_their_names_hold_line_ends() {
        for [common, git, root] in [
            ["/a/.git", "/a/.git", "/a"],
            ["/a/.git", "/a/.git/worktrees/b", "/c"],
            ["/a\n/x/.git", "/a\n/x/.git", "/a\n/x"],
            ["/a\nb/.git", "/a\nb/.git/worktrees/c", "/d\n/e"],
        ] {
            let answer = format!("{common}\n{git}\n{root}\n");
            assert_eq!(told(&answer), Some([common, git, root].map(str::to_owned)));
        }
    }

    #[test]
    fn what_an_old_git_repeats_is_no_directory() {
        assert_eq!(told("--path-format=absolute\n.git\n/a/.git\n/a\n"), None);
    }
}
