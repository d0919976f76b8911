//! `loki provider`

use std::path::Path;
use std::time::Duration;

use loki_agent::{Agent, CallSpec};
use loki_engine::Stop;
use loki_host::process::Limits;
use loki_model::{AgentOutcome, Choice, Cost, Offer, Price, Purpose, Settings, Tier};
use serde_json::{Value, json};

use super::crew::{agent_settings, kept_settings, offers, open_all, provider as meant};
use super::launch::open_agent;
use super::readiness::readiness;
use super::spend::recorded;
use super::{Done, sandbox};
use crate::cli::{ProviderArgs, ProviderCommand};
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;
use crate::signals;
use crate::view::render::one_line;

/// What `loki provider test --spend` asks for.
const TRIAL_PROMPT: &str = "Answer with the one word OK. Do not use any tool.\n";
/// A trial that takes longer has failed.
const TRIAL_MAX: Duration = Duration::from_secs(120);

pub(super) fn provider(args: &ProviderArgs, cx: &Context) -> Done {
    match &args.what {
        None | Some(ProviderCommand::Show) => show(cx),
        Some(ProviderCommand::List) => list(cx),
        Some(ProviderCommand::Set { name }) => set(name, cx),
        Some(ProviderCommand::Info { name }) => info(name.as_deref(), cx),
        Some(ProviderCommand::Models { name }) => models(name.as_deref(), cx),
        Some(ProviderCommand::Test { name, spend }) => test(name.as_deref(), *spend, cx),
    }
}

/// Which agent is called when none is named, and who says so.
fn current(cx: &Context) -> Result<(String, &'static str), CommandError> {
    let from_variable = std::env::var("LOKI_PROVIDER").is_ok_and(|value| !value.trim().is_empty());
    let kept = kept_settings(cx)?.provider.is_some();
    let source = match (from_variable, kept) {
        (true, _) => "LOKI_PROVIDER",
        (false, true) => "loki provider set",
        (false, false) => "the default",
    };
    Ok((meant(None, &agent_settings(cx)?), source))
}

fn show(cx: &Context) -> Done {
    let (name, source) = current(cx)?;
    if cx.json {
        output::json(&json!({ "schema_version": 1, "provider": name, "source": source }));
    } else {
        output::data(&format!("{name}    ({source})"));
    }
    Ok(0)
}

fn list(cx: &Context) -> Done {
    let (current, _) = current(cx)?;
    let mut agents = loki_agent::known();
    if agents.iter().all(|agent| agent.name() != current) {
        agents.push(open_agent(&current)?);
    }
    let found: Vec<_> = agents.iter().map(|agent| readiness(agent.as_ref())).collect();
    if cx.json {
        let providers: Vec<Value> = found
            .iter()
            .map(|ready| {
                let mut value = ready.json();
                value["current"] = json!(ready.agent == current);
                value
            })
            .collect();
        output::json(&json!({ "schema_version": 1, "providers": providers }));
        return Ok(0);
    }
    for ready in &found {
        let mark = if ready.agent == current { "*" } else { " " };
        for (index, line) in ready.lines().iter().enumerate() {
            output::data(&format!("{} {line}", if index == 0 { mark } else { " " }));
        }
    }
    output::data("  and: command:PROGRAM ARGS (any program), replay:FILE (a recording)");
    Ok(0)
}

fn set(name: &str, cx: &Context) -> Done {
    let agent = open_agent(name)?;
    let mut settings = kept_settings(cx)?;
    settings.provider = Some(name.to_owned());
    settings.write(&cx.home).map_err(environment)?;
    let ready = readiness(agent.as_ref());
    if cx.json {
        output::json(&json!({ "schema_version": 1, "provider": name, "readiness": ready.json() }));
        return Ok(0);
    }
    output::data(&format!("`{name}` is called when no agent is named"));
    if !ready.state.is_usable() {
        ready.lines().iter().for_each(|line| output::talk(line));
    }
    if std::env::var_os("LOKI_PROVIDER").is_some_and(|value| !value.is_empty()) {
        output::talk("LOKI_PROVIDER is set and goes before it");
    }
    Ok(0)
}

/// The agent that `name` means, and a run of it that has not begun.
fn one(name: Option<&str>, cx: &Context) -> Result<(Vec<Box<dyn Agent>>, Settings), CommandError> {
    let set = agent_settings(cx)?;
    let name = meant(name, &set);
    let agents = open_all(std::slice::from_ref(&name))?;
    let pin = |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let settings = Settings {
        model: pin("LOKI_MODEL").or_else(|| pin("LOKI_SESSION_MODEL")),
        ceiling: set.max_tier.clone(),
        effort: set.effort,
        agents: offers(&agents, &set),
        ..Settings::new(&name, 1)
    };
    Ok((agents, settings))
}

fn info(name: Option<&str>, cx: &Context) -> Done {
    let (agents, settings) = one(name, cx)?;
    let (Some(agent), Some(offer)) = (agents.first(), settings.agents.first()) else {
        return Err(CommandError::environment("no agent was opened"));
    };
    let ready = readiness(agent.as_ref());
    let can = offer.capabilities;
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "provider": ready.json(),
            "capabilities": can,
            "tiers": quotes(&settings),
        }));
        return Ok(0);
    }
    ready.lines().iter().for_each(|line| output::data(line));
    let all = [
        ("model", can.model),
        ("effort", can.effort),
        ("budget of a call", can.budget),
        ("fallback model", can.fallback_model),
        ("resumed sessions", can.resume),
        ("sub-agents", can.sub_agents),
        ("live control", can.live_control),
    ];
    let named = |wanted: bool| {
        let names: Vec<&str> =
            all.iter().filter(|(_, is)| *is == wanted).map(|(n, _)| *n).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    output::data(&format!("honours      {}", named(true)));
    output::data(&format!("does not     {}", named(false)));
    for quote in quotes(&settings) {
        output::data(&tier_line(&quote));
    }
    Ok(0)
}

