//! Branches of a remote: what they hold, and how one is made to hold something else.

use loki_model::CommitId;

use super::fetch::{Remote, default_branch, has_ref};
use super::{FetchError, GitError, Repo};

/// One branch of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBranch {
    /// The remote's name here.
    pub remote: String,
    /// Without `refs/heads/`.
    pub branch: String,
    /// What it holds; nothing when it is not there.
    pub commit: Option<CommitId>,
    /// The branch that the remote merges into by default; nothing where it has none.
    pub default: Option<String>,
}

/// How a push ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The remote's branch holds the commit.
    Done,
    /// The remote, or the lease, said no. Nothing changed there.
    Refused {
        /// In git's words.
        reason: String,
    },
}

impl Repo {
    /// What `branch` of a remote holds; the remote is found as for [`Repo::fetch_request`]. One connection,
    /// to where the remote is pushed to.
    ///
    /// Nothing of what the repository configures runs: see [`Repo::fetch_request`].
    pub fn remote_branch(
        &self,
        remote: Option<&str>,
        branch: &str,
    ) -> Result<RemoteBranch, FetchError> {
        let there = self.pushed_to(remote)?;
        let temp = self.own_git_dir()?;
        let name = format!("refs/heads/{branch}");
        let call = self.remote_call(temp.path(), &there, "ls-remote");
        let call = call.args(["--symref", "--", there.address.as_str(), "HEAD", name.as_str()]);
        let listed = String::from_utf8_lossy(&there.answer(call)?).into_owned();
        let mut refs = listed.lines().filter_map(|line| line.split_once('\t'));
        let value = refs.find(|(value, found)| *found == name && !value.starts_with("ref: "));
        let commit = match value {
            None => None,
            Some((value, _)) => Some(CommitId::try_from(value.to_owned()).map_err(|_| {
                GitError::Unexpected { subcommand: "ls-remote", what: value.to_owned() }
            })?),
        };
        let default = has_ref(&listed, "HEAD").then(|| default_branch(&listed));
        Ok(RemoteBranch { remote: there.name, branch: branch.to_owned(), commit, default })
    }

    /// Has `branch` of the remote called `remote` hold `commit`, if it holds `expected` until then; without
    /// `expected` only if there is no such branch. One connection. No hook of this repository runs, and no
    /// branch or remote-tracking branch here changes.
    ///
    /// Errors: the remote may or may not have heard of it. Ask [`Repo::remote_branch`].
    pub fn push(
        &self,
        remote: &str,
        branch: &str,
        commit: &CommitId,
        expected: Option<&CommitId>,
    ) -> Result<Pushed, FetchError> {
        let there = self.pushed_to(Some(remote))?;
        let temp = self.own_git_dir()?;
        let name = format!("refs/heads/{branch}");
        let lease = format!("--force-with-lease={name}:{}", expected.map_or("", CommitId::as_str));
        let call = self.remote_call(temp.path(), &there, "push").args([
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            lease.as_str(),
            "--",
            there.address.as_str(),
            format!("{commit}:{name}").as_str(),
        ]);
        let outcome = call.outcome()?;
        if outcome.exit == 0 {
            return Ok(Pushed::Done);
        }
        let told = String::from_utf8_lossy(&outcome.stdout).into_owned();
        match told.lines().find_map(|line| line.strip_prefix("!\t")) {
            // <from>:<to>\t<why>
            Some(line) => {
                let why = line.split_once('\t').map_or(line, |(_, why)| why);
                Ok(Pushed::Refused { reason: there.without_login(why) })
            }
            None => Err(there.failed(outcome.failure())),
        }
    }

    fn pushed_to(&self, remote: Option<&str>) -> Result<Remote, FetchError> {
        let name = self.remote(remote)?;
        let key = format!("remote.{name}.pushurl");
        let own = self.configured("^remote\\..*\\.pushurl$")?;
        let own = own.into_iter().find(|(found, _)| *found == key).map(|(_, address)| address);
        let address = match own {
            Some(address) => address,
            None => self.address(&name)?,
        };
        self.reached(name, address)
    }
}
