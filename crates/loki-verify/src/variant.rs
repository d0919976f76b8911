//! Other states of the repository that the same suites run over: the base, the base's tests on the
//! new code, the new tests on the base's code.
//!
//! Owns their copies, and what is carried from one copy to the next so that a state is not compiled
//! from nothing. Refuses to say what a difference between two states means.

use std::panic::resume_unwind;
use std::sync::Arc;

use loki_model::{CommitId, TreeId};

use crate::Subject;
use crate::copy::CleanCopy;
use crate::gates::{Cx, chain};
use crate::layout::Layout;

/// The message of the commits that hold such a state. They are on no branch.
const MESSAGE: &str = "A state that loki compares with";

/// A state that can be checked out.
#[derive(Debug)]
pub(crate) struct State {
    tree: TreeId,
    commit: CommitId,
    layout: Layout,
}

impl State {
    /// The state with the files of `tree`.
    pub(crate) fn of(cx: &Cx<'_>, tree: TreeId) -> Result<State, String> {
        let repo = cx.subject.repo;
        if tree == *cx.subject.tree {
            let (commit, layout) = (cx.subject.tree_commit.clone(), cx.layout.clone());
            return Ok(State { tree, commit, layout });
        }
        let (commit, layout) = std::thread::scope(|scope| {
            let listing = scope.spawn(|| Layout::at(repo, &tree));
            let commit = repo.commit_tree(&tree, &[], MESSAGE);
            (commit, listing.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (commit, layout) =
            (commit.map_err(|err| chain(&err))?, layout.map_err(|err| chain(&err))?);
        Ok(State { tree, commit, layout })
    }

    /// Writes a copy of it that its next look takes. For a thread of its own.
    pub(crate) fn prepare(&self, cx: &Cx<'_>) {
        cx.scratch.spares().make(cx.subject.repo, &self.commit, cx.scratch.path());
    }

    /// Has `look` look at a clean copy of it.
    ///
    /// What cargo has built moves along: first out of the judged tree's own copy, in which cargo must not
    /// run again afterwards, since its files would look older than what was built of others.
    pub(crate) fn over<R>(
        &self,
        cx: &Cx<'_>,
        look: impl FnOnce(&Cx<'_>) -> R,
    ) -> Result<R, String> {
        let handed = |other: &Cx<'_>| {
            cx.scratch.hand_built(other.copy, other.layout);
            let looked = look(other);
            cx.scratch.keep_built(other.copy, other.layout);
            looked
        };
        cx.scratch.keep_built(cx.copy, cx.layout);
        self.beside(cx, handed)
    }

    fn beside<R>(&self, cx: &Cx<'_>, look: impl FnOnce(&Cx<'_>) -> R) -> Result<R, String> {
        let State { tree, commit, layout } = self;
        let subject = Subject { tree, tree_commit: commit, files: None, ..*cx.subject };
        let copy = CleanCopy::new(cx.scratch, &subject, layout).map_err(|err| chain(&err))?;
        copy.fill().map_err(|err| chain(err))?;
        Ok(look(&Cx {
            subject: &subject,
            config: cx.config,
            keep: cx.keep,
            cancel: cx.cancel,
            scratch: cx.scratch,
            copy: &copy,
            reader: cx.reader,
            layout,
            changes: Ok(&[]),
            shown: &[],
            results_made: cx.results_made,
            slots: cx.slots,
            near: None,
            known: Arc::default(),
        }))
    }
}

/// Has `look` look at a clean copy of `tree`, with what cargo has built: see [`State::over`].
pub(crate) fn over<R>(
    cx: &Cx<'_>,
    tree: &TreeId,
    look: impl FnOnce(&Cx<'_>) -> R,
) -> Result<R, String> {
    State::of(cx, tree.clone())?.over(cx, look)
}

/// Has `look` look at a clean copy of `tree` in which nothing was built: for what runs beside the
/// tests and must neither wait for them nor get in their way.
pub(crate) fn beside<R>(
    cx: &Cx<'_>,
    tree: &TreeId,
    look: impl FnOnce(&Cx<'_>) -> R,
) -> Result<R, String> {
    State::of(cx, tree.clone())?.beside(cx, look)
}
