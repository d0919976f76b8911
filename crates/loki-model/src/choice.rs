//! From what a call is for to the model that is asked: the only place where that is decided.
//!
//! What is quoted, reported, dispatched and priced is one [`Choice`].

use serde::{Deserialize, Serialize};

use crate::{Effort, Model, Offer, Price, Tier};

/// What the user wants of every agent's models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelWishes {
    /// One model for every tier.
    pub pin: Option<String>,
    /// The dearest model or tier that may be asked.
    pub ceiling: Option<String>,
    /// How much to think, whatever the tier.
    pub effort: Option<Effort>,
}

/// Which model a call asks for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The agent that is called.
    pub agent: String,
    /// What the call is for.
    pub tier: Tier,
    /// What the agent is asked for; its own choice when absent.
    pub model: Option<String>,
    /// What that costs, where it is known.
    pub price: Option<Price>,
    /// Tokens that a conversation may have.
    pub context_tokens: Option<u64>,
    /// How much to think; the model's own measure when absent.
    pub effort: Option<Effort>,
    /// What to go on with when the model is overloaded.
    pub fallback: Option<String>,
    /// Why this model.
    pub reason: Reason,
    /// What became of it under the ceiling.
    pub ceiling: Ceiling,
}

/// Why a model was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// The user switched to it while the run was under way.
    Switched,
    /// The user named it for the whole run.
    Pinned,
    /// The user named it for this tier.
    Overridden,
    /// It is what the tier is served with.
    Offered,
    /// The tier has no model that can be had: another tier's serves.
    Collapsed {
        /// Whose model it is.
        to: Tier,
    },
    /// Nothing is known to choose from: the agent's own choice.
    Own,
    /// The agent does not let itself be told.
    NotChoosable,
}

/// What became of a choice under the ceiling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ceiling {
    /// There is none, or the choice is below.
    Kept,
    /// A dearer one was wanted.
    Lowered {
        /// Which; nothing when it was the agent's own choice.
        from: Option<String>,
    },
    /// It could not be applied: nothing at most so dear is known of this agent.
    CanNotHold,
}

/// Chooses the model of one call.
///
/// What was switched to goes before the pin, that before the override of the tier, that before what the
/// agent offers. A tier without a model, or whose model is among `unavailable`, collapses to the next
/// cheaper tier that has one, else to the next dearer one, else to the agent's own choice; what the user
/// named is never replaced so. The ceiling comes last: what costs more in any kind of token, or an unknown
/// price, is replaced by the dearest known model that in no kind costs more than either.
pub fn choose(
    offer: &Offer,
    wishes: &ModelWishes,
    tier: Tier,
    switched: Option<&str>,
    unavailable: &[String],
) -> Choice {
    let (wanted, reason) = wanted(offer, wishes, tier, switched, unavailable);
    let wanted_model = wanted.and_then(|name| offer.model(name));
    let (id, model, ceiling) = match under_ceiling(offer, wishes, wanted_model) {
        Clamp::Keep => (
            wanted.map(|name| wanted_model.map_or(name, |model| &model.id)),
            wanted_model,
            Ceiling::Kept,
        ),
        Clamp::Lower(model) => {
            let from = wanted_model.map(|m| m.id.clone()).or(wanted.map(str::to_owned));
            (Some(model.id.as_str()), Some(model), Ceiling::Lowered { from })
        }
        Clamp::CanNotHold => (
            wanted.map(|name| wanted_model.map_or(name, |model| &model.id)),
            wanted_model,
            Ceiling::CanNotHold,
        ),
    };
    let can = offer.capabilities;
    let effort = wishes.effort.or(offer.tiers.of(tier).effort);
    Choice {
        agent: offer.agent.clone(),
        tier,
        model: id.map(str::to_owned),
        price: model.and_then(|model| model.price),
        context_tokens: model.and_then(|model| model.context_tokens),
        effort: effort.filter(|_| can.effort),
        fallback: model
            .filter(|_| can.fallback_model)
            .and_then(|m| fallback(offer, m, unavailable)),
        reason,
        ceiling,
    }
}

