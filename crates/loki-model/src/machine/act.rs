//! Act: the agent has worked, or could not.

use crate::{AgentOutcome, CallReport, EffectResult, Ending, Event, Outcome, Run};

pub(super) fn on_result(run: &Run, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::AgentReturned { report, transcript, duration_ms } = result else {
        return None;
    };
    let mut events = vec![Event::AgentReturned {
        report: report.clone(),
        transcript: transcript.clone(),
        duration_ms: *duration_ms,
    }];
    if report.outcome.is_permanent() {
        let ending = Ending { outcome: Outcome::AgentUnavailable, reason: why(run, report) };
        events.push(Event::CloseStarted { ending });
    }
    Some(events)
}

fn why(run: &Run, report: &CallReport) -> String {
    let provider = &run.settings.provider;
    match &report.outcome {
        AgentOutcome::Auth => format!("`{provider}` is not logged in"),
        AgentOutcome::ModelNotFound => match &run.settings.model {
            Some(model) => format!("`{provider}` does not offer the model `{model}`"),
            None => format!("`{provider}` does not offer the model it is set to use"),
        },
        AgentOutcome::NotStarted { detail } => detail.clone(),
        other => format!("`{provider}`: {}", other.label()),
    }
}
