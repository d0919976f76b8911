//! Settings of JavaScript test runners, as data in `package.json` and as text where they are programs.

use loki_model::Severity;
use regex::Regex;
use serde_json::Value;

use super::tests_seen::{SCRIPT_ENDINGS, Unseen, below};
use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::layout::{file_name, parent};
use crate::pattern;
use crate::settings;
use crate::sides::Sides;

/// A JavaScript runner sees less or fails less.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/js-runner-settings",
    severity: Severity::Error,
    what: "Settings of jest, vitest, mocha, playwright, ava or karma leave out tests or fail less.",
    why: "A test that no pattern matches is not missed by anybody.",
    example: "+  testPathIgnorePatterns: ['parser.test.js'],",
    fix: "Let the patterns match every test; skip single tests with a reason instead.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// How the texts under a key are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Globs of what is seen.
    SeenGlobs,
    /// Regular expressions of what is seen.
    SeenPatterns,
    /// Globs of what is not seen.
    UnseenGlobs,
    /// Regular expressions of what is not seen.
    UnseenPatterns,
    /// Anything in it narrows by the names of tests.
    Names,
}

/// Keys with lists of patterns.
const LISTS: &[(&str, Reading)] = &[
    ("testMatch", Reading::SeenGlobs),
    ("include", Reading::SeenGlobs),
    ("spec", Reading::SeenGlobs),
    ("files", Reading::SeenGlobs),
    ("specPattern", Reading::SeenGlobs),
    ("testRegex", Reading::SeenPatterns),
    ("exclude", Reading::UnseenGlobs),
    ("testIgnore", Reading::UnseenGlobs),
    ("ignore", Reading::UnseenGlobs),
    ("excludeSpecPattern", Reading::UnseenGlobs),
    ("testPathIgnorePatterns", Reading::UnseenPatterns),
    ("modulePathIgnorePatterns", Reading::UnseenPatterns),
    ("testNamePattern", Reading::Names),
    ("grep", Reading::Names),
    ("grepInvert", Reading::Names),
];

/// Keys whose value, once it is this, lets a runner fail less.
const FLAGS: &[(&str, &str, Severity)] = &[
    ("passWithNoTests", "true", Severity::Warning),
    ("allowOnly", "true", Severity::Warning),
    ("forbidOnly", "false", Severity::Warning),
    ("dangerouslyIgnoreUnhandledErrors", "true", Severity::Warning),
    ("failZero", "false", Severity::Warning),
    ("failOnEmptyTestSuite", "false", Severity::Warning),
    ("errorOnDeprecated", "false", Severity::Note),
];

/// Keys with numbers that let flaky tests pass when they grow.
const RETRIES: &[&str] = &["retries", "retry", "retryTimes"];

/// Keys that put another program in the place of the runner's own.
const REPLACEMENTS: &[&str] = &["runner", "testRunner", "testEnvironment", "reporters"];

/// Keys with files that are loaded before the tests.
const LOADED: &[&str] = &["setupFiles", "setupFilesAfterEnv", "setupFilesAfterEach", "globalSetup"];

/// Keys with tables by which something else is loaded than what tests name.
const TABLES: &[&str] = &["moduleNameMapper", "transform", "alias"];

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let name = file_name(&file.path);
        if is_program(name) {
            let before = file.before.as_deref().unwrap_or_default();
            let Some(after) = file.after.as_deref() else { continue };
            compare(sides, file, &Text(before), &Text(after), found);
        } else if name == "package.json" || is_data(name) {
            let read = |text: &Option<String>| {
                let value = settings::read(&file.path, text.as_deref()?)?.ok()?;
                Some(value)
            };
            let Some(after) = read(&file.after) else { continue };
            let before = read(&file.before).unwrap_or_default();
            let parts: &[&str] =
                if name == "package.json" { &["jest", "vitest", "mocha", "ava"] } else { &[""] };
            for part in parts {
                let of = |value: &Value| match *part {
                    "" => value.clone(),
                    part => value.get(part).cloned().unwrap_or_default(),
                };
                compare(sides, file, &Data(of(&before)), &Data(of(&after)), found);
            }
        }
    }
}

fn is_program(name: &str) -> bool {
    let begins = [
        "jest.config.",
        "vitest.config.",
        "vite.config.",
        "vitest.workspace.",
        "playwright.config.",
        "ava.config.",
        "karma.conf.",
        "cypress.config.",
        ".mocharc.js",
        ".mocharc.cjs",
        "wdio.conf.",
    ];
    begins.iter().any(|begin| name.starts_with(begin)) && !name.ends_with(".json")
}

