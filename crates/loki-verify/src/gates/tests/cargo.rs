//! Cargo workspaces: every test executable, started one by one or by nextest, then the examples in
//! documentation.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use loki_model::{Evidence, Severity, TestCounts};

use super::settle::{Ended, note};
use crate::bench::unfinished;
use crate::bench::{Command, Ran};
use crate::cargo::{Messages, NO_CARGO_FIX, Package, TestExecutable, command, missing_dependency};
use crate::counts::Case;
use crate::counts::doctest::Report;
use crate::counts::libtest::Suite;
use crate::gates::limit::each;
use crate::gates::part::{Part, State};
use crate::gates::{Cx, NO_TESTS, finding};
use crate::layout::{is_nested, join, shown};
use crate::place::Which;

mod nextest;

/// Where the loader looks for libraries.
const LIBRARY_PATH: &str =
    if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let found = cx.workspaces();
    let mut parts = each(super::ID, "Cargo workspaces", &found.dirs, String::as_str, |dir| {
        let is_nested = is_nested(&found.dirs, dir);
        let parts = workspace(cx, dir).into_iter();
        parts.map(|part| part.excused_idle(super::ID, is_nested)).collect()
    });
    parts.extend(found.unknown(super::ID));
    parts
}

/// Builds the test executables of one workspace and runs them.
fn workspace(cx: &Cx<'_>, dir: &str) -> Vec<Part> {
    let what = format!("cargo test in {}", shown(dir));
    let mut messages = Messages::default();
    let args = ["test", "--workspace", "--no-run", "--message-format=json"];
    let build = command(cx.copy.root(), cx.layout, dir, &args);
    let ran = match cx.bench().run_lines(build, &mut |line| messages.line(line)) {
        Ok(ran) => ran,
        Err(error) => return vec![Part::not_started(&what, &error, NO_CARGO_FIX)],
    };
    if !ran.is_ok() {
        return vec![not_built(&what, ran, &messages)];
    }
    if ran.has_gap() {
        let why = format!("{what}: what was built is not known: a message is too long to be read");
        return vec![Part::unclear(why, vec![ran.evidence()])];
    }
    // They come in the order in which compilers happened to end.
    messages.tests.sort_by(|one, other| place_of(one).cmp(&place_of(other)));
    let libraries = library_path(cx, dir, &messages);
    let workspace = Workspace { cx, dir, messages: &messages, libraries };
    let meant: Vec<&TestExecutable> =
        messages.tests.iter().filter(|executable| workspace.is_meant(executable)).collect();
    let is_nextest = nextest::is_used(cx, dir) && !meant.is_empty();
    let mut parts: Vec<Part> = if is_nextest && nextest::is_installed() {
        vec![workspace.by_nextest(&meant)]
    } else {
        meant.into_iter().map(|executable| workspace.executable(executable)).collect()
    };
    if let Some(first) = parts.first_mut().filter(|_| is_nextest && !nextest::is_installed()) {
        let message = format!(
            "{what}: the project uses nextest, which is not installed here: {}",
            nextest::INSTALL
        );
        first.findings.push(note("tests/other-runner", None, message));
    }
    if cx.near.is_none()
        && messages.has_doctests
        && cx.layout.ending(dir, &[".rs"]).any(|path| has_example(cx, path))
    {
        parts.push(workspace.examples());
    }
    without_idle(&what, parts)
}

fn not_built(what: &str, ran: Ran, messages: &Messages) -> Part {
    let (exit, stderr) = (ran.run.exit, ran.stderr.clone());
    let missing = missing_dependency(&ran, messages);
    let evidence = vec![ran.evidence()];
    if let Some(why) = unfinished(exit).or(missing) {
        return Part::unclear(format!("{what}: the tests could not be built: {why}"), evidence);
    }
    let detail = crate::text::last_lines(&stderr, 40);
    let found = finding("tests/not-built", Severity::Error, None, "the tests do not build", detail);
    Part::broken(format!("{what}: the tests do not build"), vec![found], evidence)
}

