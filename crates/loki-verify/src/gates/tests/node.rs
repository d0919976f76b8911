//! Node: runners that can be told to report; other scripts by what they print.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use loki_model::{Location, Severity};

use super::printed::Printed;
use super::settle::{Ended, is_node_test_name, note, patched};
use crate::bench::{Command, Ran};
use crate::counts::junit::{Dialect, FILE_BYTES_MAX, Named};
use crate::counts::{Tally, jest, junit};
use crate::gates::limit::{each, left_out};
use crate::gates::part::{Part, State};
use crate::gates::{Cx, finding};
use crate::layout::{is_nested, join, parent, shown};
use crate::missing::{EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND, missing_program};
use crate::node::{NO_NODE_FIX, Package, Packages, UNREAD, packages};
use crate::place::Which;
use crate::shims;

mod guard;
mod runner;
mod script;
mod suites;

use guard::Guard;
use runner::Runner;
use script::Plan;
use suites::declares_tests;

/// Node's exit code for an option that it does not know.
const EXIT_BAD_OPTION: i32 = 9;

/// How playwright says that there is no browser.
const NO_BROWSER: &str = "playwright install";

/// One set of tests: where, and how they are run.
struct Suite {
    dir: String,
    how: How,
    /// The package around it, if there is one.
    package: Option<Package>,
    /// Whether the change alters the test command.
    altered: bool,
    /// The test script that is run, as the package has it.
    script: Option<String>,
}

#[derive(PartialEq, Eq)]
enum How {
    /// Runners that can be told to report.
    Planned(Plan),
    /// Any other script.
    Script(String),
}

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let Packages { all, unread } = packages(cx);
    let suites = suites::find(cx, &all);
    let dirs: Vec<&str> = suites.iter().map(|suite| suite.dir.as_str()).collect();
    let mut parts = each(
        super::ID,
        "Node packages",
        &suites,
        |suite| &suite.dir,
        |suite| vec![suite.judge(cx).excused_idle(super::ID, is_nested(&dirs, &suite.dir))],
    );
    parts.extend(left_out(super::ID, "package.json", &unread, UNREAD));
    parts
}

impl Suite {
    fn judge(&self, cx: &Cx<'_>) -> Part {
        let part = match &self.how {
            How::Planned(plan) => self.planned(cx, plan),
            How::Script(script) => self.script(cx, script),
        };
        let mut part = self.excused(cx, part);
        let swallows = matches!(&self.how, How::Planned(plan) if plan.swallows);
        let told = [
            (
                swallows,
                "tests/exit-swallowed",
                "the test command hides the exit code of its runner; the runner itself was run",
            ),
            (
                self.altered,
                "tests/command-altered",
                "the change alters the test command; the one of the base was run",
            ),
        ];
        for (_, rule, message) in told.into_iter().filter(|(holds, _, _)| *holds) {
            let place = Location { path: join(&self.dir, "package.json"), line: None };
            part = part.noting([finding(rule, Severity::Warning, Some(place), message, "")]);
        }
        part
    }

    /// Red for want of installed packages is not the change's fault, and shows nothing.
    fn excused(&self, cx: &Cx<'_>, part: Part) -> Part {
        let missing = self.package.as_ref().and_then(|package| package.not_installed(cx));
        match missing {
            Some(why) if part.state == State::Broken => {
                let summary = format!("{}; {why}", part.summary);
                Part { state: State::Unclear, summary, environment: true, ..part }
            }
            _ => part,
        }
    }

