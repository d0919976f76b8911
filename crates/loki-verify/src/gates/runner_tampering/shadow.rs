//! Modules of the project that take the place of a runner, a dependency or the standard library.

use std::sync::LazyLock;

use loki_model::{ChangeKind, Severity};
use regex::Regex;

use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::layout::{file_name, parent};
use crate::settings;
use crate::sides::Sides;

/// A new module hides another one.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/shadowed-module",
    severity: Severity::Warning,
    what: "A new module of the project has the name of a runner, a dependency or a standard module.",
    why: "Python and node take the file of the project first: tests then run against a stand-in.",
    example: "+# pytest.py\n+def main(): ...",
    fix: "Give the module another name, and install what it stands in for.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Python packages that run or judge tests.
const RUNNERS: &[&str] = &[
    "pytest",
    "_pytest",
    "unittest",
    "nose",
    "nose2",
    "coverage",
    "hypothesis",
    "pluggy",
    "doctest",
    "mock",
    "tox",
    "nox",
    "behave",
    "trial",
    "testtools",
    "pytest_mock",
    "pytest_asyncio",
];

/// JavaScript packages that run or judge tests.
const SCRIPT_RUNNERS: &[&str] = &[
    "jest",
    "vitest",
    "mocha",
    "chai",
    "ava",
    "tap",
    "tape",
    "jasmine",
    "karma",
    "sinon",
    "c8",
    "nyc",
    "expect",
    "@jest/globals",
    "@playwright/test",
    "cypress",
    "typescript",
    "eslint",
    "supertest",
];

/// Modules of Python's standard library that people import.
const STANDARD: &[&str] = &[
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "cmath",
    "codecs",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "email",
    "enum",
    "errno",
    "fnmatch",
    "fractions",
    "functools",
    "gc",
    "getpass",
    "gettext",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "imaplib",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "lzma",
    "math",
    "mimetypes",
    "multiprocessing",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "pkgutil",
    "platform",
    "plistlib",
    "pprint",
    "profile",
    "queue",
    "random",
    "re",
    "sched",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "shlex",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "stat",
    "statistics",
    "string",
    "struct",
    "subprocess",
    "sys",
    "sysconfig",
    "tarfile",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "token",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zipfile",
    "zlib",
    "zoneinfo",
];

/// Files that are searched for an import.
const FILES_MAX: usize = 2_000;

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| file.change == ChangeKind::Added) {
        if let Some(module) = python_module(&file.path) {
            if let Some((severity, what)) = hidden(sides, module) {
                let message = format!("`{}` hides {what}", file.path);
                found.add(weighing(RULE.of(&file.path, message), severity));
            }
        } else if let Some(package) = node_package(&file.path)
            && SCRIPT_RUNNERS.contains(&package)
        {
            let message = format!("`{}` takes the place of `{package}`", file.path);
            found.add(weighing(RULE.of(&file.path, message), Severity::Error));
        }
    }
    manifests(sides, found);
}

/// The module that a file is when Python looks in the directory that programs and tests start in.
fn python_module(path: &str) -> Option<&str> {
    let (dir, name) = (parent(path), file_name(path));
    let (dir, module) = match name {
        "__init__.py" => (parent(dir), file_name(dir)),
        name => (dir, name.strip_suffix(".py")?),
    };
    matches!(dir, "" | "src" | "lib" | "test" | "tests").then_some(module)
}

/// The package that a file in `node_modules` belongs to.
fn node_package(path: &str) -> Option<&str> {
    let rest = path.rsplit_once("node_modules/").map(|(_, rest)| rest)?;
    let end = match rest.starts_with('@') {
        true => rest.match_indices('/').nth(1).map(|(at, _)| at),
        false => rest.find('/'),
    };
    rest.get(..end?)
}

fn hidden(sides: &Sides<'_>, module: &str) -> Option<(Severity, String)> {
    if RUNNERS.contains(&module) {
        return Some((Severity::Error, format!("the runner `{module}`")));
    }
    // A name alone says little: somebody has to have meant the other one.
    let is_standard = STANDARD.contains(&module);
    if is_standard && imported_at_base(sides, module) {
        return Some((Severity::Warning, format!("`{module}` of the standard library")));
    }
    let is_declared = declared(sides).iter().any(|name| *name == normalised(module));
    let owned = own_name(sides).is_some_and(|name| name == normalised(module));
    (is_declared && !owned && !is_standard)
        .then(|| (Severity::Warning, format!("the declared dependency `{module}`")))
}

static IMPORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^\s*(?:import|from)\s+([A-Za-z_]\w*)").ok());

/// Whether a file of the base imports a module, which can not have been the new one.
fn imported_at_base(sides: &Sides<'_>, module: &str) -> bool {
    let Some(pattern) = IMPORT.as_ref() else { return false };
    let files = sides.layout.own_files().filter(|path| path.ends_with(".py")).take(FILES_MAX);
    files.into_iter().any(|path| {
        sides.before(path).is_some_and(|text| {
            pattern
                .captures_iter(&text)
                .any(|found| found.get(1).is_some_and(|m| m.as_str() == module))
        })
    })
}

