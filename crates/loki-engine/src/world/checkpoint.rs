//! Keeps the whole workspace before the agent begins.

use std::path::Path;

use anyhow::Context as _;
use loki_model::{Checkpoint, Run};

use super::{RealWorld, now};
use crate::checkpoint::{Note, Occasion, Point};

impl RealWorld<'_> {
    /// Whatever the agent does next, what was there can be brought back. The journal says where it was
    /// made, so that the run can be brought back with it.
    pub(super) fn keep_workspace(&self, run: &Run, call: u32) -> anyhow::Result<Checkpoint> {
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let place = Path::new(&workspace.path);
        self.remake_if_gone(run, workspace)?;
        let tree = self.repo.raw_tree(place, &[])?;
        let last = run.snapshot.as_ref().map_or(&workspace.start_commit, |last| &last.commit);
        let note = Note {
            occasion: Occasion::BeforeCall,
            at: now(),
            place: place.to_owned(),
            run: Some(run.id.clone()),
            call: Some(call),
            seq: None,
        };
        let title = format!("Before call {call} of run {}", run.id);
        Ok(Point::make(&self.repo, tree, Some(last.clone()), &title, note)?.checkpoint)
    }
}
