//! A test command that the project declared in its settings.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use loki_model::Severity;

use super::settle::Ended;
use crate::bench::Command;
use crate::bench::unfinished;
use crate::config::DeclaredCommand;
use crate::counts::junit::{FILE_BYTES_MAX, Plain, read};
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::place::{Which, find};

/// Runs one declared command. Without a JUnit file its exit code can fail, and never pass.
pub(super) fn run(cx: &Cx<'_>, declared: &DeclaredCommand) -> Part {
    let what = format!("`{}`", crate::text::one_line(&declared.argv.join(" "), 80));
    let Some((program, args)) = declared.argv.split_first() else {
        return Part::unclear("a declared test command is empty", Vec::new());
    };
    let report = declared.junit.as_ref().map(|path| cx.copy.root().join(path));
    if let Some(Err(error)) = report.as_ref().map(|path| clear(cx, path)) {
        let why = format!("{what}: the old report could not be removed: {error}");
        return Part::unclear(why, Vec::new());
    }
    let ran = match cx.bench().run(Command::new(resolved(cx, program), "").args(args)) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, "look at `[verify] tests`"),
    };
    let xml = report.and_then(|path| cx.bench().read_results(&path, FILE_BYTES_MAX));
    if let Some(xml) = xml {
        let tally = read(&xml, &Plain).0;
        let ids = format!("{what}:");
        let ended = Ended { what: &what, dir: "", ids: &ids, which: Which::Last };
        return ended.settle(cx, ran, tally);
    }
    let (exit, is_ok, text) = (ran.run.exit, ran.is_ok(), ran.text());
    let evidence = vec![ran.evidence()];
    if let Some(how) = unfinished(exit) {
        return Part::unclear(format!("{what} {how}"), evidence);
    }
    if is_ok {
        let why = match &declared.junit {
            Some(path) => format!("it did not write `{path}`"),
            None => "no `junit` file is declared from which tests could be counted".to_owned(),
        };
        return Part::unclear(format!("{what} exited 0, but {why}"), evidence);
    }
    let place = find(&text, Which::Last, &|path| cx.known("", path));
    let detail = crate::text::last_lines(&text, 40);
    let found = finding("tests/failed", Severity::Error, place, format!("{what} {exit}"), detail);
    Part::broken(format!("{what} {exit}"), vec![found], evidence)
}

/// A program of the repository by its place in the copy, any other as it is.
fn resolved(cx: &Cx<'_>, program: &str) -> OsString {
    if program.contains('/') && !program.starts_with('/') {
        cx.copy.root().join(program).into_os_string()
    } else {
        program.into()
    }
}

/// Removes what the tree holds where the report will be: this run did not write it.
///
/// A directory on the way may be a link that the change brings. What is outside of the copy stays.
fn clear(cx: &Cx<'_>, report: &Path) -> io::Result<()> {
    let Some(dir) = report.parent().and_then(|dir| fs::canonicalize(dir).ok()) else {
        return Ok(());
    };
    if !dir.starts_with(cx.copy.root()) {
        return Err(io::Error::other("it leads out of the repository"));
    }
    match fs::remove_file(report) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
