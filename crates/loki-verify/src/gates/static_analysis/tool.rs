//! What a linter or type checker is to this gate: how a project shows that it uses it, how it is called,
//! how its answer reads.

use std::path::Path;

use serde_json::Value;

use crate::bench::Command;
use crate::gates::Cx;
use crate::reported::{REPORTED_MAX, Reported};

/// One linter or type checker.
pub(super) struct Tool {
    /// As people call it.
    pub(super) name: &'static str,
    /// The program that is looked for.
    pub(super) program: &'static str,
    /// Endings of the files that it looks at.
    pub(super) endings: &'static [&'static str],
    /// Names of files that are its settings.
    pub(super) settings: &'static [&'static str],
    /// Beginnings of names of files that are its settings.
    pub(super) settings_beginnings: &'static [&'static str],
    /// Files that hold the settings of many, and how a line begins that shows that this tool's are there.
    pub(super) sections: &'static [(&'static str, &'static str)],
    /// Commands in automation that show that it is used with the settings that it has by itself.
    pub(super) mentions: &'static [&'static str],
    /// Flags in automation that make its warnings as bad as errors. They are not given to it here, where
    /// some of them end the work at the first finding.
    pub(super) denies: &'static [&'static str],
    /// Where it is called.
    pub(super) root: Root,
    /// Makes the command.
    pub(super) command: fn(&Call<'_>) -> Command,
    /// Whether it could do its work when it exits with this code.
    pub(super) did_work: fn(i32) -> bool,
    /// Reads what it wrote, at most one finding more than are kept. Never panics.
    pub(super) read: fn(&str) -> Result<Vec<Reported>, String>,
    /// Rules about what is installed on this machine, which say little about a change.
    pub(super) of_machine: &'static [&'static str],
    /// How to install it.
    pub(super) install: &'static str,
}

/// Where a tool is called for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// Where the nearest settings around the file are.
    Nearest,
    /// Where the outermost settings around the file are.
    Topmost,
    /// Where the nearest settings beside a `package.json` are, else where the outermost are.
    Package,
    /// In the workspace of the file's crate.
    Cargo,
    /// In the file's module.
    Go,
}

/// One call of a tool.
pub(super) struct Call<'a> {
    /// The copy that it looks at.
    pub(super) cx: &'a Cx<'a>,
    /// Its program.
    pub(super) program: &'a Path,
    /// Where it runs.
    pub(super) dir: &'a str,
    /// What it is asked about, from `dir`, each beginning with `./`.
    pub(super) files: &'a [String],
    /// The text of its settings in `dir`, as far as they are in one place.
    pub(super) settings: &'a str,
    /// The texts of the project's automation.
    pub(super) automation: &'a str,
}

impl Call<'_> {
    /// Its program in its directory with `args`.
    pub(super) fn run(&self, args: &[&str]) -> Command {
        Command::new(self.program, self.dir).args(args.iter().copied())
    }

    /// The same with the names of the files.
    pub(super) fn run_on_files(&self, args: &[&str]) -> Command {
        self.run(args).args(self.files)
    }
}

/// Exit codes of most linters: 0 for nothing found, 1 for something.
pub(super) fn zero_or_one(code: i32) -> bool {
    matches!(code, 0 | 1)
}

/// The whole answer as JSON.
pub(super) fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text.trim()).map_err(|error| format!("its answer is no JSON: {error}"))
}

/// The items of a list in JSON, at most one more than are kept; none where there is no list.
pub(super) fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten().take(REPORTED_MAX + 1)
}

/// A text in JSON.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// A 1-based line in JSON.
pub(super) fn line(value: &Value, pointer: &str) -> Option<u32> {
    value.pointer(pointer).and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok())
}

/// Each line that is JSON. Others are passed over: some tools greet.
pub(super) fn json_lines(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str(line).ok())
}
