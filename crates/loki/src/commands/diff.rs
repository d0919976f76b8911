//! `loki diff`

use std::path::Path;

use loki_engine::bring::newest_of;
use loki_host::git::Repo;
use loki_model::{ChangeStats, CommitId, FileChange, Run, TreeId};
use serde_json::json;

use super::Done;
use super::rollback::failed;
use crate::cli::DiffArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

pub(super) fn diff(args: &DiffArgs, cx: &Context) -> Done {
    let (_store, run) = cx.open_run(args.run.as_deref())?;
    let repo = Repo::discover(Path::new(&run.repo)).map_err(environment)?;
    let (from, commit) = ends(&run, &repo)?;
    let to = repo.tree_of(&commit).map_err(environment)?;
    if cx.json || args.stat {
        let changes = repo.diff(&from, &to).map_err(environment)?;
        if cx.json {
            output::json(&json!({
                "schema_version": 1,
                "run": run.id,
                "base": from,
                "head": commit,
                "files": changes,
                "total": ChangeStats::of(&changes),
            }));
        } else {
            stat(&changes);
        }
        return Ok(0);
    }
    repo.show_diff(&from, &to, &mut output::piece).map_err(environment)?;
    Ok(0)
}

fn ends(run: &Run, repo: &Repo) -> Result<(TreeId, CommitId), CommandError> {
    if let Some(refused) = discarded(run) {
        return Err(refused);
    }
    let none = || {
        CommandError::user(format!("run {} has no branch any more", run.id))
            .hint(format!("loki rollback list --run {}", run.id))
    };
    let workspace = run.workspace.as_ref().ok_or_else(none)?;
    let commit = newest_of(run, repo).map_err(failed)?.ok_or_else(none)?;
    Ok((workspace.start_tree.clone(), commit))
}

pub(super) fn discarded(run: &Run) -> Option<CommandError> {
    let kept = run.discarded.as_ref()?;
    let message = format!("run {} was discarded", run.id);
    let back = match own_branch(run) {
        // What several tasks made together has no files of its own to be put back.
        Some(branch) => format!("git branch {branch} {}^    (brings it back)", kept.commit.short()),
        None => format!("loki rollback to {}    (brings it back)", kept.commit.short()),
    };
    Some(CommandError::user(message).hint(back))
}

/// The branch of one that has no worktree: of several tasks side by side.
fn own_branch(run: &Run) -> Option<&str> {
    let workspace = run.workspace.as_ref().filter(|workspace| workspace.path == run.repo)?;
    workspace.branch.as_deref()
}

pub(super) fn stat(changes: &[FileChange]) {
    for change in changes {
        let FileChange { path, lines_added, lines_deleted, .. } = change;
        output::data(&format!(
            "{:>6} {:>6}  {path}",
            format!("+{lines_added}"),
            format!("-{lines_deleted}")
        ));
    }
    let total = ChangeStats::of(changes);
    let (files, added, deleted) = (total.files, total.lines_added, total.lines_deleted);
    output::data(&format!("{files} files changed, {added} lines added, {deleted} removed"));
}
