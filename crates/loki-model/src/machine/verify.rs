//! Verify: the gates have judged.

use std::collections::BTreeMap;

use crate::{EffectResult, Event, Run, Timestamp, conclude};

use super::{folded, next};

/// A judgement of another tree than the newest snapshot is refused.
pub(super) fn on_result(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::TreeJudged(judged) = result else { return None };
    if run.snapshot.as_ref().is_none_or(|snapshot| snapshot.tree != judged.tree) {
        return None;
    }
    let judgements: BTreeMap<_, _> =
        judged.gates.iter().map(|gate| (gate.gate.clone(), gate.judgement)).collect();
    let verdict = conclude(&judged.policy, &judgements);
    let mut events = vec![Event::TreeJudged { judged: judged.clone(), verdict }];
    let after = folded(run, &events);
    events.extend(next::after_judgement(&after, at));
    Some(events)
}
