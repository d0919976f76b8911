//! Pull requests: what somebody asks to have merged, brought here without touching anything that is here.

use std::fs;
use std::path::Path;

use loki_model::CommitId;

use super::private;
use super::run::Call;
use super::{GitError, Repo};

/// Names that forges give to the newest commit of a request, `N` being its number: GitHub, Gitea and
/// Forgejo; GitLab; Bitbucket.
const HEADS: [&str; 3] =
    ["refs/pull/N/head", "refs/merge-requests/N/head", "refs/pull-requests/N/from"];

/// Where the two commits are put while they are fetched.
const FETCHED_HEAD: &str = "refs/fetched/head";
const FETCHED_DEFAULT: &str = "refs/fetched/default";

/// Ways to reach a remote that run no program which the repository could name.
const PROTOCOLS: &str = "file:git:http:https:ssh";

/// How a person tells git to log in; theirs, not the repository's.
const LOGIN_VARIABLES: [&str; 4] = ["GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT"];

/// Branches and tags that the remote is told are here already.
const KNOWN_REFS_MAX: &str = "--count=10000";

/// Larger lists of commits without parents are not taken along.
const SHALLOW_BYTES_MAX: u64 = 16 << 20;

/// What a remote has under one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number there.
    pub number: u32,
    /// The remote's name here.
    pub remote: String,
    /// Its newest commit.
    pub head: CommitId,
    /// The branch that the remote merges into by default, and its newest commit there; nothing where the
    /// remote has none.
    pub default: Option<(String, CommitId)>,
}

impl Request {
    /// The hidden ref that keeps it here.
    pub fn kept_as(&self) -> String {
        format!("refs/loki/pull/{}/{}", self.remote, self.number)
    }
}

