//! `rubocop`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "rubocop",
    program: "rubocop",
    endings: &[".rb", ".rake", ".gemspec"],
    settings: &[".rubocop.yml", ".rubocop_todo.yml"],
    settings_beginnings: &[],
    sections: &[],
    mentions: &[],
    denies: &[],
    root: Root::Topmost,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &[],
    install: "gem install rubocop",
};

fn command(call: &Call<'_>) -> Command {
    call.run_on_files(&["--format=json", "--force-exclusion", "--cache=false"])
}

/// Source: RuboCop, formatters, JSON.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    if answer.get("files").is_none() {
        return Err("its answer has no files".to_owned());
    }
    let mut found = Vec::new();
    for file in items(&answer, "/files") {
        for one in items(file, "/offenses").take(REPORTED_MAX + 1 - found.len()) {
            let severity = match text(one, "/severity") {
                Some("warning" | "error" | "fatal") => Severity::Error,
                _ => Severity::Note,
            };
            found.push(Reported::new(
                text(one, "/cop_name").unwrap_or_default(),
                Some(severity),
                text(file, "/path"),
                line(one, "/location/start_line").or_else(|| line(one, "/location/line")),
                text(one, "/message").unwrap_or_default(),
            ));
        }
    }
    Ok(found)
}
