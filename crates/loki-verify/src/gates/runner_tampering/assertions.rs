//! Assertion libraries and runners that are replaced while they are in use.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::{line_of, weighing};
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{file_name, join, parent};
use crate::mask::{Family, family, masked};
use crate::shell::steps;
use crate::sides::Sides;

/// Assertions are replaced.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/patched-assertions",
    severity: Severity::Error,
    what: "An assertion, a built-in that assertions rest on, or the runner itself is replaced.",
    why: "Every test of the project then says what the replacement wants.",
    example: "+unittest.TestCase.assertEqual = lambda self, a, b, msg=None: None",
    fix: "Write a helper under a name of its own; leave the library as it is.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// A file is loaded before the tests that reaches into runner or assertions.
pub(super) const PRELOAD: Rule = Rule {
    id: "runner-tampering/preload",
    severity: Severity::Error,
    what: "A file that is loaded before the tests reaches into the runner or its assertions.",
    why: "What is loaded first can replace whatever comes after it.",
    example: "-    \"test\": \"node --test\"\n+    \"test\": \"node --import ./setup.mjs --test\"",
    fix: "Load what tests need where they need it.",
    look: |cx, delta, found| preload_look(&Sides::of(cx, delta), found),
};

/// What is replaced, in masked lines of a family.
const REPLACED: &[(Family, &str, &str)] = &[
    (Family::Python, r"^\s*(?:unittest\.(?:case\.)?)?TestCase\.\w+\s*=[^=]", "unittest's TestCase"),
    (
        Family::Python,
        r"^\s*setattr\(\s*(?:unittest\.(?:case\.)?)?TestCase\b",
        "unittest's TestCase",
    ),
    (
        Family::Python,
        r"^\s*(?:unittest\.(?:result\.|runner\.)?)?(?:Text)?Test(?:Result|Runner)\.\w+\s*=[^=]",
        "unittest's results",
    ),
    (
        Family::Python,
        r"^\s*(?:builtins|__builtins__)\.(?:AssertionError|isinstance|len|all|any|abs|sum|sorted|type|repr|round|min|max|Exception|BaseException|__build_class__)\s*=[^=]",
        "a built-in",
    ),
    (Family::Python, r"^\s*(?:pytest|_pytest(?:\.\w+)+)\.\w+\s*=[^=]", "pytest"),
    (
        Family::Python,
        r"^\s*(?:_pytest(?:\.\w+)*\.)?(?:TestReport|CollectReport|ExceptionInfo)\.\w+\s*=[^=]",
        "pytest's reports",
    ),
    (Family::Python, r"^\s*(?:np|numpy)\.testing\.\w+\s*=[^=]", "numpy's assertions"),
    (Family::Script, r"^\s*assert(?:\.strict)?\.\w+\s*=[^=>]", "node's assert"),
    (Family::Script, r"require\(\s*['\x22]\s*['\x22]\s*\)\.\w+\s*=[^=>]", "a required module"),
    (
        Family::Script,
        r"^\s*(?:Object\.assign|Object\.defineProperty|Reflect\.defineProperty)\(\s*assert\b",
        "node's assert",
    ),
    (
        Family::Script,
        r"^\s*(?:chai\.)?(?:Assertion|expect)\.(?:prototype\.\w+|overwrite\w+)\s*(?:=[^=>]|\()",
        "an assertion library",
    ),
    (
        Family::Script,
        r"^\s*(?:global|globalThis|window)\.(?:test|it|describe|expect|assert)\s*=\s*(?:async\s*)?(?:\(|function|new\s+Proxy|\w+\s*=>)",
        "a global of the runner",
    ),
    (Family::Script, r"^\s*process\.(?:exit|reallyExit)\s*=[^=>]", "process.exit"),
    (
        Family::Script,
        r"^\s*Object\.prototype\.\w+\s*=[^=>]|Object\.defineProperty\(\s*Object\.prototype",
        "Object.prototype",
    ),
    (Family::Rust, r"macro_rules!\s+(?:debug_)?assert(?:_eq|_ne)?\b", "the assertion macro"),
];

/// One of them is in every line in which something of [`REPLACED`] is.
const HOLDERS: &[&str] = &[
    "TestCase",
    "TestResult",
    "TestRunner",
    "builtins",
    "pytest",
    "testing",
    "TestReport",
    "CollectReport",
    "ExceptionInfo",
    "assert",
    "require",
    "Assertion",
    "expect",
    "global",
    "window",
    "process",
    "prototype",
    "macro_rules",
];

/// Matchers that come with jest and vitest.
const MATCHERS: &[&str] = &[
    "toBe",
    "toEqual",
    "toStrictEqual",
    "toMatchObject",
    "toThrow",
    "toContain",
    "toMatch",
    "toHaveLength",
    "toHaveProperty",
    "toBeTruthy",
    "toBeFalsy",
    "toBeNull",
    "toBeUndefined",
    "toHaveBeenCalled",
    "toHaveBeenCalledWith",
    "toHaveBeenCalledTimes",
    "toBeGreaterThan",
    "toBeCloseTo",
    "toBeInstanceOf",
    "toMatchSnapshot",
];

