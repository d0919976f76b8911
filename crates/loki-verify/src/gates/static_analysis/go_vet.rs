//! `go vet`, where automation calls it by name. `go test` runs a part of it anyway.

use loki_model::Severity;
use serde_json::Value;

use super::tool::{Call, Root, Tool, items, text};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "go vet",
    program: "go",
    endings: &[".go"],
    settings: &[],
    settings_beginnings: &[],
    sections: &[],
    mentions: &["go vet"],
    denies: &[],
    root: Root::Go,
    command,
    did_work: |code| code == 0,
    read,
    of_machine: &[],
    install: "https://go.dev/dl",
};

fn command(call: &Call<'_>) -> Command {
    crate::go::command(call.cx, call.dir).args(["vet", "-json", "./..."])
}

/// Documents one after another, each a package's analysers and what they found, with lines between them
/// that begin with `#`.
///
/// Source: `go doc golang.org/x/tools/go/analysis/unitchecker`, flag `-json`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let documents: String = answer
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_str(&documents).into_iter::<Value>() {
        let document = document.map_err(|error| format!("its answer is no JSON: {error}"))?;
        let packages = document.as_object().into_iter().flatten();
        for (analyser, list) in packages.flat_map(|(_, all)| all.as_object().into_iter().flatten())
        {
            for one in items(list, "").take(REPORTED_MAX + 1 - found.len()) {
                let (path, line) = place(text(one, "/posn").unwrap_or_default());
                let said = text(one, "/message").unwrap_or_default();
                found.push(Reported::new(analyser, Some(Severity::Error), path, line, said));
            }
        }
    }
    Ok(found)
}

/// The parts of `path:line:column`.
fn place(posn: &str) -> (Option<&str>, Option<u32>) {
    let mut parts = posn.rsplitn(3, ':');
    let (_, line, path) = (parts.next(), parts.next(), parts.next());
    (path, line.and_then(|line| line.parse().ok()))
}
