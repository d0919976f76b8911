use std::time::Duration;

use loki_agent::Agent;

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, Wire};

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

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("400-context-length", Cell::EndsElse("crashed", NO_CLASS)),
    ("404-model", Cell::EndsElse("crashed", NO_CLASS)),
    (
        "a-prompt-of-2-mb",
        Cell::EndsElse("crashed", "it takes no prompt of more than 1,048,576 characters"),
    ),
    ("permission-denied", Cell::CanNot("a refusal ends its turn at once")),
    ("quota-with-reset-time", Cell::EndsElse("quota", "its adapter tells the time in words only")),
];
const NO_CLASS: &str = "its adapter tells words only, and that the turn failed";

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    Box::new(acp_agents::codex(site.program, &site.base_url, &site.home()))
}
