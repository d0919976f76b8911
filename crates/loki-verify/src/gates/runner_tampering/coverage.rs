//! What has to be covered.

use loki_model::Severity;
use serde_json::Value;

use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::{Kind, kind};
use crate::layout::file_name;
use crate::settings::{self, at, flag, list, number};
use crate::sides::Sides;

/// Less has to be covered.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/coverage",
    severity: Severity::Warning,
    what: "A threshold of coverage falls or goes, or own sources are left out of the count.",
    why: "Code without tests then counts as tested.",
    example: "-fail_under = 90\n+fail_under = 60",
    fix: "Write the tests; leave generated code out by itself.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        if file.before.is_none() || file.after.is_none() || file.kind == Kind::Foreign {
            continue;
        }
        let (Some(old), Some(new)) =
            (asked(&file.path, file.before.as_deref()), asked(&file.path, file.after.as_deref()))
        else {
            continue;
        };
        compare(sides, file, &old, &new, found);
    }
}

/// What is asked of coverage.
#[derive(Debug, Default)]
struct Asked {
    /// Thresholds by name; more is more.
    least: Vec<(String, f64)>,
    /// Files that do not count.
    left_out: Vec<String>,
    /// Lines that do not count.
    lines_out: Vec<String>,
    /// Whether thresholds are checked at all, where somebody says so.
    is_checked: Option<bool>,
}

fn compare(sides: &Sides<'_>, file: &FileDelta, old: &Asked, new: &Asked, found: &mut Found) {
    let mut add = |needle: &str, message: String| {
        found.add(weighing(RULE.at(&file.path, line_of(file, needle), message), Severity::Warning));
    };
    for (name, was) in &old.least {
        match new.least.iter().find(|(other, _)| other == name) {
            Some((_, is)) if is < was => {
                let key = name.rsplit('.').next().unwrap_or(name);
                add(key, format!("`{name}` falls from {was} to {is}"));
            }
            // Nothing at all is asked any longer.
            None if *was > 0.0 => add("", format!("`{name}` is gone; it was {was}")),
            _ => {}
        }
    }
    if old.is_checked == Some(true) && new.is_checked != Some(true) {
        add("check", "coverage is no longer checked".to_owned());
    }
    for glob in new.left_out.iter().filter(|glob| !old.left_out.contains(glob)) {
        let pattern =
            crate::pattern::git("", glob.trim_start_matches("./").trim_start_matches('!'));
        let hit = sides.layout.own_files().find(|path| {
            kind(path) == Kind::Source
                && pattern.as_ref().is_some_and(|pattern| pattern.is_match(path))
                && !super::attributes::is_generated(sides, path)
                && !path.ends_with("__main__.py")
        });
        if let Some(path) = hit {
            add(glob, format!("`{path}` no longer counts for coverage"));
        }
    }
    for line in new.lines_out.iter().filter(|line| !old.lines_out.contains(line)) {
        let is_broad = matches!(
            line.trim(),
            "." | ".*" | "def " | "def" | "return" | "raise" | "if" | "except" | "else"
        );
        if is_broad {
            add(line, format!("every line with `{line}` no longer counts for coverage"));
        }
    }
}

fn asked(path: &str, text: Option<&str>) -> Option<Asked> {
    let name = file_name(path);
    let text = text?;
    let mut asked = Asked::default();
    if ["jest.config.", "vitest.config.", "vite.config.", ".c8rc", ".nycrc"]
        .iter()
        .any(|b| name.starts_with(b))
        && !name.ends_with(".json")
        && !matches!(name, ".nycrc" | ".c8rc")
    {
        program(text, &mut asked);
        return Some(asked);
    }
    let value = settings::read(path, text)?.ok()?;
    match name {
        ".coveragerc" => python(value.get("run"), value.get("report"), &mut asked),
        "setup.cfg" | "tox.ini" => {
            python(value.get("coverage:run"), value.get("coverage:report"), &mut asked);
        }
        "pyproject.toml" => {
            let tool = at(&value, &["tool", "coverage"]);
            python(tool.and_then(|t| t.get("run")), tool.and_then(|t| t.get("report")), &mut asked);
            let options = at(&value, &["tool", "pytest", "ini_options", "addopts"]);
            option(options, &mut asked);
        }
        "pytest.ini" => option(at(&value, &["pytest", "addopts"]), &mut asked),
        "package.json" => {
            thresholds("jest", at(&value, &["jest", "coverageThreshold", "global"]), &mut asked);
            asked.left_out = negated(&list(at(&value, &["jest", "collectCoverageFrom"])));
            for tool in ["nyc", "c8"] {
                istanbul(tool, value.get(tool), &mut asked);
            }
        }
        ".nycrc" | ".nycrc.json" | ".c8rc.json" | ".c8rc" => istanbul("", Some(&value), &mut asked),
        "codecov.yml" | ".codecov.yml" => {
            for kind in ["project", "patch"] {
                let target = at(&value, &["coverage", "status", kind, "default", "target"]);
                asked.least.extend(number(target).map(|n| (format!("{kind}.target"), n)));
            }
            asked.left_out = list(value.get("ignore"));
        }
        _ => return None,
    }
    Some(asked)
}

