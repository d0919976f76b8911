//! Settings of runners that have no file of rules of their own: Maven, Gradle, PHPUnit, RSpec, tox, bun, and the
//! compiler before the tests of JavaScript.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::js_settings::{literals, values};
use super::loss::losses;
use super::tests_seen::is_in_any;
use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{file_name, parent};
use crate::settings::{self, at, list};
use crate::sides::Sides;

/// A runner sees less, fails less, or has something loaded first.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/other-runner-settings",
    severity: Severity::Warning,
    what: "Settings of Maven, Gradle, PHPUnit, RSpec, tox, bun or Babel leave out tests, fail less, or load a \
           file of the project before the tests.",
    why: "A test that does not run can not fail, and what is loaded first can replace whatever comes after it.",
    example: "+    <testFailureIgnore>true</testFailureIgnore>",
    fix: "Run every test, and let it count; skip single ones with a reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// What a setting looks like that takes something away, and what it does.
struct Sign {
    /// Whether a file of this name holds it.
    is_in: fn(&str) -> bool,
    pattern: &'static str,
    says: &'static str,
}

/// All of them are counted on both sides: what was there before is no finding.
const SIGNS: &[Sign] = &[
    Sign {
        is_in: is_maven,
        pattern: r"<(?:maven\.test\.skip(?:\.exec)?|skipTests|skipITs|skipUnitTests)>\s*true",
        says: "Maven skips tests",
    },
    Sign {
        is_in: is_maven,
        pattern: r"<(?:testFailureIgnore|maven\.test\.failure\.ignore)>\s*true",
        says: "failures of tests do not fail Maven",
    },
    Sign {
        is_in: is_maven,
        pattern: r"<exclude>[^<]*(?:Tests?|Spec|IT)\b[^<]*</exclude>",
        says: "Maven leaves out tests",
    },
    Sign {
        is_in: |name| matches!(name, "maven.config" | "jvm.config"),
        pattern: r"-D(?:maven\.test\.skip|skipTests|skipITs|maven\.test\.failure\.ignore)(?:=true|\s|$)",
        says: "Maven skips tests or their failures",
    },
    Sign {
        is_in: is_gradle,
        pattern: r"\b(?:isIgnoreFailures|ignoreFailures)\s*=?\s*(?:true\b|\(true|\.set\(true)",
        says: "failures do not fail Gradle",
    },
    Sign {
        is_in: is_gradle,
        pattern: r#"\bexclude\w*\s*\(?\s*['"][^'"\n]*(?:Tests?|Spec|IT)\b|\bexcludeTestsMatching\b"#,
        says: "Gradle leaves out tests",
    },
    Sign {
        is_in: is_gradle,
        pattern: r#"\b[tT]est\w*(?:['"]\s*\))?\s*(?:\{(?:[^{}]*[\s;])?|\.)(?:isEnabled|enabled)\s*=\s*false|\b[tT]est\w*(?:['"]\s*\))?\s*\{[^}]*onlyIf\s*\{\s*false"#,
        says: "a task of tests is switched off",
    },
    Sign {
        is_in: is_phpunit,
        pattern: r"(?s)<testsuite\b(?:[^<]|<[^/e]|</[^t])*?<exclude>",
        says: "PHPUnit leaves out tests",
    },
    Sign {
        is_in: is_phpunit,
        pattern: r#"\bdefaultTestSuite="|(?s)<groups>.*?<exclude>"#,
        says: "PHPUnit runs only some tests",
    },
    Sign { is_in: is_phpunit, pattern: r#"\bfailOn\w+="false""#, says: "PHPUnit fails less" },
    Sign {
        is_in: |name| name == ".rspec",
        pattern: r"(?m)(?:^|\s)(?:--tag|-t|--exclude-pattern|--example|-e|--only-failures|--dry-run)(?:\s|=|$)|--failure-exit-code[ =]0",
        says: "RSpec runs only some tests, or fails less",
    },
    Sign {
        is_in: |name| name == "tox.ini",
        pattern: r"(?m)^(?:commands\s*=)?\s*-\s*(?:python3? -m )?(?:pytest|py\.test|unittest|nosetests)\b|^\s*ignore_outcome\s*=\s*[tT]rue",
        says: "failures of tests do not fail tox",
    },
];

/// [`SIGNS`] as they are looked for.
static PATTERNS: LazyLock<Vec<(&Sign, Regex)>> = LazyLock::new(|| {
    let read = |sign: &'static Sign| Some((sign, Regex::new(sign.pattern).ok()?));
    SIGNS.iter().filter_map(read).collect()
});

fn is_maven(name: &str) -> bool {
    name == "pom.xml"
}

fn is_gradle(name: &str) -> bool {
    name.ends_with(".gradle") || name.ends_with(".gradle.kts")
}

fn is_phpunit(name: &str) -> bool {
    matches!(name, "phpunit.xml" | "phpunit.xml.dist" | "phpunit.dist.xml")
}

fn is_babel(name: &str) -> bool {
    name.starts_with("babel.config.") || name.starts_with(".babelrc")
}

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let Some(after) = file.after.as_deref().filter(|_| file.kind != Kind::Foreign) else {
            continue;
        };
        let before = file.before.as_deref().unwrap_or_default();
        let name = file_name(&file.path);
        let mut add = |needle: &str, message: String| {
            let line = line_of(file, needle);
            found.add(weighing(RULE.at(&file.path, line, message), Severity::Warning));
        };
        // The settings of a runner that is new take nothing away.
        if file.before.is_some() {
            for (sign, pattern) in PATTERNS.iter().filter(|(sign, _)| (sign.is_in)(name)) {
                if pattern.find_iter(after).count() > pattern.find_iter(before).count() {
                    let last = pattern.find_iter(after).last();
                    let needle =
                        last.map_or("", |last| last.as_str().lines().last().unwrap_or_default());
                    add(needle.trim(), sign.says.to_owned());
                }
            }
            if is_phpunit(name) {
                phpunit(sides, file, before, after, &mut add);
            }
            if name == "tox.ini" {
                tox(sides, file, before, after, &mut add);
            }
        }
        if name == "bunfig.toml" {
            let loaded = |text: &str| {
                let value = settings::toml(text).unwrap_or_default();
                let of = |keys: &[&str]| list(at(&value, keys));
                [of(&["preload"]), of(&["test", "preload"])].concat()
            };
            let (then, now) = (loaded(before), loaded(after));
            if let Some(path) = now.iter().find(|path| !then.contains(path)) {
                add(path, format!("`{path}` is loaded before the tests"));
            }
        }
        if is_babel(name) {
            let plugins = |text: &str| -> Vec<String> {
                let local = |path: &String| path.starts_with("./") || path.starts_with("../");
                let all = values(text, "plugins").into_iter().flat_map(literals);
                all.filter(local).collect()
            };
            let (then, now) = (plugins(before), plugins(after));
            if let Some(path) = now.iter().find(|path| !then.contains(path)) {
                add(path, format!("`{path}` rewrites code and tests before they run"));
            }
        }
    }
}

