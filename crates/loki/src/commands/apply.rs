//! `loki apply`

use std::path::Path;

use loki_engine::bring::{How, Refused, carry_out, is_verified, newest_of, plan};
use loki_engine::read_run;
use loki_engine::world::now;
use loki_host::git::Repo;
use loki_model::{ChangeStats, Run};
use loki_store::LockError;
use serde_json::json;

use super::Done;
use super::checkpoint::prune_quietly;
use super::diff::discarded;
use super::rollback::failed;
use crate::cli::ApplyArgs;
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::output;

pub(super) fn apply(args: &ApplyArgs, cx: &Context) -> Done {
    let (_, run) = cx.open_run(args.run.as_deref())?;
    if let Some(refused) = discarded(&run) {
        return Err(refused);
    }
    let store = cx.store()?;
    // Nobody writes on while it is brought.
    let _lock = store.lock(&run.id).map_err(|err| held(&err, &run))?;
    let run = &read_run(&store, &run.id).map_err(environment)?;
    let Some(branch) = run.workspace.as_ref().and_then(|workspace| workspace.branch.clone()) else {
        let message = format!("run {} worked in your checkout: there is nothing to bring", run.id);
        return Err(CommandError::user(message).hint(format!("loki diff {}", run.id)));
    };
    let repo = checkout(run, cx)?;
    let gone = || {
        CommandError::user(format!("the branch {branch} is gone"))
            .hint(format!("loki rollback list --run {}", run.id))
    };
    let tip = newest_of(run, &repo).map_err(failed)?.ok_or_else(gone)?;
    if run.ended.is_none() {
        let message = format!("run {} was cut off before it could finish", run.id);
        return Err(CommandError::user(message).hint(format!("loki resume {}", run.id)));
    }
    let verified = is_verified(run, &repo, &tip).map_err(failed)?;
    if !verified && !args.unverified {
        return Err(unverified(run));
    }
    let plan = plan(&repo, &tip).map_err(|err| refused(&err, run, &branch))?;
    let done = if args.dry_run {
        None
    } else {
        Some(carry_out(&repo, &plan, run, now()).map_err(|err| refused(&err, run, &branch))?)
    };
    prune_quietly(&repo, &store);
    let total = ChangeStats::of(&plan.changes);
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "branch": branch,
            "onto": plan.onto,
            "how": plan.how.label(),
            "verified": verified,
            "dry_run": args.dry_run,
            "commit": done.as_ref().map(|done| &done.commit),
            "kept": done.as_ref().and_then(|done| done.kept.as_ref()).map(|kept| &kept.checkpoint.commit),
            "files": plan.changes,
            "total": total,
        }));
        return Ok(0);
    }
    let (onto, files) = (&plan.onto, total.files);
    let would = if args.dry_run { "would be" } else { "is" };
    output::data(&match plan.how {
        How::Nothing => format!("{onto} has everything that run {} made", run.id),
        How::FastForward => format!("{onto} {would} moved on to {branch}: {files} files change"),
        How::Merge => format!("{branch} {would} merged into {onto}: {files} files change"),
    });
    if done.is_some_and(|done| done.kept.is_some()) {
        output::data("next:");
        output::data(&format!("  loki discard {}    (its worktree and branch)", run.id));
        if let Some(head) = &plan.head {
            let place = repo.root().display();
            output::data(&format!(
                "  git -C '{place}' reset --keep {}    (undoes this)",
                head.short()
            ));
        }
    } else if args.dry_run && plan.how != How::Nothing {
        let flag = if verified { "" } else { " --unverified" };
        output::data(&format!("next:\n  loki apply {}{flag}", run.id));
    }
    Ok(0)
}

/// A run that somebody drives would write on.
fn held(err: &LockError, run: &Run) -> CommandError {
    match err {
        LockError::Held { .. } => CommandError::user(chain(err))
            .hint(format!("loki stop {}    (then run this again)", run.id)),
        LockError::Unusable { .. } => environment(err),
    }
}

/// The checkout around here if it is one of the run's repository, and not the run's own worktree.
fn checkout(run: &Run, cx: &Context) -> Result<Repo, CommandError> {
    let own = Repo::discover(Path::new(&run.repo)).map_err(environment)?;
    let Ok(here) = Repo::discover(&cx.directory) else { return Ok(own) };
    let workspace = run.workspace.as_ref().map(|workspace| Path::new(&workspace.path));
    let is_other = here.common_dir() == own.common_dir() && Some(here.root()) != workspace;
    Ok(if is_other { here } else { own })
}

fn unverified(run: &Run) -> CommandError {
    let id = &run.id;
    let verified =
        run.ended.as_ref().is_some_and(|end| end.outcome == loki_model::Outcome::Verified);
    let message = if verified {
        format!("the branch of run {id} was changed after it was verified")
    } else {
        let how = run.ended.as_ref().map_or("not at all", |ending| ending.outcome.label());
        format!("run {id} did not end verified, but {how}")
    };
    CommandError::user(message)
        .hint(format!("loki diff {id}    then    loki apply {id} --unverified"))
}

fn refused(refused: &Refused, run: &Run, branch: &str) -> CommandError {
    let id = &run.id;
    let message = refused.to_string();
    let hint = match refused {
        Refused::Detached => "git switch BRANCH    (then run this again)".to_owned(),
        Refused::InTheWay { .. } => {
            format!("git stash -u && loki apply {id} && git stash pop    or commit them first")
        }
        Refused::Conflicts { .. } => format!(
            "git merge {branch}    (you settle the conflicts)    or    loki start --fresh … from here"
        ),
        Refused::GitTooOld => format!("git merge {branch}"),
        Refused::Failed(_) => return CommandError::environment(message),
    };
    CommandError::user(message).hint(hint)
}
