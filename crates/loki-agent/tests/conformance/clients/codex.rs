use std::fs;
use std::time::Duration;

use loki_agent::{Agent, Codex};

use crate::client::{Cell, Client, Counts, Program, Site, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "codex",
    what: "Codex",
    wire: Wire::Responses,
    program: Program::Installed("codex"),
    model: Some("gpt-5.5"),
    idle: Duration::from_secs(4),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[(
    "a-prompt-of-2-mb",
    Cell::EndsElse("context_exceeded", "it takes no prompt of more than 1,048,576 characters"),
)];

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let home = site.home().join("codex");
    fs::create_dir_all(&home).unwrap();
    // A service of its own, because the built-in one tries web sockets first.
    let retries = match site.wish {
        Wish::OwnRetries => "",
        _ => "request_max_retries = 1\nstream_max_retries = 1\n",
    };
    let settings = format!(
        "model_provider = 'scripted'\n[model_providers.scripted]\nname = 'scripted'\n\
         base_url = '{}/v1'\nenv_key = 'SCRIPTED_KEY'\nwire_api = 'responses'\n\
         {retries}",
        site.base_url
    );
    fs::write(home.join("config.toml"), settings).unwrap();
    let codex = Codex::at(site.program)
        .env("HOME", site.home())
        .env("CODEX_HOME", home)
        .env("SCRIPTED_KEY", "dummy");
    Box::new(if site.wish == Wish::Denied { codex.sandbox("read-only") } else { codex })
}
