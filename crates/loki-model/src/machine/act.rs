//! Act: the agent has worked, or could not.

use super::{folded, limits};
use crate::{CallReport, Cost, EffectResult, Event, Run, Timestamp, Usage};

/// Whatever the call came to, what it left in the workspace is kept next.
pub(super) fn on_result(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::AgentReturned { report, transcript, duration_ms, sandbox } = result else {
        return None;
    };
    let mut events = vec![Event::AgentReturned {
        report: CallReport { usage: priced(run, report), ..report.clone() },
        transcript: transcript.clone(),
        duration_ms: *duration_ms,
        sandbox: sandbox.clone(),
    }];
    events.extend(limits::warnings(&folded(run, &events), at));
    Some(events)
}

/// Tokens without money are priced as the model that was asked, or that says it answered. Of a model
/// without a price the cost stays unknown.
fn priced(run: &Run, report: &CallReport) -> Usage {
    let Usage { tokens: Some(tokens), cost: Cost::Unknown } = report.usage else {
        return report.usage;
    };
    let choice = run.choice.as_ref();
    let asked = choice.and_then(|choice| choice.model.as_deref());
    let price = match report.model.as_deref() {
        Some(answered) if Some(answered) != asked => {
            run.offer(run.active).model_that_answered(answered).and_then(|model| model.price)
        }
        _ => choice.and_then(|choice| choice.price),
    };
    let cost = price.map_or(Cost::Unknown, |price| Cost::Computed { usd: price.of(&tokens) });
    Usage { tokens: Some(tokens), cost }
}
