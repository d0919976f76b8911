//! Performs deliveries: what a run does outside of this machine. Record, then do, as everywhere.
//!
//! What may be done next is decided in `loki_model::outbox`; this asks the other side and records what it
//! says. Who delivers holds the run's lock, so that nobody else does.

mod real;
#[cfg(test)]
mod sweep;
pub mod text;
pub mod words;

use loki_model::outbox::{
    Act, Course, DeliveryInput, Entry, Errand, Look, NotPossible, Wanted, decide, enter, waits_for,
};
use loki_model::{Delivery, Event, Run, Timestamp};

pub use real::{Addresses, RealOutside, address_digest};

use crate::journal::{JournalError, Ledger};

/// The other side, and the clock.
pub trait Outside {
    /// What is seen of a delivery of `run`.
    fn look_up(&mut self, run: &Run, delivery: &Delivery) -> Look;

    /// Does it, once.
    fn act(&mut self, run: &Run, delivery: &Delivery) -> Act;

    /// The time.
    fn now(&self) -> Timestamp;

    /// Returns when it is that late.
    fn wait_until(&mut self, at: Timestamp);
}

/// Why deliveries could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It is not possible as the delivery stands.
    #[error("delivery {id} can not be changed")]
    NotPossible {
        /// Which.
        id: u32,
        /// Why.
        #[source]
        why: NotPossible,
    },
}

/// Why a delivery that was taken up rests without being settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// Which.
    pub id: u32,
    /// Why, in one sentence.
    pub reason: String,
}

/// What is wanted, once the numbers of those before it are known.
pub type WantedAfter<'a> = &'a dyn Fn(&[u32]) -> Wanted;

/// Records everything in `wanted` at once, so that all of it is done or nothing. Each may need the one
/// before it, or be about it: `wanted` gets the numbers of those that were entered before. Gives back the
/// numbers of all.
pub fn intend(
    ledger: &mut dyn Ledger,
    wanted: &[WantedAfter<'_>],
    by: &str,
    at: Timestamp,
) -> Result<Vec<u32>, OutboxError> {
    let mut outbox = ledger.run().outbox.clone();
    let (mut ids, mut events): (Vec<u32>, Vec<Event>) = (Vec::new(), Vec::new());
    for wanted in wanted {
        let id = outbox.last().map_or(1, |last| last.id + 1);
        let entry = enter(&outbox, wanted(&ids), by, at)
            .map_err(|why| OutboxError::NotPossible { id, why })?;
        if let Entry::New { event, .. } = &entry {
            loki_model::outbox::apply(&mut outbox, event);
            events.push((**event).clone());
        }
        ids.push(entry.id());
    }
    ledger.record(&events, at)?;
    Ok(ids)
}

/// Takes up every delivery that is not settled, in order. One that waits for another that was not confirmed
/// is left alone.
pub fn deliver(
    ledger: &mut dyn Ledger,
    outside: &mut dyn Outside,
) -> Result<Vec<Resting>, OutboxError> {
    let open = ledger.run().outbox.iter().filter(|delivery| !delivery.is_settled());
    let ids: Vec<u32> = open.map(|delivery| delivery.id).collect();
    let mut resting = Vec::new();
    for id in ids {
        resting.extend(deliver_one(ledger, outside, id, &DeliveryInput::TakenUp)?);
    }
    Ok(resting)
}

/// Has one delivery done again, or given up, because a person wants it.
pub fn ask(
    ledger: &mut dyn Ledger,
    outside: &mut dyn Outside,
    id: u32,
    input: &DeliveryInput,
) -> Result<Option<Resting>, OutboxError> {
    deliver_one(ledger, outside, id, input)
}

fn deliver_one(
    ledger: &mut dyn Ledger,
    outside: &mut dyn Outside,
    id: u32,
    input: &DeliveryInput,
) -> Result<Option<Resting>, OutboxError> {
    let rests = |reason: String| Ok(Some(Resting { id, reason }));
    let mut input = input.clone();
    let mut seen = String::new();
    loop {
        let run = ledger.run();
        let Some(delivery) = find(run, id) else { return Ok(None) };
        if let Some(needed) = waits_for(&run.outbox, delivery)
            && !matches!(input, DeliveryInput::Drop { .. })
        {
            return rests(format!("it waits for delivery {}", needed.id));
        }
        let at = outside.now();
        let course =
            decide(delivery, &input, at).map_err(|why| OutboxError::NotPossible { id, why })?;
        let Course { events, errand } = course;
        ledger.record(&events, at)?;
        let run = ledger.run();
        let Some(delivery) = find(run, id) else { return Ok(None) };
        input = match errand {
            None if delivery.is_settled() => return Ok(None),
            None => return rests(seen),
            Some(Errand::LookUp { not_before }) => {
                if not_before > at {
                    outside.wait_until(not_before);
                }
                let look = outside.look_up(run, delivery);
                if let Look::NotSeen { reason } = &look {
                    seen.clone_from(reason);
                }
                DeliveryInput::LookedUp(look)
            }
            Some(Errand::Act) => DeliveryInput::Acted(outside.act(run, delivery)),
        };
    }
}

fn find(run: &Run, id: u32) -> Option<&Delivery> {
    run.outbox.iter().find(|delivery| delivery.id == id)
}
