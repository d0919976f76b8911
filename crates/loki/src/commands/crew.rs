//! The agents of a run: who is called, and who takes over.

use loki_agent::{Agent, AgentSettings, Catalogue, SettingsError};
use loki_model::{Ceiling, Offer, OnQuota, Settings, Tier};

use super::launch::open_agent;
use crate::cli::{AgentArgs, OnQuotaChoice};
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// The agent when none is named anywhere.
const PROVIDER_DEFAULT: &str = "claude";
/// Another name of `LOKI_MODEL` that scripts know.
const MODEL_VARIABLE: &str = "LOKI_SESSION_MODEL";

/// What the user sets of agents, variables included. What means nothing is said.
pub(super) fn agent_settings(cx: &Context) -> Result<AgentSettings, CommandError> {
    let mut settings = kept_settings(cx)?;
    for problem in settings.overlay(&|name| std::env::var(name).ok()) {
        output::talk(&problem);
    }
    Ok(settings)
}

/// The same where its problems were said before.
pub(super) fn agent_settings_quietly(cx: &Context) -> AgentSettings {
    let mut settings = kept_settings(cx).unwrap_or_default();
    let _ = settings.overlay(&|name| std::env::var(name).ok());
    settings
}

/// The same without variables.
pub(super) fn kept_settings(cx: &Context) -> Result<AgentSettings, CommandError> {
    AgentSettings::read(&cx.home).map_err(|err| match &err {
        SettingsError::Io { .. } => CommandError::environment(chain(&err)).hint("loki doctor"),
        SettingsError::Invalid { .. } => {
            CommandError::user(chain(&err)).hint("correct it; see docs/configuration.md")
        }
    })
}

/// The agent that is meant: the one that was named, else the one that was set.
pub(super) fn provider(named: Option<&str>, settings: &AgentSettings) -> String {
    let named = named.filter(|name| !name.is_empty()).or(settings.provider.as_deref());
    named.unwrap_or(PROVIDER_DEFAULT).to_owned()
}

/// What a new run is to be, as far as agents are concerned, and the agents themselves.
pub(super) fn crew(
    args: &AgentArgs,
    iterations_max: u32,
    cx: &Context,
) -> Result<(Settings, Vec<Box<dyn Agent>>), CommandError> {
    let set = agent_settings(cx)?;
    let provider = provider(args.provider.as_deref(), &set);
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let names: Vec<String> = [vec![provider.clone()], set.successors(&provider)].concat();
    let agents = open_all(&names)?;
    let settings = Settings {
        model: args.model.clone().filter(|m| !m.is_empty()).or_else(|| named(MODEL_VARIABLE)),
        ceiling: args.max_tier.clone().filter(|m| !m.is_empty()).or(set.max_tier.clone()),
        effort: args.effort.or(set.effort),
        on_quota: match args.on_quota {
            OnQuotaChoice::Failover => OnQuota::Failover,
            OnQuotaChoice::Wait => OnQuota::Wait,
            OnQuotaChoice::Ask => OnQuota::Ask,
            OnQuotaChoice::Stop => OnQuota::Stop,
        },
        resumes_max: args.max_resumes,
        quiet_hours: args.quiet_hours.and_then(|choice| choice.0),
        brevity: args.brevity.and_then(|choice| choice.0),
        agents: offers(&agents, &set),
        ..Settings::new(&provider, iterations_max)
    };
    check_ceiling(&settings, cx)?;
    Ok((settings, agents))
}

/// The agents of a run that exists.
pub(super) fn crew_of(settings: &Settings) -> Result<Vec<Box<dyn Agent>>, CommandError> {
    let mut names: Vec<String> = settings.agents.iter().map(|offer| offer.agent.clone()).collect();
    if names.is_empty() {
        names.push(settings.provider.clone());
    }
    open_all(&names)
}

pub(super) fn open_all(names: &[String]) -> Result<Vec<Box<dyn Agent>>, CommandError> {
    names.iter().map(|name| open_agent(name)).collect()
}

/// What each of `agents` offers.
pub(super) fn offers(agents: &[Box<dyn Agent>], set: &AgentSettings) -> Vec<Offer> {
    let catalogue = Catalogue::built_in();
    agents.iter().map(|agent| catalogue.offer(agent.as_ref(), set)).collect()
}

/// A ceiling that would not hold is no ceiling: a misspelt one is refused before anything is spent.
fn check_ceiling(settings: &Settings, cx: &Context) -> Result<(), CommandError> {
    let Some(ceiling) = &settings.ceiling else { return Ok(()) };
    let (quote, agent) = (settings.quote(Tier::Development), &settings.provider);
    if quote.ceiling != Ceiling::CanNotHold {
        return Ok(());
    }
    let offer = settings.agents.first();
    if offer.is_some_and(|offer| offer.capabilities.model && !offer.models.is_empty()) {
        let message = format!("no model of `{agent}` is known that `{ceiling}` could stand for");
        return Err(CommandError::user(message).hint("loki provider models"));
    }
    if !cx.json && !cx.quiet {
        output::talk(&format!("`{agent}` can not be held to a model: the ceiling has no effect"));
    }
    Ok(())
}
