use std::time::Duration;

use loki_agent::{Agent, Permission};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "acp:codex-acp",
    what: "Codex over the Agent Client Protocol",
    wire: Wire::Responses,
    program: Program::Installed("codex-acp"),
    model: Some("gpt-5.5"),
    idle: Duration::from_secs(15),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[];

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let agent = acp_agents::codex(site.program, &site.base_url, &site.home());
    Box::new(match site.wish {
        Wish::Denied => agent.permission(Permission::Deny),
        _ => agent,
    })
}
