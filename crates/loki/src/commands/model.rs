//! `loki model`

use loki_engine::world::request_model;
use loki_model::{Run, choose};
use serde_json::json;

use super::Done;
use crate::cli::ModelArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output::{self, harmless};

pub(super) fn model(args: &ModelArgs, cx: &Context) -> Done {
    let (_store, run) = cx.open_run(args.run.as_deref())?;
    if args.name.is_none() && !args.reset {
        return Ok(show(&run, cx));
    }
    if run.ended.is_some() {
        let message = format!("run {} has ended: there is no next call", run.id);
        return Err(CommandError::user(message).hint(format!("loki show {}", run.id)));
    }
    // As the machine will choose, so that what can not hold is said now.
    let offer = run.offer(run.active);
    if !offer.capabilities.model {
        let message = format!("`{}` can not be told which model to use", offer.agent);
        return Err(CommandError::user(message).hint("loki provider info"));
    }
    if let Some(name) = &args.name
        && !offer.models.is_empty()
        && offer.model(name).is_none()
    {
        let known: Vec<&str> = offer.models.iter().map(|model| model.id.as_str()).collect();
        let message =
            format!("`{}` is not known to offer `{name}`: {}", offer.agent, known.join(", "));
        return Err(CommandError::user(message)
            .hint("a [[price]] in $LOKI_HOME/agents.toml makes another one known to new runs"));
    }
    let choice =
        choose(&offer, &run.settings.wishes(), run.settings.tier, args.name.as_deref(), &[]);
    request_model(&cx.home, &run.id, args.name.as_deref()).map_err(environment)?;
    if cx.json {
        output::json(&json!({ "schema_version": 1, "run": run.id, "next": choice }));
    } else {
        let (model, why) = (harmless(choice.model_label()), choice.why());
        output::data(&format!("run {}: from the next call on {model} ({why})", run.id));
    }
    Ok(0)
}

fn show(run: &Run, cx: &Context) -> u8 {
    let next = run.choose(run.settings.tier);
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
