//! Close: the result is written.

use crate::{EffectResult, Event, Run};

pub(super) fn on_result(run: &Run, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::ResultWritten { evidence, report, commit } = result else { return None };
    let ending = run.ending.as_ref()?;
    Some(vec![
        Event::ResultWritten {
            evidence: evidence.clone(),
            report: report.clone(),
            commit: commit.clone(),
        },
        Event::RunEnded { outcome: ending.outcome, reason: ending.reason.clone() },
    ])
}
