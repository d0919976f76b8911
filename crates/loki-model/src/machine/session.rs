//! Whether the next call goes on with the conversation of the one before, or begins a new one.

use crate::{Price, Run, Session};

/// A conversation is begun anew after so many calls: what went wrong in it should not weigh for ever.
const CALLS_MAX: u32 = 4;
/// Tokens of a conversation that is gone on with, where the model's window is not known.
const TOKENS_MAX: u64 = 100_000;
/// Services forget a cached conversation after about this long.
const CACHED_MS_MAX: u64 = 300_000;
/// Questions that a call which mends something asks of its model.
const QUESTIONS: u64 = 10;

impl Run {
    /// The conversation that the next call goes on with, where that is cheaper than a new one.
    ///
    /// A new one reads about half of it again; going on reads all of it from the cache with every
    /// question. It is begun anew as well when the one before did not end well, when the service will
    /// have forgotten it, when it fills half of the model's window, when another agent or model is asked,
    /// and when the same complaint came twice: more of the same would not help.
    pub fn session_to_resume(&self) -> Option<&str> {
        let session = self.session.as_ref()?;
        let choice = self.choose(self.settings.tier);
        let offer = self.offer(self.active);
        let window = choice.context_tokens.map_or(TOKENS_MAX, |tokens| tokens / 2);
        let judging = self.judged.as_ref().map_or(0, |(judged, _)| judged.duration_ms);
        let resumable = offer.capabilities.resume
            && session.agent == choice.agent
            && session.model == choice.model
            && session.calls < CALLS_MAX
            && session.tokens <= window
            && judging <= CACHED_MS_MAX
            && !self.complains_again()
            && choice.price.is_none_or(|price| is_cheaper(&price));
        resumable.then_some(session.id.as_str())
    }

    fn complains_again(&self) -> bool {
        match self.history.as_slice() {
            [.., before, last] => before.findings == last.findings,
            _ => false,
        }
    }
}

fn is_cheaper(price: &Price) -> bool {
    price.cache_read.0.saturating_mul(QUESTIONS) <= price.cache_write.0.max(price.input.0)
}

/// The conversation that a call has just ended well in.
pub(super) fn after_call(run: &Run, id: &str) -> Option<Session> {
    let choice = run.choice.as_ref()?;
    let usage = run.last_call.as_ref()?.usage;
    // What is neither read from a cache nor written there again is new to the conversation.
    let new =
        usage.tokens.map(|t| t.input.saturating_add(t.cache_write).saturating_add(t.output))?;
    let before = run.session.as_ref().filter(|before| run.resumed && before.id == id);
    Some(Session {
        agent: choice.agent.clone(),
        model: choice.model.clone(),
        id: id.to_owned(),
        calls: before.map_or(0, |before| before.calls) + 1,
        tokens: before.map_or(0, |before| before.tokens).saturating_add(new),
    })
}