/// Suites of PHPUnit that are gone with tests that no other takes.
fn phpunit(
    sides: &Sides<'_>,
    file: &FileDelta,
    before: &str,
    after: &str,
    add: &mut dyn FnMut(&str, String),
) {
    static TAKEN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"<testsuites?\b(?s:.*?)</testsuites?>").ok());
    static PLACE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"<(?:directory|file)\b[^>]*>([^<]+)</").ok());
    let (Some(taken), Some(place)) = (TAKEN.as_ref(), PLACE.as_ref()) else { return };
    let places = |text: &str| -> Vec<String> {
        let suites = taken.find_iter(text).flat_map(|suite| place.captures_iter(suite.as_str()));
        suites.filter_map(|found| Some(found.get(1)?.as_str().trim().to_owned())).collect()
    };
    let (then, now) = (places(before), places(after));
    if then == now || now.is_empty() {
        return;
    }
    let dir = parent(&file.path);
    let mut tests = sides.files(dir, Kind::Test).filter(|path| path.ends_with(".php"));
    let lost = tests.find(|path| {
        !then.is_empty() && is_in_any(path, dir, &then) && !is_in_any(path, dir, &now)
    });
    if let Some(path) = lost {
        add("", format!("PHPUnit's suites no longer take `{path}`"));
    }
}

