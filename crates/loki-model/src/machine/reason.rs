//! Reason: what the agent is asked for, and when.

use super::limits;
use crate::{EffectResult, Ending, Event, Run, Timestamp};

/// The prompt is kept: from here on the call counts, unless nobody wants it any more.
///
/// In quiet hours it waits, and is composed anew after them.
pub(super) fn on_prompt(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::PromptComposed { prompt, bytes, not_before } = result else { return None };
    let (iteration, prompt) = (run.iteration, prompt.clone());
    let mut events = vec![Event::PromptComposed { iteration, prompt, bytes: *bytes }];
    let is_wanted = run.stopping.is_none() && !run.paused;
    if let Some(until) = not_before.filter(|until| *until > at && is_wanted) {
        let reason = "quiet hours".to_owned();
        events.push(match limits::no_time_to_wait(run, until) {
            Some((outcome, reason)) => Event::CloseStarted { ending: Ending { outcome, reason } },
            None => Event::WaitStarted { until, reason, window: false },
        });
    } else if is_wanted {
        let choice = Some(Box::new(run.choose(run.settings.tier)));
        let resumed = run.session_to_resume().is_some();
        events.push(Event::AgentCalled { call: run.calls + 1, choice, resumed });
    }
    Some(events)
}

pub(super) fn on_waited(run: &Run, at: Timestamp, result: &EffectResult) -> Option<Vec<Event>> {
    let EffectResult::Waited = result else { return None };
    if let Some((outcome, reason)) = limits::reached(run, at) {
        return Some(vec![
            Event::WaitEnded,
            Event::CloseStarted { ending: Ending { outcome, reason } },
        ]);
    }
    Some(vec![Event::WaitEnded, Event::IterationStarted { iteration: run.iteration + 1 }])
}
