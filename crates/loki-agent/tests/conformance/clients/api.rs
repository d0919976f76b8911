use std::time::Duration;

use loki_agent::{Agent, Api};

use crate::client::{Cell, Client, Counts, Program, Site, UNTIL, Wire};

/// Over OpenAI Chat Completions, which every compatible server speaks.
pub(crate) const CHAT: Client = Client {
    name: "api:openai",
    what: "loki's own agent, over OpenAI Chat Completions",
    wire: Wire::Chat,
    program: Program::BuiltIn,
    model: Some("scripted-model"),
    idle: Duration::from_secs(1),
    counts: Counts::TokensAndCost,
    build: |site| built(site, "openai"),
    exceptions: &[
        TOLD_UNTIL,
        TOLD_UNTIL_LATER,
        ("quota-with-reset-time", Cell::EndsElse("quota", "the service does not say until when")),
        NO_PERMISSIONS,
        NO_PROCESS_TO_INTERRUPT,
        NO_PROCESS_TO_TERMINATE,
    ],
};

/// Over Anthropic Messages.
pub(crate) const ANTHROPIC: Client = Client {
    name: "api:anthropic",
    what: "loki's own agent, over Anthropic Messages",
    wire: Wire::Anthropic,
    build: |site| built(site, "anthropic"),
    exceptions: &[
        TOLD_UNTIL,
        TOLD_UNTIL_LATER,
        NO_PERMISSIONS,
        NO_PROCESS_TO_INTERRUPT,
        NO_PROCESS_TO_TERMINATE,
    ],
    ..CHAT
};

const TOLD_UNTIL: (&str, Cell) = ("429-for-ever", UNTIL);
const TOLD_UNTIL_LATER: (&str, Cell) = ("429-with-long-retry-after", UNTIL);
const NO_PERMISSIONS: (&str, Cell) =
    ("permission-denied", Cell::CanNot("it asks nobody for permission"));
const NO_PROCESS: Cell = Cell::CanNot("it is part of loki and has no process of its own");
const NO_PROCESS_TO_INTERRUPT: (&str, Cell) = ("sigint-from-elsewhere", NO_PROCESS);
const NO_PROCESS_TO_TERMINATE: (&str, Cell) = ("sigterm-from-elsewhere", NO_PROCESS);

fn built(site: &Site<'_>, protocol: &str) -> Box<dyn Agent> {
    let state = site.home().join("loki").display().to_string();
    let api = Api::named(&format!("api:{}", site.base_url), &|name| match name {
        "LOKI_API_KEY" => Some("dummy".to_owned()),
        "LOKI_API_PROTOCOL" => Some(protocol.to_owned()),
        "LOKI_HOME" => Some(state.clone()),
        _ => None,
    });
    Box::new(api.unwrap())
}
