use std::fs;
use std::time::Duration;

use loki_agent::{Agent, Claude};

use crate::client::{Cell, Client, Counts, Program, Site, Wire, Wish};

pub(crate) const CLIENT: Client = Client {
    name: "claude",
    what: "Claude Code",
    wire: Wire::Anthropic,
    program: Program::Installed("claude"),
    model: Some("claude-sonnet-4-5"),
    idle: Duration::from_secs(6),
    counts: Counts::TokensAndCost,
    build,
    exceptions: EXCEPTIONS,
};

const EXCEPTIONS: &[(&str, Cell)] = &[(
    "sigint-from-elsewhere",
    Cell::EndsElse("crashed or garbage", "it exits with 0, sometimes without a result"),
)];

fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let settings = site.home().join("claude");
    fs::create_dir_all(&settings).unwrap();
    if site.wish == Wish::Denied {
        let denied = r#"{"permissions": {"deny": ["Write(**)", "Edit(**)", "Bash(touch *)"]}}"#;
        fs::write(settings.join("settings.json"), denied).unwrap();
    }
    let key = match site.wish {
        Wish::Subscription => "CLAUDE_CODE_OAUTH_TOKEN",
        _ => "ANTHROPIC_API_KEY",
    };
    let claude = Claude::at(site.program)
        .env("ANTHROPIC_BASE_URL", &site.base_url)
        .env(key, "sk-ant-dummy")
        .env("HOME", site.home())
        .env("CLAUDE_CONFIG_DIR", settings);
    Box::new(match site.wish {
        Wish::OwnRetries => claude,
        _ => claude.env("CLAUDE_CODE_MAX_RETRIES", "1"),
    })
}