/// Why a request could not be brought here.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is nothing to ask.
    #[error("this repository has no remote")]
    NoRemote,
    /// There are several remotes, and nothing tells which is meant.
    #[error("which of the remotes {} is meant is not clear", listed(.known))]
    Ambiguous {
        /// Their names.
        known: Vec<String>,
    },
    /// A remote that is not configured.
    #[error("there is no remote `{name}`; there are {}", listed(.known))]
    UnknownRemote {
        /// As given.
        name: String,
        /// Their names.
        known: Vec<String>,
    },
    /// The address would run a program.
    #[error("the address of the remote `{remote}` names a program to run, which loki does not do")]
    Helper {
        /// Its name.
        remote: String,
    },
    /// The remote did not answer.
    #[error("the remote `{remote}` ({address}) could not be read: {detail}")]
    Unreachable {
        /// Its name.
        remote: String,
        /// Where it is, without a password.
        address: String,
        /// Git's word.
        detail: String,
    },
    /// It answered and has no such request.
    #[error("the remote `{remote}` ({address}) has no pull request {number}")]
    NotThere {
        /// As given.
        number: u32,
        /// Its name.
        remote: String,
        /// Where it is, without a password.
        address: String,
    },
    /// Git could not do it.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Repo {
    /// Brings pull request `number` of the remote called `remote` here, and keeps it under
    /// [`Request::kept_as`]. Without a name it is `origin`, else the remote that the default branch
    /// follows, else the only one.
    ///
    /// Nothing else changes: no branch, tag, `FETCH_HEAD`, checkout or submodule. Of what the repository
    /// configures only addresses and headers for logging in count; helpers, proxies and commands are the
    /// user's own or none. Two connections.
    ///
    /// Errors: objects that nothing points at are all that is left then.
    pub fn fetch_request(&self, number: u32, remote: Option<&str>) -> Result<Request, FetchError> {
        let remote = self.remote(remote)?;
        let address = self.address(&remote)?;
        let there = self.reached(remote, address)?;
        let temp = self.own_git_dir()?;
        let names = HEADS.map(|name| name.replace('N', &number.to_string()));
        let call = self.remote_call(temp.path(), &there, "ls-remote");
        let call = call.args(["--symref", "--", there.address.as_str(), "HEAD"]);
        let listed = there.answer(call.args(names.iter().map(String::as_str)))?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let Some(name) = names.iter().find(|name| has_ref(&listed, name)) else {
            let Remote { name: remote, .. } = &there;
            return Err(FetchError::NotThere {
                number,
                remote: remote.clone(),
                address: there.shown(),
            });
        };
        let mut wanted = vec![format!("+{name}:{FETCHED_HEAD}")];
        if has_ref(&listed, "HEAD") {
            wanted.push(format!("+HEAD:{FETCHED_DEFAULT}"));
        }
        let call = self.remote_call(temp.path(), &there, "fetch").args([
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-prune",
            "--",
            there.address.as_str(),
        ]);
        there.answer(call.args(wanted.iter().map(String::as_str)))?;
        let fetched = |name: &str| {
            let call = self.call(temp.path(), "rev-parse").env("GIT_DIR", temp.path());
            let call = call.env("GIT_OBJECT_DIRECTORY", self.common_dir.join("objects"));
            call.args(["--verify", "--end-of-options", &format!("{name}^{{commit}}")]).id()
        };
        let default = match wanted.len() {
            1 => None,
            _ => Some((default_branch(&listed), fetched(FETCHED_DEFAULT)?)),
        };
        let head = fetched(FETCHED_HEAD)?;
        let request = Request { number, remote: there.name, head, default };
        self.set_ref(&request.kept_as(), &request.head, None)?;
        Ok(request)
    }

    /// The address of a remote as it is configured, with all that stands in it. Without a name it is
    /// that of `upstream`, where a fork calls one so, else as for [`Repo::fetch_request`].
    pub fn remote_address(&self, remote: Option<&str>) -> Result<String, FetchError> {
        let is_fork =
            || Ok::<_, FetchError>(!self.configured("^remote\\.upstream\\.url$")?.is_empty());
        let remote = match remote {
            None if is_fork()? => "upstream".to_owned(),
            remote => self.remote(remote)?,
        };
        Ok(self.address(&remote)?)
    }

    pub(super) fn address(&self, remote: &str) -> Result<String, GitError> {
        self.here("ls-remote").args(["--get-url", "--", remote]).line()
    }

    /// The remote `name` at `address`, as it may be asked.
    pub(super) fn reached(&self, name: String, address: String) -> Result<Remote, FetchError> {
        if address.contains("::") && !address.contains("://") {
            return Err(FetchError::Helper { remote: name });
        }
        Ok(Remote { address, name, settings: self.login_settings()? })
    }

    /// A git directory of loki's own for one conversation with a remote.
    pub(super) fn own_git_dir(&self) -> Result<tempfile::TempDir, GitError> {
        let temp = tempfile::Builder::new().prefix("loki-remote-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        self.fill_with_refs(temp.path())?;
        Ok(temp)
    }

    /// The remote that is meant.
    pub(super) fn remote(&self, wanted: Option<&str>) -> Result<String, FetchError> {
        let mut known = self.configured("^remote\\..*\\.url$")?;
        known.dedup_by(|(later, _), (earlier, _)| later == earlier);
        let known: Vec<String> = known
            .iter()
            .filter_map(|(key, _)| key.strip_prefix("remote.")?.strip_suffix(".url"))
            .map(str::to_owned)
            .collect();
        let is_known = |name: &str| known.iter().any(|known| known == name);
        if let Some(name) = wanted {
            let name = name.to_owned();
            return if is_known(&name) {
                Ok(name)
            } else {
                Err(FetchError::UnknownRemote { name, known })
            };
        }
        if is_known("origin") {
            return Ok("origin".to_owned());
        }
        if let Some((branch, _)) = self.default_branch()?
            && let Some(branch) = branch.strip_prefix("refs/heads/")
        {
            let followed = self.configured("^branch\\..*\\.remote$")?;
            let key = format!("branch.{branch}.remote");
            let followed = followed.into_iter().find(|(found, _)| *found == key);
            if let Some((_, name)) = followed.filter(|(_, name)| is_known(name)) {
                return Ok(name);
            }
        }
        match known.as_slice() {
            [] => Err(FetchError::NoRemote),
            [only] => Ok(only.clone()),
            _ => Err(FetchError::Ambiguous { known }),
        }
    }

    /// Every setting whose key `pattern` fits, as the repository and the user have it.
    pub(super) fn configured(&self, pattern: &str) -> Result<Vec<(String, String)>, GitError> {
        let outcome = self.here("config").args(["-z", "--get-regexp", pattern]).outcome()?;
        if outcome.exit == 1 {
            return Ok(Vec::new());
        }
        let answer = String::from_utf8_lossy(&outcome.answer()?).into_owned();
        let pairs = answer.split_terminator('\0').filter_map(|line| line.split_once('\n'));
        Ok(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// What a repository may say about logging in: headers, which is how continuous integration does it.
    fn login_settings(&self) -> Result<Vec<(String, String)>, GitError> {
        let mut settings = self.configured("^http\\..*extraheader$")?;
        let own = [
            // A connection that stalls ends.
            ("http.lowSpeedLimit", "1000"),
            ("http.lowSpeedTime", "30"),
            ("fetch.writeCommitGraph", "false"),
            ("transfer.bundleURI", "false"),
        ];
        settings.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
        Ok(settings)
    }

    /// A git directory of loki's own that knows what is here, so that only what is new is sent.
    fn fill_with_refs(&self, git_dir: &Path) -> Result<(), GitError> {
        let known = self.shared("for-each-ref").args([
            KNOWN_REFS_MAX,
            "--format=%(objectname) %(refname)",
            "refs/heads",
            "refs/remotes",
            "refs/loki/pull",
        ]);
        let known = known.answer()?;
        let make = || {
            private::fill(git_dir, "ref: refs/heads/none", self.settings.is_sha256)?;
            fs::write(git_dir.join("packed-refs"), known)?;
            match private::read_regular(&self.common_dir.join("shallow"), SHALLOW_BYTES_MAX) {
                Ok(Some((bytes, _))) => fs::write(git_dir.join("shallow"), bytes),
                _ => Ok(()),
            }
        };
        make().map_err(|error| GitError::file(git_dir, error))
    }

    /// A call that talks to the remote and writes objects, and nothing else, into the repository.
    pub(super) fn remote_call(
        &self,
        git_dir: &Path,
        there: &Remote,
        subcommand: &'static str,
    ) -> Call {
        // Addresses may be relative to the work tree.
        let call = self
            .call(&self.root, subcommand)
            .settings(&there.settings)
            .env("GIT_DIR", git_dir)
            .env("GIT_OBJECT_DIRECTORY", self.common_dir.join("objects"))
            .env("GIT_ALLOW_PROTOCOL", PROTOCOLS);
        LOGIN_VARIABLES.iter().fold(call, |call, name| match std::env::var_os(name) {
            Some(value) => call.env(name, value),
            None => call,
        })
    }
}

/// Where to ask, and how to log in.
pub(super) struct Remote {
    pub(super) name: String,
    pub(super) address: String,
    settings: Vec<(String, String)>,
}

impl Remote {
    pub(super) fn answer(&self, call: Call) -> Result<Vec<u8>, FetchError> {
        call.answer().map_err(|error| self.failed(error))
    }

    /// What it means that a conversation failed.
    pub(super) fn failed(&self, error: GitError) -> FetchError {
        match error {
            GitError::Failed { detail, .. } => self.unreachable(&detail),
            error @ GitError::TimedOut { .. } => self.unreachable(&error.to_string()),
            error => error.into(),
        }
    }

    /// Git repeats the address, with all that it holds.
    pub(super) fn without_login(&self, told: &str) -> String {
        match self.login() {
            Some(login) => told.replace(&format!("{login}@"), ""),
            None => told.to_owned(),
        }
    }

    fn unreachable(&self, detail: &str) -> FetchError {
        let detail = self.without_login(detail);
        let detail = detail.trim_start_matches("fatal: ").to_owned();
        FetchError::Unreachable { remote: self.name.clone(), address: self.shown(), detail }
    }

    /// The address without what could be a password.
    fn shown(&self) -> String {
        match self.login() {
            Some(login) => self.address.replacen(&format!("{login}@"), "", 1),
            None => self.address.clone(),
        }
    }

    fn login(&self) -> Option<&str> {
        let (_, rest) = self.address.split_once("://")?;
        let host = rest.split('/').next().unwrap_or(rest);
        host.rsplit_once('@').map(|(login, _)| login)
    }
}

/// Whether `ls-remote` told of a ref of exactly this name.
pub(super) fn has_ref(listed: &str, name: &str) -> bool {
    let mut refs = listed.lines().filter_map(|line| line.split_once('\t'));
    refs.any(|(value, found)| found == name && !value.starts_with("ref: "))
}

/// What the remote calls the branch that its `HEAD` follows.
pub(super) fn default_branch(listed: &str) -> String {
    let line = listed.lines().find_map(|line| line.strip_prefix("ref: ")?.strip_suffix("\tHEAD"));
    let name = line.unwrap_or("HEAD");
    name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(address: &str) -> Remote {
        Remote { name: "origin".into(), address: address.into(), settings: Vec::new() }
    }

    #[test]
    fn what_may_be_a_password_is_not_shown() {
        let there = remote("https://me:s3cret@example.org/a/b.git");
        assert_eq!(there.shown(), "https://example.org/a/b.git");
        let told =
            there.unreachable("fatal: unable to access 'https://me:s3cret@example.org/a/b.git/'");
        assert!(!told.to_string().contains("s3cret"), "{told}");
        for plain in ["git@example.org:a/b.git", "../a@b/c.git", "https://example.org/@scope/b"] {
            assert_eq!(remote(plain).shown(), plain);
        }
    }

    #[test]
    fn only_refs_of_exactly_the_name_count() {
        let listed = "ref: refs/heads/trunk\tHEAD\n1\tHEAD\n2\trefs/x/refs/pull/7/head\n";
        assert!(has_ref(listed, "HEAD"));
        assert!(!has_ref(listed, "refs/pull/7/head"));
        assert_eq!(default_branch(listed), "trunk");
        assert_eq!(default_branch("1\tHEAD\n"), "HEAD");
    }
}