    fn planned(&self, cx: &Cx<'_>, plan: &Plan) -> Part {
        let mut names: Vec<&str> = plan.runners.iter().map(|runner| runner.name()).collect();
        names.dedup();
        let what = format!("{} in {}", names.join(" and "), shown(&self.dir));
        if let Some(part) = without_node(&what, plan).or_else(|| self.brought(cx, &what, plan)) {
            return part;
        }
        let reports: Vec<PathBuf> =
            plan.runners.iter().map(|runner| cx.bench().results_file(runner.extension())).collect();
        let guard = Guard::write(cx);
        let by_hand = match &self.script {
            Some(_) if !self.altered => vec!["npm", "test"],
            Some(script) => vec!["npm", "exec", "-c", script],
            None => vec!["node", "--test"],
        };
        let command = Command::new("sh", &self.dir)
            .by_hand(by_hand)
            .args(["-c".to_owned(), plan.line.clone()])
            .args([OsStr::new("sh"), guard.path.as_os_str()])
            .args(reports.iter().map(|report| report.as_os_str()))
            .env("PATH", search_path(cx, &self.dir));
        let ran = match cx.bench().run(command) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, NO_NODE_FIX),
        };
        let reports: Vec<Option<String>> =
            reports.iter().map(|path| cx.bench().read_results(path, FILE_BYTES_MAX)).collect();
        if reports.iter().all(Option::is_none)
            && let Some(part) = self.not_begun(&what, plan, &ran)
        {
            return part;
        }
        let part = self.read(cx, &what, ran, plan.runners.iter().copied().zip(reports));
        match patched(guard.patched(cx), &what) {
            Some(found) => part.and(found),
            None => part,
        }
    }

    /// What there is to say when the change itself brings a runner that is not its own to bring.
    fn brought(&self, cx: &Cx<'_>, what: &str, plan: &Plan) -> Option<Part> {
        let changes = cx.changes.unwrap_or(&[]);
        let folders: Vec<String> = plan.runners.iter().map(|runner| runner.folder()).collect();
        let found = changes.iter().find(|change| {
            let installed = change.path.split_once("node_modules/").map(|(_, path)| path);
            installed.is_some_and(|path| {
                path.starts_with(".bin/") || folders.iter().any(|folder| path.starts_with(folder))
            })
        })?;
        let why = format!("{what}: the change itself brings the runner: `{}`", found.path);
        Some(Part::unclear(why, Vec::new()))
    }

    /// What there is to say when no runner came so far as to report, for want of a program.
    fn not_begun(&self, what: &str, plan: &Plan, ran: &Ran) -> Option<Part> {
        let why = match ran.exit_code()? {
            EXIT_BAD_OPTION if plan.runners.contains(&Runner::Node) => {
                format!("this node is too old: {NO_NODE_FIX}")
            }
            EXIT_NOT_EXECUTABLE | EXIT_NOT_FOUND => {
                let text = ran.text();
                let said = crate::text::one_line(crate::text::last_lines(&text, 1), 200);
                let fix = match (&self.package, missing_program(&text)) {
                    (Some(package), program) => package.fix_of_missing(program),
                    (None, Some(program)) => format!("install `{program}`"),
                    (None, None) => "run `npm ci`".to_owned(),
                };
                format!("it can not be run: {said}: {fix}")
            }
            _ => return None,
        };
        Some(Part::unclear(format!("{what}: {why}"), vec![ran.clone().evidence()]))
    }

    fn read(
        &self,
        cx: &Cx<'_>,
        what: &str,
        ran: Ran,
        reports: impl Iterator<Item = (Runner, Option<String>)>,
    ) -> Part {
        let known = |name: &str| cx.known(&self.dir, name);
        let (mut tally, mut files) = (Tally::default(), Vec::new());
        let mut runs_browsers = false;
        for (runner, report) in reports {
            runs_browsers |= runner == Runner::Playwright;
            let one = match (runner, &report) {
                (_, None) => {
                    let doubt = Some(format!("{} ended without its report", runner.name()));
                    Tally { doubt, ..Tally::default() }
                }
                (Runner::Jest | Runner::Vitest, Some(report)) => jest::read(report, &known),
                (Runner::Node, Some(report)) => {
                    let (tally, passed) = junit::read(report, &NodeDialect { cx, dir: &self.dir });
                    files.extend(passed);
                    tally
                }
                (_, Some(report)) => junit::read(report, &FileDialect { cx, dir: &self.dir }).0,
            };
            tally = tally.plus(one.prefixed(runner.ids()));
        }
        if runs_browsers && tally.failures.iter().any(|failure| failure.text.contains(NO_BROWSER)) {
            let why = format!("{what}: it finds no browser: run `npx playwright install`");
            return Part::unclear(why, vec![ran.evidence()]);
        }
        let mut notes = Vec::new();
        for path in files.iter().filter_map(|file| known(file)) {
            if is_node_test_name(&path) && declares_tests(cx, &path) {
                tally.doubted(format!("{path} declares tests and none of them ended"));
            } else {
                let message = "it exited 0 and reported no test; it counts as none".to_owned();
                notes.push(note("tests/not-counted", Some(&path), message));
            }
        }
        let ended = Ended { what, dir: &self.dir, ids: "", which: Which::First };
        ended.settle(cx, ran, tally).noting(notes)
    }

    fn script(&self, cx: &Cx<'_>, script: &str) -> Part {
        let what = format!("npm test in {}", shown(&self.dir));
        // As npm would run it, but the base's script and not the one that the change may bring.
        let command = Command::new("sh", &self.dir)
            .args(["-c", script])
            .env("PATH", search_path(cx, &self.dir));
        let called = crate::text::one_line(script, 80);
        let ids = format!("npm:{}", join(&self.dir, ""));
        let ended = Ended { what: &what, dir: &self.dir, ids: &ids, which: Which::First };
        Printed { called: &called, fix: NO_NODE_FIX, is_covered: false, ended }.run(cx, command)
    }
}

