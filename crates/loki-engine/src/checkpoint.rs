//! Checkpoints: what a workspace held, byte by byte, before something changed it.
//!
//! One naming rule: a checkpoint is a commit, and `refs/loki/checkpoint/<commit>` keeps it. A ref that is
//! called otherwise than what it points at is none. What the last line of its message says is a hint for
//! people; of a checkpoint before a call the journal has the last word, since whoever works in a worktree
//! can write its repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use loki_host::git::{GitError, Repo, RestoreError, Restored};
use loki_model::{Checkpoint, CommitId, Event, Input, Run, RunId, Timestamp, TreeId, decide, fold};
use loki_store::Store;
use serde::{Deserialize, Serialize};

use crate::journal::{Journal, JournalError, Ledger as _, Recorded, read_events};
use crate::world::work_dir;

/// Where all checkpoints of a repository are.
pub const REFS: &str = "refs/loki/checkpoint";

/// Of what a person says of a checkpoint.
const TITLE_CHARS_MAX: usize = 200;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// Why a checkpoint was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The agent was about to be called.
    BeforeCall,
    /// Somebody asked for it.
    ByHand,
    /// Files were about to be put back.
    BeforeRollback,
    /// Worktree and branch were about to be removed.
    BeforeDiscard,
    /// What a run made was about to be brought here.
    BeforeApply,
}

/// What the last line of a checkpoint's message says, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Why it was made.
    pub occasion: Occasion,
    /// When.
    pub at: Timestamp,
    /// The root of the work tree.
    pub place: PathBuf,
    /// Whose workspace that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Before which call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<u32>,
    /// The newest event of the run's journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// A checkpoint and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it holds.
    pub checkpoint: Checkpoint,
    /// What was checked out, or the newest snapshot of the run.
    pub parent: Option<CommitId>,
    /// One line.
    pub title: String,
    /// When, where, why.
    pub note: Note,
}

impl Point {
    /// Makes a checkpoint of `tree`, on top of `parent`. Two calls of git.
    pub fn make(
        repo: &Repo,
        tree: TreeId,
        parent: Option<CommitId>,
        title: &str,
        note: Note,
    ) -> anyhow::Result<Point> {
        let title: String = title
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(TITLE_CHARS_MAX)
            .collect();
        let message = format!("{title}\n\n{}\n", serde_json::to_string(&note)?);
        let commit = repo.commit_tree(&tree, parent.as_slice(), &message)?;
        repo.set_ref(&name_of(&commit), &commit, None)?;
        Ok(Point { checkpoint: Checkpoint { commit, tree }, parent, title, note })
    }
}

fn name_of(commit: &CommitId) -> String {
    format!("{REFS}/{commit}")
}

/// All checkpoints in `repo`, newest first. One call of git.
pub fn list(repo: &Repo) -> Result<Vec<Point>, GitError> {
    let mut points: Vec<Point> = repo
        .commits_below(REFS)?
        .into_iter()
        .filter(|named| named.name == name_of(&named.commit))
        .filter_map(|named| {
            let note = serde_json::from_str(named.message.trim_end().lines().next_back()?).ok()?;
            let title = named.message.lines().next().unwrap_or_default().to_owned();
            let checkpoint = Checkpoint { commit: named.commit, tree: named.tree };
            Some(Point { checkpoint, parent: named.parent, title, note })
        })
        .collect();
    points.sort_by(|a, b| {
        let key = |point: &Point| (point.note.at, point.checkpoint.commit.clone());
        key(b).cmp(&key(a))
    });
    Ok(points)
}

/// Where in the journal `point` was made: the event after which everything came later. Nothing for one
/// that says it was made before a call which the journal does not know.
pub fn position(point: &Point, events: &[Recorded]) -> Option<u64> {
    let commit = &point.checkpoint.commit;
    let found = events.iter().find_map(|recorded| match &recorded.event {
        Event::CheckpointMade { checkpoint, .. } => {
            (checkpoint.commit == *commit).then_some(recorded.seq)
        }
        Event::RolledBack { kept, .. } | Event::WorkspaceDiscarded { kept } => {
            (kept.commit == *commit).then_some(recorded.seq.saturating_sub(1))
        }
        _ => None,
    });
    match (found, point.note.occasion) {
        (None, Occasion::BeforeCall) => None,
        (found, _) => found.or(point.note.seq),
    }
}

