use std::time::Duration;

use loki_agent::{Agent, Opencode, Permission};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "opencode",
    what: "opencode",
    wire: Wire::Chat,
    program: Program::Installed("opencode"),
    model: Some("scripted/scripted-model"),
    idle: Duration::from_secs(60),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[(
    "429-with-long-retry-after",
    Cell::EndsElse("timed_out idle", "it tells nothing while it waits"),
)];

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let opencode = Opencode::at(site.program).env("HOME", site.home());
    let env = acp_agents::opencode_env(&site.base_url);
    let opencode = env.into_iter().fold(opencode, |agent, (name, value)| agent.env(name, value));
    let ask = r#"{"edit":"ask","bash":"ask"}"#;
    Box::new(match site.wish {
        Wish::Denied => opencode.env("OPENCODE_PERMISSION", ask).permission(Permission::Deny),
        _ => opencode,
    })
}
