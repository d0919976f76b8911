//! What an agent offers: which wishes of a call it honours, and what its models cost.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Tier, TokenUsage, Usd};

/// How much a model is to think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// As little as it can.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More than that.
    XHigh,
    /// As much as it can.
    Max,
}

impl Effort {
    /// All of them, from little to much.
    pub const ALL: [Effort; 5] =
        [Effort::Low, Effort::Medium, Effort::High, Effort::XHigh, Effort::Max];

    /// As on the command line.
    pub const fn label(self) -> &'static str {
        match self {
            Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High => "high",
            Effort::XHigh => "xhigh",
            Effort::Max => "max",
        }
    }

    /// The effort that is called so.
    pub fn named(name: &str) -> Option<Effort> {
        Effort::ALL.into_iter().find(|effort| effort.label() == name)
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// Which wishes of a call an agent honours. What it does not is not passed to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// Another model than its own choice.
    pub model: bool,
    /// An [`Effort`].
    pub effort: bool,
    /// Ends by itself when the call's money is used.
    pub budget: bool,
    /// A model to go on with when the first one is overloaded.
    pub fallback_model: bool,
    /// Goes on with a conversation of an earlier call.
    pub resume: bool,
    /// Helpers of its own, defined by loki.
    pub sub_agents: bool,
    /// Can be ended or switched by a message instead of a signal.
    pub live_control: bool,
}

/// What a model costs, in millionths of a US dollar for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Price {
    /// Read by the model and not from a cache.
    pub input: Usd,
    /// Written by the model.
    pub output: Usd,
    /// Read from the prompt cache.
    pub cache_read: Usd,
    /// Written to the prompt cache.
    pub cache_write: Usd,
}

impl Price {
    /// What `tokens` cost, rounded up.
    pub fn of(&self, tokens: &TokenUsage) -> Usd {
        let part = |price: Usd, count: u64| u128::from(price.0) * u128::from(count);
        let sum = part(self.input, tokens.input)
            + part(self.output, tokens.output)
            + part(self.cache_read, tokens.cache_read)
            + part(self.cache_write, tokens.cache_write);
        Usd(u64::try_from(sum.div_ceil(1_000_000)).unwrap_or(u64::MAX))
    }
}

impl Price {
    /// Whether no call can cost more at this price than at `other`.
    pub fn is_at_most(&self, other: &Price) -> bool {
        self.input <= other.input
            && self.output <= other.output
            && self.cache_read <= other.cache_read
            && self.cache_write <= other.cache_write
    }

    /// Orders prices of which neither [is at most](Price::is_at_most) the other: what is written costs
    /// most, then what is read.
    pub fn rank(&self) -> [Usd; 4] {
        [self.output, self.input, self.cache_write, self.cache_read]
    }
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// What the agent is asked for.
    pub id: String,
    /// Other names for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What it costs, where that is known.
    #[serde(default)]
    pub price: Option<Price>,
    /// Tokens that a conversation may have.
    #[serde(default)]
    pub context_tokens: Option<u64>,
    /// What to go on with when it is overloaded.
    #[serde(default)]
    pub fallback: Option<String>,
}

/// What one tier is served with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierModel {
    /// A model or another name of one; nothing collapses the tier.
    pub model: Option<String>,
    /// How much it is to think; the model's own measure when not given.
    pub effort: Option<Effort>,
    /// The model that a ceiling named after this tier means, where it is not `model`.
    pub ceiling: Option<String>,
}

/// One thing a tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PerTier<T> {
    /// Of [`Tier::Planning`].
    pub planning: T,
    /// Of [`Tier::Development`].
    pub development: T,
    /// Of [`Tier::Fast`].
    pub fast: T,
}

impl<T> PerTier<T> {
    /// The one of `tier`.
    pub fn of(&self, tier: Tier) -> &T {
        match tier {
            Tier::Planning => &self.planning,
            Tier::Development => &self.development,
            Tier::Fast => &self.fast,
        }
    }

    /// The one of `tier`, to be changed.
    pub fn of_mut(&mut self, tier: Tier) -> &mut T {
        match tier {
            Tier::Planning => &mut self.planning,
            Tier::Development => &mut self.development,
            Tier::Fast => &mut self.fast,
        }
    }
}

/// What one agent offers, as far as it is known before any call. Pinned at the start of a run, so that
/// its journal alone says what was chosen and at which price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// The agent as named after `--provider`.
    pub agent: String,
    /// Which wishes it honours.
    pub capabilities: Capabilities,
    /// The models that are known.
    pub models: Vec<Model>,
    /// What its tiers are served with when nobody wants something else.
    pub tiers: PerTier<TierModel>,
    /// What the user wants each tier to be served with.
    pub overrides: PerTier<Option<String>>,
    /// The day of which prices and models are, as `YYYY-MM-DD`.
    pub as_of: String,
}

impl Offer {
    /// An agent of which nothing is known but its name: it may be asked for any model.
    pub fn unknown(agent: &str) -> Offer {
        let capabilities = Capabilities { model: true, ..Capabilities::default() };
        Offer { agent: agent.to_owned(), capabilities, ..Offer::default() }
    }

    /// The model that is called `name`.
    pub fn model(&self, name: &str) -> Option<&Model> {
        let by_alias = || self.models.iter().find(|m| m.aliases.iter().any(|alias| alias == name));
        self.models.iter().find(|model| model.id == name).or_else(by_alias)
    }

    /// The model that says of itself that it is `name`: services add the day of its release.
    pub fn model_that_answered(&self, name: &str) -> Option<&Model> {
        let dated = |model: &&Model| {
            let day = name.strip_prefix(model.id.as_str()).and_then(|rest| rest.strip_prefix('-'));
            let digits = |day: &str| day.bytes().filter(u8::is_ascii_digit).count();
            day.is_some_and(|day| {
                digits(day) == 8 && day.bytes().all(|b| b == b'-' || b.is_ascii_digit())
            })
        };
        self.model(name).or_else(|| self.models.iter().find(dated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_priced_by_kind_and_rounded_up() {
        let price = Price {
            input: Usd(3_000_000),
            output: Usd(15_000_000),
            cache_read: Usd(300_000),
            cache_write: Usd(3_750_000),
        };
        let tokens = TokenUsage { input: 3900, output: 90, cache_read: 2800, cache_write: 0 };
        assert_eq!(price.of(&tokens), Usd(11_700 + 1_350 + 840));
        assert_eq!(price.of(&TokenUsage { input: 1, ..TokenUsage::default() }), Usd(3));
        assert_eq!(price.of(&TokenUsage { cache_read: 1, ..TokenUsage::default() }), Usd(1));
        let endless = TokenUsage { input: u64::MAX, ..tokens };
        assert_eq!(price.of(&endless), Usd(u64::MAX));
    }

    #[test]
    fn an_effort_reads_back_from_its_name() {
        for effort in Effort::ALL {
            assert_eq!(Effort::named(effort.label()), Some(effort));
            assert_eq!(serde_json::to_value(effort).unwrap(), effort.label());
        }
        assert_eq!(Effort::named("much"), None);
    }
}