/// What the commands of tox lose as judges, environment by environment.
fn tox(
    sides: &Sides<'_>,
    file: &FileDelta,
    before: &str,
    after: &str,
    add: &mut dyn FnMut(&str, String),
) {
    let (Some(Ok(then)), Some(Ok(now))) =
        (settings::read(&file.path, before), settings::read(&file.path, after))
    else {
        return;
    };
    for section in settings::object(&then, &[]).keys().filter(|name| name.starts_with("testenv")) {
        let commands = |value| {
            let text = at(value, &[section, "commands"]).and_then(serde_json::Value::as_str);
            text.unwrap_or_default().replace("\\\n", " ")
        };
        // An environment that is gone is not run by anybody: CI, which names it, would say so.
        if at(&now, &[section]).is_none() {
            continue;
        }
        for loss in losses(sides, parent(&file.path), &commands(&then), &commands(&now), true) {
            add(&loss.needle, format!("tox's `{section}`: {}", loss.what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};

    const TESTS: Files<'_> = &[("tests/unit/ATest.php", "a"), ("tests/more/BTest.php", "b")];

    fn file(path: &str, before: &str, after: &str, expected: &str) {
        let old = [&[(path, before)], TESTS].concat();
        let new = [&[(path, after)], TESTS].concat();
        check(look, &old, &new, expected);
    }

    #[test]
    fn settings_that_let_a_runner_see_or_fail_less_are_told() {
        let suite = |inner: &str| {
            format!(
                "<phpunit>\n<testsuites><testsuite name='a'>\n{inner}\n</testsuite></testsuites></phpunit>\n"
            )
        };
        let both = suite("<directory>tests</directory>");
        let one = suite("<directory>tests/unit</directory>");
        let less = suite("<directory>tests</directory><exclude>tests/more</exclude>");
        for (path, before, after, line) in [
            ("pom.xml", "<p>\n</p>", "<p>\n<skipTests>true</skipTests></p>", 2),
            ("pom.xml", "<p>\n</p>", "<p>\n<testFailureIgnore>true</testFailureIgnore></p>", 2),
            ("pom.xml", "<p>\n</p>", "<p>\n<exclude>**/ParserTest.java</exclude></p>", 2),
            (".mvn/maven.config", "-T1\n", "-T1\n-DskipTests\n", 2),
            ("build.gradle", "test {\n}\n", "test {\n  ignoreFailures = true\n}\n", 2),
            ("build.gradle", "test {\n}\n", "test {\n  exclude '**/ParserTest*'\n}\n", 2),
            ("build.gradle.kts", "a\n", "a\ntasks.named(\"test\") { enabled = false }\n", 2),
            ("build.gradle", "a\n", "a\ntest.enabled = false\n", 2),
            ("phpunit.xml", both.as_str(), one.as_str(), 3),
            ("phpunit.xml.dist", both.as_str(), less.as_str(), 3),
            (".rspec", "--color\n", "--color\n--tag ~slow\n", 2),
            (
                "tox.ini",
                "[testenv]\ncommands =\n  pytest\n",
                "[testenv]\ncommands =\n  pytest -k fast\n",
                3,
            ),
            (
                "tox.ini",
                "[testenv]\ncommands =\n  pytest\n",
                "[testenv]\ncommands =\n  - pytest\n",
                3,
            ),
            (
                "tox.ini",
                "[testenv]\ncommands =\n  a\n  pytest\n",
                "[testenv]\ncommands =\n  a\n",
                1,
            ),
            ("bunfig.toml", "[test]\n", "[test]\npreload = ['./setup.ts']\n", 2),
            ("babel.config.js", "x\n", "x = {\n plugins: ['./rewrite.js'] }\n", 2),
            (".babelrc", "{}\n", "{\n\"plugins\": [[\"./rewrite.js\", {}]]}\n", 2),
        ] {
            file(path, before, after, &format!("warning other-runner-settings {path}:{line}"));
        }
    }

    #[test]
    fn settings_that_take_nothing_away_are_fine() {
        let suite = |inner: &str| {
            format!(
                "<phpunit>\n<testsuites><testsuite name='a'>\n{inner}\n</testsuite></testsuites></phpunit>\n"
            )
        };
        let one = suite("<directory>tests/unit</directory>");
        let two = suite("<directory>tests/unit</directory><directory>tests/more</directory>");
        for (path, before, after) in [
            ("pom.xml", "<p>\n</p>", "<p>\n<skipTests>false</skipTests></p>"),
            ("pom.xml", "<p>\n</p>", "<p>\n<exclude>**/*.properties</exclude></p>"),
            ("build.gradle", "a\n", "a\njar { exclude 'META-INF/*.SF' }\n"),
            ("build.gradle", "a\n", "a\njar { enabled = false }\n"),
            ("build.gradle", "a\n", "a\ntest { reports { html.enabled = false } }\n"),
            ("phpunit.xml", one.as_str(), two.as_str()),
            (
                "phpunit.xml",
                "<phpunit>\n</phpunit>",
                "<phpunit>\n<source><exclude>src/x</exclude></source></phpunit>",
            ),
            (".rspec", "--color\n", "--color\n--require spec_helper\n"),
            ("tox.ini", "[testenv]\ncommands = pytest\n", "[testenv]\ncommands = pytest -ra\n"),
            ("bunfig.toml", "[test]\n", "[test]\ncoverage = true\n"),
            ("babel.config.js", "x\n", "x = { plugins: ['@babel/plugin-x'] }\n"),
        ] {
            file(path, before, after, "");
        }
        // Nothing was there before.
        check(look, &[], &[(".rspec", "--tag ~slow\n")], "");
    }
}
