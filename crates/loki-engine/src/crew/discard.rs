//! Removing what a crew and the runs of its tasks have made.

use std::collections::BTreeSet;

use anyhow::Context as _;
use loki_host::git::Repo;
use loki_model::crew::{Crew, CrewEvent};
use loki_model::{Event, Outcome, RunId, Timestamp};
use loki_store::{ReadError, Store};

use super::journal::CrewJournal;
use crate::checkpoint::{Note, Occasion, Point, discard, remove_workspace};
use crate::journal::{Journal, JournalError, Ledger as _};

/// Removes the branch of a crew, and worktrees and branches of all runs that did its tasks, after keeping what they
/// hold. The point is a commit whose parent is where the crew's branch was.
pub fn discard_crew(
    repo: &Repo,
    store: &Store,
    journal: &mut CrewJournal<'_>,
    now: Timestamp,
) -> anyhow::Result<Point> {
    let crew = journal.crew().clone();
    let base = crew.base.as_ref().context("the run has not begun")?;
    let name = format!("refs/heads/{}", base.onto);
    let tip = repo.read_ref(&name)?.unwrap_or_else(|| base.commit.clone());
    let note = Note {
        occasion: Occasion::BeforeDiscard,
        at: now,
        place: repo.root().to_owned(),
        run: Some(crew.id.clone()),
        call: None,
        seq: None,
    };
    let title = format!("Before run {} was discarded", crew.id);
    let kept = Point::make(repo, repo.tree_of(&tip)?, Some(tip), &title, note)?;
    // Recorded first: one whose worktrees are half gone must not go on.
    let what = Box::new(Event::WorkspaceDiscarded { kept: kept.checkpoint.clone() });
    let mut events = vec![CrewEvent::HappenedAsRun { what }];
    if crew.ended.is_none() {
        let reason = "its branches and worktrees were discarded".to_owned();
        events.push(CrewEvent::CrewEnded { outcome: Outcome::Stopped, reason, at: None });
    }
    journal.record(&events, now)?;
    remove_crew(repo, store, journal.crew(), now)?;
    Ok(kept)
}

/// Removes what is left of a discarded crew. Harmless when nothing is.
pub fn remove_crew(repo: &Repo, store: &Store, crew: &Crew, now: Timestamp) -> anyhow::Result<()> {
    let Some(base) = crew.base.as_ref().filter(|_| crew.discarded.is_some()) else {
        return Ok(());
    };
    let mut runs: BTreeSet<&RunId> = crew.tasks.iter().filter_map(|it| it.run.as_ref()).collect();
    runs.extend(crew.tasks.iter().flat_map(|errand| &errand.spent).map(|(run, ..)| run));
    for run in runs {
        let mut journal = match Journal::take_up(store, run) {
            // Its maker died before its first event.
            Err(
                JournalError::NoBeginning(_) | JournalError::Read(ReadError::UnknownRun { .. }),
            ) => continue,
            journal => journal?,
        };
        match (&journal.run().discarded, &journal.run().workspace) {
            (Some(_), _) => remove_workspace(repo, journal.run())?,
            (None, None) => {}
            (None, Some(_)) => drop(discard(repo, &mut journal, now)?),
        }
    }
    repo.delete_ref(&format!("refs/heads/{}", base.onto))?;
    Ok(())
}
