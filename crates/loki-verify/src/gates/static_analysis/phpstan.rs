//! `phpstan analyse`, over what its settings name.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "phpstan",
    program: "phpstan",
    endings: &[".php"],
    settings: &["phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon", "phpstan-baseline.neon"],
    settings_beginnings: &[],
    sections: &[],
    mentions: &[],
    denies: &[],
    root: Root::Nearest,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &["class.notFound", "function.notFound"],
    install: "composer require --dev phpstan/phpstan",
};

fn command(call: &Call<'_>) -> Command {
    call.run(&["analyse", "--error-format=json", "--no-progress", "--no-interaction"])
}

/// Source: PHPStan, output format, `json`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    let files = answer.get("files").ok_or("its answer has no files")?;
    let mut found = Vec::new();
    // An empty map is written as an empty list.
    for (path, file) in files.as_object().into_iter().flatten().take(REPORTED_MAX) {
        for one in items(file, "/messages").take(REPORTED_MAX + 1 - found.len()) {
            let rule = text(one, "/identifier").unwrap_or_default();
            let said = text(one, "/message").unwrap_or_default();
            let line = line(one, "/line");
            found.push(Reported::new(rule, Some(Severity::Error), Some(path), line, said));
        }
    }
    Ok(found)
}
