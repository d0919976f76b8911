//! `biome lint`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "biome",
    program: "biome",
    endings: &[".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"],
    settings: &["biome.json", "biome.jsonc"],
    settings_beginnings: &[],
    sections: &[],
    mentions: &[],
    denies: &["--error-on-warnings"],
    root: Root::Package,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &[],
    install: "npm install --save-dev @biomejs/biome",
};

fn command(call: &Call<'_>) -> Command {
    let args = ["lint", "--reporter=gitlab", "--max-diagnostics=none"];
    call.run_on_files(&args).args(["--no-errors-on-unmatched", "--files-ignore-unknown=true"])
}

/// Source: GitLab, code quality report format; Biome writes `critical` for errors.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    // Where every file is ignored it writes nothing.
    if answer.trim().is_empty() {
        return Ok(Vec::new());
    }
    let answer = json(answer)?;
    let one = |found| {
        let severity = match text(found, "/severity") {
            Some("critical" | "blocker") => Severity::Error,
            Some("major") => Severity::Warning,
            _ => Severity::Note,
        };
        Reported::new(
            text(found, "/check_name").unwrap_or_default(),
            Some(severity),
            text(found, "/location/path"),
            line(found, "/location/lines/begin"),
            text(found, "/description").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "").map(one).collect())
}
