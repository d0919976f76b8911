use std::fs;
use std::time::Duration;

use loki_agent::{Agent, Aider};

use crate::client::{Cell, Client, Counts, Program, Site, Wire};

pub(crate) const CLIENT: Client = Client {
    name: "aider",
    what: "Aider",
    wire: Wire::ChatWithoutTools,
    program: Program::Installed("aider"),
    model: Some("openai/scripted-model"),
    // It is slow to start.
    idle: Duration::from_secs(25),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const NO_COMMANDS: Cell = Cell::CanNot("it runs no commands");
const CONTEXT: Cell = Cell::EndsElse("crashed", "it tells in words only, which decide nothing");
const QUOTA: Cell = Cell::EndsElse("rate_limited", "it does not tell the two apart");

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("writes-a-file-and-runs-a-command", NO_COMMANDS),
    ("a-tool-fails", NO_COMMANDS),
    ("parallel-tools", NO_COMMANDS),
    ("a-long-tool", NO_COMMANDS),
    ("resumes-a-session", Cell::CanNot("it has no names for conversations")),
    ("usage-and-cost", Cell::CanNot("it asks once, and counts cached tokens as read")),
    ("permission-denied", NO_COMMANDS),
    ("400-context-length", CONTEXT),
    ("quota-with-reset-time", QUOTA),
    ("cancelled-while-a-tool-runs", NO_COMMANDS),
    ("sigint-from-elsewhere", NO_COMMANDS),
    ("sigterm-from-elsewhere", NO_COMMANDS),
    ("output-that-is-not-utf-8", NO_COMMANDS),
    ("prompt-injection-in-a-tool-result", NO_COMMANDS),
];

/// In the form of the library that it talks to models with; without it, it would ask the network.
const PRICES: &str = r#"{"openai/scripted-model": {"max_input_tokens": 128000,
    "max_output_tokens": 8192, "litellm_provider": "openai", "mode": "chat",
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05}}"#;

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let caches = site.home().join(".aider/caches");
    fs::create_dir_all(&caches).unwrap();
    fs::write(caches.join("model_prices_and_context_window.json"), PRICES).unwrap();
    let aider = Aider::at(site.program)
        .env("HOME", site.home())
        .env("OPENAI_API_BASE", format!("{}/v1", site.base_url))
        .env("OPENAI_API_KEY", "dummy")
        .env("AIDER_EDIT_FORMAT", "diff");
    Box::new(aider)
}
