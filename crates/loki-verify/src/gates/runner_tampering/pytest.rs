//! Settings of pytest, from whichever file they are in.

use std::collections::BTreeSet;

use loki_model::Severity;
use serde_json::Value;

use super::tests_seen::{Unseen, below, is_in_any};
use super::{ci, line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{file_name, join, parent};
use crate::pattern;
use crate::settings::{self, list};
use crate::shell::{limits, runner, steps};
use crate::sides::Sides;

/// pytest sees less or fails less.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/pytest-settings",
    severity: Severity::Error,
    what: "pytest's settings leave out tests that ran before, or let it fail less.",
    why: "A deselected test is neither failed nor skipped: nobody misses it.",
    example: "-addopts = \"-ra\"\n+addopts = \"-ra -k 'not parser'\"",
    fix: "Let pytest collect what it collected before; mark single tests with a reason instead.",
    look: |cx, delta, found| settings_look(&Sides::of(cx, delta), found),
};

/// A conftest keeps files from being collected.
pub(super) const COLLECT_IGNORE: Rule = Rule {
    id: "runner-tampering/collect-ignore",
    severity: Severity::Error,
    what: "A conftest.py keeps test files from being collected.",
    why: "Tests that are not collected can not fail.",
    example: "+collect_ignore = [\"tests/test_parser.py\"]",
    fix: "Collect them; skip single tests with a reason where the platform can not run them.",
    look: |cx, delta, found| ignore_look(&Sides::of(cx, delta), found),
};

/// Where pytest looks for settings, in its order, and under which keys they are.
const SOURCES: [(&str, &[&str]); 5] = [
    ("pytest.ini", &["pytest"]),
    (".pytest.ini", &["pytest"]),
    ("pyproject.toml", &["tool", "pytest", "ini_options"]),
    ("tox.ini", &["pytest"]),
    ("setup.cfg", &["tool:pytest"]),
];

/// Plugins without which pytest judges as before.
const HARMLESS_PLUGINS: &[&str] = &[
    "cacheprovider",
    "randomly",
    "random_order",
    "xdist",
    "cov",
    "pytest_cov",
    "faulthandler",
    "logging",
    "sugar",
    "pastebin",
    "nose",
    "stepwise",
    "debugging",
    "benchmark",
    "legacypath",
    "junitxml",
    "setuponly",
    "setupplan",
    "tmpdir",
    "doctest",
    "anyio",
    "asyncio",
    "metadata",
    "html",
    "terminalreporter",
    "rerunfailures",
    "threadexception",
    "unraisableexception",
];

fn settings_look(sides: &Sides<'_>, found: &mut Found) {
    let mut dirs: BTreeSet<&str> = BTreeSet::new();
    for file in &sides.delta.files {
        if SOURCES.iter().any(|(name, _)| *name == file_name(&file.path)) {
            dirs.insert(parent(&file.path));
        }
    }
    for dir in dirs {
        let before = effective(dir, &|path| sides.before(path)).map(|(_, value)| value);
        let Some((source, after)) = effective(dir, &|path| sides.after(path)) else { continue };
        // Where the new settings are, or why they count now.
        let place = sides
            .changed(&source)
            .or_else(|| sides.delta.files.iter().find(|file| parent(&file.path) == dir));
        let Some(place) = place else { continue };
        let mut report = |severity, message: String, needle: &str| {
            let line = line_of(place, needle);
            found.add(weighing(RULE.at(&place.path, line, message), severity));
        };
        let none = Value::Null;
        compare(sides, dir, before.as_ref().unwrap_or(&none), &after, &mut report);
    }
}

