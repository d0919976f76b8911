//! Reflect: what the call left behind.

use crate::{EffectResult, Event, Run, Timestamp};

use super::failover::{Remedy, remedy};
use super::{folded, next};

/// An unchanged tree is an unchanged question: it is not judged twice. What an agent left that can
/// not work any more is kept, and not judged at all: it claims nothing, and nobody could mend it.
pub(super) fn on_result(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::SnapshotTaken(snapshot) = result else { return None };
    let mut events = vec![Event::SnapshotTaken { snapshot: snapshot.clone() }];
    let permanent = run.last_call.as_ref().is_some_and(|call| call.outcome.is_permanent());
    match remedy(run, at) {
        Remedy::GiveUp(ending) if permanent => {
            events.push(Event::CloseStarted { ending });
            return Some(events);
        }
        // Somebody else begins where nothing was done, unless a limit forbids it.
        remedy @ (Remedy::Switch { .. }
        | Remedy::AnotherModel { .. }
        | Remedy::RestModel { .. })
            if !snapshot.changed && next::limit_in_the_way(run).is_none() =>
        {
            events.extend(next::after_remedy(run, at, remedy));
            return Some(events);
        }
        _ => {}
    }
    if let Some((judged, verdict)) = &run.judged
        && judged.tree == snapshot.tree
    {
        events.push(Event::JudgementReused { verdict: *verdict });
        let after = folded(run, &events);
        events.extend(next::after_judgement(&after, at));
    }
    Some(events)
}