fn is_data(name: &str) -> bool {
    matches!(name, "jest.config.json" | ".mocharc" | ".mocharc.json" | ".mocharc.jsonc")
        || matches!(name, ".mocharc.yml" | ".mocharc.yaml" | ".taprc" | "cypress.json")
}

/// Settings, however they are written.
trait Source {
    /// The texts under a key, wherever it is.
    fn texts(&self, key: &str) -> Vec<String>;
    /// The bare word or number under a key.
    fn word(&self, key: &str) -> Option<String>;
    /// The entries of the table under a key, each as a text that has its literals in quotes.
    fn lines(&self, key: &str) -> Vec<String>;
}

struct Text<'t>(&'t str);

impl Source for Text<'_> {
    fn texts(&self, key: &str) -> Vec<String> {
        values(self.0, key).into_iter().flat_map(literals).collect()
    }

    fn word(&self, key: &str) -> Option<String> {
        let value = values(self.0, key).into_iter().next()?;
        let end = value.find([',', '\n', '}', ';']).unwrap_or(value.len());
        Some(value[..end].trim().to_owned())
    }

    fn lines(&self, key: &str) -> Vec<String> {
        let entries = values(self.0, key).into_iter().flat_map(|value| {
            let at = value.as_ptr() as usize - self.0.as_ptr() as usize;
            let rest = &self.0[at..];
            let end = if value.starts_with('{') {
                rest.find('}').unwrap_or(rest.len())
            } else {
                value.len()
            };
            rest[..end].split([',', '\n']).map(|entry| entry.trim().to_owned())
        });
        entries.filter(|entry| !entry.is_empty()).collect()
    }
}

struct Data(Value);

impl Source for Data {
    fn texts(&self, key: &str) -> Vec<String> {
        match self.0.get(key) {
            // A brace of a glob may hold commas.
            Some(Value::String(text)) => vec![text.clone()],
            other => settings::list(other),
        }
    }

    fn word(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    fn lines(&self, key: &str) -> Vec<String> {
        let entries = settings::object(&self.0, &[key]).iter();
        entries.map(|(name, value)| format!("\"{name}\": {value}")).collect()
    }
}

/// Values of one key that are looked at in one text.
const VALUES_MAX: usize = 20;

/// What follows each `key:` in a text: up to the bracket that closes, or to the line's end.
pub(super) fn values<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let is_key = |at: usize| {
        let before = text[..at].chars().next_back();
        let is_free = before.is_none_or(|c| !c.is_ascii_alphanumeric() && !"_.$".contains(c));
        let line = text[..at].rsplit('\n').next().unwrap_or_default().trim_start();
        let rest = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        is_free && rest.starts_with(':') && !line.starts_with("//") && !line.starts_with('*')
    };
    text.match_indices(key)
        .filter(|(at, _)| is_key(*at))
        .take(VALUES_MAX)
        .filter_map(|(at, _)| {
            let start = at + text[at..].find(':')? + 1;
            let rest = text[start..].trim_start();
            let end = match rest.starts_with('[') {
                true => closing(rest),
                false => rest.find('\n').unwrap_or(rest.len()),
            };
            Some(&rest[..end])
        })
        .collect()
}

/// Where the bracket at the beginning closes.
fn closing(text: &str) -> usize {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth <= 1 => return at,
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The quoted texts in a piece of a program, and regular expressions between slashes.
pub(super) fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '`', '/']) {
        let open = &rest[at..=at];
        let inside = &rest[at + 1..];
        if open == "/" && inside.starts_with(['/', '*']) {
            // A comment, up to its end.
            let end = if inside.starts_with('/') { inside.find('\n') } else { inside.find("*/") };
            rest = end.map_or("", |end| &inside[end + 1..]);
            continue;
        }
        let Some(end) = inside.find(open).filter(|end| !inside[..*end].contains('\n')) else {
            rest = inside;
            continue;
        };
        found.push(inside[..end].to_owned());
        rest = &inside[end + 1..];
    }
    found
}

