//! Verify: the gates have judged.

use crate::{EffectResult, Event, Run, Timestamp, conclude, worst_of_each};

use super::{folded, next};

/// A judgement of another tree than the newest snapshot is refused.
pub(super) fn on_result(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::TreeJudged(judged) = result else { return None };
    if run.snapshot.as_ref().is_none_or(|snapshot| snapshot.tree != judged.tree) {
        return None;
    }
    let judgements = judged.gates.iter().map(|gate| (gate.gate.clone(), gate.judgement));
    let verdict = conclude(&judged.policy, &worst_of_each(judgements));
    let mut events = vec![Event::TreeJudged { judged: judged.clone(), verdict }];
    let after = folded(run, &events);
    events.extend(next::after_judgement(&after, at));
    Some(events)
}
