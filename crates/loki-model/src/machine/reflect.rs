//! Reflect: what the call left behind.

use crate::{EffectResult, Event, Run, Timestamp};

use super::{folded, next};

/// An unchanged tree is an unchanged question: it is not judged twice.
pub(super) fn on_result(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::SnapshotTaken(snapshot) = result else { return None };
    let mut events = vec![Event::SnapshotTaken { snapshot: snapshot.clone() }];
    if let Some((judged, verdict)) = &run.judged
        && judged.tree == snapshot.tree
    {
        events.push(Event::JudgementReused { verdict: *verdict });
        let after = folded(run, &events);
        events.extend(next::after_judgement(&after, at));
    }
    Some(events)
}
