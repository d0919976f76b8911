use std::time::Duration;

use loki_agent::{Agent, Cline, Permission};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, UNTIL, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "cline",
    what: "Cline",
    wire: Wire::Chat,
    program: Program::Installed("cline"),
    model: Some(acp_agents::CHAT_MODEL),
    idle: Duration::from_secs(30),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("429-for-ever", UNTIL),
    ("429-with-long-retry-after", Cell::EndsElse("timed_out idle", SILENT)),
    ("connection-refused", Cell::EndsElse("timed_out idle", SILENT)),
    ("cut-stream-for-ever", Cell::EndsElse("crashed", NO_CLASS)),
    ("garbage-stream", Cell::EndsElse("crashed", NO_CLASS)),
    (
        "quota-with-reset-time",
        Cell::EndsElse("quota", "its log does not have the time when an allowance returns"),
    ),
    ("sigint-from-elsewhere", Cell::EndsElse("garbage", "it exits with 0, without a result")),
];
const SILENT: &str = "it tells nothing while it tries again";
const NO_CLASS: &str = "it gives up at once, and tells words only";

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let cline = Cline::at(site.program).env("HOME", site.home());
    let env = acp_agents::cline_env(&site.base_url, &site.home());
    let cline = env.into_iter().fold(cline, |agent, (name, value)| agent.env(name, value));
    Box::new(match site.wish {
        Wish::Denied => cline.permission(Permission::Deny),
        _ => cline,
    })
}