/// Where programs are looked for, as npm says it: what is installed in the package and around it
/// comes first.
fn search_path(cx: &Cx<'_>, dir: &str) -> OsString {
    let mut path = OsString::new();
    let mut dir = Some(dir);
    while let Some(here) = dir {
        path.push(cx.copy.root().join(join(here, "node_modules/.bin")));
        path.push(":");
        dir = (!here.is_empty()).then(|| parent(here));
    }
    path.push(shims::search_path(cx.layout, cx.subject.scratch));
    path
}

/// How node's own runner names its tests: suites by nested elements, files by its newer versions.
struct NodeDialect<'a> {
    cx: &'a Cx<'a>,
    dir: &'a str,
}

impl Dialect for NodeDialect<'_> {
    fn is_file(&self, name: &str) -> bool {
        [".js", ".mjs", ".cjs", ".ts", ".mts"].iter().any(|end| name.ends_with(end))
            && self.cx.known(self.dir, name).is_some()
    }

    fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
        let file = named.file.and_then(|file| self.cx.known(self.dir, file));
        let place = file.as_deref().unwrap_or(self.dir);
        let names = named.suites.iter().map(String::as_str).chain([named.name]);
        let path: Vec<&str> = [place].into_iter().chain(names).filter(|n| !n.is_empty()).collect();
        (path.join(" > "), file)
    }
}

/// Runners that name the file of each test in their JUnit XML.
struct FileDialect<'a> {
    cx: &'a Cx<'a>,
    dir: &'a str,
}

impl Dialect for FileDialect<'_> {
    fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
        let known = |file: &str| self.cx.known(self.dir, file);
        let file = named.file.and_then(known);
        // Playwright tells it as the class.
        let class_file = if file.is_none() { known(named.class) } else { None };
        let class = if class_file.is_some() { "" } else { named.class };
        let file = file.or(class_file);
        let path = [file.as_deref().unwrap_or(self.dir), class, named.name];
        let path: Vec<&str> = path.into_iter().filter(|name| !name.is_empty()).collect();
        (path.join(" > "), file)
    }
}

/// What there is to say when there is no node.
fn without_node(what: &str, plan: &Plan) -> Option<Part> {
    let is_needed = plan.runners.iter().any(|runner| *runner != Runner::Bun);
    (is_needed && loki_host::process::find_on_path("node".as_ref()).is_none())
        .then(|| Part::unclear(format!("{what}: node was not found: {NO_NODE_FIX}"), Vec::new()))
}
