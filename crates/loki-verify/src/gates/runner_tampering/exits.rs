//! Programs that end the test run themselves.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::weighing;
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::mask::{Family, family, masked};
use crate::sides::Sides;

/// Something ends the test run with success.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/early-exit",
    severity: Severity::Error,
    what: "Code that tests load ends the process, or decides its exit code, by itself.",
    why: "A process that ends with 0 before its runner has counted looks like a suite that passed.",
    example: "+atexit.register(lambda: os._exit(0))",
    fix: "Let the runner end the process. Return, raise or skip instead.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Where an exit is no harm.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// In tests and what helps them.
    Tests,
    /// Wherever tests may load it.
    Anywhere,
}

/// An exit: family, ending of files if only these, masked pattern, where it counts.
const EXITS: &[(Family, &str, &str, Where)] = &[
    (Family::Python, ".py", r"^\s*os\._exit\(", Where::Tests),
    (
        Family::Python,
        ".py",
        r"^(?:sys\.exit|exit|quit)\(\s*0?\s*\)|^raise SystemExit(?:\(\s*0?\s*\))?\s*$",
        Where::Tests,
    ),
    (Family::Python, ".py", r"^\s*os\.exec[lv]p?e?\(", Where::Tests),
    (Family::Script, "js", r"^\s*process\.(?:exit|reallyExit)\(\s*0?\s*\)", Where::Tests),
    (Family::Script, "js", r"^\s*process\.exitCode\s*=\s*0\b", Where::Tests),
    (Family::Script, ".go", r"^\s*os\.Exit\(\s*0\s*\)", Where::Tests),
    (Family::Script, ".java", r"System\.exit\(\s*0\s*\)", Where::Tests),
    (Family::Rust, ".rs", r"\bprocess::exit\(\s*0\s*\)", Where::Tests),
    (Family::Python, ".py", r"^(?:sys\.exit|os\._exit)\(\s*0?\s*\)", Where::Anywhere),
];

/// One of them is in everything that ends a process.
const ENDINGS: &[&str] = &["xit", "quit", "exec"];

static PATTERNS: LazyLock<Vec<(Family, &str, Regex, Where)>> = LazyLock::new(|| {
    let compiled = |(family, ending, pattern, place): &(Family, &'static str, &str, Where)| {
        Some((*family, *ending, Regex::new(pattern).ok()?, *place))
    };
    EXITS.iter().filter_map(compiled).collect()
});

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let (Some(family), Some(text)) = (family(&file.path), file.after.as_deref()) else {
            continue;
        };
        if matches!(file.kind, Kind::Foreign | Kind::Fixture | Kind::Docs) {
            continue;
        }
        if !ENDINGS.iter().any(|word| text.contains(word)) {
            continue;
        }
        let code = masked(text, family);
        at_exit(file, family, text, &code, found);
        // A script that says with what it ends is no module that tests load.
        let is_program = text.starts_with("#!") || is_entry(file_name(&file.path));
        let is_test = matches!(file.kind, Kind::Test) || is_support(&file.path);
        for (number, line) in (1_u32..).zip(code.lines()).filter(|(n, _)| file.is_added(*n)) {
            let hit = PATTERNS.iter().find(|(of, ending, pattern, place)| {
                *of == family
                    && (file.path.ends_with(ending) || *ending == "js" && is_javascript(&file.path))
                    && pattern.is_match(line)
                    && (is_test || *place == Where::Anywhere && !is_program)
            });
            if hit.is_none() || is_program && is_test && family != Family::Python {
                continue;
            }
            let severity = if is_test { Severity::Error } else { Severity::Warning };
            let message = format!("`{}` ends the process itself", line.trim());
            found.add(weighing(RULE.at(&file.path, number, message), severity));
        }
    }
}

