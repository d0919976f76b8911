//! `pylint`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "pylint",
    program: "pylint",
    endings: &[".py"],
    settings: &[".pylintrc", "pylintrc", "pylintrc.toml", ".pylintrc.toml"],
    settings_beginnings: &[],
    sections: &[("pyproject.toml", "[tool.pylint"), ("setup.cfg", "[pylint")],
    mentions: &[],
    denies: &[],
    root: Root::Nearest,
    command,
    did_work,
    read,
    of_machine: &["import-error", "no-name-in-module"],
    install: "pip install pylint",
};

fn command(call: &Call<'_>) -> Command {
    call.run_on_files(&["--output-format=json", "--score=n"])
}

/// A set of bits, one for each kind of message; beyond them it could not work.
///
/// Source: pylint, running pylint, exit codes.
fn did_work(code: i32) -> bool {
    (0..32).contains(&code)
}

/// Source: pylint, output options, `json`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    let one = |found| {
        let severity = match text(found, "/type") {
            Some("fatal" | "error" | "warning") => Severity::Error,
            _ => Severity::Note,
        };
        Reported::new(
            text(found, "/symbol").unwrap_or_default(),
            Some(severity),
            text(found, "/path"),
            line(found, "/line"),
            text(found, "/message").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "").map(one).collect())
}
