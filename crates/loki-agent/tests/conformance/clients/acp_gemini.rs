use std::time::Duration;

use loki_agent::{Agent, Permission};

use crate::acp_agents;
use crate::client::{Cell, Client, Counts, Program, Site, UNTIL, Wire, Wish};

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

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("400-context-length", Cell::EndsElse("crashed", "it has one status for all wrong requests")),
    ("404-model", Cell::EndsElse("overloaded", "it makes a status of 500 of it")),
    ("429-for-ever", Cell::EndsElse("timed_out total", SILENT)),
    ("429-with-long-retry-after", UNTIL),
    ("500-for-ever", Cell::EndsElse("timed_out total", SILENT)),
    ("529-for-ever", Cell::EndsElse("timed_out total", SILENT)),
    ("connection-refused", Cell::EndsElse("timed_out idle", SILENT)),
    ("connection-reset", Cell::EndsElse("timed_out total", SILENT)),
    ("cut-stream-for-ever", Cell::EndsElse("completed", "it takes what came for the answer")),
    ("quota-with-reset-time", Cell::EndsElse("timed_out total", SILENT)),
    (
        "resumes-a-session",
        Cell::CanNot("its `session/load` finds no session, though the file of it is there"),
    ),
    ("sigint-from-elsewhere", Cell::EndsElse("garbage", EXITS_WELL)),
    ("sigterm-from-elsewhere", Cell::EndsElse("garbage", EXITS_WELL)),
    ("usage-and-cost", Cell::CanNot("it does not tell what was read from a cache")),
];
const SILENT: &str = "it tries again for minutes, and tells nothing of it over the protocol";
const EXITS_WELL: &str = "it exits with 0, without a result";

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let agent = acp_agents::gemini(site.program, &site.base_url, &site.home());
    Box::new(match site.wish {
        Wish::Denied => agent.permission(Permission::Deny),
        _ => agent,
    })
}