/// A workspace in which no executable counted a test shows nothing; otherwise an executable without
/// tests, such as that of a small program, is nothing to speak of.
fn without_idle(what: &str, parts: Vec<Part>) -> Vec<Part> {
    let (idle, mut rest): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| part.state == State::Idle);
    let skipped: TestCounts = idle.iter().fold(NO_TESTS, |sum, part| sum.plus(part.counts));
    let counted: u64 = rest.iter().map(|part| part.counts.ran()).sum();
    let is_complete = idle.iter().all(|part| part.cases_complete);
    let (evidence, cases): (Vec<Vec<Evidence>>, Vec<Vec<Case>>) =
        idle.into_iter().map(|part| (part.evidence, part.cases)).unzip();
    let (evidence, cases) = (evidence.concat(), cases.concat());
    if counted == 0 && rest.iter().all(|part| part.state == State::Held) {
        let none = Part::idle(format!("no test was run: {what} counted none"), evidence);
        let none = none.counting(skipped).with_cases(cases, is_complete);
        return vec![rest.into_iter().fold(none, Part::and)];
    }
    if let Some(first) = rest.first_mut() {
        first.evidence.extend(evidence);
        first.counts = first.counts.plus(skipped);
        first.cases.extend(cases);
        first.cases_complete &= is_complete;
    }
    rest
}

/// Whether a file may hold an example; one that can not be read may.
fn has_example(cx: &Cx<'_>, path: &str) -> bool {
    cx.read(path).is_none_or(|text| {
        text.lines().any(|line| {
            let line = line.trim_start();
            (line.starts_with("///") || line.starts_with("//!") || line.starts_with('*'))
                && line.contains("```")
        }) || text.contains("include_str!")
    })
}

fn place_of(test: &TestExecutable) -> (&str, &str, &str) {
    (&test.package.name, &test.name, &test.kind)
}

/// A target within its package: a library, a program and a file of tests may share one name.
fn target_id(test: &TestExecutable) -> String {
    match test.kind.as_str() {
        "bin" | "test" | "example" | "bench" => format!("{}.{}", test.name, test.kind),
        _ => test.name.clone(),
    }
}

/// A workspace whose tests are built.
struct Workspace<'a> {
    cx: &'a Cx<'a>,
    dir: &'a str,
    messages: &'a Messages,
    libraries: OsString,
}

