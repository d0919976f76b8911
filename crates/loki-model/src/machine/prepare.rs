//! Before the first iteration: branch and worktree.

use crate::{EffectResult, Event};

pub(super) fn on_result(result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::WorkspacePrepared(workspace) = result else { return None };
    Some(vec![
        Event::WorkspacePrepared { workspace: workspace.clone() },
        Event::IterationStarted { iteration: 1 },
    ])
}
