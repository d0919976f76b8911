//! pytest, with its JUnit report.

use std::ffi::OsString;
use std::path::Path;

use super::watch::{MODULE, Watch, correct};
use super::{Project, TestFile};
use crate::bench::{Command, Ran, unfinished};
use crate::counts::Tally;
use crate::counts::junit::{Dialect, FILE_BYTES_MAX, Named, read};
use crate::counts::watch::Watched;
use crate::gates::Cx;
use crate::gates::limit::left_out;
use crate::gates::part::Part;
use crate::gates::tests::settle::{Ended, deselected, patched};
use crate::layout::{join, shown};
use crate::place::Which;
use crate::python::{NO_PYTHON_FIX, interpreter, interpreter_of, source_path, with_source_path};

/// pytest's exit code for a command line or settings that it does not understand.
const EXIT_USAGE: i32 = 4;

/// pytest's exit code when it collected nothing.
const EXIT_NO_TESTS: i32 = 5;

/// Files that are named one by one: a command line has an end.
const FILES_MAX: usize = 5_000;

/// Parts of a test's class of which some are the path of its file.
const PARTS_MAX: usize = 64;

/// What became of pytest.
pub(super) enum Outcome {
    /// It ran, or could not for a reason that no other runner mends.
    Ran(Part),
    /// It is not installed.
    Missing(Part),
}

/// Runs pytest over one project: by the project's interpreter, or else, where it has no environment of its
/// own, by the one that the program `pytest` on `PATH` belongs to.
pub(super) fn run(project: &Project<'_>) -> Outcome {
    let Project { cx, dir, .. } = project;
    let own = interpreter(cx, dir);
    let is_of_project = Path::new(&own).components().count() > 1;
    match run_by(project, own) {
        Outcome::Missing(part) if !is_of_project => match interpreter_of(cx, "pytest") {
            Some(other) => run_by(project, other.into_os_string()),
            None => Outcome::Missing(part),
        },
        ran => ran,
    }
}

fn run_by(project: &Project<'_>, python: OsString) -> Outcome {
    let Project { cx, dir, .. } = project;
    let what = format!("pytest in {}", shown(dir));
    let results = cx.bench().results_file("xml");
    let mut junit = OsString::from("--junitxml=");
    junit.push(&results);
    let (named, left_out) = files(project);
    let watch = Watch::write(cx);
    let files = named.iter().map(|file| file.path.get(dir.len()..).unwrap_or_default());
    let files: Vec<OsString> = files.map(|file| file.trim_start_matches('/').into()).collect();
    let by_hand = [python.clone()].into_iter().chain(["-m", "pytest", "-q"].map(OsString::from));
    let command = Command::new(python, dir)
        .by_hand(with_source_path(cx, dir, by_hand.chain(files.iter().cloned())))
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", MODULE])
        .args(["-o", "junit_family=xunit1", "--continue-on-collection-errors"])
        .args([junit])
        .args(files)
        .env("PYTHONPATH", watch.import_path(source_path(cx, dir)));
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => return Outcome::Ran(Part::not_started(&what, &error, NO_PYTHON_FIX)),
    };
    let report = cx.bench().read_results(&results, FILE_BYTES_MAX);
    if report.is_none() && ran.stderr.contains("No module named pytest") {
        let fix = format!("{what}: pytest is not installed: run `pip install pytest`");
        return Outcome::Missing(Part::unclear(fix, vec![ran.evidence()]));
    }
    let part = concluded(project, &what, ran, report.as_deref(), &watch.seen(cx, dir));
    Outcome::Ran(left_out.into_iter().fold(part, Part::and))
}