/// The run as it was at `seq`.
pub fn run_at(events: &[Recorded], seq: u64) -> Option<Run> {
    fold(events.iter().take_while(|recorded| recorded.seq <= seq).map(|recorded| &recorded.event))
}

/// The journals of the runs that checkpoints name, read once each.
#[derive(Default)]
pub struct Journals {
    read: BTreeMap<RunId, Option<Vec<Recorded>>>,
}

impl Journals {
    /// Nothing for a run that `store` does not have, or that can not be read.
    pub fn of(&mut self, store: Option<&Store>, run: &RunId) -> Option<&[Recorded]> {
        let read = || read_events(store?, run, 0).ok().filter(|events| !events.is_empty());
        self.read.entry(run.clone()).or_insert_with(read).as_deref()
    }

    /// Whether the journal of the run that `point` names, if it names one, knows of it.
    pub fn vouch_for(&mut self, store: Option<&Store>, point: &Point) -> bool {
        match &point.note.run {
            None => point.note.occasion != Occasion::BeforeCall,
            Some(run) => {
                self.of(store, run).is_some_and(|events| position(point, events).is_some())
            }
        }
    }
}

/// The run whose worktree `place` is, by where worktrees are.
pub fn run_of_place(home: &Path, place: &Path) -> Option<RunId> {
    let below = |base: &Path| {
        let rest = place.strip_prefix(base.join("worktrees")).ok()?;
        let name = rest.components().next()?.as_os_str().to_str()?;
        RunId::try_from(name.to_owned()).ok()
    };
    let work = work_dir(home);
    below(&work).or_else(|| below(&std::fs::canonicalize(&work).ok()?))
}

/// Which checkpoints stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// All that are younger than so many days.
    pub days: u32,
    /// The newest so many of each place, however old.
    pub count: usize,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { days: 30, count: 20 }
    }
}

/// Forgets what `retention` does not keep, and nothing that a run still needs of which `is_live` says so.
/// Git removes the contents some time later. Returns what was forgotten.
pub fn prune(
    repo: &Repo,
    retention: Retention,
    now: Timestamp,
    is_live: &mut dyn FnMut(&RunId) -> bool,
) -> Result<Vec<Point>, GitError> {
    let mut seen: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut forgotten = Vec::new();
    for point in list(repo)? {
        let place = seen.entry(point.note.place.clone()).or_default();
        *place += 1;
        let is_young = now.millis_since(point.note.at) < u64::from(retention.days) * DAY_MS;
        let is_needed = point.note.run.as_ref().is_some_and(&mut *is_live);
        if *place > retention.count && !is_young && !is_needed {
            repo.delete_ref(&name_of(&point.checkpoint.commit))?;
            forgotten.push(point);
        }
    }
    Ok(forgotten)
}

/// What putting files back did.
pub struct RolledBack {
    /// What was there before.
    pub kept: Point,
    /// What changed.
    pub restored: Restored,
}

