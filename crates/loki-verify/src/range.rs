//! What is compared with what: from the words of a person to two trees.

use std::panic::resume_unwind;
use std::thread::ScopedJoinHandle;

use loki_host::git::{GitError, Head, Repo, Request};
use loki_model::{CommitId, Finding, Timestamp, TreeId};

use crate::layout::Layout;
use crate::{Claim, Config};

/// Messages of commits that are read for what a change is said to do.
const MESSAGES_MAX: usize = 200;

/// Which state is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All files of the checkout: committed, staged, changed and new, ignored ones apart.
    #[default]
    Worktree,
    /// What is staged.
    Staged,
    /// A commit.
    Commit(String),
    /// What somebody asks to have merged, as it was fetched.
    Request(Request),
    /// The base with this patch applied.
    Patch(Vec<u8>),
}

/// One change.
#[derive(Clone, Debug)]
pub struct Range {
    /// The tree that the change starts from.
    pub base: TreeId,
    /// The commit of `base`; nothing where the change starts from nothing.
    pub base_commit: Option<CommitId>,
    /// The tree that is judged.
    pub tree: TreeId,
    /// A commit that holds `tree`: an existing one, or one made for this.
    pub tree_commit: CommitId,
    /// The newest commit of the change, where it has any.
    pub tip: Option<CommitId>,
    /// For a sentence: what is compared with what.
    pub described: String,
    /// What the change is said to do, as far as its commits tell.
    pub claim: Claim,
    /// Its messages, newest first.
    pub messages: Vec<String>,
    /// What there is in `tree`.
    pub files: Files,
    /// The settings file of the base.
    config: Result<Option<Vec<u8>>, String>,
}

/// The list of what a tree holds.
#[derive(Clone, Debug)]
pub struct Files(pub(crate) Layout);

/// Why there is nothing that could be compared.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// A name that git does not know.
    #[error("git knows no commit `{name}`")]
    Unknown {
        /// As given.
        name: String,
    },
    /// No common history.
    #[error("`{base}` and the change have no commit in common{}", if *.is_shallow { ": the clone is shallow" } else { "" })]
    Unrelated {
        /// As given.
        base: String,
        /// Whether older commits are missing here.
        is_shallow: bool,
    },
    /// The commit that the change starts from is missing here.
    #[error(
        "the clone is shallow: it ends at the commit that is checked out, and does not have the one \
         that the change starts from"
    )]
    Cut,
    /// The base has all of it.
    #[error("all of pull request {number} is in {base} already")]
    Merged {
        /// Its number.
        number: u32,
        /// What it was compared with.
        base: String,
    },
    /// Nothing says where it is to go.
    #[error("the remote `{remote}` has no default branch to compare with")]
    NoDefault {
        /// Its name.
        remote: String,
    },
    /// The patch does not fit.
    #[error("the patch does not apply to `{base}`")]
    Patch {
        /// What it was applied to.
        base: String,
        /// Git's word.
        #[source]
        source: GitError,
    },
    /// Git could not do it.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Range {
    /// The commits that the change is made of, where it is made of any: from base to tip.
    pub fn history(&self) -> Option<(&CommitId, &CommitId)> {
        Some((self.base_commit.as_ref()?, self.tip.as_ref()?))
    }

    /// The settings of the base, as [`Config::at_base`] reads them.
    pub fn config(&self, now: Timestamp) -> (Config, Vec<Finding>) {
        Config::of_file(&self.config, now)
    }

    /// The tree that a change in the checkout starts from, and how that is called: what
    /// [`Range::find`] would say, without a look at the checkout.
    pub fn base(repo: &Repo, base: Option<&str>) -> Result<(TreeId, String), RangeError> {
        let head = commit_of(repo.head()?);
        let (commit, name) = based(repo, base, head.as_ref(), &Wanted::Worktree)?;
        Ok((tree_of(repo, commit.as_ref())?, name))
    }

    /// Finds out what is meant.
    ///
    /// With `base`, the change starts where it left the history of that commit; without, where it left
    /// the branch that others are merged into (the remote's own for what was fetched), or at the last
    /// commit when there is no such branch or the change is on it. In a repository without a commit it
    /// starts from nothing. In a shallow clone that does not reach the start, a clean checkout is compared
    /// with the branch itself.
    pub fn find(repo: &Repo, base: Option<&str>, wanted: &Wanted) -> Result<Range, RangeError> {
        let range = std::thread::scope(|scope| {
            // A look at every file takes longest: the rest is found out meanwhile.
            let checkout = matches!(wanted, Wanted::Worktree)
                .then(|| scope.spawn(|| repo.snapshot(repo.root())));
            let start = Start::find(repo, base, wanted)?;
            let snapshot = match checkout.map(ScopedJoinHandle::join) {
                None => None,
                Some(Ok(tree)) => Some(tree?),
                Some(Err(panic)) => resume_unwind(panic),
            };
            start.to(repo, wanted, snapshot)
        })?;
        let is_of_checkout = matches!(wanted, Wanted::Worktree | Wanted::Staged);
        if base.is_some() || !is_of_checkout || range.base != range.tree || !repo.is_shallow() {
            return Ok(range);
        }
        range.past_the_cut(repo, wanted)
    }

    /// This range, in which nothing differs from the last commit of a shallow clone, compared with the
    /// branch that others are merged into instead, where history does not say where the two parted.
    fn past_the_cut(self, repo: &Repo, wanted: &Wanted) -> Result<Range, RangeError> {
        let Some(head) = self.base_commit.clone() else { return Ok(self) };
        for (branch, tip) in repo.likely_bases()? {
            if repo.merge_base(&tip, &head)?.is_some() {
                continue;
            }
            let name = format!("`{}`, tree with tree: the clone is shallow", short(&branch));
            let start = Start::at(repo, wanted, Some(head), Some(tip), name)?;
            let snapshot = matches!(wanted, Wanted::Worktree).then_some(self.tree);
            // Where a clone ends, a commit looks as if it added every file: no history is looked through.
            return Ok(Range { tip: None, ..start.to(repo, wanted, snapshot)? });
        }
        if repo.is_cut_at(&head) { Err(RangeError::Cut) } else { Ok(self) }
    }
}

