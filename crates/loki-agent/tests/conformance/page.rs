//! `docs/agents.md`, made of the two tables.

use std::fmt::Write as _;
use std::path::Path;

use crate::client::{Cell, Client, Wire};
use crate::clients::CLIENTS;
use crate::scenarios::SCENARIOS;

/// Set to `1` to write the page instead of comparing it.
const WRITE: &str = "LOKI_WRITE_PAGES";

/// Fails unless the page says what the tables say; writes it when that is asked for.
pub(crate) fn check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/agents.md");
    let page = page();
    if std::env::var_os(WRITE).is_some_and(|value| value == "1") {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/agents.md is not up to date: cargo xtask conformance");
}

fn page() -> String {
    let mut text = String::from(HEAD);
    text.push_str(
        "\n## The agents\n\n| agent | what | version | speaks | in every run |\n|---|---|---|---|---|\n",
    );
    for client in CLIENTS {
        let every = if client.is_of_every_run() { "yes" } else { "no" };
        let version = client.pinned().map_or_else(
            || "this build".to_owned(),
            |agent| format!("`{} {}`", agent.package, agent.version),
        );
        let speaks = speaks(client.wire);
        let _ = writeln!(
            text,
            "| `{}` | {} | {version} | {speaks} | {every} |",
            client.name, client.what
        );
    }
    text.push_str("\n## How a call ends\n\n| situation |");
    for client in CLIENTS {
        let _ = write!(text, " {} |", client.name);
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(CLIENTS.len()));
    let mut notes: Vec<String> = Vec::new();
    for scenario in SCENARIOS {
        let _ = write!(text, "| {} |", scenario.what);
        for client in CLIENTS {
            let (word, why) = match client.cell(scenario) {
                Cell::Ends(class) => (class, None),
                Cell::EndsElse(class, why) => (class, Some(why)),
                Cell::CanNot(why) => ("–", Some(why)),
            };
            let mark = why.map(|why| note(&mut notes, client, why)).unwrap_or_default();
            let _ = write!(text, " {word}{mark} |");
        }
        text.push('\n');
    }
    text.push('\n');
    for (number, note) in notes.iter().enumerate() {
        let _ = writeln!(text, "{}. {note}", number + 1);
    }
    text
}

fn speaks(wire: Wire) -> &'static str {
    match wire {
        Wire::Anthropic => "Anthropic Messages",
        Wire::Chat => "OpenAI Chat Completions",
        Wire::ChatWithoutTools => "OpenAI Chat Completions, edits as text",
        Wire::Responses => "OpenAI Responses",
        Wire::Gemini => "Gemini generateContent",
        Wire::None => "–",
    }
}

/// The mark of a note, which is added unless it is there.
fn note(notes: &mut Vec<String>, client: &Client, why: &str) -> String {
    let note = format!("`{}`: {why}.", client.name);
    let at = notes.iter().position(|known| *known == note).unwrap_or_else(|| {
        notes.push(note);
        notes.len() - 1
    });
    format!(" ({})", at + 1)
}

const HEAD: &str = "\
# Agents

Written by `cargo xtask conformance`, which drives every agent below through every situation: the
real client, installed at the version named, against a scripted service on loopback. Every cell is
a test; `–` means that the situation does not exist for that agent. Each call is also checked for
what is in the tree afterwards, and for processes that are left. Agents run in the [sandbox](sandbox.md).

A call ends in one of these ways: `completed`, `rate_limited`, `overloaded`, `auth`,
`model_not_found`, `context_exceeded`, `quota`, `budget_reached`, `timed_out`, `crashed`,
`cancelled`, `garbage`, `not_started`; `until` stands where the service said when to come back.
";
