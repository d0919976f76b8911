//! Targets of `make` and `just` that run tests, counted by what they print.

use std::collections::BTreeSet;

use loki_model::{Finding, Location, Severity};

use super::printed::Printed;
use super::settle::Ended;
use crate::bench::Command;
use crate::gates::limit::{each, left_out};
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::{file_name, is_data, is_nested, join, parent, shown};
use crate::place::Which;

mod recipe;

use recipe::{Hidden, Recipes, hidden, is_own_test, read_just, read_make};

/// Bytes of a file of the base that are looked at.
const BASE_BYTES_MAX: usize = 8 << 20;

/// Why a file is not looked into.
const UNREAD: &str = "too large, or a link that leads nowhere";

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
    /// What it runs; nothing when the change takes the target away.
    now: Option<Vec<String>>,
    /// The file of the base and what the target runs there, if it is there.
    base: Option<(Vec<u8>, Vec<String>)>,
}

/// Runs the test targets of the repository.
///
/// `is_covered` says that other runners have run its tests: only targets that run a test of the
/// repository's own are run then, such as a script that no runner knows.
pub(super) fn judge(cx: &Cx<'_>, is_covered: bool) -> Vec<Part> {
    let (suites, unread) = find(cx);
    let suites: Vec<Suite> =
        suites.into_iter().filter(|suite| !is_covered || suite.has_own_test()).collect();
    let judge = |suite: &Suite| vec![suite.judge(cx, is_covered)];
    let mut parts = each(super::ID, "test targets", &suites, |suite| &suite.dir, judge);
    parts.extend(left_out(super::ID, "file(s) of targets", &unread, UNREAD));
    parts
}

/// Topmost directories with a test target, in the judged tree or in the base; and files that can not
/// be read.
fn find(cx: &Cx<'_>) -> (Vec<Suite>, Vec<String>) {
    let (mut suites, mut unread): (Vec<Suite>, Vec<String>) = (Vec::new(), Vec::new());
    for tool in TOOLS {
        let removed = cx.changes.unwrap_or(&[]).iter().map(|change| change.path.as_str());
        let removed = removed.filter(|path| tool.files.contains(&file_name(path)));
        let removed = removed.filter(|path| !is_data(path)).map(|path| parent(path).to_owned());
        let there = tool.files.iter().flat_map(|file| cx.layout.all_roots(file));
        let dirs: BTreeSet<String> = there.chain(removed).collect();
        for dir in dirs {
            let taken: Vec<&str> = suites.iter().map(|suite| suite.dir.as_str()).collect();
            if taken.contains(&dir.as_str()) || is_nested(&taken, &dir) {
                continue;
            }
            match tool.suite(cx, &dir) {
                Ok(suite) => suites.extend(suite),
                Err(file) => unread.push(file),
            }
        }
    }
    (suites, unread)
}

impl Tool {
    /// The test target of a directory: the one of the base, if there is one. The path of its file when
    /// that can not be read.
    fn suite(&'static self, cx: &Cx<'_>, dir: &str) -> Result<Option<Suite>, String> {
        let paths = || self.files.iter().map(|file| join(dir, file));
        let there = paths().find(|path| cx.layout.has(path));
        let now = match &there {
            Some(file) => Some((self.read)(&cx.read(file).ok_or_else(|| file.clone())?)),
            None => None,
        };
        let at_base = paths().find_map(|path| {
            let bytes = cx.subject.repo.read_file(cx.subject.base, &path).ok()??;
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(BASE_BYTES_MAX)]);
            let recipes = (self.read)(&text);
            Some((path, bytes, recipes))
        });
        let has =
            |recipes: Option<&Recipes>, target: &str| recipes.is_some_and(|it| it.has(target));
        let before = at_base.as_ref().map(|(_, _, recipes)| recipes);
        let target = TARGETS
            .iter()
            .find(|target| has(before, target))
            .or_else(|| TARGETS.iter().find(|target| has(now.as_ref(), target)));
        let Some(target) = target else { return Ok(None) };
        let file = there.or_else(|| at_base.as_ref().map(|(path, _, _)| path.clone()));
        Ok(Some(Suite {
            tool: self,
            dir: dir.to_owned(),
            file: file.unwrap_or_default(),
            target,
            now: now.filter(|now| now.has(target)).map(|now| now.run_by(target)),
            base: at_base
                .filter(|(_, _, recipes)| recipes.has(target))
                .map(|(_, bytes, recipes)| (bytes, recipes.run_by(target))),
        }))
    }
}

impl Suite {
    fn has_own_test(&self) -> bool {
        let base = self.base.iter().flat_map(|(_, lines)| lines);
        self.now.iter().flatten().chain(base).any(|line| is_own_test(line))
    }

    fn judge(&self, cx: &Cx<'_>, is_covered: bool) -> Part {
        let Suite { tool, dir, target, .. } = self;
        let called = format!("{} {target}", tool.name);
        let what = format!("{called} in {}", shown(dir));
        let (base, told) = self.stand_in();
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
    /// A target that is taken away, and a recipe that newly hides the exit code of a test, do not
    /// judge; what was there before does.
    fn stand_in(&self) -> (Option<&[u8]>, Option<Finding>) {
        let told = |rule: &str, message: &str| {
            let place = Location { path: self.file.clone(), line: None };
            Some(finding(rule, Severity::Warning, Some(place), message, ""))
        };
        let called = format!("`{} {}`", self.tool.name, self.target);
        match (&self.base, &self.now) {
            (Some((base, _)), None) => {
                let message =
                    format!("the change takes {called} away; the one of the base was run");
                (Some(base), told("tests/command-altered", &message))
            }
            (Some((base, before)), Some(now))
                if hidden(now).difference(&hidden(before)).next().is_some() =>
            {
                let message =
                    format!("the change hides the exit code of {called}; that of the base was run");
                (Some(base), told("tests/command-altered", &message))
            }
            (_, Some(now)) if hidden(now).iter().any(|sign| *sign != Hidden::Pipe) => {
                (None, told("tests/exit-swallowed", &format!("{called} hides its exit code")))
            }
            _ => (None, None),
        }
    }
}
