use std::time::Duration;

use loki_agent::{Agent, Permission};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "acp:gemini --acp",
    what: "the Gemini CLI over the Agent Client Protocol",
    wire: Wire::Gemini,
    program: Program::Installed("gemini"),
    model: Some("gemini-2.5-pro"),
    idle: Duration::from_secs(25),
    counts: Counts::Tokens,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[];

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let agent = acp_agents::gemini(site.program, &site.base_url, &site.home());
    Box::new(match site.wish {
        Wish::Denied => agent.permission(Permission::Deny),
        _ => agent,
    })
}
