//! Test scripts of the shell and `bats`.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::printed::Printed;
use super::settle::Ended;
use crate::bench::Command;
use crate::gates::Cx;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::layout::{file_name, is_data, parent, shown};
use crate::place::Which;

/// Test files of bats that are named one by one: a command line has an end.
const FILES_MAX: usize = 2_000;

/// Names of scripts that run all others.
const DRIVERS: &[&str] = &[
    "test.sh",
    "tests.sh",
    "run-tests.sh",
    "run_tests.sh",
    "runtests.sh",
    "run-test.sh",
    "run_test.sh",
];

/// The same, where they stand among tests.
const DRIVERS_IN_TESTS: &[&str] = &["run.sh", "all.sh", "run-all.sh", "run_all.sh", "main.sh"];

/// Directories that hold tests.
const TEST_DIRS: &[&str] = &["test", "tests"];

/// Parts of the names of scripts that help tests and are none.
const HELPERS: &[&str] = &[
    "lib", "helper", "common", "util", "setup", "teardown", "env", "fixture", "install", "build",
    "config",
];

/// Runs all files of bats together.
pub(super) fn bats(cx: &Cx<'_>) -> Vec<Part> {
    let files: Vec<&str> = cx
        .layout
        .ending("", &[".bats"])
        .filter(|path| !is_data(path))
        .take(FILES_MAX + 1)
        .collect();
    if files.is_empty() {
        return Vec::new();
    }
    if files.len() > FILES_MAX {
        return vec![Part::unclear(
            format!("bats: there are more than {FILES_MAX} files"),
            Vec::new(),
        )];
    }
    let command = Command::new("bats", "").args(["--tap"]).args(files);
    let ended = Ended { what: "bats in the root", dir: "", ids: "bats:", which: Which::First };
    let fix = "install bats from https://bats-core.readthedocs.io";
    vec![Printed { called: "bats --tap", fix, is_covered: false, ended }.run(cx, command)]
}

/// Runs the test scripts of the repository: those that run others, else each by itself.
///
/// Where other runners have counted tests, scripts are run when the change touches one of the shell.
pub(super) fn judge(cx: &Cx<'_>, is_covered: bool) -> Vec<Part> {
    if is_covered && cx.changed(&[".sh", ".bash"]).next().is_none() {
        return Vec::new();
    }
    let scripts = scripts(cx);
    let judge = |script: &&str| vec![run(cx, script, is_covered)];
    each(super::ID, "test scripts", &scripts, |script| *script, judge)
}

/// The scripts to run.
fn scripts<'a>(cx: &'a Cx<'_>) -> Vec<&'a str> {
    let all: Vec<&str> =
        cx.layout.ending("", &[".sh", ".bash"]).filter(|path| !is_data(path)).collect();
    let drivers: Vec<&str> = all.iter().copied().filter(|path| is_driver(path)).collect();
    if !drivers.is_empty() {
        // One at the root is taken to run those below.
        let at_root: Vec<&str> =
            drivers.iter().copied().filter(|path| parent(path).is_empty()).collect();
        return if at_root.is_empty() { drivers } else { at_root };
    }
    let sourced: BTreeSet<String> = all.iter().flat_map(|path| sourced_by(cx, path)).collect();
    all.into_iter().filter(|path| is_test(path) && !sourced.contains(file_name(path))).collect()
}

fn is_driver(path: &str) -> bool {
    let (dir, name) = (parent(path), file_name(path));
    let is_among_tests = TEST_DIRS.contains(&dir);
    (DRIVERS.contains(&name) && (dir.is_empty() || is_among_tests || dir == "scripts"))
        || (DRIVERS_IN_TESTS.contains(&name) && is_among_tests)
}

/// Whether a script is named like a test, or stands directly among tests and is not named like help.
fn is_test(path: &str) -> bool {
    let name = file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_named = ["test_", "test-"].iter().any(|start| stem.starts_with(start))
        || ["_test", "-test", ".test", "_tests", "-tests"].iter().any(|end| stem.ends_with(end));
    let is_help = HELPERS.iter().any(|help| stem.contains(help));
    is_named || (TEST_DIRS.contains(&parent(path)) && !is_help)
}

/// Names of the files that a script reads into itself.
fn sourced_by(cx: &Cx<'_>, path: &str) -> Vec<String> {
    let text = cx.read(path).unwrap_or_default();
    let sourced = text.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix(". ").or_else(|| line.strip_prefix("source "))
    });
    sourced
        .filter_map(|rest| rest.split_whitespace().next())
        .map(|word| file_name(word).trim_matches(['"', '\'', ';']).to_owned())
        .collect()
}

fn run(cx: &Cx<'_>, script: &str, is_covered: bool) -> Part {
    let interpreter = interpreter(cx.read(script).unwrap_or_default().as_str());
    let called = format!("{} {script}", interpreter.to_string_lossy());
    let what = format!("{script} in {}", shown(""));
    let ids = format!("sh:{script} > ");
    let ended = Ended { what: &what, dir: "", ids: &ids, which: Which::First };
    let fix = format!("install {}", interpreter.to_string_lossy());
    let command = Command::new(interpreter, "").args([script]);
    Printed { called: &called, fix: &fix, is_covered, ended }.run(cx, command)
}

/// The shell that a script asks for in its first line; `bash` when it asks for none.
pub(crate) fn interpreter(text: &str) -> OsString {
    match asked_program(text) {
        Some(shell @ ("sh" | "bash" | "dash" | "ksh" | "zsh" | "busybox")) => shell.into(),
        _ => "bash".into(),
    }
}

/// The program that a script asks for in its first line, without its directory.
pub(crate) fn asked_program(text: &str) -> Option<&str> {
    let first = text.lines().next()?.strip_prefix("#!")?;
    let mut words = first.split_whitespace().map(file_name);
    match words.next()? {
        "env" => words.find(|word| !word.starts_with('-') && !word.contains('=')),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_run_by_the_shell_that_they_ask_for() {
        for (text, shell) in [
            ("#!/bin/sh\n", "sh"),
            ("#!/usr/bin/env bash -e\n", "bash"),
            ("#!/usr/bin/env -S zsh\n", "zsh"),
            ("#!/usr/bin/python\n", "bash"),
            ("echo\n", "bash"),
            ("", "bash"),
        ] {
            assert_eq!(interpreter(text), shell, "{text}");
        }
    }

    #[test]
    fn tests_are_told_from_what_helps_them() {
        for path in ["tests/smoke.sh", "x/test_a.sh", "a-test.sh", "test/cli.sh"] {
            assert!(is_test(path), "{path}");
        }
        for path in ["tests/lib.sh", "test/test-x/run.sh", "build.sh", "tests/setup_db.sh", "a.sh"]
        {
            assert!(!is_test(path), "{path}");
        }
        assert!(is_driver("tests/run.sh") && is_driver("test.sh") && !is_driver("x/run.sh"));
    }
}
