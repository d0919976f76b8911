//! Node: `node --test` with its JUnit report; other runners by their exit code.

use loki_model::{Exit, Severity};

use super::settle::{Ended, is_node_test_name, note};
use crate::bench::unfinished;
use crate::bench::{Command, Ran};
use crate::counts::Tally;
use crate::counts::junit::{Dialect, FILE_BYTES_MAX, Named, read};
use crate::gates::limit::{each, left_out};
use crate::gates::part::{Part, State};
use crate::gates::{Cx, finding};
use crate::layout::{is_nested, join, shown};
use crate::node::{NO_NODE_FIX, Package, Packages, UNREAD, packages};
use crate::place::Which;

mod script;
mod suites;

use script::NodeTest;
use suites::declares_tests;

/// Node's exit code for an option that it does not know.
const EXIT_BAD_OPTION: i32 = 9;

/// Exit codes of a shell that could not run a command.
const EXIT_NOT_EXECUTABLE: i32 = 126;
const EXIT_NOT_FOUND: i32 = 127;

/// One set of tests: where, and how they are run.
struct Suite {
    dir: String,
    how: How,
    /// The package around it, if there is one.
    package: Option<Package>,
    /// Whether the change alters the test command.
    altered: bool,
}

enum How {
    /// Node's own runner, which can be told to report.
    Node(NodeTest),
    /// Any other script, through npm.
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
            How::Node(test) => self.node(cx, test),
            How::Script(script) => self.script(cx, script),
        };
        let part = self.excused(cx, part);
        if !self.altered {
            return part;
        }
        let path = join(&self.dir, "package.json");
        let message = "the change alters the test command; the one of the base was run";
        let location = loki_model::Location { path, line: None };
        part.noting([finding(
            "tests/command-altered",
            Severity::Warning,
            Some(location),
            message,
            "",
        )])
    }

    /// Red for want of installed packages is not the change's fault, and shows nothing.
    fn excused(&self, cx: &Cx<'_>, part: Part) -> Part {
        let missing = self.package.as_ref().and_then(|package| package.not_installed(cx));
        match missing {
            Some(why) if part.state == State::Broken => {
                Part { state: State::Unclear, summary: format!("{}; {why}", part.summary), ..part }
            }
            _ => part,
        }
    }

    fn node(&self, cx: &Cx<'_>, test: &NodeTest) -> Part {
        let what = format!("node --test in {}", shown(&self.dir));
        let results = cx.bench().results_file("xml");
        let command = Command::new("sh", &self.dir)
            .args(["-c".to_owned(), test.shell_line()])
            .args([std::ffi::OsStr::new("sh"), results.as_os_str()]);
        if let Some(part) = without_node(&what) {
            return part;
        }
        let ran = match cx.bench().run(command) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, NO_NODE_FIX),
        };
        let report = cx.bench().read_results(&results, FILE_BYTES_MAX);
        if ran.exit_code() == Some(EXIT_BAD_OPTION) && report.is_none() {
            return Part::unclear(
                format!("{what}: this node is too old: {NO_NODE_FIX}"),
                vec![ran.evidence()],
            );
        }
        self.read(cx, &what, ran, report)
    }

    fn read(&self, cx: &Cx<'_>, what: &str, ran: Ran, report: Option<String>) -> Part {
        let known = |name: &str| cx.known(&self.dir, name);
        let (mut tally, files) = match &report {
            Some(xml) => read(xml, &NodeDialect { cx, dir: &self.dir }),
            None => (
                Tally { doubt: Some("it ended without its report".to_owned()), ..Tally::default() },
                Vec::new(),
            ),
        };
        let mut notes = Vec::new();
        for path in files.iter().filter_map(|file| known(file)) {
            if is_node_test_name(&path) && declares_tests(cx, &path) {
                tally.doubted(format!("{path} declares tests and none of them ended"));
            } else {
                let message = "it exited 0 and reported no test; it counts as none".to_owned();
                notes.push(note("tests/not-counted", Some(&path), message));
            }
        }
        let ended = Ended { what, dir: &self.dir, ids: "node:", which: Which::First };
        ended.settle(cx, ran, tally).noting(notes)
    }

    fn script(&self, cx: &Cx<'_>, script: &str) -> Part {
        let shown_script = crate::text::one_line(script, 80);
        let what = format!("npm test in {}", shown(&self.dir));
        // As npm would run it, but the base's script and not the one that the change may bring.
        let mut path =
            std::ffi::OsString::from(cx.copy.root().join(join(&self.dir, "node_modules/.bin")));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let command = Command::new("sh", &self.dir).args(["-c", script]).env("PATH", path);
        let ran = match cx.bench().run(command) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, NO_NODE_FIX),
        };
        let (exit, is_ok, text) = (ran.run.exit, ran.is_ok(), ran.text());
        let evidence = vec![ran.evidence()];
        if let Some(how) = unfinished(exit) {
            return Part::unclear(format!("{what} {how}"), evidence);
        }
        if is_ok {
            return Part::unclear(
                format!("{what} ran, but loki can not yet read the counts of `{shown_script}`"),
                evidence,
            );
        }
        if matches!(exit, Exit::Exited { code: EXIT_NOT_EXECUTABLE | EXIT_NOT_FOUND }) {
            let why = crate::text::one_line(crate::text::last_lines(&text, 1), 200);
            return Part::unclear(
                format!("{what}: `{shown_script}` can not be run: {why}"),
                evidence,
            );
        }
        let place = crate::place::find(&text, Which::First, &|path| cx.known(&self.dir, path));
        let detail = crate::text::last_lines(&text, 40);
        let message = format!("`{shown_script}` {exit}");
        let found = finding("tests/failed", Severity::Error, place, message, detail);
        Part::broken(format!("{what} {exit}"), vec![found], evidence)
    }
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

/// What there is to say when there is no node.
fn without_node(what: &str) -> Option<Part> {
    match loki_host::process::find_on_path("node".as_ref()) {
        Some(_) => None,
        None => {
            Some(Part::unclear(format!("{what}: node was not found: {NO_NODE_FIX}"), Vec::new()))
        }
    }
}
