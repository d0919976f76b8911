//! Branches and other names of commits.

use loki_model::{CommitId, TreeId};

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

/// A commit that a ref points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCommit {
    /// In full.
    pub name: String,
    /// Which.
    pub commit: CommitId,
    /// What it holds.
    pub tree: TreeId,
    /// What it builds on, if anything; the first of several.
    pub parent: Option<CommitId>,
    /// All of it. Bytes that are not UTF-8 are replaced.
    pub message: String,
}

impl Repo {
    /// The commits that the refs below `prefix` (such as `refs/loki/checkpoint`) point at, by name. What
    /// points at something else is left out. One call of git.
    pub fn commits_below(&self, prefix: &str) -> Result<Vec<NamedCommit>, GitError> {
        let format = "--format=%(objecttype)%00%(objectname)%00%(tree)%00%(parent)%00%(refname)%00\
                      %(contents)%00";
        let answer = self.shared("for-each-ref").args([format, "--", full(prefix)?]).answer()?;
        let fields: Vec<&[u8]> = answer.split(|byte| *byte == 0).collect();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let read = |fields: &[&[u8]]| {
            // Every record but the first begins with the end of the one before.
            let kind = fields.first()?.trim_ascii_start();
            let commit = CommitId::try_from(text(fields.get(1)?)).ok()?;
            let tree = TreeId::try_from(text(fields.get(2)?)).ok()?;
            let parents = text(fields.get(3)?);
            let parent = parents.split(' ').next().map(str::to_owned);
            let parent = parent.and_then(|parent| CommitId::try_from(parent).ok());
            let (name, message) = (text(fields.get(4)?), text(fields.get(5)?));
            (kind == b"commit").then_some(NamedCommit { name, commit, tree, parent, message })
        };
        Ok(fields.chunks_exact(FIELDS).filter_map(read).collect())
    }
}

/// Of a record of [`Repo::commits_below`].
const FIELDS: usize = 6;

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
