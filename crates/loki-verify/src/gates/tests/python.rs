//! Python: which runner a project uses.

use super::settle::note;
use crate::gates::Cx;
use crate::gates::limit::{each, left_out};
use crate::gates::part::Part;
use crate::layout::{is_data, join, parent, shown};

mod pytest;
mod unittest;
mod watch;

/// What a repository may not hold itself: it would stand in for the runner.
const RUNNERS: &[&str] =
    &["pytest", "_pytest", "unittest", "sitecustomize", "usercustomize", watch::MODULE];

/// Why a file is not looked into.
const UNREAD: &str = "too large, or a link that leads nowhere";

/// Sections by which settings of a project show that it uses pytest.
const SETTINGS: &[(&str, &str)] = &[
    ("pyproject.toml", "[tool.pytest"),
    ("setup.cfg", "[tool:pytest]"),
    ("tox.ini", "[pytest]"),
    ("pytest.ini", ""),
    ("conftest.py", ""),
];

/// One Python project and its test files.
pub(super) struct Project<'a> {
    pub(super) cx: &'a Cx<'a>,
    pub(super) dir: &'a str,
    /// Files named like tests, from the root of the repository.
    pub(super) files: Vec<TestFile>,
    /// Whether there are other projects, so that a runner has to be told which files are meant.
    pub(super) is_one_of_many: bool,
}

/// A file named like tests, and what kinds of test it shows.
pub(super) struct TestFile {
    pub(super) path: String,
    /// Functions at the top level, or pytest itself: only pytest runs these.
    pub(super) needs_pytest: bool,
    /// Test cases of unittest.
    pub(super) has_cases: bool,
}

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let found = cx.layout.python(&is_test_name);
    let is_one_of_many = found.len() > 1;
    let (mut projects, mut unread) = (Vec::new(), Vec::new());
    for (dir, paths) in &found {
        let mut files = Vec::new();
        let is_meant = |path: &&String| !is_data(path) && cx.near.is_none_or(|near| near.has(path));
        for path in paths.iter().filter(is_meant) {
            match look(cx, path) {
                Some(file) => files.push(file),
                None => unread.push(path.as_str()),
            }
        }
        if files.iter().any(|file| file.needs_pytest || file.has_cases) {
            projects.push(Project { cx, dir, files, is_one_of_many });
        }
    }
    let judge = |project: &Project<'_>| vec![project.judge()];
    let mut parts = each(super::ID, "Python projects", &projects, |project| project.dir, judge);
    parts.extend(left_out(super::ID, "Python file(s) named like tests", &unread, UNREAD));
    parts
}

impl Project<'_> {
    fn judge(&self) -> Part {
        let place = shown(self.dir);
        if let Some(runner) = RUNNERS.iter().find(|name| self.holds(name)) {
            return Part::unclear(
                format!(
                    "Python tests in {place}: the repository's own `{runner}` stands in for the runner"
                ),
                Vec::new(),
            );
        }
        let needs_pytest = self.files.iter().any(|file| file.needs_pytest);
        if !needs_pytest && !self.shows_pytest() {
            return self.unittest();
        }
        match pytest::run(self) {
            pytest::Outcome::Ran(part) => part,
            // Cases of unittest run without it.
            pytest::Outcome::Missing(_) if !needs_pytest => self.unittest().noting([note(
                "tests/other-runner",
                None,
                format!("pytest is not installed in {place}; unittest ran the tests"),
            )]),
            pytest::Outcome::Missing(part) => part,
        }
    }

    fn unittest(&self) -> Part {
        if self.cx.layout.has(&join(self.dir, "manage.py")) {
            return Part::unclear(
                "Django's own test command is not known to loki: declare it as `tests` under \
                 `[verify]` in .loki/config.toml",
                Vec::new(),
            );
        }
        unittest::run(self)
    }

    /// Whether the project's import path begins with a module of this name.
    fn holds(&self, module: &str) -> bool {
        [self.dir.to_owned(), join(self.dir, "src")].iter().any(|dir| {
            self.cx.layout.has(&join(dir, &format!("{module}.py")))
                || self.cx.layout.has(&join(dir, &format!("{module}/__init__.py")))
        })
    }

    fn shows_pytest(&self) -> bool {
        let settings = SETTINGS.iter().any(|(file, section)| {
            let path = join(self.dir, file);
            self.cx.layout.has(&path)
                && (section.is_empty()
                    || self.cx.read(&path).is_none_or(|text| text.contains(section)))
        });
        settings
            || self
                .files
                .iter()
                .any(|file| self.cx.layout.has(&join(parent(&file.path), "conftest.py")))
    }
}

/// Reads what kinds of test a file shows; nothing for a file that can not be read.
fn look(cx: &Cx<'_>, path: &str) -> Option<TestFile> {
    let text = cx.read(path)?;
    let begins =
        |marks: &[&str]| text.lines().any(|line| marks.iter().any(|mark| line.starts_with(mark)));
    Some(TestFile {
        path: path.to_owned(),
        needs_pytest: begins(&["import pytest", "from pytest", "def test_", "async def test_"])
            || has_plain_class(&text),
        has_cases: text.contains("TestCase") || has_derived_class(&text),
    })
}

/// A class that only pytest takes for tests: it extends nothing.
fn has_plain_class(text: &str) -> bool {
    text.lines().any(|line| {
        line.strip_prefix("class Test").is_some_and(|rest| {
            rest.trim_end().ends_with("():") || (!rest.contains('(') && rest.contains(':'))
        })
    }) && text.contains("def test")
}

/// A class with tests that extends one of another file, which may well be a test case.
fn has_derived_class(text: &str) -> bool {
    text.lines().any(|line| {
        line.strip_prefix("class ").and_then(|rest| rest.split_once('(')).is_some_and(
            |(_, bases)| {
                bases.starts_with(|c: char| c.is_alphabetic()) && !bases.starts_with("object")
            },
        )
    }) && text.contains("    def test")
}

fn is_test_name(name: &str) -> bool {
    name.starts_with("test") || name.ends_with("_test.py") || name.ends_with("_tests.py")
}
