//! How the runs of tasks hear of what is asked of all of them: the crew's journal says what that is, each run's own
//! journal how much of it was followed. Told twice is told once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use loki_model::crew::{Crew, Errand, Standing};
use loki_model::{Order, RunId};

use crate::drive::Slot;
use crate::world::now;

/// The runs of tasks that are under way in this process.
#[derive(Default)]
pub struct Followers(Mutex<State>);

#[derive(Default)]
struct State {
    /// The newest state of the crew; nothing before the loop began.
    crew: Option<Crew>,
    runs: BTreeMap<RunId, Follower>,
}

struct Follower {
    slot: Slot,
    /// How much it was told.
    told: u32,
}

impl Followers {
    /// Tells every run that is under way what was asked since it was told last. Returns once all have recorded it.
    pub(super) fn tell(&self, crew: &Crew) {
        let mut state = self.lock();
        let mut answers = Vec::new();
        for errand in crew.tasks.iter().filter(|errand| errand.standing == Standing::Running) {
            let follower = errand.run.as_ref().and_then(|run| state.runs.get_mut(run));
            let Some(follower) = follower.filter(|follower| follower.told < crew.asked()) else {
                continue;
            };
            for order in crew.orders(errand, follower.told) {
                answers.extend(follower.slot.order(order, now()));
            }
            follower.told = crew.asked();
        }
        state.crew = Some(crew.clone());
        drop(state);
        for answer in answers {
            // One that ends at this moment is told when it goes on.
            let _ = answer.recv();
        }
    }

    /// The newest state of the crew and of the task, or what the caller has.
    pub(super) fn newest(&self, crew: &Crew, errand: &Errand) -> (Crew, Errand) {
        let known = self.lock().crew.clone().unwrap_or_else(|| crew.clone());
        let errand = known.errand(&errand.task.id).cloned().unwrap_or_else(|| errand.clone());
        (known, errand)
    }

    /// From now on `run` is told through `slot`. Gives back what it has to follow before it goes on.
    pub(super) fn enlist(
        &self,
        crew: &Crew,
        errand: &Errand,
        run: &RunId,
        followed: u32,
        slot: Slot,
    ) -> (Vec<Order>, Enlisted<'_>) {
        let mut state = self.lock();
        let crew = state.crew.as_ref().unwrap_or(crew);
        let orders = crew.orders(crew.errand(&errand.task.id).unwrap_or(errand), followed);
        let told = crew.asked();
        state.runs.insert(run.clone(), Follower { slot, told });
        (orders, Enlisted { followers: self, run: run.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here is ever half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that is told of everything until this is dropped.
pub(super) struct Enlisted<'a> {
    followers: &'a Followers,
    run: RunId,
}

impl Drop for Enlisted<'_> {
    fn drop(&mut self) {
        self.followers.lock().runs.remove(&self.run);
    }
}