/// Handlers that run at the end and decide with what.
fn at_exit(file: &FileDelta, family: Family, text: &str, code: &str, found: &mut Found) {
    const LINES: usize = 8;
    let (begins, decides): (&[&str], &[&str]) = match family {
        Family::Python => (&["atexit.register("], &["os._exit(", "os.kill("]),
        Family::Script => (
            &["process.on(", "process.once("],
            &["process.exitCode =", "process.exit(0", "process.reallyExit(", "process.exit()"],
        ),
        _ => return,
    };
    let (raw, lines): (Vec<&str>, Vec<&str>) = (text.lines().collect(), code.lines().collect());
    for (at, line) in lines.iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let begun = begins.iter().any(|begin| line.contains(begin));
        let is_end = family == Family::Python
            || raw.get(at).is_some_and(|raw| {
                ["'exit'", "\"exit\"", "'beforeExit'", "\"beforeExit\""]
                    .iter()
                    .any(|e| raw.contains(e))
            });
        if !begun || !is_end {
            continue;
        }
        let inside =
            lines.iter().skip(at).take(LINES).any(|line| decides.iter().any(|d| line.contains(d)));
        // In Python the handler may be anywhere in the file.
        let decided =
            inside || family == Family::Python && decides.iter().any(|d| code.contains(d));
        let last = number.saturating_add(u32::try_from(LINES).unwrap_or(0));
        if decided && file.is_any_added(number, last) {
            let message = "a handler that runs at the end decides the exit code";
            found.add(RULE.at(&file.path, number, message));
        }
    }
}

fn is_javascript(path: &str) -> bool {
    super::tests_seen::SCRIPT_ENDINGS.iter().any(|ending| path.ends_with(ending))
}

fn is_entry(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    matches!(stem, "__main__" | "main" | "cli" | "manage" | "setup" | "bin" | "run" | "noxfile")
}

fn is_support(path: &str) -> bool {
    matches!(file_name(path), "conftest.py" | "sitecustomize.py" | "usercustomize.py")
        || ["jest.setup.", "vitest.setup.", "setupTests."]
            .iter()
            .any(|b| file_name(path).starts_with(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn text(path: &str, text: &str, expected: &str) {
        check(look, &[], &[(path, text)], expected);
    }

    #[test]
    fn exits_in_what_tests_load_are_errors() {
        for (path, code, line) in [
            ("tests/conftest.py", "import os\nos._exit(0)\n", 2),
            ("tests/test_a.py", "x = 1\nsys.exit(0)\n", 2),
            ("src/pkg/util.py", "import atexit, os\natexit.register(lambda: os._exit(0))\n", 2),
            ("src/a.js", "process.on('exit', () => {\n  process.exitCode = 0;\n});\n", 1),
            ("test/a.test.js", "after(() => {\n  process.exit(0);\n});\n", 2),
            ("a_test.go", "func TestMain(m *testing.M) {\n\tm.Run()\n\tos.Exit(0)\n}\n", 3),
            ("tests/it.rs", "fn x() {\n    std::process::exit(0);\n}\n", 2),
        ] {
            text(path, code, &format!("error early-exit {path}:{line}"));
        }
        text("src/pkg/util.py", "sys.exit(0)\n", "warning early-exit src/pkg/util.py:1");
    }

    #[test]
    fn programs_that_end_as_programs_do_are_fine() {
        for (path, code) in [
            ("src/pkg/__main__.py", "sys.exit(0)\n"),
            ("tools/x.py", "#!/usr/bin/env python3\nsys.exit(0)\n"),
            ("src/pkg/cli.py", "def main():\n    sys.exit(0)\n"),
            ("tests/test_cli.py", "CODE = '''\nsys.exit(0)\n'''\n"),
            ("tests/test_cli.py", "if __name__ == '__main__':\n    sys.exit(main())\n"),
            ("src/server.js", "process.on('exit', () => log('bye'));\n"),
            ("bin/cli.js", "process.exit(0);\n"),
            ("a_test.go", "func TestMain(m *testing.M) {\n\tos.Exit(m.Run())\n}\n"),
            ("src/pkg/util.py", "atexit.register(cleanup)\n"),
        ] {
            text(path, code, "");
        }
    }
}