impl Workspace<'_> {
    /// Whether the tests of an executable are to be run: where only what is near is, those of packages with
    /// changed code, and single files of tests among what is near.
    fn is_meant(&self, test: &TestExecutable) -> bool {
        let Some(near) = self.cx.near else { return true };
        let home = self.home(&test.package);
        match test.kind.as_str() {
            "test" => {
                let own =
                    [format!("tests/{}.rs", test.name), format!("tests/{}/main.rs", test.name)];
                own.iter().any(|path| near.has(&join(&home, path)))
            }
            _ => !near.dirs_in(&home, ".rs").is_empty(),
        }
    }

    /// Runs one test executable.
    fn executable(&self, test: &TestExecutable) -> Part {
        let what = format!("test executable {} {} {}", test.package.name, test.name, test.kind);
        let home = self.home(&test.package);
        let mut suite = Suite::default();
        // The harness takes the option on every toolchain when it is told so at run time.
        let target = match test.kind.as_str() {
            "bin" | "test" | "example" | "bench" => {
                vec![format!("--{}", test.kind), test.name.clone()]
            }
            _ => vec!["--lib".to_owned()],
        };
        let cargo = ["cargo", "test", "-p", &test.package.name].map(str::to_owned);
        let command = self
            .command(test, &home)
            .by_hand(cargo.into_iter().chain(target))
            .args(["-Z", "unstable-options", "--format", "json"])
            .env("RUSTC_BOOTSTRAP", "1");
        let ran = match self.cx.bench().run_lines(command, &mut |line| suite.line(line)) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, "look at its target"),
        };
        if !suite.spoke() && unfinished(ran.run.exit).is_none() {
            return self.own_harness(test, &home, &what);
        }
        let tally = suite.finish(ran.run.exit);
        let ids = format!("cargo:{}/{}::", test.package.name, target_id(test));
        // Panics name files from the root of the workspace.
        let ended = Ended { what: &what, dir: self.dir, ids: &ids, which: Which::First };
        ended.settle(self.cx, ran, tally)
    }

    /// Runs a test executable with a harness of its own, which counts nothing that can be read.
    fn own_harness(&self, test: &TestExecutable, home: &str, what: &str) -> Part {
        let ran = match self.cx.bench().run(self.command(test, home)) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(what, &error, "look at its target"),
        };
        let (exit, is_ok, text) = (ran.run.exit, ran.is_ok(), ran.text());
        let evidence = vec![ran.evidence()];
        if let Some(how) = unfinished(exit) {
            return Part::unclear(format!("{what} {how}"), evidence);
        }
        if is_ok {
            let message =
                format!("{what} has a harness of its own: it exited 0 and counts as no test");
            return Part::held(format!("{what}: exited 0"), evidence).noting([note(
                "tests/not-counted",
                None,
                message,
            )]);
        }
        let detail = crate::text::last_lines(&text, 40);
        let found =
            finding("tests/failed", Severity::Error, None, format!("{what} {exit}"), detail);
        Part::broken(format!("{what} {exit}"), vec![found], evidence)
    }

    /// Runs the examples in documentation.
    fn examples(&self) -> Part {
        let what = format!("doc tests in {}", shown(self.dir));
        let args = ["test", "--workspace", "--doc", "--no-fail-fast"];
        let command = command(self.cx.copy.root(), self.cx.layout, self.dir, &args);
        let mut report = Report::default();
        let ran = match self.cx.bench().run_lines(command, &mut |line| report.line(line)) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, NO_CARGO_FIX),
        };
        let tally = report.finish(ran.exit_code(), &ran.stdout);
        let ids = format!("cargo:doc:{}", join(self.dir, ""));
        let ended = Ended { what: &what, dir: self.dir, ids: &ids, which: Which::First };
        ended.settle(self.cx, ran, tally)
    }

    /// A test executable in the environment that cargo would give it.
    fn command(&self, test: &TestExecutable, home: &str) -> Command {
        let package = &test.package;
        let mut command = Command::new(&test.path, home)
            .env("CARGO_MANIFEST_DIR", self.cx.copy.root().join(home))
            .env("CARGO_MANIFEST_PATH", &package.manifest)
            .env("CARGO_PKG_NAME", &package.name)
            .env("CARGO_PKG_VERSION", &package.version)
            .env("CARGO_TARGET_DIR", self.cx.copy.root().join("target"))
            .env("RUST_BACKTRACE", "0")
            .env(LIBRARY_PATH, &self.libraries);
        if let Some(out_dir) = self.messages.out_dirs.get(&package.id) {
            command = command.env("OUT_DIR", out_dir);
        }
        for (id, name, path) in &self.messages.programs {
            if *id == package.id {
                command = command.env(format!("CARGO_BIN_EXE_{name}"), path);
            }
        }
        command
    }

    /// The directory of a package, from the root of the copy; that of the workspace for a package
    /// outside of the copy.
    fn home(&self, package: &Package) -> String {
        let inside =
            package.manifest.parent().and_then(|dir| dir.strip_prefix(self.cx.copy.root()).ok());
        inside.map_or_else(|| self.dir.to_owned(), |dir| dir.to_string_lossy().into_owned())
    }
}

/// Where test executables find what they load at run time, as cargo would say it.
fn library_path(cx: &Cx<'_>, dir: &str, messages: &Messages) -> OsString {
    let built = cx.copy.root().join("target/debug");
    let mut paths: Vec<PathBuf> = messages
        .linked_paths
        .iter()
        .map(|path| path.split_once('=').map_or(path.as_str(), |(_, path)| path))
        .map(PathBuf::from)
        .filter(|path| path.starts_with(cx.copy.root()))
        .collect();
    paths.extend([built.clone(), built.join("deps")]);
    if messages.has_dylibs {
        let command = Command::new("rustc", dir).args(["--print=target-libdir", "--print=sysroot"]);
        if let Ok(ran) = cx.bench().run(command) {
            let mut lines = ran.stdout.lines();
            paths.extend(lines.next().map(PathBuf::from));
            paths.extend(lines.next().map(|sysroot| Path::new(sysroot).join("lib")));
        }
    }
    let inherited = std::env::var_os(LIBRARY_PATH).unwrap_or_default();
    paths.extend(std::env::split_paths(&inherited));
    std::env::join_paths(paths).unwrap_or_default()
}