fn python(run: Option<&Value>, report: Option<&Value>, asked: &mut Asked) {
    let of = |part: Option<&Value>, key: &str| part.and_then(|part| part.get(key)).cloned();
    asked
        .least
        .extend(number(of(report, "fail_under").as_ref()).map(|n| ("fail_under".to_owned(), n)));
    for part in [run, report] {
        asked.left_out.extend(list(of(part, "omit").as_ref()));
    }
    for key in ["exclude_lines", "exclude_also"] {
        asked.lines_out.extend(list(of(report, key).as_ref()));
    }
}

/// `--cov-fail-under` among pytest's options.
fn option(value: Option<&Value>, asked: &mut Asked) {
    let words: Vec<String> = list(value)
        .iter()
        .flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for (at, word) in words.iter().enumerate() {
        let Some(rest) = word.strip_prefix("--cov-fail-under") else { continue };
        let value =
            rest.strip_prefix('=').map(str::to_owned).or_else(|| words.get(at + 1).cloned());
        asked
            .least
            .extend(value.and_then(|v| v.parse().ok()).map(|n| ("--cov-fail-under".to_owned(), n)));
    }
}

fn thresholds(name: &str, value: Option<&Value>, asked: &mut Asked) {
    for key in ["branches", "functions", "lines", "statements"] {
        let found = number(value.and_then(|value| value.get(key)));
        asked.least.extend(found.map(|n| (format!("{name}.{key}"), n)));
    }
}

fn istanbul(name: &str, value: Option<&Value>, asked: &mut Asked) {
    thresholds(name, value, asked);
    asked.is_checked =
        flag(value.and_then(|value| value.get("check-coverage"))).or(asked.is_checked);
    asked.left_out.extend(list(value.and_then(|value| value.get("exclude"))));
}

fn negated(globs: &[String]) -> Vec<String> {
    globs.iter().filter_map(|glob| glob.strip_prefix('!').map(str::to_owned)).collect()
}

/// Thresholds in settings that are programs: `lines: 90` near the word for them.
fn program(text: &str, asked: &mut Asked) {
    let at = ["coverageThreshold", "thresholds"].iter().filter_map(|word| text.find(word)).min();
    let Some(part) = at.map(|at| &text[at..]) else { return };
    for key in ["branches", "functions", "lines", "statements"] {
        let found = part.split_once(&format!("{key}:")).and_then(|(_, rest)| {
            let digits: String =
                rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            digits.parse().ok()
        });
        asked.least.extend(found.map(|n: f64| (format!("threshold.{key}"), n)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn file(path: &str, before: &str, after: &str, expected: &str) {
        let own = ("src/a.py", "x");
        check(look, &[(path, before), own], &[(path, after), own], expected);
    }

    #[test]
    fn less_coverage_is_a_concern() {
        for (path, before, after, line) in [
            (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nfail_under = 60\n", 2),
            (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nshow_missing = true\n", 2),
            (
                "pyproject.toml",
                "[tool.coverage.run]\n",
                "[tool.coverage.run]\nomit = ['src/a.py']\n",
                2,
            ),
            (
                "pytest.ini",
                "[pytest]\naddopts = --cov --cov-fail-under=80\n",
                "[pytest]\naddopts = --cov\n",
                2,
            ),
            (
                "jest.config.js",
                "coverageThreshold: { global: {\n lines: 90 } }",
                "coverageThreshold: { global: {\n lines: 50 } }",
                2,
            ),
            ("package.json", "{\"c8\": {\n\"lines\": 90}}", "{\"c8\": {\n\"lines\": 80}}", 2),
            (
                "codecov.yml",
                "coverage:\n  status:\n    project:\n      default:\n        target: 90%\n",
                "coverage:\n  status:\n    project:\n      default:\n        target: 50%\n",
                5,
            ),
        ] {
            file(path, before, after, &format!("warning coverage {path}:{line}"));
        }
    }

    #[test]
    fn as_much_coverage_is_fine() {
        for (path, before, after) in [
            (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nfail_under = 95\n"),
            (
                "pyproject.toml",
                "[tool.coverage.run]\n",
                "[tool.coverage.run]\nomit = ['tests/*', '*/_version.py']\n",
            ),
            (
                ".coveragerc",
                "[report]\n",
                "[report]\nexclude_lines =\n  pragma: no cover\n  if TYPE_CHECKING:\n",
            ),
        ] {
            file(path, before, after, "");
        }
    }
}