/// The settings that count in a directory, and the file they are in.
fn effective(dir: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<(String, Value)> {
    SOURCES.iter().find_map(|(name, keys)| {
        let path = join(dir, name);
        let text = read(&path)?;
        let value = settings::read(&path, &text)?.ok()?;
        let section = settings::at(&value, keys).cloned();
        // An empty pytest.ini counts too.
        let section = section.or_else(|| name.ends_with("pytest.ini").then_some(Value::Null))?;
        Some((path, section))
    })
}

type Report<'r> = dyn FnMut(Severity, String, &str) + 'r;

fn compare(sides: &Sides<'_>, dir: &str, before: &Value, after: &Value, report: &mut Report<'_>) {
    options(sides, dir, before, after, report);
    for (key, seen) in [
        ("testpaths", &(|path: &str, paths: &[String]| is_in_any(path, dir, paths)) as Seen<'_>),
        ("python_files", &|path, globs| is_python_file(path, globs)),
        ("norecursedirs", &|path, globs| !is_in_dir(below(path, dir).unwrap_or(path), globs)),
        ("collect_ignore", &|path, paths| paths.is_empty() || !is_in_any(path, dir, paths)),
    ] {
        let (old, new) = (words(before.get(key)), words(after.get(key)));
        if old == new {
            continue;
        }
        // What CI names itself, as it did before, does not depend on where pytest looks by itself.
        let named = if key == "testpaths" { ci::paths_of_pytest(sides) } else { Vec::new() };
        let is_named = |path: &str| !named.is_empty() && is_in_any(path, "", &named);
        let unseen = Unseen::find(sides, dir, &[".py"], &|path| seen(path, &old), &|path| {
            seen(path, &new) || is_named(path)
        });
        if let Some((severity, what)) = unseen.verdict() {
            report(severity, format!("pytest's `{key}`: {what}"), key);
        }
    }
    for key in ["python_functions", "python_classes"] {
        let (old, new) = (words(before.get(key)), words(after.get(key)));
        let default = if key == "python_classes" { "Test" } else { "test" };
        let covers = |names: &[String], wanted: &str| {
            let start = wanted.trim_end_matches('*');
            names.iter().any(|name| start.starts_with(name.trim_end_matches('*')))
        };
        let old = if old.is_empty() { vec![default.to_owned()] } else { old };
        if !new.is_empty() && !old.iter().all(|wanted| covers(&new, wanted)) {
            let message = format!("pytest's `{key}` no longer takes everything it took before");
            report(Severity::Warning, message, key);
        }
    }
    let is_error = |value: &Value| {
        list(value.get("filterwarnings")).iter().any(|filter| filter.starts_with("error"))
    };
    if is_error(before) && !is_error(after) {
        report(Severity::Warning, "warnings no longer fail tests".to_owned(), "filterwarnings");
    }
    let strict = |value: &Value| settings::flag(value.get("xfail_strict")) == Some(true);
    if strict(before) && !strict(after) {
        let message = "tests that pass although they are expected to fail no longer fail";
        report(Severity::Warning, message.to_owned(), "xfail_strict");
    }
}

type Seen<'s> = &'s dyn Fn(&str, &[String]) -> bool;

fn options(sides: &Sides<'_>, dir: &str, before: &Value, after: &Value, report: &mut Report<'_>) {
    let call = |value: &Value| {
        let options = list_of_options(value.get("addopts"));
        steps(&format!("pytest {options}")).into_iter().next().unwrap_or_default()
    };
    let (old, new) = (call(before), call(after));
    let (Some(had), Some(has)) = (runner(&old), runner(&new)) else { return };
    let known = limits(&had);
    for (option, value) in limits(&has) {
        if known.contains(&(option.clone(), value.clone())) {
            continue;
        }
        let value = value.unwrap_or_default();
        let shown = format!("{option} {value}");
        let shown = shown.trim();
        let severity = match option.as_str() {
            "--ignore" | "--deselect" => match ignored(sides, dir, &value).verdict() {
                Some((severity, _)) => severity,
                // Nothing of the project's own tests is there.
                None => continue,
            },
            "-m" | "--lf" | "--last-failed" => Severity::Warning,
            _ => Severity::Error,
        };
        report(severity, format!("pytest's `addopts` leaves out tests: `{shown}`"), &option);
    }
    for (option, why) in weakenings(&new.words) {
        if !old.words.contains(&option) {
            report(Severity::Warning, format!("pytest's `addopts` has {why}: `{option}`"), &option);
        }
    }
    let is_error = |words: &[String]| {
        words.windows(2).any(|pair| pair[0] == "-W" && pair[1].starts_with("error"))
            || words.iter().any(|word| word.starts_with("-Werror"))
    };
    if is_error(&old.words) && !is_error(&new.words) {
        report(Severity::Warning, "warnings no longer fail tests".to_owned(), "addopts");
    }
    if old.words.iter().any(|word| word == "--doctest-modules")
        && !new.words.iter().any(|word| word == "--doctest-modules")
    {
        report(Severity::Warning, "examples in documentation no longer run".to_owned(), "addopts");
    }
}

/// Options that let pytest fail less without leaving anything out.
fn weakenings(words: &[String]) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let plugin = match word.strip_prefix("-p") {
            Some("") => words.peek().map(|next| next.as_str()),
            attached => attached,
        };
        if let Some(name) = plugin.and_then(|plugin| plugin.strip_prefix("no:")) {
            if !HARMLESS_PLUGINS.contains(&name) {
                found.push((format!("no:{name}"), "a plugin switched off"));
            }
        } else if word == "--assert=plain" {
            found.push((word.clone(), "plain assertions"));
        } else if word.starts_with("--reruns") {
            found.push((word.clone(), "tests run until they pass"));
        }
    }
    found
}

