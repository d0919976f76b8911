//! What is known of models and prices before any call: a table with a date, and what the user sets.

use std::collections::BTreeMap;

use loki_model::{Capabilities, Effort, Model, Offer, PerTier, Price, Tier, TierModel, Usd};
use serde::Deserialize;

use crate::Agent;
use crate::settings::{AgentSettings, PriceSetting};

/// The table that loki comes with.
const TABLE: &str = include_str!("../models.toml");

/// Models, prices, and what each agent's tiers are served with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    as_of: String,
    #[serde(rename = "model")]
    models: Vec<Row>,
    #[serde(rename = "agent")]
    agents: BTreeMap<String, AgentRow>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    vendor: String,
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    context_tokens: u64,
    input: f64,
    output: f64,
    cache_read: f64,
    cache_write: f64,
    fallback: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AgentRow {
    vendors: Vec<String>,
    /// Models are named `vendor/model`.
    prefixed: bool,
    planning: TierRow,
    development: TierRow,
    fast: TierRow,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TierRow {
    model: Option<String>,
    effort: Option<Effort>,
    ceiling: Option<String>,
}

impl Catalogue {
    /// The table that loki comes with.
    pub fn built_in() -> Catalogue {
        let empty = Catalogue { as_of: String::new(), models: Vec::new(), agents: BTreeMap::new() };
        // A test reads it; without it nothing is known, which is not wrong.
        toml::from_str(TABLE).unwrap_or(empty)
    }

    /// What `agent` offers under `settings`.
    ///
    /// What the user names for a tier goes before what the agent's own settings name, that before the
    /// table. Prices that the user sets go before those of the table.
    pub fn offer(&self, agent: &dyn Agent, settings: &AgentSettings) -> Offer {
        let (name, kind) = (agent.name(), kind_of(agent.name()));
        let row = self.agents.get(kind).cloned().unwrap_or_default();
        let mut models: Vec<Model> =
            self.models.iter().filter_map(|model| model_of(model, &row)).collect();
        for set in &settings.prices {
            match models.iter_mut().find(|model| model.id == set.model) {
                Some(model) => {
                    model.price = price_of(set).or(model.price);
                    model.context_tokens = set.context_tokens.or(model.context_tokens);
                }
                None => models.push(Model {
                    id: set.model.clone(),
                    aliases: Vec::new(),
                    price: price_of(set),
                    context_tokens: set.context_tokens,
                    fallback: None,
                }),
            }
        }
        let tier =
            |row: TierRow| TierModel { model: row.model, effort: row.effort, ceiling: row.ceiling };
        let mut overrides = PerTier::default();
        let own = agent.model_of_its_settings();
        for tier in Tier::ALL {
            *overrides.of_mut(tier) = settings.model_for(name, tier).or_else(|| own.clone());
        }
        Offer {
            agent: name.to_owned(),
            capabilities: passed(agent.capabilities(), settings),
            models,
            tiers: PerTier {
                planning: tier(row.planning),
                development: tier(row.development),
                fast: tier(row.fast),
            },
            overrides,
            as_of: self.as_of.clone(),
        }
    }
}

/// What comes before the first colon: `acp` of `acp:goose acp`.
pub fn kind_of(agent: &str) -> &str {
    agent.split_once(':').map_or(agent, |(kind, _)| kind)
}

/// What the user does not want to be passed is as if the agent could not take it.
fn passed(can: Capabilities, settings: &AgentSettings) -> Capabilities {
    let kept = |wish: &str| !settings.not_passed.iter().any(|not| not == wish);
    Capabilities {
        model: can.model,
        effort: can.effort && kept("effort"),
        budget: can.budget && kept("budget"),
        fallback_model: can.fallback_model && kept("fallback_model"),
        resume: can.resume && kept("resume"),
        sub_agents: can.sub_agents && kept("sub_agents"),
        live_control: can.live_control,
    }
}

fn model_of(row: &Row, agent: &AgentRow) -> Option<Model> {
    if !agent.vendors.contains(&row.vendor) {
        return None;
    }
    let full =
        |id: &str| if agent.prefixed { format!("{}/{id}", row.vendor) } else { id.to_owned() };
    let price = Price {
        input: Usd::from_dollars(row.input)?,
        output: Usd::from_dollars(row.output)?,
        cache_read: Usd::from_dollars(row.cache_read)?,
        cache_write: Usd::from_dollars(row.cache_write)?,
    };
    let mut aliases = row.aliases.clone();
    if agent.prefixed {
        aliases.push(row.id.clone());
    }
    Some(Model {
        id: full(&row.id),
        aliases,
        price: Some(price),
        context_tokens: Some(row.context_tokens),
        fallback: row.fallback.as_deref().map(full),
    })
}

/// Nothing when a number is no amount of money.
fn price_of(set: &PriceSetting) -> Option<Price> {
    let input = Usd::from_dollars(set.input)?;
    let or_input = |dollars: Option<f64>| dollars.map_or(Some(input), Usd::from_dollars);
    Some(Price {
        input,
        output: Usd::from_dollars(set.output)?,
        cache_read: or_input(set.cache_read)?,
        cache_write: or_input(set.cache_write)?,
    })
}

#[cfg(test)]
mod tests {
    use loki_model::{ModelWishes, Reason, choose};

    use super::*;
    use crate::{Claude, CommandAgent};

    fn catalogue() -> Catalogue {
        toml::from_str(TABLE).unwrap()
    }

    fn claude() -> Claude {
        Claude::at("claude").env("CLAUDE_CONFIG_DIR", "/nowhere").env("ANTHROPIC_MODEL", "")
    }

    #[test]
    fn every_name_in_the_table_leads_to_a_model_and_every_model_has_a_price() {
        let catalogue = catalogue();
        for (name, row) in &catalogue.agents {
            let models: Vec<Model> =
                catalogue.models.iter().filter_map(|model| model_of(model, row)).collect();
            let offer = Offer { models, ..Offer::unknown(name) };
            let tiers = [&row.planning, &row.development, &row.fast];
            let named = tiers.iter().flat_map(|tier| [&tier.model, &tier.ceiling]).flatten();
            let fallbacks = offer.models.iter().filter_map(|model| model.fallback.as_ref());
            for wanted in named.chain(fallbacks) {
                assert!(offer.model(wanted).is_some(), "{name}: {wanted}");
            }
            assert!(offer.models.iter().all(|model| model.price.is_some()), "{name}");
            for (index, model) in offer.models.iter().enumerate() {
                let names = || model.aliases.iter().chain([&model.id]);
                let others = offer.models.iter().skip(index + 1);
                for other in others {
                    let other: Vec<&String> = other.aliases.iter().chain([&other.id]).collect();
                    assert!(names().all(|name| !other.contains(&name)), "{name}: {}", model.id);
                }
            }
        }
    }

    #[test]
    fn under_every_ceiling_no_tier_of_any_agent_costs_more_than_without_it() {
        let catalogue = catalogue();
        let settings = AgentSettings::default();
        let offer = catalogue.offer(&claude(), &settings);
        for ceiling in ["opus", "sonnet", "haiku", "planning", "development", "fast"] {
            let most = offer.model(ceiling).and_then(|model| model.price);
            for tier in Tier::ALL {
                let free = choose(&offer, &ModelWishes::default(), tier, None, &[]);
                let wishes =
                    ModelWishes { ceiling: Some(ceiling.to_owned()), ..ModelWishes::default() };
                let capped = choose(&offer, &wishes, tier, None, &[]).price.unwrap();
                assert!(capped.is_at_most(&free.price.unwrap()), "{ceiling} {tier:?}");
                assert!(most.is_none_or(|most| capped.is_at_most(&most)), "{ceiling} {tier:?}");
            }
        }
    }

    #[test]
    fn what_the_user_names_for_a_tier_goes_before_the_agents_own_settings_and_those_before_the_table()
     {
        let offered = |claude: &Claude, settings: &AgentSettings| {
            let offer = catalogue().offer(claude, settings);
            let choice = choose(&offer, &ModelWishes::default(), Tier::Development, None, &[]);
            (choice.model.unwrap(), choice.reason)
        };
        let mut settings = AgentSettings::default();
        let table = ("claude-opus-5-5".to_owned(), Reason::Offered);
        assert_eq!(offered(&claude(), &settings), table);
        let own = claude().env("ANTHROPIC_MODEL", "sonnet");
        let of_settings = ("claude-sonnet-5-5".to_owned(), Reason::Overridden);
        assert_eq!(offered(&own, &settings), of_settings);
        settings
            .overlay(&|name| (name == "LOKI_CLAUDE_MODEL_DEVELOPMENT").then(|| "haiku".to_owned()));
        assert_eq!(offered(&own, &settings).0, "claude-haiku-5-5");
    }

    #[test]
    fn a_price_that_the_user_sets_goes_before_the_table() {
        let price = PriceSetting {
            model: "claude-opus-5-5".to_owned(),
            input: 1.0,
            output: 2.0,
            cache_read: Some(0.0),
            cache_write: None,
            context_tokens: None,
        };
        let own = PriceSetting { model: "mine".to_owned(), ..price.clone() };
        let settings = AgentSettings { prices: vec![price, own], ..AgentSettings::default() };
        let offer = catalogue().offer(&claude(), &settings);
        for name in ["opus", "mine"] {
            let price = offer.model(name).unwrap().price.unwrap();
            assert_eq!((price.input, price.cache_read), (Usd(1_000_000), Usd::ZERO));
            assert_eq!((price.output, price.cache_write), (Usd(2_000_000), Usd(1_000_000)));
        }
    }

    #[test]
    fn a_wish_that_is_not_to_be_passed_is_none_that_the_agent_honours() {
        let mut settings = AgentSettings::default();
        settings.overlay(&|name| (name == "LOKI_PASS_EFFORT").then(|| "false".to_owned()));
        let can = catalogue().offer(&claude(), &settings).capabilities;
        assert!(!can.effort && can.budget && can.fallback_model);
    }

    #[test]
    fn of_an_agent_that_the_table_does_not_know_nothing_is_chosen() {
        let agent = CommandAgent::new("command:x", "x", &[]);
        let offer = catalogue().offer(&agent, &AgentSettings::default());
        let choice = choose(&offer, &ModelWishes::default(), Tier::Fast, None, &[]);
        assert_eq!((choice.model, choice.reason), (None, Reason::NotChoosable));
    }
}
