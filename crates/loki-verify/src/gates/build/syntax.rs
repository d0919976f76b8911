//! Changed files that do not parse, told by an interpreter that reads and does not run them.

use loki_model::{Finding, Location, Severity};
use serde::Deserialize;

use super::FINDINGS_MAX;
use crate::bench::unfinished;
use crate::bench::{Command, Ran};
use crate::gates::limit::left_out;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::{file_name, is_data};

/// A checker for one language.
pub(super) struct Checker<'a> {
    /// What people call the language.
    pub(super) language: &'static str,
    /// Makes the command: it reads a JSON list of paths and answers with a JSON list of those that do
    /// not parse, each as path, 1-based line or null, and why.
    pub(super) command: &'a dyn Fn() -> Command,
    /// How a person would check files that are named after it.
    pub(super) by_hand: &'a [&'a str],
    /// What helps when the interpreter is missing.
    pub(super) fix: &'static str,
}

/// Files that are named where a person is told how to check them.
const NAMED_MAX: usize = 50;

/// One file that does not parse.
#[derive(Clone, Deserialize)]
struct Bad(String, Option<u32>, String);

impl Checker<'_> {
    /// Checks `files`, from the root of the repository.
    ///
    /// Data for tests may be broken on purpose, and what did not parse before the change is not the
    /// change's fault: both are notes.
    pub(super) fn judge(&self, cx: &Cx<'_>, files: &[&str]) -> Part {
        let (large, files): (Vec<&str>, Vec<&str>) =
            files.iter().partition(|path| cx.is_too_large(path));
        let kind = format!("changed {} file(s)", self.language);
        let left_out = left_out(super::ID, &kind, &large, "too large to be parsed");
        let judged = (!files.is_empty()).then(|| self.parse(cx, &files));
        // Without files there is no call.
        judged
            .into_iter()
            .chain(left_out)
            .reduce(Part::and)
            .unwrap_or_else(|| Part::unclear(format!("no {kind} to parse"), Vec::new()))
    }

    fn parse(&self, cx: &Cx<'_>, files: &[&str]) -> Part {
        let what = format!("syntax of {} {} file(s)", files.len(), self.language);
        let list = files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>();
        let ran = match self.ask(cx, &list) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, self.fix),
        };
        let (exit, bad) = (ran.run.exit, answer(&ran));
        let evidence = vec![ran.evidence()];
        let Some(bad) = bad else {
            let how = unfinished(exit).unwrap_or_else(|| format!("is not known: it {exit}"));
            return Part::unclear(format!("{what} {how}"), evidence);
        };
        let (excused, guilty): (Vec<Bad>, Vec<Bad>) =
            bad.into_iter().partition(|bad| is_data(&bad.0) || self.was_bad_before(cx, &bad.0));
        let notes = found(&excused, Severity::Note);
        if guilty.is_empty() {
            return Part::held(format!("{what}: ok"), evidence).noting(notes);
        }
        let summary = format!("{} {} file(s) do not parse", guilty.len(), self.language);
        Part::broken(summary, found(&guilty, Severity::Error), evidence).noting(notes)
    }

    fn ask(&self, cx: &Cx<'_>, files: &[String]) -> Result<Ran, loki_host::process::SpawnError> {
        let list = serde_json::to_vec(files).unwrap_or_default();
        let command = (self.command)().stdin(list);
        let words = || self.by_hand.iter().copied().chain(files.iter().map(String::as_str));
        let is_short = files.len() <= NAMED_MAX;
        cx.bench().run(if is_short { command.by_hand(words()) } else { command })
    }

    fn was_bad_before(&self, cx: &Cx<'_>, path: &str) -> bool {
        let Ok(Some(bytes)) = cx.subject.repo.read_file(cx.subject.base, path) else {
            return false;
        };
        let ending = file_name(path).rsplit('.').next().unwrap_or_default();
        let file = cx.bench().results_file(ending);
        if std::fs::write(&file, bytes).is_err() {
            return false;
        }
        let ran = self.ask(cx, &[file.to_string_lossy().into_owned()]);
        ran.ok().and_then(|ran| answer(&ran)).is_some_and(|bad| !bad.is_empty())
    }
}

fn answer(ran: &Ran) -> Option<Vec<Bad>> {
    ran.is_ok().then(|| serde_json::from_str(&ran.stdout).ok())?
}

fn found(bad: &[Bad], severity: Severity) -> Vec<Finding> {
    bad.iter()
        .take(FINDINGS_MAX)
        .map(|Bad(path, line, why)| {
            let place = Location { path: path.clone(), line: line.filter(|line| *line > 0) };
            finding("build/syntax", severity, Some(place), format!("does not parse: {why}"), "")
        })
        .collect()
}