fn ignored(sides: &Sides<'_>, dir: &str, value: &str) -> Unseen {
    let path = value.split("::").next().unwrap_or(value).to_owned();
    let seen = |test: &str| is_in_any(test, dir, std::slice::from_ref(&path));
    Unseen::find(sides, dir, &[".py"], &|_| true, &|test| !seen(test))
}

/// Options as one text: lists are joined.
fn list_of_options(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.replace('\n', " "),
        Some(Value::Array(items)) => {
            let words = items.iter().filter_map(Value::as_str);
            words.map(|word| format!("'{word}' ")).collect()
        }
        _ => String::new(),
    }
}

/// A list that pytest splits at blanks.
fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        other => list(other),
    }
}

fn is_python_file(path: &str, globs: &[String]) -> bool {
    let name = file_name(path);
    if globs.is_empty() {
        return name.starts_with("test_") || name.ends_with("_test.py");
    }
    globs.iter().any(|glob| {
        let pattern = pattern::glob(glob);
        pattern.is_none_or(|pattern| pattern.is_match(name) || pattern.is_match(path))
    })
}

fn is_in_dir(path: &str, globs: &[String]) -> bool {
    parent(path).split('/').filter(|dir| !dir.is_empty()).any(|dir| {
        let matches = |glob: &String| pattern::glob(glob).is_some_and(|glob| glob.is_match(dir));
        globs.iter().any(matches)
    })
}

fn ignore_look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        if file_name(&file.path) != "conftest.py" || file.kind == Kind::Foreign {
            continue;
        }
        for (line, text) in file.added_lines() {
            if !text.trim_start().starts_with("collect_ignore") {
                continue;
            }
            let (names, is_glob) = (texts_from(file, line), text.contains("collect_ignore_glob"));
            let dir = parent(&file.path);
            let hit = |path: &str| {
                let Some(path) = below(path, dir) else { return false };
                if !is_glob {
                    return is_in_any(path, "", &names) && !names.is_empty();
                }
                names.iter().any(|name| {
                    pattern::glob(name)
                        .is_some_and(|glob| glob.is_match(path) || glob.is_match(file_name(path)))
                })
            };
            let unseen = Unseen::find(sides, dir, &[".py"], &|_| true, &|path| !hit(path));
            let Some((severity, what)) = unseen.verdict() else { continue };
            // Under a condition it may well be about the platform.
            let is_always = !text.starts_with([' ', '\t']);
            let severity = if is_always { severity } else { Severity::Note };
            found.add(weighing(COLLECT_IGNORE.at(&file.path, line, what), severity));
        }
    }
}

/// Lines of a list that are read.
const LIST_LINES_MAX: usize = 50;

