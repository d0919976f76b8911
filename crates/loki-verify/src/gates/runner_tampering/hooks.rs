//! Hooks of pytest and of unittest that decide outcomes instead of the tests.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::weighing;
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::mask::{Family, masked};
use crate::sides::Sides;

/// A hook decides outcomes.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/outcome-hook",
    severity: Severity::Error,
    what: "A hook of the test runner changes outcomes, the exit code, or which tests run.",
    why: "Ten lines in a conftest.py turn every failure into a pass.",
    example: "+def pytest_sessionfinish(session, exitstatus):\n+    session.exitstatus = 0",
    fix: "Leave outcomes to the tests. Hooks may report; they must not decide.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// What a hook does, and what that means.
struct Deed {
    /// Beginnings of names of functions in which it counts.
    hooks: &'static [&'static str],
    pattern: &'static str,
    severity: Severity,
    means: &'static str,
}

const DEEDS: &[Deed] = &[
    Deed {
        hooks: &["pytest_runtest_makereport", "pytest_runtest_logreport", "pytest_report_"],
        pattern: r"\.(?:outcome|passed|failed|wasxfail|longrepr|_excinfo|excinfo|result|_result)\s*=[^=]|force_result\(|force_exception\(",
        severity: Severity::Error,
        means: "rewrites the outcome of tests",
    },
    Deed {
        hooks: &["pytest_sessionfinish", "pytest_unconfigure", "pytest_terminal_summary"],
        pattern: r"\bexitstatus\s*=\s*(?:0|pytest\.ExitCode\.OK|ExitCode\.OK)|testsfailed\s*=\s*0|os\._exit\(|sys\.exit\(\s*0?\s*\)|\bexit\(\s*0?\s*\)",
        severity: Severity::Error,
        means: "decides the exit code of the test run",
    },
    Deed {
        hooks: &["pytest_collection_modifyitems", "pytest_itemcollected", "pytest_deselected"],
        pattern: r"items\s*\[:\]\s*=|items\.(?:clear|remove|pop)\(|del\s+items\b",
        severity: Severity::Error,
        means: "takes tests out of the run",
    },
    Deed {
        hooks: &["pytest_collection_modifyitems", "pytest_itemcollected", "pytest_runtest_setup"],
        pattern: r"add_marker\(.*\b(?:skip|xfail)\b|pytest\.(?:skip|xfail)\(",
        severity: Severity::Warning,
        means: "skips tests or expects them to fail",
    },
    Deed {
        hooks: &["pytest_runtest_protocol", "pytest_runtest_call", "pytest_pyfunc_call"],
        pattern: r"^\s*except\b|return\s+True",
        severity: Severity::Error,
        means: "runs tests in its own way and can swallow their failures",
    },
    Deed {
        hooks: &["pytest_ignore_collect"],
        pattern: r"return\s+True",
        severity: Severity::Warning,
        means: "keeps files from being collected",
    },
    Deed {
        hooks: &["wasSuccessful"],
        pattern: r"return\s+True",
        severity: Severity::Error,
        means: "calls every test run a success",
    },
    Deed {
        hooks: &["addFailure", "addError", "addUnexpectedSuccess"],
        pattern: r"^\s*(?:pass|return|\.\.\.)\s*$|addSuccess\(|addSkip\(",
        severity: Severity::Error,
        means: "swallows failures",
    },
];

static PATTERNS: LazyLock<Vec<(&Deed, Regex)>> = LazyLock::new(|| {
    DEEDS.iter().filter_map(|deed| Some((deed, Regex::new(deed.pattern).ok()?))).collect()
});

/// What a hook asks before it acts, so that it only does so where somebody wanted it.
static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"getoption|getvalue|environ|sys\.platform|platform\.|NO_TESTS").ok()
});

/// New orders are no new selections.
static REORDERED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"items\s*\[:\]\s*=\s*(?:sorted|reversed|list\(reversed)\b").ok());

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        if file.path.ends_with(".py") && !matches!(file.kind, Kind::Foreign | Kind::Fixture) {
            look_in(file, found);
        }
    }
}

