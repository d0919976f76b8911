//! Commits that loki makes, without an index and without a checkout.

use loki_model::{CommitId, TreeId};

use super::run::Outcome;
use super::{GitError, Head, Repo};

/// Who commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// Whom the user's configuration names.
    Configured,
    /// Loki: nobody is configured.
    Own,
}

impl Repo {
    /// Commits `tree` on top of `parents`, as the user if git knows one, else as loki. No branch
    /// moves.
    pub fn commit_tree(
        &self,
        tree: &TreeId,
        parents: &[CommitId],
        message: &str,
    ) -> Result<CommitId, GitError> {
        if let Some(identity) = self.identity.get() {
            return id(self.commit_as(*identity, tree, parents, message)?);
        }
        let mut identity = Identity::Configured;
        let mut outcome = self.commit_as(identity, tree, parents, message)?;
        if outcome.exit != 0 && names_nobody(&outcome.stderr) {
            identity = Identity::Own;
            outcome = self.commit_as(identity, tree, parents, message)?;
        }
        let commit = id(outcome)?;
        // Another thread came to the same conclusion at worst.
        let _ = self.identity.set(identity);
        Ok(commit)
    }

    /// Commits all files of this work tree that are not ignored, on the branch that is checked
    /// out, as `git add -A && git commit` would, without hooks.
    pub fn commit_all(&self, message: &str) -> Result<CommitId, GitError> {
        let tree = self.snapshot(&self.root)?;
        let (branch, parents) = match self.head()? {
            Head::Unborn { branch } => (Some(branch), Vec::new()),
            Head::Branch { name, commit } => (Some(name), vec![commit]),
            Head::Detached { commit } => (None, vec![commit]),
        };
        let commit = self.commit_tree(&tree, &parents, message)?;
        if let Some(branch) = branch {
            self.set_ref(&format!("refs/heads/{branch}"), &commit, parents.first())?;
        }
        self.here("reset").args(["--quiet", "--mixed", commit.as_str()]).answer()?;
        Ok(commit)
    }

    /// Whom git would name as the author of a commit made here, as `Name <address>`; nothing when nobody
    /// is configured.
    pub fn author(&self) -> Result<Option<String>, GitError> {
        let outcome = self.here("var").args(["GIT_AUTHOR_IDENT"]).outcome()?;
        let said = String::from_utf8_lossy(&outcome.stdout);
        let end = said.rfind('>').filter(|_| outcome.exit == 0);
        Ok(end.map(|end| said[..=end].to_owned()))
    }

    fn commit_as(
        &self,
        identity: Identity,
        tree: &TreeId,
        parents: &[CommitId],
        message: &str,
    ) -> Result<Outcome, GitError> {
        let mut call = self.shared("commit-tree").args(["--no-gpg-sign", tree.as_str()]);
        for parent in parents {
            call = call.args(["-p", parent.as_str()]);
        }
        if identity == Identity::Own {
            for who in ["AUTHOR", "COMMITTER"] {
                call = call.env(&format!("GIT_{who}_NAME"), "loki");
                call = call.env(&format!("GIT_{who}_EMAIL"), "loki@localhost");
            }
        }
        // The only byte that git refuses in a message.
        call.stdin(message.replace('\0', " ").into_bytes()).outcome()
    }
}

fn names_nobody(stderr: &str) -> bool {
    ["Please tell me who you are", "no email was given", "no name was given", "empty ident name"]
        .iter()
        .any(|text| stderr.contains(text))
}

fn id(outcome: Outcome) -> Result<CommitId, GitError> {
    let answer = String::from_utf8_lossy(&outcome.answer()?).trim_end().to_owned();
    CommitId::try_from(answer)
        .map_err(|error| GitError::Unexpected { subcommand: "commit-tree", what: error.text })
}
