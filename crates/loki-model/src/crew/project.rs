//! A crew as those see it who know runs only: what it was asked for, where it stands, what it made.

use super::state::{Crew, Joined};
use crate::{ChangeStats, Control, NewRun, Run, Snapshot, Step, Workspace, create, machine};

impl Crew {
    /// The same as a run. Its workspace has no files: what was made is on the branch only.
    pub fn as_run(&self) -> Option<Run> {
        let created = create(NewRun {
            id: self.id.clone(),
            at: self.created_at,
            repo: self.repo.clone(),
            spec: self.spec.clone(),
            settings: self.settings.clone(),
            plan: self.plan.as_deref().cloned(),
        });
        let mut run = machine::fold([&created])?;
        for ask in &self.asks {
            let is_to_agents = matches!(
                ask.control,
                Control::Steer { .. } | Control::Model { .. } | Control::Agent { .. }
            );
            // All else is in what follows.
            if is_to_agents
                && let Ok(event) = machine::control::on_control(&run, &ask.control, &ask.by, ask.at)
            {
                machine::apply(&mut run, &event);
            }
        }
        run.paused = self.paused;
        run.worked_ms = self.worked_ms;
        run.since = self.since;
        run.warned.clone_from(&self.warned);
        run.outbox.clone_from(&self.outbox);
        run.discarded.clone_from(&self.discarded);
        run.step = match (&self.base, &self.ending, &self.merging) {
            (None, ..) => Step::Prepare,
            (_, Some(_), _) => Step::Close,
            (_, _, Some(_)) => Step::Verify,
            _ => Step::Act,
        };
        run.calls = self.calls();
        run.iteration = run.calls;
        run.spend = self.spend();
        run.judged.clone_from(&self.judged);
        run.ended.clone_from(&self.ended);
        run.evidence.clone_from(&self.evidence);
        if let (Some(base), Some(tip)) = (&self.base, &self.tip) {
            run.workspace = Some(Workspace {
                path: self.repo.clone(),
                branch: Some(base.onto.clone()),
                start_commit: base.commit.clone(),
                start_tree: base.tree.clone(),
            });
            run.result = Some(tip.commit.clone());
            run.snapshot = Some(snapshot(tip));
        }
        Some(run)
    }

    /// The same, as if `joined` were what it amounts to.
    pub fn as_run_at(&self, joined: &Joined) -> Option<Run> {
        Some(Run { snapshot: Some(snapshot(joined)), ..self.as_run()? })
    }
}

fn snapshot(joined: &Joined) -> Snapshot {
    Snapshot {
        commit: joined.commit.clone(),
        tree: joined.tree.clone(),
        since_start: ChangeStats::default(),
        changed: true,
    }
}
