use std::time::Duration;

use loki_agent::{Agent, Permission};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "acp:claude-agent-acp",
    what: "Claude Code over the Agent Client Protocol",
    wire: Wire::Anthropic,
    program: Program::Installed("claude-agent-acp"),
    model: Some("claude-sonnet-4-5"),
    idle: Duration::from_secs(20),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[];

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let agent = acp_agents::claude(site.program, &site.base_url, &site.home())
        .env("ANTHROPIC_MODEL", "claude-sonnet-4-5");
    let agent = match site.wish {
        Wish::OwnRetries => agent,
        _ => agent.env("CLAUDE_CODE_MAX_RETRIES", "1"),
    };
    Box::new(match site.wish {
        Wish::Denied => agent.permission(Permission::Deny),
        _ => agent,
    })
}
