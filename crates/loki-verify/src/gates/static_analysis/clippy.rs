//! `cargo clippy`.

use loki_model::Severity;
use serde_json::Value;

use super::tool::{Call, Root, Tool, items, json_lines, line, text};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "clippy",
    program: "cargo-clippy",
    endings: &[".rs"],
    settings: &["clippy.toml", ".clippy.toml"],
    settings_beginnings: &[],
    sections: &[("Cargo.toml", "[lints.clippy"), ("Cargo.toml", "[workspace.lints.clippy")],
    mentions: &["cargo clippy", "cargo-clippy", "clippy-check"],
    denies: &["-D warnings", "-Dwarnings", "--deny warnings"],
    root: Root::Cargo,
    command,
    did_work: |code| code == 0,
    read,
    of_machine: &[],
    install: "rustup component add clippy",
};

fn command(call: &Call<'_>) -> Command {
    let mut args = vec!["clippy", "--workspace", "--message-format=json", "--offline"];
    if call.automation.contains("--all-targets") {
        args.push("--all-targets");
    }
    // A command can write beside its own copy and nowhere else.
    let target = call.cx.copy.results().join("clippy");
    Command::new("cargo", call.dir).args(args).env("CARGO_TARGET_DIR", target)
}

/// Source: cargo, external tools, JSON messages; rustc, JSON output. Paths are from the root of the
/// workspace.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let is_message = |message: &Value| text(message, "/reason") == Some("compiler-message");
    let one = |message: Value| {
        let severity = match text(&message, "/message/level")? {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => return None,
        };
        // A headline without a rule counts what came before it.
        let rule = text(&message, "/message/code/code")?;
        let spans = items(&message, "/message/spans");
        let mut primary = spans.filter(|span| span.get("is_primary") == Some(&Value::Bool(true)));
        let span = primary.next()?;
        let said = text(&message, "/message/message").unwrap_or_default();
        let place = (text(span, "/file_name"), line(span, "/line_start"));
        Some(Reported::new(rule, Some(severity), place.0, place.1, said))
    };
    Ok(json_lines(answer).filter(is_message).filter_map(one).take(REPORTED_MAX + 1).collect())
}
