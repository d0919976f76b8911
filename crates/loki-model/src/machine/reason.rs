//! Reason: what the agent is asked for, and when.

use crate::{EffectResult, Event, Run};

/// The prompt is kept: from here on the call counts.
pub(super) fn on_prompt(run: &Run, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::PromptComposed { prompt, bytes } = result else { return None };
    Some(vec![
        Event::PromptComposed { iteration: run.iteration, prompt: prompt.clone(), bytes: *bytes },
        Event::AgentCalled { call: run.calls + 1 },
    ])
}

pub(super) fn on_waited(run: &Run, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::Waited = result else { return None };
    Some(vec![Event::WaitEnded, Event::IterationStarted { iteration: run.iteration + 1 }])
}