/// The texts in the statement that begins in a line.
fn texts_from(file: &FileDelta, line: u32) -> Vec<String> {
    let first = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut texts = Vec::new();
    let mut open = 0_i64;
    for text in file.after.as_deref().unwrap_or_default().lines().skip(first).take(LIST_LINES_MAX) {
        texts.extend(super::js_settings::literals(text));
        open += text.matches('[').count() as i64 - text.matches(']').count() as i64;
        if open <= 0 {
            break;
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};

    const TESTS: Files<'_> = &[("tests/test_a.py", "a"), ("tests/sub/test_b.py", "b")];

    fn ini(before: &str, after: &str, expected: &str) {
        let (old, new) = (format!("[pytest]\n{before}\n"), format!("[pytest]\n{after}\n"));
        let before = [&[("pytest.ini", old.as_str())], TESTS].concat();
        let after = [&[("pytest.ini", new.as_str())], TESTS].concat();
        check(settings_look, &before, &after, expected);
    }

    #[test]
    fn tests_that_no_longer_run_are_errors() {
        let bad = "error pytest-settings pytest.ini:2";
        for after in [
            "addopts = -ra -k 'not b'",
            "addopts = --ignore=tests/sub",
            "addopts = --deselect tests/test_a.py::test_x",
            "addopts = --collect-only",
            "testpaths = tests/sub",
            "python_files = check_*.py",
            "norecursedirs = sub",
        ] {
            ini("addopts = -ra", after, bad);
        }
    }

    #[test]
    fn what_ci_names_as_it_did_before_is_not_lost_by_testpaths() {
        let judge = |before: &str, after: &str, testpaths: &str| {
            let path = ".github/workflows/test.yml";
            let workflow = |run: &str| {
                format!("on: [push]\njobs:\n  test:\n    runs-on: x\n    steps:\n      - {run}\n")
            };
            let (old, new) = (workflow(before), workflow(after));
            let ini = format!("[pytest]\ntestpaths = {testpaths}\n");
            let old = [&[("pytest.ini", "[pytest]\n"), (path, old.as_str())], TESTS].concat();
            let new = [&[("pytest.ini", ini.as_str()), (path, new.as_str())], TESTS].concat();
            crate::sides::testing::found(settings_look, &old, &new)
        };
        let named = "run: pytest tests/sub/ -q";
        assert_eq!(judge(named, named, "tests/test_a.py"), "");
        let lost = "error pytest-settings pytest.ini:2";
        assert_eq!(judge(named, named, "tests/sub/"), lost);
        for other in [
            "run: pytest",
            "run: pytest tests/sub/ || true",
            "run: pytest tests/sub/ -k one",
            "run: pytest tests/sub/\n        if: inputs.full",
            "run: ls tests/sub/",
        ] {
            assert_eq!(judge(other, other, "tests/test_a.py"), lost, "{other}");
        }
        // Only what stands as it did before is relied on.
        assert_eq!(judge("run: pytest", named, "tests/test_a.py"), lost);
    }

    #[test]
    fn settings_that_let_pytest_fail_less_are_concerns() {
        let doubt = "warning pytest-settings pytest.ini:2";
        ini("filterwarnings = error", "filterwarnings = default", doubt);
        ini("xfail_strict = true", "xfail_strict = false", doubt);
        ini("addopts = -ra", "addopts = -ra -m 'not slow'", doubt);
        ini("addopts = -ra", "addopts = -ra -p no:myplugin", doubt);
        ini("addopts = -ra", "addopts = -ra --reruns=3", doubt);
        ini("addopts = -ra", "addopts = -ra --assert=plain", doubt);
        ini("addopts = -ra", "python_functions = test_b_*", doubt);
    }

    #[test]
    fn settings_that_mean_the_same_are_fine() {
        for (before, after) in [
            ("addopts = -ra", "addopts = -ra -p no:cacheprovider --strict-markers -q"),
            ("addopts = -ra", "addopts = -ra --ignore=docs"),
            ("addopts = -ra", "testpaths = tests"),
            ("testpaths = tests/sub", "testpaths = tests"),
            ("addopts = -ra", "markers =\n  slow: takes long"),
            ("addopts = -ra -k x", "addopts = -k x\n  -ra"),
            ("python_files = test_*.py", "python_files = test_*.py check_*.py"),
        ] {
            ini(before, after, "");
        }
    }

    #[test]
    fn settings_that_move_to_another_file_are_compared_by_meaning() {
        let before =
            [&[("setup.cfg", "[tool:pytest]\naddopts = -ra\ntestpaths = tests\n")], TESTS].concat();
        let text = "[tool.pytest.ini_options]\naddopts = [\"-ra\"]\ntestpaths = [\"tests\"]\n";
        let after = [&[("pyproject.toml", text)], TESTS].concat();
        check(settings_look, &before, &after, "");
        // An empty file of higher rank takes the settings away.
        let base = [&[("setup.cfg", "[tool:pytest]\nxfail_strict = true\n")], TESTS].concat();
        let after = [&[("pytest.ini", "")], base.as_slice()].concat();
        check(settings_look, &base, &after, "warning pytest-settings pytest.ini:1");
    }

    #[test]
    fn tests_that_move_take_testpaths_along() {
        let before = [("pytest.ini", "[pytest]\ntestpaths = tests\n"), ("tests/test_a.py", "a")];
        let after = [("pytest.ini", "[pytest]\ntestpaths = checks\n"), ("checks/test_a.py", "a")];
        check(settings_look, &before, &after, "");
    }

    #[test]
    fn files_that_are_not_collected_are_told() {
        let bad = "error collect-ignore conftest.py:1";
        for (text, expected) in [
            ("collect_ignore = [\"tests/test_a.py\"]\n", bad),
            ("collect_ignore = [\n    'setup.py',\n    'tests/sub',\n]\n", bad),
            ("collect_ignore_glob = [\"*_b.py\"]\n", bad),
            ("collect_ignore = [\"setup.py\"]\n", ""),
            (
                "if sys.platform == \"win32\":\n    collect_ignore = [\"tests/test_a.py\"]\n",
                "note collect-ignore conftest.py:2",
            ),
        ] {
            let after = [&[("conftest.py", text)], TESTS].concat();
            check(ignore_look, TESTS, &after, expected);
        }
    }
}
