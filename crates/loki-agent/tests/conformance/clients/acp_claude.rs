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

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("400-context-length", Cell::EndsElse("crashed", NO_CLASS)),
    ("garbage-stream", Cell::EndsElse("crashed", NO_CLASS)),
    (
        "quota-with-reset-time",
        Cell::EndsElse("rate_limited", "its adapter has one class for both, and tells no time"),
    ),
];
const NO_CLASS: &str = "its adapter has no class for it";

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
