//! `staticcheck` for Go.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, json_lines, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "staticcheck",
    program: "staticcheck",
    endings: &[".go"],
    settings: &["staticcheck.conf"],
    settings_beginnings: &[],
    sections: &[],
    mentions: &["staticcheck"],
    denies: &[],
    root: Root::Go,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &["compile"],
    install: "go install honnef.co/go/tools/cmd/staticcheck@latest",
};

fn command(call: &Call<'_>) -> Command {
    call.run(&["-f", "json", "./..."])
}

/// Source: staticcheck, formatters, `json`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let one = |found| {
        let severity = match text(&found, "/severity") {
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            _ => Severity::Note,
        };
        Reported::new(
            text(&found, "/code").unwrap_or_default(),
            Some(severity),
            text(&found, "/location/file"),
            line(&found, "/location/line"),
            text(&found, "/message").unwrap_or_default(),
        )
    };
    Ok(json_lines(answer).map(one).take(REPORTED_MAX + 1).collect())
}
