//! `loki discard`

use std::path::Path;

use loki_engine::Ledger as _;
use loki_engine::checkpoint::{discard as remove, remove_workspace};
use loki_engine::crew::{CrewJournal, discard_crew, read_crew, remove_crew};
use loki_engine::world::now;
use loki_host::git::Repo;
use loki_model::Run;
use loki_store::Store;
use serde_json::json;

use super::Done;
use super::diff::discarded;
use super::rollback::{document, failed, not_taken_up, short, take_up};
use crate::cli::DiscardArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

pub(super) fn discard(args: &DiscardArgs, cx: &Context) -> Done {
    let (_, run) = cx.open_run(args.run.as_deref())?;
    let store = cx.store()?;
    if read_crew(&store, &run.id).map_err(environment)?.is_some() {
        return all_of(&run, &store, cx);
    }
    let mut journal = take_up(&store, &run.id)?;
    let repo = Repo::discover(Path::new(&run.repo)).map_err(environment)?;
    if let Some(refused) = discarded(journal.run()) {
        // What was cut short is finished.
        remove_workspace(&repo, journal.run()).map_err(environment)?;
        return Err(refused);
    }
    let workspace = journal.run().workspace.as_ref();
    if workspace.is_none_or(|workspace| workspace.branch.is_none()) {
        let message = format!("run {} has no worktree of its own", run.id);
        return Err(CommandError::user(message)
            .hint(format!("loki rollback list --run {}    (to undo what it did)", run.id)));
    }
    let kept = remove(&repo, &mut journal, now()).map_err(failed)?;
    super::checkpoint::prune_quietly(&repo, &store);
    if cx.json {
        let kept = document(&kept);
        output::json(&json!({ "schema_version": 1, "run": run.id, "kept": kept }));
    } else {
        output::data(&format!("worktree and branch of run {} are gone; its journal stays", run.id));
        output::data(&format!("next:\n  loki rollback to {}    (undoes this)", short(&kept)));
    }
    Ok(0)
}

/// Of several tasks side by side: theirs as well.
fn all_of(run: &Run, store: &Store, cx: &Context) -> Done {
    let id = &run.id;
    let mut journal = CrewJournal::take_up(store, id).map_err(|err| not_taken_up(&err, id))?;
    let repo = Repo::discover(Path::new(&run.repo)).map_err(environment)?;
    let crew = journal.crew().clone();
    if let Some(refused) = crew.as_run().as_ref().and_then(discarded) {
        // What was cut short is finished.
        remove_crew(&repo, store, &crew, now()).map_err(failed)?;
        return Err(refused);
    }
    let Some(base) = &crew.base else {
        let message = format!("run {id} has no branch yet");
        return Err(CommandError::user(message).hint(format!("loki status {id}")));
    };
    let kept = discard_crew(&repo, store, &mut journal, now()).map_err(failed)?;
    super::checkpoint::prune_quietly(&repo, store);
    if cx.json {
        output::json(&json!({ "schema_version": 1, "run": id, "kept": document(&kept) }));
        return Ok(0);
    }
    let tasks = crew.tasks.len();
    output::data(&format!(
        "branch {}, and worktrees and branches of {tasks} tasks, are gone; their journals stay",
        base.onto
    ));
    output::data(&format!(
        "next:\n  git branch {} {}^    (brings back what was merged)\n  \
         loki rollback list    (has what each task made)",
        base.onto,
        short(&kept)
    ));
    Ok(0)
}
