use std::time::Duration;

use loki_agent::{Agent, Opencode};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, UNTIL, Wire};

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

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("429-for-ever", UNTIL),
    ("429-with-long-retry-after", Cell::EndsElse("timed_out idle", SILENT)),
    ("connection-refused", Cell::EndsElse("timed_out idle", SILENT)),
    (
        "cut-stream-for-ever",
        Cell::EndsElse("crashed", "it goes on from what came without end, and is ended for that"),
    ),
    ("garbage-stream", Cell::EndsElse("crashed", "it has no class for it")),
    ("permission-denied", Cell::CanNot("a refusal ends its turn at once")),
    ("quota-with-reset-time", Cell::EndsElse("quota", "the service does not say until when")),
];
const SILENT: &str = "it tells nothing while it waits";

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let opencode = Opencode::at(site.program).env("HOME", site.home());
    let env = acp_agents::opencode_env(&site.base_url);
    let opencode = env.into_iter().fold(opencode, |agent, (name, value)| agent.env(name, value));
    Box::new(opencode)
}