/// The name of a branch as people write it.
fn short(branch: &str) -> &str {
    let short = branch.trim_start_matches("refs/").trim_start_matches("heads/");
    short.trim_start_matches("remotes/")
}

/// Where a change starts, and what its commits are.
struct Start {
    head: Option<CommitId>,
    commit: Option<CommitId>,
    name: String,
    tree: TreeId,
    tip: Option<(CommitId, TreeId)>,
    messages: Vec<String>,
    config: Result<Option<Vec<u8>>, String>,
}

impl Start {
    fn find(repo: &Repo, base: Option<&str>, wanted: &Wanted) -> Result<Start, RangeError> {
        let unknown = |name: &str| RangeError::Unknown { name: name.to_owned() };
        let head = match wanted {
            Wanted::Commit(name) => Some(repo.resolve(name)?.ok_or_else(|| unknown(name))?),
            Wanted::Request(request) => Some(request.head.clone()),
            _ => commit_of(repo.head()?),
        };
        let (commit, name) = based(repo, base, head.as_ref(), wanted)?;
        Start::at(repo, wanted, head, commit, name)
    }

    /// At `commit`, which is called `name`.
    fn at(
        repo: &Repo,
        wanted: &Wanted,
        head: Option<CommitId>,
        commit: Option<CommitId>,
        name: String,
    ) -> Result<Start, RangeError> {
        let tree = tree_of(repo, commit.as_ref())?;
        let is_of_commits = !matches!(wanted, Wanted::Patch(_));
        let tip = head.clone().filter(|head| is_of_commits && Some(head) != commit.as_ref());
        let messages = match &tip {
            Some(tip) => repo.subjects(commit.as_ref(), tip, MESSAGES_MAX)?,
            None => Vec::new(),
        };
        let tip = match tip {
            Some(tip) => Some((tip.clone(), repo.tree_of(&tip)?)),
            None => None,
        };
        let config = Config::file_at(repo, &tree);
        Ok(Start { head, commit, name, tree, tip, messages, config })
    }

