//! One call of an agent outside of any run: what it was for and what it cost.

use serde::{Deserialize, Serialize};

use crate::{Choice, Cost, RunId, Spend, Timestamp, UnknownCost, Usage};

/// The first kind in the journal of an asking.
pub const ASKING_KIND: &str = "asking_begun";

/// What an agent is asked outside of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What a spec leaves open.
    Interrogation,
    /// Whether it answers at all.
    Test,
}

impl Purpose {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Purpose::Interrogation => "questions about a spec",
            Purpose::Test => "a test of the agent",
        }
    }
}

/// Something that happened to an asking. Only ever added to, never changed: old journals must fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AskingEvent {
    /// The agent is about to be asked. From here on the call counts, whatever becomes of it.
    AskingBegun {
        /// Its name, of the same kind as that of a run.
        id: RunId,
        /// When.
        at: Timestamp,
        /// What for.
        purpose: Purpose,
        /// What it is about, in one line.
        title: String,
        /// Which agent, which model, at which price.
        choice: Choice,
    },
    /// It has answered, or could not.
    AskingEnded {
        /// How the call ended, in one or two words.
        outcome: String,
        /// What it used.
        usage: Usage,
    },
}

impl AskingEvent {
    /// The event's name as it stands in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            AskingEvent::AskingBegun { .. } => ASKING_KIND,
            AskingEvent::AskingEnded { .. } => "asking_ended",
        }
    }
}

/// An asking, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// When it began.
    pub at: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// What it is about.
    pub title: String,
    /// Which agent, which model, at which price.
    pub choice: Choice,
    /// How the call ended; nothing while it is under way, or when its process died.
    pub outcome: Option<String>,
    /// What it cost.
    pub spend: Spend,
}

impl Asking {
    /// Folds a journal. Nothing when it does not begin with [`AskingEvent::AskingBegun`].
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a AskingEvent>) -> Option<Asking> {
        let mut events = events.into_iter();
        let AskingEvent::AskingBegun { at, purpose, title, choice, .. } = events.next()? else {
            return None;
        };
        let mut asking = Asking {
            at: *at,
            purpose: *purpose,
            title: title.clone(),
            choice: choice.clone(),
            outcome: None,
            spend: Spend::of(&Usage::UNKNOWN, UnknownCost::Estimate),
        };
        for event in events {
            if let AskingEvent::AskingEnded { outcome, usage } = event {
                asking.outcome = Some(outcome.clone());
                let usage = choice.priced(*usage);
                asking.spend = Spend::of(&usage, UnknownCost::Estimate);
            }
        }
        Some(asking)
    }
}

impl Choice {
    /// `usage` with its tokens priced as this model, where it does not tell its cost.
    #[must_use]
    pub fn priced(&self, usage: Usage) -> Usage {
        match (usage.cost, usage.tokens, self.price) {
            (Cost::Unknown, Some(tokens), Some(price)) => {
                Usage { cost: Cost::Computed { usd: price.of(&tokens) }, ..usage }
            }
            _ => usage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Offer, Settings, Tier, TokenUsage, Usd};

    fn begun() -> AskingEvent {
        let settings =
            Settings { agents: vec![Offer::unknown("agent")], ..Settings::new("agent", 1) };
        AskingEvent::AskingBegun {
            id: RunId::from_bits(3),
            at: Timestamp(1),
            purpose: Purpose::Interrogation,
            title: "Todo".to_owned(),
            choice: settings.quote(Tier::Planning),
        }
    }

    fn ended(usage: Usage) -> AskingEvent {
        AskingEvent::AskingEnded { outcome: "completed".to_owned(), usage }
    }

    #[test]
    fn a_call_that_was_cut_off_or_does_not_tell_its_cost_is_charged_all_the_same() {
        for events in [vec![begun()], vec![begun(), ended(Usage::UNKNOWN)]] {
            let asking = Asking::fold(&events).unwrap();
            assert_eq!(asking.spend.charged(), Spend::UNKNOWN_CALL);
            assert_eq!(
                (asking.spend.unknown_calls, asking.outcome.is_some()),
                (1, events.len() == 2)
            );
        }
    }

    #[test]
    fn what_an_agent_tells_is_charged() {
        let tokens = Some(TokenUsage { input: 7, ..TokenUsage::default() });
        let usage = Usage { tokens, cost: Cost::Known { usd: Usd(5) } };
        let asking = Asking::fold(&[begun(), ended(usage)]).unwrap();
        assert_eq!((asking.spend.known, asking.spend.tokens.input), (Usd(5), 7));
        assert_eq!(asking.spend.unknown_calls, 0);
    }

    #[test]
    fn a_journal_without_a_beginning_is_none() {
        assert_eq!(Asking::fold(&[ended(Usage::UNKNOWN)]), None);
        let text = serde_json::to_string(&begun()).unwrap();
        assert!(text.contains(&format!("\"event\":\"{}\"", begun().kind())), "{text}");
        assert_eq!(serde_json::from_str::<AskingEvent>(&text).unwrap(), begun());
    }
}
