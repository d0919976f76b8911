//! `flake8`, with a format of fields between tabs: it has no other for programs.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, zero_or_one};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "flake8",
    program: "flake8",
    endings: &[".py"],
    settings: &[".flake8"],
    settings_beginnings: &[],
    sections: &[("setup.cfg", "[flake8]"), ("tox.ini", "[flake8]")],
    mentions: &[],
    denies: &[],
    root: Root::Nearest,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &[],
    install: "pip install flake8",
};

fn command(call: &Call<'_>) -> Command {
    call.run_on_files(&["--format=%(path)s\t%(row)d\t%(code)s\t%(text)s"])
}

/// Source: flake8, options, `--format`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let one = |line: &str| {
        let mut fields = line.splitn(4, '\t');
        let (path, row) = (fields.next()?, fields.next()?.parse().ok()?);
        let (code, message) = (fields.next()?, fields.next()?);
        Some(Reported::new(code, Some(Severity::Error), Some(path), Some(row), message))
    };
    Ok(answer.lines().filter_map(one).take(REPORTED_MAX + 1).collect())
}