fn look_in(file: &FileDelta, found: &mut Found) {
    let Some(text) = file.after.as_deref() else { return };
    if !DEEDS.iter().flat_map(|deed| deed.hooks).any(|hook| text.contains(hook)) {
        return;
    }
    let masked = masked(text, Family::Python);
    for function in functions(&masked) {
        for (deed, pattern) in PATTERNS.iter() {
            if !deed.hooks.iter().any(|hook| function.name.starts_with(hook)) {
                continue;
            }
            let deeds = function.body.iter().filter(|(line, text)| {
                let is_reordered = REORDERED.as_ref().is_some_and(|order| order.is_match(text));
                file.is_any_added(function.first, *line) && pattern.is_match(text) && !is_reordered
            });
            let Some((line, _)) = deeds.into_iter().next() else { continue };
            let is_asked = function
                .body
                .iter()
                .any(|(_, text)| ASKED.as_ref().is_some_and(|asked| asked.is_match(text)));
            let severity = match (deed.severity, is_asked) {
                (Severity::Error, true) => Severity::Warning,
                (Severity::Warning, true) => continue,
                (severity, _) => severity,
            };
            let message = format!("`{}` {}", function.name, deed.means);
            found.add(weighing(RULE.at(&file.path, *line, message), severity));
            break;
        }
    }
}

/// A function of Python, by its indentation.
struct Function<'t> {
    name: &'t str,
    first: u32,
    /// Its lines with their 1-based numbers.
    body: Vec<(u32, &'t str)>,
}

/// Functions of a masked text whose names belong to hooks. Those within others count once each.
fn functions(masked: &str) -> Vec<Function<'_>> {
    let lines: Vec<(u32, &str)> = (1..).zip(masked.lines()).collect();
    let mut found = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let Some(rest) = bare.strip_prefix("def ").or_else(|| bare.strip_prefix("async def "))
        else {
            continue;
        };
        let name = rest.split('(').next().unwrap_or_default().trim();
        if !DEEDS.iter().flat_map(|deed| deed.hooks).any(|hook| name.starts_with(hook)) {
            continue;
        }
        let indent = line.len() - bare.len();
        let is_inside = |(_, line): &&(u32, &str)| {
            let bare = line.trim_start();
            // A head over several lines ends at its own indentation.
            bare.is_empty() || line.len() - bare.len() > indent || bare.starts_with(')')
        };
        let body = lines.iter().skip(at + 1).take_while(is_inside).copied().collect();
        // What follows the head in its line is the body too.
        let after = line.rsplit_once("):").map_or("", |(_, after)| after);
        let mut body: Vec<(u32, &str)> = body;
        body.insert(0, (*number, after));
        found.push(Function { name, first: *number, body });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn conftest(text: &str, expected: &str) {
        check(look, &[], &[("tests/conftest.py", text)], expected);
    }

    #[test]
    fn hooks_that_decide_are_errors() {
        for (text, line) in [
            (
                "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    report = outcome.get_result()\n    report.outcome = 'passed'\n",
                6,
            ),
            ("def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 0\n", 2),
            (
                "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'x' not in i.name]\n",
                2,
            ),
            (
                "def pytest_runtest_call(item):\n    try:\n        item.runtest()\n    except Exception:\n        pass\n",
                4,
            ),
            ("class R(TextTestResult):\n    def addFailure(self, test, err):\n        pass\n", 3),
            ("class R(TextTestResult):\n    def wasSuccessful(self): return True\n", 2),
        ] {
            conftest(text, &format!("error outcome-hook tests/conftest.py:{line}"));
        }
    }

    #[test]
    fn hooks_that_ask_first_are_concerns_and_skips_of_an_option_are_nothing() {
        conftest(
            "def pytest_collection_modifyitems(config, items):\n    if config.getoption('--fast'):\n        items[:] = keep(items)\n",
            "warning outcome-hook tests/conftest.py:3",
        );
        conftest(
            "def pytest_collection_modifyitems(config, items):\n    if config.getoption('--runslow'):\n        return\n    for item in items:\n        item.add_marker(pytest.mark.skip(reason='x'))\n",
            "",
        );
    }

    #[test]
    fn hooks_that_report_are_fine() {
        for text in [
            "@pytest.hookimpl(tryfirst=True, hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    rep = outcome.get_result()\n    setattr(item, 'rep_' + rep.when, rep)\n",
            "def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 1\n",
            "def pytest_collection_modifyitems(items):\n    items.sort(key=str)\n    items[:] = sorted(items, key=str)\n",
            "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow: x')\n",
            "TEXT = '''\ndef pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 0\n'''\n",
            "def helper(report):\n    report.outcome = 'x'\n",
        ] {
            conftest(text, "");
        }
    }
}
