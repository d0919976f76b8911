//! Variables that tools read before they read anything else.

use loki_model::Severity;

use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::shell::{limits, runner, steps};
use crate::sides::Sides;

/// A variable changes what tests see.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/environment",
    severity: Severity::Warning,
    what: "A variable for runners or interpreters is set that lets tests see or fail less.",
    why: "No command line shows it, and it counts for every run.",
    example: "+PYTEST_ADDOPTS=\"-k 'not parser'\"",
    fix: "Leave the variable alone; put what is needed into the runner's own settings.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let name = file_name(&file.path);
        let is_place = name.starts_with(".env")
            || matches!(
                name,
                ".npmrc" | "setup.cfg" | "tox.ini" | "pytest.ini" | ".envrc" | "mise.toml"
            )
            || matches!(file.kind, Kind::Harness | Kind::Manifest);
        if !is_place || file.kind == Kind::Foreign || name.ends_with(".py") || name.ends_with(".rs")
        {
            continue;
        }
        let known: Vec<&str> =
            file.before.as_deref().unwrap_or_default().lines().map(str::trim).collect();
        for (line, text) in file.added_lines() {
            let text = text.trim();
            if text.starts_with(['#', ';']) || known.contains(&text) {
                continue;
            }
            for (variable, value) in settings(text) {
                if let Some((severity, what)) = effect(&variable, &value) {
                    let message = format!("`{variable}` {what}");
                    found.add(weighing(RULE.at(&file.path, line, message), severity));
                }
            }
        }
    }
}

/// Variables that are looked at.
const VARIABLES: &[&str] = &[
    "PYTEST_ADDOPTS",
    "NODE_OPTIONS",
    "node-options",
    "PYTHONOPTIMIZE",
    "GOFLAGS",
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "MAKEFLAGS",
    "PYTHONWARNINGS",
    "CARGO_TARGET",
];

/// Variables and their values in one line, however it sets them.
fn settings(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in VARIABLES {
        let Some(at) = line.find(name) else { continue };
        let rest = &line[at + name.len()..];
        let tail: usize = rest
            .chars()
            .take_while(|c| c.is_ascii_uppercase() || *c == '_')
            .map(char::len_utf8)
            .sum();
        let (tail, rest) = rest.split_at(tail);
        let rest = rest.trim_start_matches(['"', '\'']).trim_start();
        let Some(value) = rest.strip_prefix(['=', ':']) else { continue };
        let value = value.trim_start_matches(['=', ' ']).trim();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next().unwrap_or_default(),
            // Before a command, blanks end it; in a file of variables they do not.
            None if line.starts_with(name) || line.starts_with("export ") => value,
            None => value.split([' ', '"']).next().unwrap_or_default(),
        };
        found.push((format!("{name}{tail}"), value.to_owned()));
    }
    found
}

fn effect(variable: &str, value: &str) -> Option<(Severity, String)> {
    let limited = |program: &str| {
        let steps = steps(&format!("{program} {value}"));
        let found = limits(&runner(steps.first()?)?);
        let (option, value) = found.into_iter().next()?;
        Some(format!("limits tests by `{option} {}`", value.unwrap_or_default()))
    };
    match variable {
        "PYTEST_ADDOPTS" => limited("pytest").map(|what| (Severity::Error, what)),
        "PYTHONOPTIMIZE" if !value.is_empty() && value != "0" => {
            Some((Severity::Error, "takes every `assert` out of Python".to_owned()))
        }
        "GOFLAGS" => limited("go test").map(|what| (Severity::Error, what)),
        "NODE_OPTIONS" | "node-options" => {
            let mut words = value.split_whitespace();
            let loads = words.any(|word| {
                ["--import", "--require", "-r", "--loader", "--test-name-pattern", "--test-only"]
                    .iter()
                    .any(|option| word.starts_with(option))
            });
            let is_local = value.contains("./") || value.contains("--test");
            (loads && is_local)
                .then(|| (Severity::Warning, "loads a file before every program".to_owned()))
        }
        "RUSTFLAGS" | "RUSTDOCFLAGS" => (value.contains("-A") || value.contains("--cap-lints"))
            .then(|| (Severity::Warning, "lets the compiler overlook something".to_owned())),
        "MAKEFLAGS" => {
            let ignores = value
                .split_whitespace()
                .any(|flag| matches!(flag, "-i" | "-ik" | "-ki" | "--ignore-errors"));
            ignores.then(|| (Severity::Error, "lets every recipe succeed".to_owned()))
        }
        "PYTHONWARNINGS" => {
            value.starts_with("ignore").then(|| (Severity::Note, "hides warnings".to_owned()))
        }
        name if name.ends_with("_RUNNER") => {
            let program = value.split_whitespace().next().map(file_name).unwrap_or_default();
            matches!(program, "true" | "echo" | ":")
                .then(|| (Severity::Error, format!("runs tests through `{program}`")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn variables_that_narrow_tests_are_told() {
        for (path, text, severity) in [
            (".env", "PYTEST_ADDOPTS=\"-k 'not x'\"\n", "error"),
            (".env.test", "PYTHONOPTIMIZE=1\n", "error"),
            (".npmrc", "node-options=--require ./hook.js\n", "warning"),
            ("Makefile", "export GOFLAGS := -short\n", "error"),
            (".github/workflows/a.yml", "      RUSTFLAGS: -A warnings\n", "warning"),
        ] {
            check(look, &[], &[(path, text)], &format!("{severity} environment {path}:1"));
        }
    }

    #[test]
    fn other_variables_are_fine() {
        for (path, text) in [
            (".env", "PYTEST_ADDOPTS=-q --color=yes\n"),
            (".env", "NODE_OPTIONS=--max-old-space-size=4096\n"),
            (".github/workflows/a.yml", "      RUSTFLAGS: -D warnings\n"),
            (".env", "# PYTHONOPTIMIZE=1\nPYTHONOPTIMIZE=0\n"),
            ("Makefile", "export GOFLAGS := -mod=mod\n"),
        ] {
            check(look, &[], &[(path, text)], "");
        }
    }
}
