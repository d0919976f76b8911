//! Other states of the repository that the same suites run over: the base, the base's tests on the
//! new code, the new tests on the base's code.
//!
//! Owns their copies, and what is carried from one copy to the next so that a state is not compiled
//! from nothing. Refuses to say what a difference between two states means.

use std::panic::resume_unwind;
use std::sync::Arc;

use loki_model::TreeId;

use crate::Subject;
use crate::copy::CleanCopy;
use crate::gates::{Cx, chain};
use crate::layout::Layout;

/// The message of the commits that hold such a state. They are on no branch.
const MESSAGE: &str = "A state that loki compares with";

/// Has `look` look at a clean copy of `tree`.
///
/// What cargo has built moves along: first out of the judged tree's own copy, in which cargo must not
/// run again afterwards, since its files would look older than what was built of others.
pub(crate) fn over<R>(
    cx: &Cx<'_>,
    tree: &TreeId,
    look: impl FnOnce(&Cx<'_>) -> R,
) -> Result<R, String> {
    let handed = |other: &Cx<'_>| {
        cx.scratch.hand_built(other.copy, other.layout);
        let looked = look(other);
        cx.scratch.keep_built(other.copy, other.layout);
        looked
    };
    cx.scratch.keep_built(cx.copy, cx.layout);
    beside(cx, tree, handed)
}

/// Has `look` look at a clean copy of `tree` in which nothing was built: for what runs beside the
/// tests and must neither wait for them nor get in their way.
pub(crate) fn beside<R>(
    cx: &Cx<'_>,
    tree: &TreeId,
    look: impl FnOnce(&Cx<'_>) -> R,
) -> Result<R, String> {
    let repo = cx.subject.repo;
    let (commit, layout) = std::thread::scope(|scope| {
        let listing = scope.spawn(|| Layout::at(repo, tree));
        let commit = match tree == cx.subject.tree {
            true => Ok(cx.subject.tree_commit.clone()),
            false => repo.commit_tree(tree, &[], MESSAGE),
        };
        (commit, listing.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let commit = commit.map_err(|err| chain(&err))?;
    let layout = layout.map_err(|err| chain(&err))?;
    let subject = Subject { tree, tree_commit: &commit, files: None, ..*cx.subject };
    let copy = CleanCopy::new(cx.scratch, &subject, &layout).map_err(|err| chain(&err))?;
    copy.fill().map_err(|err| chain(err))?;
    Ok(look(&Cx {
        subject: &subject,
        config: cx.config,
        keep: cx.keep,
        cancel: cx.cancel,
        scratch: cx.scratch,
        copy: &copy,
        reader: cx.reader,
        layout: &layout,
        changes: Ok(&[]),
        shown: &[],
        results_made: cx.results_made,
        slots: cx.slots,
        known: Arc::default(),
    }))
}
