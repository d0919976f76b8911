//! Bringing what a run made to the branch that a person works on.

use std::collections::BTreeSet;

use anyhow::Context as _;
use loki_host::git::{Head, Merged, Repo};
use loki_model::{ChangeKind, CommitId, FileChange, Outcome, Run, Timestamp, TreeId};

use crate::checkpoint::{Note, Occasion, Point};

/// Of what is in the way, named at most.
const NAMED_MAX: usize = 5;

/// What a run's branch has, or would have if the run ended now.
pub fn newest_of(run: &Run, repo: &Repo) -> anyhow::Result<Option<CommitId>> {
    let Some(workspace) = &run.workspace else { return Ok(None) };
    let kept = run.snapshot.as_ref().map(|snapshot| snapshot.commit.clone());
    match (&workspace.branch, &run.ended) {
        // The branch moves when a run ends; it may have been moved since by whoever it belongs to.
        (Some(branch), Some(_)) => Ok(repo.read_ref(&format!("refs/heads/{branch}"))?),
        _ => Ok(Some(kept.unwrap_or_else(|| workspace.start_commit.clone()))),
    }
}

/// Whether `commit` holds what the run ended verified with.
pub fn is_verified(run: &Run, repo: &Repo, commit: &CommitId) -> anyhow::Result<bool> {
    let verified = run.ended.as_ref().is_some_and(|ending| ending.outcome == Outcome::Verified);
    let Some((judged, _)) = run.judged.as_ref().filter(|_| verified) else { return Ok(false) };
    Ok(repo.tree_of(commit)? == judged.tree)
}

/// How a commit comes to a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has been there all along.
    Nothing,
    /// The branch only moves on.
    FastForward,
    /// Both sides have commits of their own.
    Merge,
}

impl How {
    /// One word for programs.
    pub fn label(self) -> &'static str {
        match self {
            How::Nothing => "nothing",
            How::FastForward => "fast_forward",
            How::Merge => "merge",
        }
    }
}

/// What would be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In which way.
    pub how: How,
    /// The branch that moves, without `refs/heads/`.
    pub onto: String,
    /// Where it is.
    pub head: Option<CommitId>,
    /// The run's commit.
    pub tip: CommitId,
    /// What the branch has now.
    pub from: TreeId,
    /// What it will have.
    pub to: TreeId,
    /// Every file that changes.
    pub changes: Vec<FileChange>,
}

/// Why it is not done; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// HEAD is on no branch.
    #[error("no branch is checked out here")]
    Detached,
    /// What is not committed here would be overwritten.
    #[error("what is not committed here is in the way: {paths}")]
    InTheWay {
        /// Some of it.
        paths: String,
    },
    /// Both sides changed the same places.
    #[error("both sides changed {paths}")]
    Conflicts {
        /// Some of them.
        paths: String,
    },
    /// Git can not merge without touching files.
    #[error("this git is older than 2.38 and can not merge without touching your files")]
    GitTooOld,
    /// Something else failed.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// Looks whether and how `tip` can be brought into the checkout `repo`. Changes nothing.
pub fn plan(repo: &Repo, tip: &CommitId) -> Result<Plan, Refused> {
    let git = |error: loki_host::git::GitError| Refused::Failed(error.into());
    let (onto, head) = match repo.head().map_err(git)? {
        Head::Branch { name, commit } => (name, Some(commit)),
        Head::Unborn { branch } => (branch, None),
        Head::Detached { .. } => return Err(Refused::Detached),
    };
    let theirs = repo.tree_of(tip).map_err(git)?;
    let (from, how, to) = match &head {
        None => (repo.empty_tree().map_err(git)?, How::FastForward, theirs),
        Some(head) => {
            let from = repo.tree_of(head).map_err(git)?;
            let common = repo.merge_base(head, tip).map_err(git)?;
            match common {
                Some(common) if common == *tip => (from.clone(), How::Nothing, from),
                Some(common) if common == *head => (from, How::FastForward, theirs),
                _ => (from, How::Merge, merged(repo, head, tip)?),
            }
        }
    };
    let changes = repo.diff(&from, &to).map_err(git)?;
    let plan = Plan { how, onto, head, tip: tip.clone(), from, to, changes };
    refuse_overlap(repo, &plan)?;
    Ok(plan)
}

fn merged(repo: &Repo, head: &CommitId, tip: &CommitId) -> Result<TreeId, Refused> {
    match repo.merge(head, tip).map_err(anyhow::Error::from)? {
        Merged::Clean(tree) => Ok(tree),
        Merged::Conflicts(paths) => Err(Refused::Conflicts { paths: named(paths) }),
        Merged::GitTooOld => Err(Refused::GitTooOld),
    }
}