    /// The change from here to what is wanted; `snapshot` is the tree of the checkout, where that is.
    fn to(
        self,
        repo: &Repo,
        wanted: &Wanted,
        snapshot: Option<TreeId>,
    ) -> Result<Range, RangeError> {
        let Start { head, commit, name, tree: base, tip, messages, config } = self;
        let (tree, told) = match wanted {
            Wanted::Worktree => match snapshot {
                Some(tree) => (tree, "the checkout".to_owned()),
                None => (repo.snapshot(repo.root())?, "the checkout".to_owned()),
            },
            Wanted::Staged => (repo.staged_tree()?, "what is staged".to_owned()),
            Wanted::Commit(name) => match &head {
                Some(commit) => (repo.tree_of(commit)?, format!("`{name}`")),
                None => return Err(RangeError::Unknown { name: name.clone() }),
            },
            Wanted::Request(Request { number, remote, head, .. }) => {
                if commit.as_ref() == Some(head) {
                    return Err(RangeError::Merged { number: *number, base: name });
                }
                (repo.tree_of(head)?, format!("pull request {number} of `{remote}`"))
            }
            Wanted::Patch(patch) => {
                let applied = repo.apply_patch(&base, patch);
                let failed = |source| RangeError::Patch { base: name.clone(), source };
                (applied.map_err(failed)?, "the patch".to_owned())
            }
        };
        let (tree_commit, layout) = std::thread::scope(|scope| {
            let listing = scope.spawn(|| Layout::at(repo, &tree));
            let commit = match &tip {
                Some((tip, tip_tree)) if *tip_tree == tree => Ok(tip.clone()),
                _ => repo.commit_tree(&tree, commit.as_slice(), "What loki judges"),
            };
            (commit, listing.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        Ok(Range {
            base,
            base_commit: commit,
            tree,
            tree_commit: tree_commit?,
            tip: tip.map(|(tip, _)| tip),
            described: format!("{told}, compared with {name}"),
            claim: Claim::of(&messages),
            messages,
            files: Files(layout?),
            config,
        })
    }
}

fn tree_of(repo: &Repo, commit: Option<&CommitId>) -> Result<TreeId, GitError> {
    match commit {
        Some(commit) => repo.tree_of(commit),
        None => repo.empty_tree(),
    }
}

/// Where a change starts, and how that is called.
fn based(
    repo: &Repo,
    base: Option<&str>,
    head: Option<&CommitId>,
    wanted: &Wanted,
) -> Result<(Option<CommitId>, String), RangeError> {
    let Some(name) = base else { return default_base(repo, head, wanted) };
    let commit = repo.resolve(name)?;
    let commit = commit.ok_or_else(|| RangeError::Unknown { name: name.to_owned() })?;
    Ok((Some(fork(repo, name, commit, head, wanted)?), name.to_owned()))
}

fn commit_of(head: Head) -> Option<CommitId> {
    head.commit().cloned()
}

/// Where `head` left the history of `base`.
fn fork(
    repo: &Repo,
    name: &str,
    base: CommitId,
    head: Option<&CommitId>,
    wanted: &Wanted,
) -> Result<CommitId, RangeError> {
    let Some(head) = head.filter(|_| !matches!(wanted, Wanted::Patch(_))) else { return Ok(base) };
    match repo.merge_base(&base, head)? {
        Some(fork) => Ok(fork),
        None => Err(RangeError::Unrelated { base: name.to_owned(), is_shallow: repo.is_shallow() }),
    }
}

/// Where a change starts of which nobody says where, and how that is called.
fn default_base(
    repo: &Repo,
    head: Option<&CommitId>,
    wanted: &Wanted,
) -> Result<(Option<CommitId>, String), RangeError> {
    let Some(head) = head else { return Ok((None, "nothing".to_owned())) };
    if let Wanted::Request(Request { remote, default, .. }) = wanted {
        let no_default = || RangeError::NoDefault { remote: remote.clone() };
        let (branch, tip) = default.clone().ok_or_else(no_default)?;
        let name = format!("{remote}/{branch}");
        let fork = fork(repo, &name, tip, Some(head), wanted)?;
        return Ok((Some(fork), format!("`{name}`")));
    }
    if !matches!(wanted, Wanted::Patch(_))
        && let Some((branch, tip)) = repo.default_branch()?
        && let Some(fork) = repo.merge_base(&tip, head)?
        && fork != *head
    {
        return Ok((Some(fork), format!("`{}`", short(&branch))));
    }
    match wanted {
        // A commit by itself is a change to the one before it.
        Wanted::Commit(_) => match repo.resolve(&format!("{head}^"))? {
            Some(parent) => Ok((Some(parent), "the commit before it".to_owned())),
            None if repo.is_shallow() => Err(RangeError::Unrelated {
                base: "the commit before it".to_owned(),
                is_shallow: true,
            }),
            None => Ok((None, "nothing".to_owned())),
        },
        _ => Ok((Some(head.clone()), "the last commit".to_owned())),
    }
}