fn wanted<'a>(
    offer: &'a Offer,
    wishes: &'a ModelWishes,
    tier: Tier,
    switched: Option<&'a str>,
    unavailable: &[String],
) -> (Option<&'a str>, Reason) {
    if !offer.capabilities.model {
        return (None, Reason::NotChoosable);
    }
    if let Some(name) = switched {
        return (Some(name), Reason::Switched);
    }
    if let Some(name) = &wishes.pin {
        return (Some(name), Reason::Pinned);
    }
    if let Some(name) = offer.overrides.of(tier) {
        return (Some(name), Reason::Overridden);
    }
    let served = |tier: Tier| {
        let name = offer.tiers.of(tier).model.as_deref()?;
        let id = offer.model(name).map_or(name, |model| &model.id);
        (!unavailable.iter().any(|gone| gone == id)).then_some(name)
    };
    let order = match tier {
        Tier::Planning => [Tier::Planning, Tier::Development, Tier::Fast],
        Tier::Development => [Tier::Development, Tier::Fast, Tier::Planning],
        Tier::Fast => [Tier::Fast, Tier::Development, Tier::Planning],
    };
    match order.into_iter().find_map(|tier| Some((tier, served(tier)?))) {
        Some((found, name)) if found == tier => (Some(name), Reason::Offered),
        Some((to, name)) => (Some(name), Reason::Collapsed { to }),
        None => (None, Reason::Own),
    }
}

enum Clamp<'a> {
    Keep,
    Lower(&'a Model),
    CanNotHold,
}

fn under_ceiling<'a>(offer: &'a Offer, wishes: &ModelWishes, wanted: Option<&Model>) -> Clamp<'a> {
    let Some(name) = &wishes.ceiling else { return Clamp::Keep };
    if !offer.capabilities.model {
        return Clamp::CanNotHold;
    }
    let Some(ceiling) = ceiling_model(offer, name) else { return Clamp::CanNotHold };
    let Some(most) = ceiling.price else { return Clamp::CanNotHold };
    let wanted = wanted.and_then(|model| model.price);
    if wanted.is_some_and(|price| price.is_at_most(&most)) {
        return Clamp::Keep;
    }
    let fits = |price: &Price| {
        price.is_at_most(&most) && wanted.is_none_or(|wanted| price.is_at_most(&wanted))
    };
    if fits(&most) {
        return Clamp::Lower(ceiling);
    }
    let priced = offer.models.iter().filter_map(|model| Some((model, model.price?)));
    let dearest = priced.filter(|(_, price)| fits(price)).max_by_key(|(_, price)| price.rank());
    dearest.map_or(Clamp::CanNotHold, |(model, _)| Clamp::Lower(model))
}

/// The model that a ceiling means: a model of the agent, or what one of its tiers is served with. The
/// families of Claude stand for tiers with agents that do not know them.
fn ceiling_model<'a>(offer: &'a Offer, name: &str) -> Option<&'a Model> {
    if let Some(model) = offer.model(name) {
        return Some(model);
    }
    let tier = match name {
        "planning" | "opus" | "fable" => Tier::Planning,
        "development" | "sonnet" => Tier::Development,
        "fast" | "haiku" => Tier::Fast,
        _ => return None,
    };
    let served = offer.tiers.of(tier);
    offer.model(served.ceiling.as_deref().or(served.model.as_deref())?)
}

/// Never dearer than what it stands in for.
fn fallback(offer: &Offer, model: &Model, unavailable: &[String]) -> Option<String> {
    let other = offer.model(model.fallback.as_deref()?)?;
    let cheaper = other.price?.is_at_most(&model.price?);
    (cheaper && other.id != model.id && !unavailable.contains(&other.id)).then(|| other.id.clone())
}

impl Choice {
    /// The model as people see it.
    pub fn model_label(&self) -> &str {
        self.model.as_deref().unwrap_or("its own model")
    }

    /// Why this model, in a few words; nothing when there is nothing to say.
    pub fn why(&self) -> String {
        let tier = self.tier.label();
        let reason = match self.reason {
            Reason::Switched => "switched to".to_owned(),
            Reason::Pinned => "as asked".to_owned(),
            Reason::Overridden => format!("as asked for {tier}"),
            Reason::Offered => tier.to_owned(),
            Reason::Collapsed { to } => {
                format!("{tier} has no model of its own: that of {}", to.label())
            }
            Reason::Own => "nothing else is known of this agent".to_owned(),
            Reason::NotChoosable => "this agent takes no model".to_owned(),
        };
        match &self.ceiling {
            Ceiling::Kept => reason,
            Ceiling::Lowered { from } => {
                let from = from.as_deref().unwrap_or("the agent's own choice");
                format!("{reason}; lowered from {from} by the ceiling")
            }
            Ceiling::CanNotHold => format!("{reason}; the ceiling can not hold this agent"),
        }
    }
}

#[cfg(test)]
mod tests;
