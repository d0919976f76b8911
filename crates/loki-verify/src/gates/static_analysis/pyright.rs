//! `pyright`, over what its settings name.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "pyright",
    program: "pyright",
    endings: &[".py", ".pyi"],
    settings: &["pyrightconfig.json"],
    settings_beginnings: &[],
    sections: &[("pyproject.toml", "[tool.pyright")],
    mentions: &[],
    denies: &[],
    root: Root::Nearest,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &["reportMissingImports", "reportMissingModuleSource", "reportMissingTypeStubs"],
    install: "npm install --save-dev pyright",
};

fn command(call: &Call<'_>) -> Command {
    call.run(&["--outputjson"])
}

/// Source: pyright, command line, JSON output. Lines there count from 0.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    if answer.get("generalDiagnostics").is_none() {
        return Err("its answer has no diagnostics".to_owned());
    }
    let one = |found| {
        let severity = match text(found, "/severity") {
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            _ => Severity::Note,
        };
        Reported::new(
            text(found, "/rule").unwrap_or_default(),
            Some(severity),
            text(found, "/file"),
            line(found, "/range/start/line").map(|line| line.saturating_add(1)),
            text(found, "/message").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "/generalDiagnostics").map(one).collect())
}