fn quotes(settings: &Settings) -> Vec<Choice> {
    Tier::ALL.into_iter().map(|tier| settings.quote(tier)).collect()
}

fn models(name: Option<&str>, cx: &Context) -> Done {
    let (_, settings) = one(name, cx)?;
    let Some(offer) = settings.agents.first() else { return Ok(0) };
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "provider": offer.agent,
            "as_of": offer.as_of,
            "ceiling": settings.ceiling,
            "tiers": quotes(&settings),
            "models": offer.models,
        }));
        return Ok(0);
    }
    for quote in quotes(&settings) {
        output::data(&tier_line(&quote));
    }
    known_models(offer).iter().for_each(|line| output::data(line));
    Ok(0)
}

fn tier_line(quote: &Choice) -> String {
    let effort = quote.effort.map(|effort| format!(", effort {effort}")).unwrap_or_default();
    let why = quote.why();
    let why = if why == quote.tier.label() { String::new() } else { format!("    {why}") };
    let price = shown_price(quote.price);
    let fallback =
        quote.fallback.as_ref().map(|model| format!(", else {model}")).unwrap_or_default();
    let (tier, model) = (quote.tier.label(), one_line(quote.model_label(), 60));
    format!("{tier:<12} {model}{fallback}{effort}    {price}{why}")
}

fn shown_price(price: Option<Price>) -> String {
    match price {
        Some(Price { input, output, .. }) => format!("{input} in, {output} out"),
        None => "price unknown".to_owned(),
    }
}

fn known_models(offer: &Offer) -> Vec<String> {
    if offer.models.is_empty() {
        return vec!["no model of this agent is known".to_owned()];
    }
    let heading = format!("known models, US dollars for a million tokens, of {}:", offer.as_of);
    let line = |model: &loki_model::Model| {
        let window = model.context_tokens.map(|tokens| format!("{}k", tokens / 1000));
        let window = window.unwrap_or_else(|| "?".to_owned());
        let aliases = model.aliases.join(", ");
        let price = shown_price(model.price);
        format!("  {:<20} {window:>6}  {price:<26} {aliases}", model.id)
    };
    [heading].into_iter().chain(offer.models.iter().map(line)).collect()
}

fn test(name: Option<&str>, spend: bool, cx: &Context) -> Done {
    let (agents, settings) = one(name, cx)?;
    let Some(agent) = agents.first() else { return Ok(1) };
    let ready = readiness(agent.as_ref());
    let trial = match spend && ready.state.is_usable() {
        true => Some(trial(agent.as_ref(), &settings, cx)?),
        false => None,
    };
    let works = trial
        .as_ref()
        .map_or(ready.state.is_usable(), |trial| trial.outcome == AgentOutcome::Completed);
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "provider": ready.json(),
            "works": works,
            "call": trial.as_ref().map(Trial::json),
        }));
        return Ok(u8::from(!works));
    }
    ready.lines().iter().for_each(|line| output::data(line));
    match &trial {
        Some(trial) => output::data(&trial.line()),
        None if ready.state.is_usable() => {
            output::data("nothing was spent: loki provider test --spend makes one small call");
        }
        None => {}
    }
    Ok(u8::from(!works))
}

struct Trial {
    outcome: AgentOutcome,
    model: Option<String>,
    cost: Cost,
    said: String,
}

/// One small call of the cheapest tier in a directory of its own.
fn trial(agent: &dyn Agent, settings: &Settings, cx: &Context) -> Result<Trial, CommandError> {
    let choice = settings.quote(Tier::Fast);
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let directory = tempfile::tempdir().map_err(environment)?;
    let hold = sandbox::hold(cx)?;
    let spec = CallSpec {
        cwd: Path::new(directory.path()),
        prompt: TRIAL_PROMPT,
        call: 1,
        tier: choice.tier,
        model: choice.model.as_deref(),
        price: choice.price,
        effort: choice.effort,
        fallback_model: None,
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits: Limits { total: TRIAL_MAX, ..Limits::default() },
        hold: &hold,
    };
    let report = recorded(Purpose::Test, agent.name(), &choice, cx, || {
        let report = agent.call(&spec, stop.cancel(), &mut |_| {}).report;
        let (outcome, usage) = (report.outcome.label().to_owned(), report.usage);
        (report, outcome, usage)
    })?;
    let cost = choice.priced(report.usage).cost;
    let said = one_line(&report.final_text, 60);
    Ok(Trial { outcome: report.outcome, model: report.model.or(choice.model), cost, said })
}

impl Trial {
    fn line(&self) -> String {
        let cost = match self.cost {
            Cost::Known { usd } => usd.to_string(),
            Cost::Computed { usd } => format!("{usd} computed"),
            Cost::Unknown => "cost not told".to_owned(),
        };
        let model = self.model.as_deref().unwrap_or("its own model");
        format!("a call of {model}: {} ({cost}), said “{}”", self.outcome.label(), self.said)
    }

    fn json(&self) -> Value {
        json!({ "outcome": self.outcome, "model": self.model, "cost": self.cost, "said": self.said })
    }
}
