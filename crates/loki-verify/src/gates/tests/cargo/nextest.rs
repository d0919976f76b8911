//! nextest, for workspaces that run their tests by it: each test in a process of its own, under the settings
//! of the project. Its JUnit report is read.

use std::fs;
use std::path::Path;

use loki_host::process::find_on_path;

use super::{Workspace, target_id};
use crate::cargo::{TestExecutable, command};
use crate::counts::Tally;
use crate::counts::junit::{Dialect, FILE_BYTES_MAX, Named, read};
use crate::gates::Cx;
use crate::gates::part::Part;
use crate::gates::tests::settle::Ended;
use crate::layout::{join, shown};
use crate::place::Which;

/// Settings of nextest, from the root of a workspace.
const SETTINGS: &str = ".config/nextest.toml";

/// Where a project's automation is.
const WORKFLOWS: &str = ".github/workflows";

/// The profile under which loki asks for a report. It takes everything else from the project's default one.
const PROFILE: &str = "loki-verify";

/// What helps where it is not installed.
pub(super) const INSTALL: &str = "install it as https://nexte.st says";

/// Whether the workspace in `dir` runs its tests by nextest: it has settings for it, or its automation
/// calls it.
pub(super) fn is_used(cx: &Cx<'_>, dir: &str) -> bool {
    let is_called = |path: &str| {
        let text = cx.read(path).unwrap_or_default();
        let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.any(|line| line.contains("cargo nextest r"))
    };
    cx.layout.has(&join(dir, SETTINGS))
        || cx.layout.ending(WORKFLOWS, &[".yml", ".yaml"]).any(is_called)
}

/// Whether it is installed.
pub(super) fn is_installed() -> bool {
    find_on_path("cargo-nextest".as_ref()).is_some()
}

impl Workspace<'_> {
    /// Runs the tests of `meant` by nextest.
    pub(super) fn by_nextest(&self, meant: &[&TestExecutable]) -> Part {
        let Workspace { cx, dir, .. } = *self;
        let what = format!("nextest in {}", shown(dir));
        let report = cx.bench().results_file("xml");
        let settings = cx.bench().results_file("toml");
        if let Err(error) = fs::write(&settings, asking_for(&report)) {
            return Part::unclear(format!("{what}: its settings: {error}"), Vec::new());
        }
        let args = ["nextest", "run", "--workspace", "--no-fail-fast", "--color=never"];
        let mut tool = std::ffi::OsString::from("loki:");
        tool.push(&settings);
        let mut command = command(cx.copy.root(), cx.layout, dir, &args)
            .args(["--profile", PROFILE, "--tool-config-file"])
            .args([tool])
            .env("NEXTEST_NO_TESTS", "pass")
            .env("RUST_BACKTRACE", "0");
        let mut by_hand = vec!["cargo", "nextest", "run", "--workspace", "--no-fail-fast"];
        let near = cx.near.is_some().then(|| filter(meant));
        if let Some(near) = &near {
            command = command.args(["-E", near]);
            by_hand.extend(["-E", near]);
        }
        let ran = match cx.bench().run(command.by_hand(by_hand)) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(&what, &error, INSTALL),
        };
        let dialect = Nextest { executables: meant };
        let tally = match cx.bench().read_results(&report, FILE_BYTES_MAX) {
            Some(xml) => read(&xml, &dialect).0,
            None => {
                let doubt = Some("it ended without its report".to_owned());
                Tally { doubt, ..Tally::default() }
            }
        };
        // Panics name files from the root of the workspace.
        Ended { what: &what, dir, ids: "cargo:", which: Which::First }.settle(cx, ran, tally)
    }
}

/// Settings that have a report written to `report`.
fn asking_for(report: &Path) -> String {
    let path = toml::Value::from(report.to_string_lossy().into_owned());
    format!("[profile.{PROFILE}.junit]\npath = {path}\n")
}

/// The tests of these executables and no others.
fn filter(meant: &[&TestExecutable]) -> String {
    if meant.is_empty() {
        return "none()".to_owned();
    }
    let ids: Vec<String> =
        meant.iter().map(|test| format!("binary_id(={})", binary_id(test))).collect();
    ids.join(" + ")
}

/// What nextest calls a test executable.
fn binary_id(test: &TestExecutable) -> String {
    let (package, name) = (&test.package.name, &test.name);
    match test.kind.as_str() {
        "test" => format!("{package}::{name}"),
        kind @ ("bin" | "example" | "bench") => format!("{package}::{kind}/{name}"),
        _ => package.clone(),
    }
}

/// Tests by the ids that they have where loki starts their executables itself.
struct Nextest<'a> {
    executables: &'a [&'a TestExecutable],
}

impl Dialect for Nextest<'_> {
    fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
        let suite = named.suites.last().map_or(named.class, String::as_str);
        let own = self.executables.iter().find(|test| binary_id(test) == suite);
        let holder = own.map_or_else(
            || suite.to_owned(),
            |test| format!("{}/{}", test.package.name, target_id(test)),
        );
        (format!("{holder}::{}", named.name), None)
    }
}
