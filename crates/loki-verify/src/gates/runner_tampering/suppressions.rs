//! Directives that switch checks off for a whole file.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::attributes::says_generated;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;

/// A file is taken out of checking.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/file-suppression",
    severity: Severity::Warning,
    what: "A directive switches linters, type checks or coverage off for a whole file.",
    why: "It hides what is wrong today and everything that will be wrong tomorrow.",
    example: "+/* eslint-disable */",
    fix: "Name the one rule at the one line, with a reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Directives by endings of files. Each has to be all of a line.
const DIRECTIVES: &[(&[&str], &str)] = &[
    (
        &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
        r"^\s*(?:/\*+\s*(?:eslint|tslint|stylelint|oxlint)(?:-|:)disable\s*(?:--.*)?\*/|//\s*tslint:disable\s*$|/[/*]+\s*@ts-nocheck\b.*|/\*\s*(?:istanbul|c8|v8)\s+ignore\s+file\b.*|/[/*]+\s*biome-ignore-all\b.*|/\*\s*jshint\s+ignore:\s*start.*)$",
    ),
    (
        &["py", "pyi"],
        r"^\s*#\s*(?:type:\s*ignore(?:\s*#.*)?|mypy:\s*ignore-errors.*|pyright:\s*(?:basic|ignore-errors|false).*|flake8:\s*noqa\s*|ruff:\s*noqa\s*|pylint:\s*(?:disable\s*=\s*all\b.*|skip-file.*))$",
    ),
    (
        &["rs"],
        r"^\s*#!\[(?:allow|expect)\(\s*(?:warnings|clippy::all|clippy::pedantic|clippy::correctness|unused|unsafe_code|dead_code\s*,\s*unused\w*.*)\b.*\)\]",
    ),
    (&["go"], r"^//\s*nolint(?::\s*all)?\s*(?://.*)?$"),
    (&["rb"], r"^\s*#\s*rubocop:\s*disable\s+all\b"),
    (&["php"], r"^\s*(?://|/?\*+)\s*(?:phpcs:ignoreFile|@phpstan-ignore-file)\b"),
    (&["sh", "bash"], r"^\s*#\s*shellcheck\s+(?:\S+\s+)*disable\s*=\s*all\b"),
    (&["java", "kt"], r#"^@(?:file:)?Suppress(?:Warnings)?\(\{?\s*"(?:all|ALL)""#),
    (&["cs"], r"^\s*#pragma\s+warning\s+disable\s*$"),
    (&["swift"], r"^\s*//\s*swiftlint:disable\s+all\b"),
];

static PATTERNS: LazyLock<Vec<(&[&str], Regex)>> = LazyLock::new(|| {
    DIRECTIVES.iter().filter_map(|(e, pattern)| Some((*e, Regex::new(pattern).ok()?))).collect()
});

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let ending = file.path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let of_ending = |(endings, _): &&(&[&str], Regex)| endings.contains(&ending);
        let Some((_, pattern)) = PATTERNS.iter().find(of_ending) else { continue };
        let is_own =
            matches!(file.kind, Kind::Source | Kind::Test | Kind::Harness | Kind::Manifest);
        let Some(text) = file.after.as_deref().filter(|text| is_own && !says_generated(text))
        else {
            continue;
        };
        let known: Vec<&str> =
            file.before.as_deref().unwrap_or_default().lines().map(str::trim).collect();
        for (line, directive) in file.added_lines() {
            let is_known = known.contains(&directive.trim());
            if is_known || !pattern.is_match(directive) || !is_file_wide(ending, text, line) {
                continue;
            }
            let message = format!("`{}` switches checks off for the whole file", directive.trim());
            found.add(RULE.at(&file.path, line, message));
        }
    }
}

/// Some directives count for the whole file at its beginning, and for less below.
fn is_file_wide(ending: &str, text: &str, line: u32) -> bool {
    let before = text.lines().take(usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX));
    match ending {
        "go" => !before.into_iter().any(|line| line.starts_with("package ")),
        "py" | "pyi" => {
            let own =
                text.lines().nth(usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX));
            let is_type = own.is_some_and(|own| own.contains("type:"));
            let is_first = before.into_iter().all(|line| {
                let line = line.trim();
                line.is_empty() || line.starts_with('#')
            });
            !is_type || is_first
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn whole_files_without_checks_are_concerns() {
        for (path, text) in [
            ("src/a.js", "/* eslint-disable */\n"),
            ("src/a.ts", "// @ts-nocheck\n"),
            ("src/a.py", "# type: ignore\n"),
            ("src/a.py", "# flake8: noqa\n"),
            ("src/a.py", "# pylint: disable=all\n"),
            ("src/a.py", "# mypy: ignore-errors\n"),
            ("src/a.rs", "#![allow(warnings)]\n"),
            ("a.go", "//nolint\n"),
            ("src/a.js", "/* istanbul ignore file */\n"),
            ("bin/a.sh", "# shellcheck disable=all\n"),
            ("bin/a.sh", "# shellcheck shell=sh disable=all\n"),
        ] {
            check(look, &[], &[(path, text)], &format!("warning file-suppression {path}:1"));
        }
    }

    #[test]
    fn single_lines_single_rules_and_generated_files_are_fine() {
        for (path, text) in [
            (
                "src/a.js",
                "// eslint-disable-next-line no-console\n/* eslint-disable no-console */\n",
            ),
            ("src/a.py", "import x  # type: ignore\n"),
            ("src/a.py", "import x\n# type: ignore\n"),
            ("src/a.py", "# flake8: noqa: E501\nx = 1  # noqa\n"),
            ("src/a.rs", "#[allow(dead_code)]\n#![allow(clippy::too_many_lines)]\n"),
            ("bin/a.sh", "# shellcheck disable=SC2012  # why\n"),
            ("src/a.ts", "// Generated by x. DO NOT EDIT.\n/* eslint-disable */\n"),
            ("a.go", "package a\n\n//nolint\nfunc f() {}\n"),
        ] {
            check(look, &[], &[(path, text)], "");
        }
    }
}