/// What a run shows, by its report and by what was seen of it.
fn concluded(
    project: &Project<'_>,
    what: &str,
    ran: Ran,
    report: Option<&str>,
    watched: &Watched,
) -> Part {
    let Project { cx, dir, .. } = project;
    let mut tally = match report {
        Some(xml) => read(xml, &NodeIds { cx, dir }).0,
        None => Tally { doubt: Some("it ended without its report".to_owned()), ..Tally::default() },
    };
    let rewritten = correct(&mut tally, watched, ran.is_ok());
    if report.is_some() && !watched.has_ended && unfinished(ran.run.exit).is_none() {
        tally.doubted("what was seen of it ends early");
    }
    tally.cases_complete &= !watched.is_cut;
    for id in &watched.deselected {
        let file = id.split_once("::").map(|(file, _)| file.to_owned());
        tally.deselected(id, file);
    }
    let ended = Ended { what, dir, ids: "pytest:", which: Which::Last };
    let part = match ran.exit_code() {
        Some(EXIT_NO_TESTS) if tally.counts.failed == 0 => {
            let why = format!("no test was run: {what} collected none");
            ended.with_cases(cx, &mut tally, true, Part::idle(why, vec![ran.evidence()]))
        }
        Some(EXIT_USAGE) => {
            let why = crate::text::one_line(crate::text::last_lines(&ran.stderr, 5), 300);
            Part::unclear(format!("{what} refused its settings: {why}"), vec![ran.evidence()])
        }
        _ if unfinished(ran.run.exit).is_some() && report.is_none() => {
            let how = unfinished(ran.run.exit).unwrap_or_default();
            Part::unclear(format!("{what} {how}"), vec![ran.evidence()])
        }
        _ => ended.settle(cx, ran, tally),
    };
    let deselected = deselected(watched.deselected.len());
    let part = part.noting(rewritten).noting(deselected);
    match patched(watched.patched.iter().cloned(), what) {
        Some(found) => part.and(found),
        None => part,
    }
}

/// How pytest names its tests: by file, classes and name, with parameters in brackets.
struct NodeIds<'a> {
    cx: &'a Cx<'a>,
    dir: &'a str,
}

impl Dialect for NodeIds<'_> {
    fn first_line(&self) -> u32 {
        0
    }

    /// The class is the path of the file with dots, then the classes in it. The file that is told can
    /// be another one, from which a class is inherited.
    fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
        // What can not be collected is a module, and of no class.
        let module = || format!("{}.py", named.name.replace('.', "/"));
        if named.class.is_empty()
            && let Some(file) = self.cx.known(self.dir, &module())
        {
            return (file.clone(), Some(file));
        }
        let parts: Vec<&str> = named.class.split('.').collect();
        let found = (1..=parts.len().min(PARTS_MAX)).rev().find_map(|count| {
            let (path, classes) = parts.split_at(count);
            let path = format!("{}.py", path.join("/"));
            Some((self.cx.known(self.dir, &path)?, classes))
        });
        match found {
            Some((file, classes)) => {
                let names = [file.as_str()].into_iter().chain(classes.iter().copied());
                let names: Vec<&str> = names.chain([named.name]).collect();
                (names.join("::"), Some(file))
            }
            None => {
                let file = named.file.and_then(|file| self.cx.known(self.dir, file));
                (format!("{}::{}", join(self.dir, named.class), named.name), file)
            }
        }
    }
}

/// The files to run, when pytest would not find just these by itself; and what is left out.
fn files<'a>(project: &'a Project<'_>) -> (&'a [TestFile], Option<Part>) {
    // A project below the root has its own directory; only what belongs to none has to be named.
    if project.is_one_of_many && project.dir.is_empty() || project.cx.near.is_some() {
        named(&project.files)
    } else {
        (&[], None)
    }
}

fn named(files: &[TestFile]) -> (&[TestFile], Option<Part>) {
    let (named, rest) = files.split_at(files.len().min(FILES_MAX));
    let rest: Vec<&str> = rest.iter().map(|file| file.path.as_str()).collect();
    let why = format!("more than {FILES_MAX} are not named to pytest");
    (named, left_out(crate::gates::tests::ID, "Python test file(s)", &rest, &why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beyond_the_limit_are_counted_and_the_first_is_named() {
        let file = |at| TestFile { path: format!("t{at}"), needs_pytest: true, has_cases: false };
        let files: Vec<TestFile> = (0..FILES_MAX + 2).map(file).collect();
        let (named, left_out) = named(&files);
        assert_eq!(named.len(), FILES_MAX);
        let summary = left_out.unwrap().summary;
        assert!(
            summary.starts_with("2 Python test file(s) not looked at, the first is `t5000`"),
            "{summary}"
        );
    }
}