static PATTERNS: LazyLock<Vec<(Family, Regex, &str)>> = LazyLock::new(|| {
    let compiled = |(family, pattern, what): &(Family, &str, &'static str)| {
        Some((*family, Regex::new(pattern).ok()?, *what))
    };
    REPLACED.iter().filter_map(compiled).collect()
});

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let (Some(family), Some(text)) = (family(&file.path), file.after.as_deref()) else {
            continue;
        };
        if matches!(file.kind, Kind::Foreign | Kind::Fixture) {
            continue;
        }
        let may_replace = |line: &str| HOLDERS.iter().any(|holder| line.contains(holder));
        if !text.contains("expect.extend(")
            && !file.added_lines().any(|(_, line)| may_replace(line))
        {
            continue;
        }
        let masked = masked(text, family);
        let mut extends = false;
        for (number, line) in (1_u32..).zip(masked.lines()) {
            if !file.is_added(number) {
                extends |= line.contains("expect.extend(");
                continue;
            }
            let hit =
                PATTERNS.iter().find(|(of, pattern, _)| *of == family && pattern.is_match(line));
            if let Some((_, _, what)) = hit {
                found.add(RULE.at(&file.path, number, format!("{what} is replaced")));
            }
            extends |= line.contains("expect.extend(");
            let name = line.trim_start().trim_start_matches("async ");
            let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            if extends && MATCHERS.contains(&name) && !line.trim_start().starts_with("expect") {
                let message = format!("the matcher `{name}` is replaced");
                found.add(RULE.at(&file.path, number, message));
            }
        }
    }
}

fn preload_look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let is_place = matches!(file_name(&file.path), "package.json" | "Makefile" | ".npmrc")
            || file.path.starts_with(".github/")
            || file_name(&file.path).starts_with(".mocharc");
        if !is_place {
            continue;
        }
        for (number, line) in file.added_lines() {
            for loaded in preloads(line) {
                let dir = parent(&file.path);
                let path = join(dir, loaded.trim_start_matches("./"));
                let Some(text) = sides.after(&path) else { continue };
                if reaches_into_runner(&text) {
                    let line = line_of(file, &loaded).max(number);
                    let message =
                        format!("`{path}` is loaded before the tests and reaches into them");
                    found.add(weighing(PRELOAD.at(&file.path, line, message), Severity::Error));
                }
            }
        }
    }
}

/// Files of the project that a line tells node to load first.
fn preloads(line: &str) -> Vec<String> {
    let line = line.replace("\\\"", " ").replace(['"', ','], " ");
    let mut loaded = Vec::new();
    for step in steps(&line) {
        let mut words = step.words.iter();
        while let Some(word) = words.next() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            // In NODE_OPTIONS the option comes after the name.
            let name = name.rsplit(' ').next().unwrap_or(name);
            if matches!(
                name,
                "--import" | "--require" | "-r" | "--loader" | "--experimental-loader"
            ) {
                let value =
                    if value.is_empty() { words.next().cloned() } else { Some(value.to_owned()) };
                loaded.extend(value.filter(|value| value.starts_with('.')));
            }
        }
    }
    loaded
}

/// Whether a text changes what tests rest on.
fn reaches_into_runner(text: &str) -> bool {
    const NAMES: [&str; 5] =
        ["node:test", "node:assert", "'assert'", "\"assert\"", "process.exitCode"];
    let names = NAMES.iter().any(|name| text.contains(name));
    let masked = masked(text, Family::Script);
    let replaces = masked.lines().any(|line| {
        PATTERNS.iter().any(|(of, pattern, _)| *of == Family::Script && pattern.is_match(line))
            || line.contains("defineProperty(")
            || line.contains("registerHooks(")
            || line.contains("process.exitCode")
    });
    names && replaces
        || masked.lines().any(|line| line.contains("process.on(") && text.contains("'exit'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn line(path: &str, text: &str, expected: &str) {
        check(look, &[], &[(path, text)], expected);
    }

    #[test]
    fn replaced_assertions_are_errors() {
        for (path, text) in [
            ("tests/__init__.py", "unittest.TestCase.assertEqual = lambda *a: None\n"),
            ("tests/util.py", "    setattr(TestCase, 'assertTrue', ok)\n"),
            ("conftest.py", "builtins.AssertionError = Quiet\n"),
            ("conftest.py", "_pytest.runner.check_interactive_exception = f\n"),
            ("test/setup.js", "assert.equal = () => {};\n"),
            ("test/setup.js", "require('assert').deepEqual = f;\n"),
            ("test/setup.js", "globalThis.expect = () => proxy;\n"),
            ("test/setup.js", "Object.prototype.equals = f;\n"),
            ("src/lib.rs", "macro_rules! assert_eq { }\n"),
        ] {
            line(path, text, &format!("error patched-assertions {path}:1"));
        }
        let text = "expect.extend({\n  toBe(a) { return { pass: true } },\n});\n";
        line("test/setup.ts", text, "error patched-assertions test/setup.ts:2");
    }

    #[test]
    fn helpers_and_known_setups_are_fine() {
        for (path, text) in [
            ("tests/util.py", "class MyCase(unittest.TestCase):\n    maxDiff = None\n"),
            ("tests/a.py", "TEXT = \"unittest.TestCase.assertEqual = x\"\n"),
            ("src/a.py", "builtins._ = gettext\n"),
            ("test/setup.js", "globalThis.expect = chai.expect;\nglobal.it = require('x').it;\n"),
            ("test/setup.js", "expect.extend({ toBeWithin(a) {} });\n"),
            ("test/a.js", "assert.equal(a, b);\nconst x = assert.equal == y;\n"),
            ("src/lib.rs", "macro_rules! assert_sorted { }\n"),
        ] {
            line(path, text, "");
        }
    }

    #[test]
    fn a_file_that_is_loaded_first_must_leave_the_runner_alone() {
        let base = [("package.json", "{\n\"scripts\": {\"test\": \"node --test\"}}")];
        let script = "{\n\"scripts\": {\"test\": \"node --import ./setup.mjs --test\"}}";
        let with = |setup| [("package.json", script), ("setup.mjs", setup)];
        let bad = "import assert from 'node:assert';\nassert.equal = () => {};\n";
        check(preload_look, &base, &with(bad), "error preload package.json:2");
        check(preload_look, &base, &with("globalThis.fetch = fake;\n"), "");
    }
}