/// Makes the files of `place` those of `point`, after keeping what is there. With a journal (of the run
/// whose workspace it is) the run stands where it stood then, but for what it has cost.
///
/// Done again after it was cut short, it is finished; what was there first is still kept.
pub fn roll_back(
    repo: &Repo,
    place: &Path,
    point: &Point,
    journal: Option<(&mut Journal<'_>, &[Recorded])>,
    now: Timestamp,
) -> anyhow::Result<RolledBack> {
    if let Some((journal, _)) = &journal {
        make_place(repo, place, point, journal.run())?;
    }
    let to = &point.checkpoint;
    let from = repo.raw_tree_before(place, &to.tree).map_err(explained)?;
    let (run, seq) = match &journal {
        Some((journal, events)) => {
            (Some(journal.run().id.clone()), events.last().map(|last| last.seq))
        }
        None => (None, None),
    };
    let note = Note {
        occasion: Occasion::BeforeRollback,
        at: now,
        place: place.to_owned(),
        run,
        call: None,
        seq,
    };
    let title = format!("Before going back to {}", to.commit.short());
    let kept = Point::make(repo, from.clone(), head_of(place).ok().flatten(), &title, note)
        .context("what is there could not be kept")?;
    let restored = repo.restore(place, &from, &to.tree).map_err(explained)?;
    if let Some((journal, events)) = journal {
        let then = position(point, events).and_then(|seq| run_at(events, seq));
        let (snapshot, judged) = match then {
            Some(then) => (then.snapshot, then.judged.map(Box::new)),
            None => (None, None),
        };
        let (to, kept) = (to.clone(), kept.checkpoint.clone());
        record(journal, &Input::RollBack { to, kept, snapshot, judged }, now)?;
    }
    Ok(RolledBack { kept, restored })
}

/// A worktree that is gone is made again: where the branch is, else where it was when it was discarded,
/// else where the run began.
fn make_place(repo: &Repo, place: &Path, point: &Point, run: &Run) -> anyhow::Result<()> {
    let workspace = run.workspace.as_ref().context("the run has no workspace")?;
    let Some(branch) = workspace.branch.as_ref().filter(|_| !place.is_dir()) else { return Ok(()) };
    let discarded = point.note.occasion == Occasion::BeforeDiscard;
    let tip = match repo.read_ref(&format!("refs/heads/{branch}"))? {
        Some(tip) => tip,
        None => {
            let was = point.parent.clone().filter(|_| discarded);
            was.unwrap_or_else(|| workspace.start_commit.clone())
        }
    };
    repo.remove_worktree(place)?;
    if let Some(above) = place.parent() {
        std::fs::create_dir_all(above)?;
    }
    repo.add_worktree(place, &tip, Some(branch)).context("the run's worktree is gone")
}

/// Removes the worktree and the branch of a run, after keeping both.
pub fn discard(repo: &Repo, journal: &mut Journal<'_>, now: Timestamp) -> anyhow::Result<Point> {
    let run = journal.run().clone();
    let workspace = run.workspace.as_ref().context("the run has no workspace")?;
    let branch = workspace.branch.as_ref().context("the run works in your checkout")?;
    let (place, name) = (Path::new(&workspace.path), format!("refs/heads/{branch}"));
    let tip = repo.read_ref(&name)?.unwrap_or_else(|| workspace.start_commit.clone());
    let tree = if place.is_dir() { repo.raw_tree(place, &[])? } else { repo.tree_of(&tip)? };
    let note = Note {
        occasion: Occasion::BeforeDiscard,
        at: now,
        place: place.to_owned(),
        run: Some(run.id.clone()),
        call: None,
        seq: None,
    };
    let title = format!("Before run {} was discarded", run.id);
    let kept = Point::make(repo, tree, Some(tip), &title, note)?;
    // Recorded first: a run whose worktree is half gone must not go on.
    record(journal, &Input::Discard { kept: kept.checkpoint.clone() }, now)?;
    remove_workspace(repo, journal.run())?;
    Ok(kept)
}

/// Removes what is left of the worktree and the branch of a discarded run. Harmless when nothing is.
pub fn remove_workspace(repo: &Repo, run: &Run) -> Result<(), GitError> {
    let workspace = run.workspace.as_ref().filter(|_| run.discarded.is_some());
    let Some((workspace, branch)) = workspace.and_then(|it| Some((it, it.branch.as_ref()?))) else {
        return Ok(());
    };
    repo.remove_worktree(Path::new(&workspace.path))?;
    repo.delete_ref(&format!("refs/heads/{branch}"))
}

fn record(journal: &mut Journal<'_>, input: &Input, now: Timestamp) -> anyhow::Result<()> {
    let decision = decide(journal.run(), input)?;
    journal.record(&decision.events, now).map(drop).map_err(|err: JournalError| err.into())
}

/// What is checked out at `place`, if anything was committed there.
pub fn head_of(place: &Path) -> anyhow::Result<Option<CommitId>> {
    Ok(Repo::discover(place)?.head()?.commit().cloned())
}

fn explained(error: RestoreError) -> anyhow::Error {
    anyhow::Error::from(error)
}
