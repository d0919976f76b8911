//! `golangci-lint run`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "golangci-lint",
    program: "golangci-lint",
    endings: &[".go"],
    settings: &[],
    settings_beginnings: &[".golangci."],
    sections: &[],
    mentions: &[],
    denies: &[],
    root: Root::Go,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &["typecheck"],
    install: "https://golangci-lint.run/docs/welcome/install",
};

/// The option for JSON differs between the versions, and so do their settings.
fn command(call: &Call<'_>) -> Command {
    let is_second = call.settings.lines().any(|line| {
        let version = line.trim().trim_matches(['"', '\'']).strip_prefix("version");
        version.is_some_and(|rest| {
            rest.trim_start_matches([':', '=', ' ', '"', '\'']).starts_with('2')
        })
    });
    let limits = ["--max-issues-per-linter=0", "--max-same-issues=0"];
    let format: &[&str] =
        if is_second { &["--output.json.path=stdout"] } else { &["--out-format=json"] };
    call.run(&["run"]).args(limits).args(format.iter().copied())
}

/// Source: golangci-lint, output formats, JSON. A list that is `null` has no issues.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    // The second version may print a summary after the document.
    let document = answer.lines().find(|line| line.starts_with('{')).unwrap_or(answer);
    let answer = json(document)?;
    if answer.get("Issues").is_none() {
        return Err("its answer has no issues".to_owned());
    }
    let one = |found| {
        let severity = match text(found, "/Severity") {
            Some("warning") => Severity::Warning,
            Some("info") => Severity::Note,
            _ => Severity::Error,
        };
        Reported::new(
            text(found, "/FromLinter").unwrap_or_default(),
            Some(severity),
            text(found, "/Pos/Filename"),
            line(found, "/Pos/Line"),
            text(found, "/Text").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "/Issues").map(one).collect())
}
