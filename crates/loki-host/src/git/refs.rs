//! Branches and other names of commits.

use loki_model::CommitId;

use super::locks::{is_stale, without_stale_locks};
use super::run::Call;
use super::{GitError, Repo};

/// What a work tree has checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch.
    Branch {
        /// Without `refs/heads/`.
        name: String,
        /// What it points at.
        commit: CommitId,
    },
    /// A commit that no branch follows.
    Detached {
        /// Which.
        commit: CommitId,
    },
    /// A branch without any commit yet.
    Unborn {
        /// Without `refs/heads/`.
        branch: String,
    },
}

impl Head {
    /// The commit, once there is one.
    pub fn commit(&self) -> Option<&CommitId> {
        match self {
            Head::Branch { commit, .. } | Head::Detached { commit } => Some(commit),
            Head::Unborn { .. } => None,
        }
    }
}

impl Repo {
    /// What the work tree has checked out. One call of git; two when there is no commit yet.
    pub fn head(&self) -> Result<Head, GitError> {
        let call = self.here("rev-parse").args(["-q", "HEAD", "--symbolic-full-name", "HEAD"]);
        let outcome = call.outcome()?;
        if outcome.exit != 0 {
            let branch = self.here("symbolic-ref").args(["-q", "HEAD"]).line()?;
            return Ok(Head::Unborn { branch: short(&branch) });
        }
        let text = String::from_utf8_lossy(&outcome.stdout);
        let unexpected =
            || GitError::Unexpected { subcommand: "rev-parse", what: text.trim().to_owned() };
        let (commit, name) = text.trim_end().split_once('\n').ok_or_else(unexpected)?;
        let commit = CommitId::try_from(commit.to_owned()).map_err(|_| unexpected())?;
        Ok(match name {
            "HEAD" => Head::Detached { commit },
            name => Head::Branch { name: short(name), commit },
        })
    }

    /// Points the ref `name` (in full, such as `refs/loki/x`) at `commit`. With `expected`, only if
    /// it points there until now.
    pub fn set_ref(
        &self,
        name: &str,
        commit: &CommitId,
        expected: Option<&CommitId>,
    ) -> Result<(), GitError> {
        let call = self.shared("update-ref").args(["--no-deref", full(name)?, commit.as_str()]);
        self.change_ref(name, call.args(expected.map(CommitId::as_str)))
    }

    /// Removes the ref `name` (in full). Removing what is not there is fine.
    pub fn delete_ref(&self, name: &str) -> Result<(), GitError> {
        self.change_ref(name, self.shared("update-ref").args(["--no-deref", "-d", full(name)?]))
    }

    /// A machine that went down in the middle left a lock for ever.
    fn change_ref(&self, name: &str, call: Call) -> Result<(), GitError> {
        let own = self.lock_of_ref(name);
        without_stale_locks(call, &|lock| *lock == own && is_stale(lock))
    }

    /// The commit that the ref `name` (in full) points at, if there is such a ref.
    pub fn read_ref(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        let call = self.shared("rev-parse").args(["-q", "--verify"]);
        let outcome = call.arg(format!("{}^{{commit}}", full(name)?)).outcome()?;
        if outcome.exit == 1 && outcome.stdout.is_empty() {
            return Ok(None);
        }
        let answer = String::from_utf8_lossy(&outcome.answer()?).trim_end().to_owned();
        let unexpected = |_| GitError::Unexpected { subcommand: "rev-parse", what: answer.clone() };
        CommitId::try_from(answer.clone()).map(Some).map_err(unexpected)
    }
}

/// A name without `refs/` may be an option or a file of the repository itself.
fn full(name: &str) -> Result<&str, GitError> {
    if name.starts_with("refs/") && !name.contains('\0') {
        Ok(name)
    } else {
        Err(GitError::NotARef { name: name.to_owned() })
    }
}

fn short(name: &str) -> String {
    name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()
}
