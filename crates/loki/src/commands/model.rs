//! `loki model`

use loki_model::{Control, Offer, Run, Settings, Tier};
use serde_json::json;

use super::Done;
use super::consent::consent;
use super::control::{find, request_of};
use super::crew::{agent_settings, offers, open_all};
use crate::cli::ModelArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::{self, harmless};

pub(super) fn model(args: &ModelArgs, cx: &Context) -> Done {
    let (store, mut run) = find(&args.which, cx)?;
    if args.name.is_none() && args.agent.is_none() && !args.reset {
        return Ok(show(&run, cx));
    }
    let control = match &args.agent {
        Some(agent) => {
            let offer = Box::new(offer(agent, args.yes, cx)?);
            let model = args.name.as_deref().map(|name| model_named(&offer, name));
            Control::Agent { offer, model }
        }
        None => {
            let next = run.next_agent.as_ref().map_or(run.active, |next| next.index);
            let model = args.name.as_deref().map(|name| model_named(&run.offer(next), name));
            Control::Model { model }
        }
    };
    run = request_of(&store, &run.id, control, cx)?;
    let choice = run.next_choice();
    if cx.json {
        output::json(&json!({ "schema_version": 1, "run": run.id, "next": choice }));
    } else {
        let (model, why) = (harmless(choice.model_label()), choice.why());
        let agent = harmless(&choice.agent);
        output::data(&format!(
            "run {}: from the next call on {agent} with {model} ({why})",
            run.id
        ));
    }
    Ok(0)
}

/// What an agent offers that is to take over.
fn offer(agent: &str, yes: bool, cx: &Context) -> Result<Offer, CommandError> {
    let set = agent_settings(cx)?;
    let agents = open_all(&[agent.to_owned()])?;
    let offers = offers(&agents, &set);
    let settings = Settings { agents: offers.clone(), ..Settings::new(agent, 1) };
    consent(yes, &agents, &settings, cx)?;
    offers.into_iter().next().ok_or_else(|| CommandError::user(format!("`{agent}` offers nothing")))
}

/// A tier stands for its model, unless a model has that name.
fn model_named(offer: &Offer, name: &str) -> String {
    let tier = Tier::ALL.into_iter().find(|tier| tier.label() == name);
    let of_tier = tier.filter(|_| offer.model(name).is_none());
    let model = of_tier.and_then(|tier| offer.tiers.of(tier).model.clone());
    model.unwrap_or_else(|| name.to_owned())
}

fn show(run: &Run, cx: &Context) -> u8 {
    let next = run.next_choice();
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "current": run.choice,
            "next": next,
        }));
        return 0;
    }
    if let Some(choice) = &run.choice {
        let (model, why) = (harmless(choice.model_label()), choice.why());
        output::data(&format!("newest call  {} with {model} ({why})", choice.agent));
    }
    output::data(&format!(
        "next call    {} with {} ({})",
        next.agent,
        next.model_label(),
        next.why()
    ));
    0
}