/// Names of Python packages that the tree declares, normalised.
fn declared(sides: &Sides<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let files = sides.layout.own_files().filter(|path| {
        let name = file_name(path);
        parent(path).is_empty() && (name.starts_with("requirements") || name == "pyproject.toml")
            || parent(path) == "requirements"
    });
    for path in files {
        let Some(text) = sides.after(path) else { continue };
        if path.ends_with(".txt") {
            names.extend(text.lines().filter_map(requirement));
        } else if let Ok(value) = settings::toml(&text) {
            let project = settings::at(&value, &["project", "dependencies"]);
            names.extend(settings::list(project).iter().filter_map(|line| requirement(line)));
            for group in settings::object(&value, &["project", "optional-dependencies"]).values() {
                names.extend(
                    settings::list(Some(group)).iter().filter_map(|line| requirement(line)),
                );
            }
            let poetry = settings::object(&value, &["tool", "poetry", "dependencies"]);
            names.extend(poetry.keys().map(|name| normalised(name)));
        }
    }
    names
}

fn own_name(sides: &Sides<'_>) -> Option<String> {
    let value = settings::toml(&sides.after("pyproject.toml")?).ok()?;
    let name = settings::at(&value, &["project", "name"])
        .or_else(|| settings::at(&value, &["tool", "poetry", "name"]))?;
    Some(normalised(name.as_str()?))
}

/// The name in a line of requirements.
fn requirement(line: &str) -> Option<String> {
    let line = line.trim();
    let end =
        line.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(line.len());
    let name = &line[..end];
    (!name.is_empty() && !name.starts_with('-')).then(|| normalised(name))
}

fn normalised(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

/// Packages of the project that are called like a runner, and runners that come from the project.
fn manifests(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| file_name(&file.path) == "package.json") {
        let read = |text: &Option<String>| settings::json(text.as_deref()?).ok();
        let Some(after) = read(&file.after) else { continue };
        let before = read(&file.before).unwrap_or_default();
        let name = after.get("name").and_then(|name| name.as_str()).unwrap_or_default();
        if file.before.is_none() && !parent(&file.path).is_empty() && SCRIPT_RUNNERS.contains(&name)
        {
            let message = format!("a package of the project is called like the runner `{name}`");
            found.add(weighing(RULE.of(&file.path, message), Severity::Error));
        }
        for key in ["dependencies", "devDependencies", "overrides", "resolutions", "imports"] {
            for (name, value) in settings::object(&after, &[key]) {
                let bare = name.trim_start_matches('#').trim_start_matches("node:");
                let is_runner = SCRIPT_RUNNERS.contains(&bare)
                    || matches!(bare, "test" | "assert") && key == "imports";
                let is_local = value.as_str().is_some_and(|value| {
                    ["file:", "link:", "./", "portal:"].iter().any(|start| value.starts_with(start))
                });
                if is_runner && is_local && before.get(key).and_then(|k| k.get(name)) != Some(value)
                {
                    let line = super::line_of(file, &format!("\"{name}\""));
                    let message = format!("`{name}` comes from a folder of the project");
                    found.add(weighing(RULE.at(&file.path, line, message), Severity::Error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn modules_that_hide_others_are_told() {
        check(look, &[], &[("pytest.py", "x")], "error shadowed-module pytest.py");
        let base = [("a.py", "import json\n")];
        let after = [base[0], ("json.py", "x")];
        check(look, &base, &after, "warning shadowed-module json.py");
        let after = [("requests.py", "x"), ("requirements.txt", "requests==2.32.3\n")];
        check(look, &[], &after, "warning shadowed-module requests.py");
        let module = [("node_modules/jest/index.js", "x")];
        check(look, &[], &module, "error shadowed-module node_modules/jest/index.js");
        let local =
            [("package.json", "{\n\"devDependencies\": {\"vitest\": \"file:./tools/vitest\"}}")];
        check(look, &[], &local, "error shadowed-module package.json:2");
    }

    #[test]
    fn names_that_hide_nothing_are_fine() {
        for files in [
            [("pkg/logging.py", "x"), ("a.py", "import logging\n")],
            [("queue.py", "x"), ("a.py", "x = 1\n")],
            [("pkg/_vendor/requests.py", "x"), ("requirements.txt", "requests\n")],
            [("tests/helpers.py", "x"), ("requirements.txt", "flask\n")],
            [
                ("src/flask/__init__.py", "x"),
                ("pyproject.toml", "[project]\nname = 'flask'\ndependencies = ['flask']\n"),
            ],
        ] {
            check(look, &files[1..], &files, "");
        }
    }
}
