//! `shellcheck`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "shellcheck",
    program: "shellcheck",
    endings: &[".sh", ".bash", ".bats"],
    settings: &[".shellcheckrc", "shellcheckrc"],
    settings_beginnings: &[],
    sections: &[],
    mentions: &["shellcheck"],
    denies: &[],
    root: Root::Topmost,
    command,
    did_work: zero_or_one,
    read,
    // A file that is sourced and not given.
    of_machine: &["SC1091"],
    install: "apt-get install shellcheck",
};

/// What is not wrong in a file of bats, which is no script of the shell: bats sets variables
/// (`status`, `output`, what a helper brings), runs each test in a shell of its own, and calls
/// functions that nothing in the file calls.
const MOOT_IN_BATS: &[&str] = &["SC2030", "SC2031", "SC2034", "SC2154", "SC2317", "SC2329"];

fn command(call: &Call<'_>) -> Command {
    call.run_on_files(&["--format=json1"])
}

/// Source: shellcheck(1), formats, `json1`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    if answer.get("comments").is_none() {
        return Err("its answer has no comments".to_owned());
    }
    let one = |found| {
        let rule = line(found, "/code").map(|code| format!("SC{code}"));
        let is_bats = text(found, "/file").is_some_and(|path| path.ends_with(".bats"));
        let is_moot = is_bats && rule.as_deref().is_some_and(|rule| MOOT_IN_BATS.contains(&rule));
        let severity = match text(found, "/level") {
            Some("error" | "warning") if !is_moot => Severity::Error,
            _ => Severity::Note,
        };
        Reported::new(
            rule.as_deref().unwrap_or_default(),
            Some(severity),
            text(found, "/file"),
            line(found, "/line"),
            text(found, "/message").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "/comments").map(one).collect())
}
