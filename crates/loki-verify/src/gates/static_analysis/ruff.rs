//! `ruff check`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "ruff",
    program: "ruff",
    endings: &[".py", ".pyi"],
    settings: &["ruff.toml", ".ruff.toml"],
    settings_beginnings: &[],
    sections: &[("pyproject.toml", "[tool.ruff")],
    mentions: &["ruff check", "ruff-check", "id: ruff"],
    denies: &[],
    root: Root::Nearest,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &[],
    install: "pip install ruff",
};

fn command(call: &Call<'_>) -> Command {
    call.run_on_files(&[
        "check",
        "--output-format=json",
        "--force-exclude",
        "--no-cache",
        "--no-fix",
    ])
}

/// Source: ruff, output formats, `json`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    let one = |found| {
        Reported::new(
            text(found, "/code").unwrap_or("syntax"),
            Some(Severity::Error),
            text(found, "/filename"),
            line(found, "/location/row"),
            text(found, "/message").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "").map(one).collect())
}
