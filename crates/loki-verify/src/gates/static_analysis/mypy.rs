//! `mypy`, over what its settings name, or else over everything around them.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, json_lines, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "mypy",
    program: "mypy",
    endings: &[".py", ".pyi"],
    settings: &["mypy.ini", ".mypy.ini"],
    settings_beginnings: &[],
    sections: &[("pyproject.toml", "[tool.mypy"), ("setup.cfg", "[mypy")],
    mentions: &[],
    denies: &[],
    root: Root::Nearest,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &["import-not-found", "import-untyped", "import"],
    install: "pip install mypy",
};

fn command(call: &Call<'_>) -> Command {
    let args = ["--output=json", "--no-error-summary", "--cache-dir=/dev/null"];
    let names_files = call.settings.lines().any(|line| {
        let line = line.trim_start();
        ["files", "packages", "modules"].iter().any(|key| {
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    });
    let command = call.run(&args);
    if names_files { command } else { command.args(["."]) }
}

/// Source: mypy, command line, `--output`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let severity = |word: Option<&str>| match word {
        Some("error") => Severity::Error,
        _ => Severity::Note,
    };
    let one = |found| {
        Reported::new(
            text(&found, "/code").unwrap_or_default(),
            Some(severity(text(&found, "/severity"))),
            text(&found, "/file"),
            line(&found, "/line"),
            text(&found, "/message").unwrap_or_default(),
        )
    };
    Ok(json_lines(answer).map(one).take(REPORTED_MAX + 1).collect())
}