/// What is there and not committed must not be where something changes, unless it is the very same: an
/// apply that was cut short has done its work by then.
fn refuse_overlap(repo: &Repo, plan: &Plan) -> Result<(), Refused> {
    if plan.changes.is_empty() || is_done(repo, plan)? {
        return Ok(());
    }
    let here = repo.snapshot(repo.root()).map_err(anyhow::Error::from)?;
    let dirty = repo.diff(&plan.from, &here).map_err(anyhow::Error::from)?;
    let wanted: BTreeSet<&str> = plan.changes.iter().map(|change| change.path.as_str()).collect();
    let meets = |path: &str| {
        let above = |one: &str, other: &str| {
            other.strip_prefix(one).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        wanted.iter().any(|wanted| above(wanted, path) || above(path, wanted))
    };
    let mut met: Vec<String> =
        dirty.into_iter().map(|change| change.path).filter(|path| meets(path)).collect();
    met.extend(ignored_in_the_way(repo, &plan.changes));
    if !met.is_empty() {
        return Err(Refused::InTheWay { paths: named(met) });
    }
    // What is staged and no longer there.
    repo.can_update_checkout(&plan.from, &plan.to).map_err(|error| match &error {
        loki_host::git::GitError::Failed { detail, .. } => {
            Refused::InTheWay { paths: detail.clone() }
        }
        _ => Refused::Failed(error.into()),
    })
}

/// What is where new files belong. Git would replace it without a word.
fn ignored_in_the_way(repo: &Repo, changes: &[FileChange]) -> BTreeSet<String> {
    let changed: BTreeSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let new = changes.iter().filter(|change| change.kind == ChangeKind::Added);
    let mut found = BTreeSet::new();
    for path in new.map(|change| change.path.as_str()) {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        for part in above.chain([path]) {
            let Ok(there) = repo.root().join(part).symlink_metadata() else { break };
            let is_in_the_way = if part == path {
                // A directory whose files leave makes room.
                let leaves = |change: &str| {
                    change.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
                };
                !(there.is_dir() && changed.iter().any(|change| leaves(change)))
            } else {
                !there.is_dir() && !changed.contains(part)
            };
            if is_in_the_way {
                found.insert(part.to_owned());
            }
        }
    }
    found
}

/// Whether files and index are what they are to be, and only the branch has not moved.
fn is_done(repo: &Repo, plan: &Plan) -> Result<bool, Refused> {
    let staged = repo.staged_tree().map_err(anyhow::Error::from);
    Ok(staged.is_ok_and(|staged| staged == plan.to)
        && repo.snapshot(repo.root()).map_err(anyhow::Error::from)? == plan.to)
}

/// Carries `plan` out, after keeping what is there. Gives back the commit that the branch has then.
pub fn carry_out(repo: &Repo, plan: &Plan, run: &Run, now: Timestamp) -> Result<Done, Refused> {
    let done = |commit: &CommitId, kept| Done { commit: commit.clone(), kept };
    if plan.how == How::Nothing {
        return Ok(done(plan.head.as_ref().unwrap_or(&plan.tip), None));
    }
    let kept = keep(repo, plan, run, now)?;
    let commit = match (&plan.how, &plan.head) {
        (How::Merge, Some(head)) => {
            let message = format!("Merge run {} of loki: {}", run.id, run.spec.title);
            repo.commit_tree(&plan.to, &[head.clone(), plan.tip.clone()], &message)
                .map_err(anyhow::Error::from)?
        }
        _ => plan.tip.clone(),
    };
    if !is_done(repo, plan)? {
        repo.update_checkout(&plan.from, &plan.to).map_err(anyhow::Error::from)?;
    }
    let name = format!("refs/heads/{}", plan.onto);
    repo.set_ref(&name, &commit, plan.head.as_ref()).map_err(anyhow::Error::from)?;
    Ok(done(&commit, Some(kept)))
}

/// What bringing a run did.
pub struct Done {
    /// Where the branch is now.
    pub commit: CommitId,
    /// The files of before; nothing where none changed.
    pub kept: Option<Point>,
}

fn keep(repo: &Repo, plan: &Plan, run: &Run, now: Timestamp) -> anyhow::Result<Point> {
    let note = Note {
        occasion: Occasion::BeforeApply,
        at: now,
        place: repo.root().to_owned(),
        run: None,
        call: None,
        seq: None,
    };
    let tree = repo.raw_tree(repo.root(), &[])?;
    let title = format!("Before run {} was applied", run.id);
    Point::make(repo, tree, plan.head.clone(), &title, note)
        .context("what is there could not be kept")
}

fn named(mut paths: Vec<String>) -> String {
    let more = paths.len().saturating_sub(NAMED_MAX);
    paths.truncate(NAMED_MAX);
    let mut text = paths.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