fn compare(
    sides: &Sides<'_>,
    file: &FileDelta,
    before: &dyn Source,
    after: &dyn Source,
    found: &mut Found,
) {
    let dir = parent(&file.path);
    let is_new = file.before.is_none();
    let mut add = |severity: Severity, key: &str, message: String| {
        // The settings of a new runner take nothing away.
        let severity = if is_new { severity.min(Severity::Warning) } else { severity };
        found.add(weighing(RULE.at(&file.path, line_of(file, key), message), severity));
    };
    for (key, reading) in LISTS {
        let (old, new) = (before.texts(key), after.texts(key));
        if old == new || new.is_empty() && !matches!(reading, Reading::SeenGlobs) {
            continue;
        }
        let sees = |texts: &[String], path: &str| {
            let path = below(path, dir).unwrap_or(path);
            match reading {
                Reading::SeenGlobs => texts.is_empty() || any_glob(texts, path),
                Reading::SeenPatterns => texts.is_empty() || any_pattern(texts, path),
                Reading::UnseenGlobs => !any_glob(texts, path),
                Reading::UnseenPatterns => !any_pattern(texts, path),
                Reading::Names => true,
            }
        };
        if *reading == Reading::Names {
            let message = format!("`{key}` runs only tests of some names");
            add(Severity::Warning, key, message);
            continue;
        }
        if new.is_empty() {
            continue;
        }
        let unseen =
            Unseen::find(sides, dir, SCRIPT_ENDINGS, &|p| sees(&old, p), &|p| sees(&new, p));
        if let Some((severity, what)) = unseen.verdict() {
            // `files`, `include` and `exclude` have other meanings in the same files.
            let is_plain = !matches!(*key, "files" | "include" | "exclude" | "ignore" | "spec");
            let severity = if is_plain { severity } else { severity.min(Severity::Warning) };
            add(severity, key, format!("`{key}`: {what}"));
        }
    }
    for (key, bad, severity) in FLAGS {
        if after.word(key).as_deref() == Some(*bad) && before.word(key).as_deref() != Some(*bad) {
            add(*severity, key, format!("`{key}` is `{bad}`"));
        }
    }
    for key in RETRIES {
        let number =
            |source: &dyn Source| source.word(key).and_then(|word| word.parse::<f64>().ok());
        let (old, new) = (number(before).unwrap_or(0.0), number(after).unwrap_or(0.0));
        if new > old {
            // Tests through a browser are tried again everywhere.
            let name = file_name(&file.path);
            let is_browser = ["playwright", "cypress", "wdio"].iter().any(|b| name.starts_with(b));
            let severity = if is_browser { Severity::Note } else { Severity::Warning };
            add(severity, key, format!("`{key}` lets a test fail {new} times before it counts"));
        }
    }
    for key in LOADED {
        let is_own =
            |text: &String| is_local(text) || sides.layout.has(&crate::layout::join(dir, text));
        let old = before.texts(key);
        if let Some(path) =
            after.texts(key).into_iter().find(|text| is_own(text) && !old.contains(text))
        {
            add(Severity::Warning, key, format!("`{key}` loads `{path}` before every test"));
        }
    }
    for key in TABLES {
        if let Some(path) = replacement(&before.lines(key), after.lines(key)) {
            let message = format!("`{key}` puts `{path}` in the place of what tests load");
            add(Severity::Warning, key, message);
        }
    }
    for key in REPLACEMENTS {
        let local = |texts: Vec<String>| texts.into_iter().find(|text| is_local(text));
        let (old, new) = (local(before.texts(key)), local(after.texts(key)));
        if let Some(path) = new.filter(|path| old.as_ref() != Some(path)) {
            let severity = if *key == "reporters" || *key == "testEnvironment" {
                Severity::Note
            } else {
                Severity::Error
            };
            add(severity, key, format!("`{key}` is a file of the project: `{path}`"));
        }
    }
}

/// A line of a table that puts one script of the project in the place of others, where that is new. A pattern that
/// moves whole folders only says where they are, and what is no code needs some script in its place.
fn replacement(old: &[String], new: Vec<String>) -> Option<String> {
    const NO_CODE: &[&str] = &[
        "css", "less", "scss", "sass", "styl", "svg", "png", "jpg", "gif", "webp", "ttf", "woff",
        "md", "graphql",
    ];
    let is_no_code = |line: &str| {
        line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| NO_CODE.contains(&word))
    };
    new.into_iter().filter(|line| !old.contains(line) && !is_no_code(line)).find_map(|line| {
        let is_script = |text: &String| {
            is_local(text)
                && !text.contains('$')
                && SCRIPT_ENDINGS.iter().any(|ending| text.ends_with(ending))
        };
        literals(&line).into_iter().find(is_script)
    })
}

