//! Act: the agent has worked, or could not.

use crate::{EffectResult, Event};

/// Whatever the call came to, what it left in the workspace is kept next.
pub(super) fn on_result(result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::AgentReturned { report, transcript, duration_ms } = result else {
        return None;
    };
    Some(vec![Event::AgentReturned {
        report: report.clone(),
        transcript: transcript.clone(),
        duration_ms: *duration_ms,
    }])
}
