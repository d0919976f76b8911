//! The loop: record, then do.

use std::ops::ControlFlow;

use loki_model::{
    Effect, EffectResult, Input, Progress, Rejected, Run, StopCause, Timestamp, Usd, decide,
    pending,
};

use crate::journal::{Journal, JournalError, Recorded};

/// The world in which effects are carried out. The real one works on this machine; tests have
/// others.
pub trait World {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Who asked for a stop, if anyone did.
    fn stop_requested(&self) -> Option<StopCause>;

    /// The model that someone wants from the next call of `run` on, if anyone does: see
    /// [`request_model`](crate::world::request_model).
    fn model_requested(&self, _run: &Run) -> Option<ModelRequest> {
        None
    }

    /// That request is recorded.
    fn model_request_taken(&mut self, _run: &Run) {}

    /// Carries out `effect` for `run`. Never fails: what goes wrong is a result. Returns soon
    /// after a stop was requested, or after `progress` broke: nothing can be recorded any more.
    fn perform(
        &mut self,
        run: &Run,
        effect: &Effect,
        progress: &mut OnProgress<'_>,
    ) -> EffectResult;
}

/// A wish for another model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRequest {
    /// Which; nothing for what would be asked without a switch.
    pub model: Option<String>,
}

/// Hears of what is seen while an effect is under way, with the moment.
pub type OnProgress<'a> = dyn FnMut(Timestamp, Progress) -> ControlFlow<()> + Send + 'a;

/// Someone who watches a run.
pub trait Observer: Send {
    /// `recorded` is durable; `run` is the state after it.
    fn on_event(&mut self, run: &Run, recorded: &Recorded);
}

/// Why a run could not be driven on. The journal is intact up to here.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run can not be taken up like this; while it is driven, a defect of loki.
    #[error(transparent)]
    Rejected(#[from] Rejected),
}

/// Tells the machine that a further process takes the run up.
pub fn resume(
    journal: &mut Journal<'_>,
    world: &dyn World,
    observer: &mut dyn Observer,
    iterations_max: Option<u32>,
    budget: Option<Usd>,
) -> Result<(), DriveError> {
    let input = Input::Resume { iterations_max, budget };
    advance(journal, world.now(), &input, observer)
}

/// Drives a run until it ends.
///
/// Each effect starts only after everything that led to it is durable. At its end
/// `journal.run().ended` is set, unless an error is returned.
pub fn drive(
    journal: &mut Journal<'_>,
    world: &mut dyn World,
    observer: &mut dyn Observer,
) -> Result<(), DriveError> {
    while let Some(effect) = pending(journal.run()) {
        let result = perform(journal, world, observer, &effect)?;
        let at = world.now();
        if let Some(by) = world.stop_requested()
            && journal.run().stopping.is_none()
        {
            advance(journal, at, &Input::Stop { by }, observer)?;
        }
        if let Some(ModelRequest { model }) = world.model_requested(journal.run()) {
            advance(journal, at, &Input::SwitchModel { model }, observer)?;
            world.model_request_taken(journal.run());
        }
        advance(journal, at, &Input::Done { at, effect: effect.id, result }, observer)?;
    }
    Ok(())
}

/// Carries out one effect, recording what is seen on the way.
fn perform(
    journal: &mut Journal<'_>,
    world: &mut dyn World,
    observer: &mut dyn Observer,
    effect: &Effect,
) -> Result<EffectResult, DriveError> {
    let run = journal.run().clone();
    let mut failure = None;
    let mut on_progress = |at: Timestamp, progress: Progress| {
        let input = Input::Progress { effect: effect.id, progress };
        if failure.is_none() {
            failure = advance(journal, at, &input, observer).err();
        }
        if failure.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let result = world.perform(&run, effect, &mut on_progress);
    match failure {
        Some(err) => Err(err),
        None => Ok(result),
    }
}

fn advance(
    journal: &mut Journal<'_>,
    at: Timestamp,
    input: &Input,
    observer: &mut dyn Observer,
) -> Result<(), DriveError> {
    let decision = decide(journal.run(), input)?;
    for recorded in journal.record(&decision.events, at)? {
        observer.on_event(journal.run(), &recorded);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