fn is_local(text: &str) -> bool {
    text.starts_with("./") || text.starts_with("<rootDir>")
}

fn any_glob(globs: &[String], path: &str) -> bool {
    globs.iter().any(|glob| {
        let glob = glob.replace("<rootDir>/", "");
        let Some(glob) = pattern::glob(glob.trim_start_matches('/')) else {
            // What is not understood is not held against anybody.
            return true;
        };
        glob.is_match(path) || glob.is_match(&format!("/{path}"))
    })
}

fn any_pattern(patterns: &[String], path: &str) -> bool {
    patterns.iter().any(|pattern| {
        let pattern = pattern.replace("<rootDir>", "").replace("\\\\", "\\");
        let found = Regex::new(&pattern).map(|pattern| pattern.is_match(&format!("/{path}")));
        found.unwrap_or_else(|_| path.contains(&pattern))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};

    const TESTS: Files<'_> = &[("src/a.test.js", "a"), ("src/b.test.js", "b")];

    fn config(name: &str, before: &str, after: &str, expected: &str) {
        let old = [&[(name, before)], TESTS].concat();
        let new = [&[(name, after)], TESTS].concat();
        check(look, &old, &new, expected);
    }

    #[test]
    fn tests_that_no_pattern_matches_are_told() {
        let jest = |inner: &str| format!("export default {{\n  {inner}\n}};\n");
        for (before, after, expected) in [
            ("verbose: true,", "testPathIgnorePatterns: ['b.test.js'],", "error"),
            (
                "verbose: true,",
                "testPathIgnorePatterns: [\n    '/node_modules/', 'src/b',\n  ],",
                "error",
            ),
            ("verbose: true,", "testMatch: ['**/a.test.js'],", "error"),
            ("testMatch: ['**/*.test.js'],", "testRegex: 'a\\\\.test\\\\.js$',", "error"),
            ("verbose: true,", "passWithNoTests: true,", "warning"),
            ("verbose: true,", "retry: 3,", "warning"),
            ("verbose: true,", "runner: './run.js',", "error"),
            ("verbose: true,", "setupFiles: ['./setup.js'],", "warning"),
            ("verbose: true,", "setupFilesAfterEnv: ['<rootDir>/setup.js'],", "warning"),
            ("verbose: true,", "moduleNameMapper: { 'lib/sum': './fake.js' },", "warning"),
            ("verbose: true,", "transform: { '.*': '<rootDir>/rewrite.js' },", "warning"),
            ("verbose: true,", "alias: { './sum.js': './fake.js' },", "warning"),
        ] {
            let expected = format!("{expected} js-runner-settings jest.config.js:2");
            config("jest.config.js", &jest(before), &jest(after), &expected);
        }
        let text = "{\n\"jest\": {\"testPathIgnorePatterns\": [\"b.test\"]}}";
        config("package.json", "{\n}", text, "error js-runner-settings package.json:2");
    }

    #[test]
    fn patterns_that_match_everything_as_before_are_fine() {
        for (name, before, after) in [
            (
                "jest.config.js",
                "export default {}",
                "export default { testPathIgnorePatterns: ['/dist/', '/e2e/'] }",
            ),
            (
                "jest.config.js",
                "export default {}",
                "export default { testMatch: ['**/?(*.)+(spec|test).[jt]s?(x)'] }",
            ),
            (
                "vitest.config.ts",
                "export default {}",
                "export default { test: { exclude: ['**/node_modules/**', 'dist/**'] } }",
            ),
            (
                "vitest.config.ts",
                "export default {}",
                "export default { test: { coverage: { include: ['src/**'] } } }",
            ),
            (
                "jest.config.js",
                "export default {}",
                "export default { setupFilesAfterEnv: ['@testing-library/jest-dom'] }",
            ),
            (
                "jest.config.js",
                "export default {}",
                "export default { moduleNameMapper: {\n'^@/(.*)$': '<rootDir>/src/$1',\n'\\\\.(css|svg)$': '<rootDir>/stub.js' } }",
            ),
            (
                "jest.config.js",
                "export default {}",
                "export default { transform: { '\\\\.ts$': 'ts-jest' } }",
            ),
            (
                "vitest.config.ts",
                "export default {}",
                "export default { resolve: { alias: { '@': './src' } } }",
            ),
        ] {
            config(name, before, after, "");
        }
        config(
            "playwright.config.ts",
            "export default {}",
            "export default { retries: 2 }",
            "note js-runner-settings playwright.config.ts:1",
        );
    }
}
