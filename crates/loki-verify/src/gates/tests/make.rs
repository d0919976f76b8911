//! Targets of `make` and `just` that run tests, counted by what they print.

use std::collections::BTreeSet;

use loki_model::{Finding, Location, Severity};

use super::printed::Printed;
use super::settle::Ended;
use crate::bench::Command;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::{is_nested, join, shown};
use crate::place::Which;

mod recipe;

use recipe::{Hidden, Recipes, hidden, is_own_test, read_just, read_make};

/// Targets that run tests, the first that is there.
const TARGETS: &[&str] = &["test", "check", "tests"];

/// A program that runs targets, and the files that it reads them from.
struct Tool {
    name: &'static str,
    files: &'static [&'static str],
    read: fn(&str) -> Recipes,
    /// The option that names another file.
    file_option: &'static str,
    fix: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "make",
        // In the order in which make looks for them.
        files: &["GNUmakefile", "makefile", "Makefile"],
        read: read_make,
        file_option: "-f",
        fix: "install make",
    },
    Tool {
        name: "just",
        files: &["justfile", "Justfile", ".justfile"],
        read: read_just,
        file_option: "--justfile",
        fix: "install just from https://just.systems",
    },
];

/// One target of one directory.
struct Suite {
    tool: &'static Tool,
    dir: String,
    file: String,
    target: &'static str,
    recipe: Vec<String>,
}

/// Runs the test targets of the repository.
///
/// `is_covered` says that other runners have run its tests: only targets that run a test of the
/// repository's own are run then, such as a script that no runner knows.
pub(super) fn judge(cx: &Cx<'_>, is_covered: bool) -> Vec<Part> {
    let suites: Vec<Suite> = find(cx)
        .into_iter()
        .filter(|suite| !is_covered || suite.recipe.iter().any(|line| is_own_test(line)))
        .collect();
    let judge = |suite: &Suite| vec![suite.judge(cx, is_covered)];
    each(super::ID, "test targets", &suites, |suite| &suite.dir, judge)
}

/// Topmost directories with a test target.
fn find(cx: &Cx<'_>) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    for tool in TOOLS {
        let dirs: BTreeSet<String> =
            tool.files.iter().flat_map(|file| cx.layout.all_roots(file)).collect();
        for dir in dirs {
            let taken: Vec<&str> = suites.iter().map(|suite| suite.dir.as_str()).collect();
            if taken.contains(&dir.as_str()) || is_nested(&taken, &dir) {
                continue;
            }
            let file = tool.files.iter().map(|file| join(&dir, file)).find(|at| cx.layout.has(at));
            let Some(file) = file else { continue };
            let Some(text) = cx.read(&file) else { continue };
            let recipes = (tool.read)(&text);
            let Some(target) = TARGETS.iter().find(|target| recipes.has(target)) else { continue };
            let recipe = recipes.run_by(target);
            suites.push(Suite { tool, dir, file, target, recipe });
        }
    }
    suites
}

impl Suite {
    fn judge(&self, cx: &Cx<'_>, is_covered: bool) -> Part {
        let Suite { tool, dir, target, .. } = self;
        let called = format!("{} {target}", tool.name);
        let what = format!("{called} in {}", shown(dir));
        let (base, told) = self.at_base(cx);
        let mut command = Command::new(tool.name, dir);
        if let Some(text) = base {
            let path = cx.bench().results_file("mk");
            if let Err(error) = std::fs::write(&path, text) {
                return Part::unclear(format!("{what}: {error}"), Vec::new());
            }
            command = command.args([tool.file_option.into(), path.into_os_string()]);
            if tool.name == "just" {
                command = command.args(["--working-directory", "."]);
            }
        }
        let ids = format!("{}:{}", tool.name, join(dir, ""));
        let ended = Ended { what: &what, dir, ids: &ids, which: Which::First };
        let printed = Printed { called: &called, fix: tool.fix, is_covered, ended };
        printed.run(cx, command.args([*target])).noting(told)
    }

    /// The file of the base when it has to stand in for that of the change, and what to say.
    ///
    /// A recipe that newly hides the exit code of a test does not judge; the one before it does.
    fn at_base(&self, cx: &Cx<'_>) -> (Option<Vec<u8>>, Option<Finding>) {
        let now = hidden(&self.recipe);
        let bytes = cx.subject.repo.read_file(cx.subject.base, &self.file).ok().flatten();
        let base = bytes.filter(|bytes| bytes.len() as u64 <= crate::gates::SOURCE_BYTES_MAX);
        let recipes = base.as_ref().map(|bytes| (self.tool.read)(&String::from_utf8_lossy(bytes)));
        let before = recipes
            .filter(|recipes| recipes.has(self.target))
            .map(|recipes| hidden(&recipes.run_by(self.target)));
        let told = |rule: &str, message: &str| {
            let place = Location { path: self.file.clone(), line: None };
            Some(finding(rule, Severity::Warning, Some(place), message, ""))
        };
        match before {
            Some(before) if now.difference(&before).next().is_some() => {
                let message =
                    "the change hides the exit code of the tests; the recipe of the base was run";
                (base, told("tests/command-altered", message))
            }
            _ if now.iter().any(|sign| *sign != Hidden::Pipe) => {
                let message = format!(
                    "`{} {}` hides the exit code of its tests",
                    self.tool.name, self.target
                );
                (None, told("tests/exit-swallowed", &message))
            }
            _ => (None, None),
        }
    }
}
