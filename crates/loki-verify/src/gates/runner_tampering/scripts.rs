//! Scripts of `package.json`.

use std::collections::BTreeMap;

use loki_model::Severity;
use serde_json::Value;

use super::loss::{Loss, losses, swallowed_in};
use super::{line_of, weighing};
use crate::gates::rule::{Found, Rule};
use crate::layout::{file_name, parent};
use crate::settings;
use crate::shell::{Step, runner, steps};
use crate::sides::Sides;

/// A script that judges is bent.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/script",
    severity: Severity::Error,
    what: "A script of package.json runs fewer tests or checks than before, or hides that they fail.",
    why: "`npm test` is what people and CI believe: with `|| true` it is always green.",
    example: "-    \"test\": \"node --test\"\n+    \"test\": \"node --test || true\"",
    fix: "Let the script run everything and end with the runner's own exit code.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Scripts that npm and hooks of git run when something is published or committed. People and CI have
/// other names for what judges.
const ASIDE: &[&str] = &[
    "preversion",
    "version",
    "postversion",
    "prepublish",
    "prepublishOnly",
    "publish",
    "postpublish",
    "prepack",
    "postpack",
    "prepare",
    "preinstall",
    "install",
    "postinstall",
    "prerelease",
    "release",
    "postrelease",
    "precommit",
    "pre-commit",
    "prepush",
    "pre-push",
];

/// Scripts that call scripts that call scripts.
const DEPTH_MAX: usize = 4;

/// A longer script is cut.
const SCRIPT_BYTES_MAX: usize = 16 << 10;

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        if file_name(&file.path) != "package.json" || !sides.layout.is_own(&file.path) {
            continue;
        }
        let (Some(before), Some(after)) = (scripts(&file.before), scripts(&file.after)) else {
            continue;
        };
        let dir = parent(&file.path);
        let mut add = |name: &str, loss: Loss| {
            let line = line_of(file, &format!("\"{name}\""));
            let message = format!("script `{name}`: {}", loss.what);
            let most = if is_aside(name, &before) { Severity::Warning } else { Severity::Error };
            let severity = loss.severity.min(most);
            found.add(weighing(RULE.at(&file.path, line, message), severity));
        };
        for (name, script) in &after {
            let new = expanded(script, &after, DEPTH_MAX);
            match before.get(name) {
                Some(old) if old != script => {
                    let old = expanded(old, &before, DEPTH_MAX);
                    losses(sides, dir, &old, &new, false)
                        .into_iter()
                        .for_each(|loss| add(name, loss));
                }
                // What it calls is told there.
                Some(_) => {}
                None => {
                    let losses = swallowed_in(script, false).into_iter();
                    losses.for_each(|loss| add(name, loss));
                    prepares(name, script).into_iter().for_each(|loss| add(name, loss));
                }
            }
        }
        let runs = |script: &String| steps(script).iter().any(|step| runner(step).is_some());
        for (name, script) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
            let moved = after.values().any(|other| other.contains(script.as_str()));
            if runs(script) && !moved && name == "test" {
                let what = "is gone, and with it what it ran".to_owned();
                add(name, Loss { severity: Severity::Warning, what, needle: String::new() });
            }
        }
    }
}

fn scripts(text: &Option<String>) -> Option<BTreeMap<String, String>> {
    let manifest = settings::json(text.as_deref()?).ok()?;
    let scripts = settings::object(&manifest, &["scripts"]);
    let text = |(name, value): (&String, &Value)| {
        let value = value.as_str()?;
        Some((name.clone(), crate::text::clip_head(value, SCRIPT_BYTES_MAX)))
    };
    Some(scripts.iter().filter_map(text).collect())
}

/// The script with the scripts that it calls in their place.
fn expanded(script: &str, all: &BTreeMap<String, String>, depth: usize) -> String {
    let mut out = script.to_owned();
    if depth == 0 {
        return out;
    }
    for step in steps(script) {
        let Some(name) = called(&step) else { continue };
        if let Some(called) = all.get(name)
            && out.len() < SCRIPT_BYTES_MAX
        {
            let inner = expanded(called, all, depth - 1);
            out = out.replacen(&step.text(), &inner, 1);
        }
    }
    out
}

/// Whether a script is one of [`ASIDE`], and no other script calls it.
fn is_aside(name: &str, all: &BTreeMap<String, String>) -> bool {
    let mut others = all.iter().filter(|(other, _)| !ASIDE.contains(&other.as_str()));
    ASIDE.contains(&name)
        && !others.any(|(_, script)| steps(script).iter().any(|step| called(step) == Some(name)))
}

/// The script that a step calls.
fn called(step: &Step) -> Option<&str> {
    let words: Vec<&str> = step.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["npm" | "pnpm" | "yarn" | "bun", "run" | "run-script", name, ..]
        | ["yarn" | "pnpm" | "npm", name, ..] => Some(name),
        _ => None,
    }
}

/// A script that runs before the tests and changes them.
fn prepares(name: &str, script: &str) -> Option<Loss> {
    const CHANGES: &[&str] = &["rm", "rimraf", "sed", "mv", "cp", "git", "echo", "truncate"];
    if !matches!(name, "pretest" | "pretest:ci" | "preverify") {
        return None;
    }
    let names_tests = |text: &str| {
        text.split(['/', ' ', '\'', '"']).any(|part| {
            matches!(part, "test" | "tests" | "__tests__" | "spec")
                || part.contains(".test.")
                || part.contains(".spec.")
        })
    };
    let step = steps(script)
        .into_iter()
        .find(|step| CHANGES.contains(&step.program()) && names_tests(&step.text()))?;
    Some(Loss {
        severity: Severity::Error,
        what: format!("it changes tests before they run (`{}`)", step.text()),
        needle: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};

    fn script(before: &str, after: &str, expected: &str) {
        let manifest = |scripts: &str| format!("{{\"scripts\": {{\n{scripts}\n}}}}");
        let (old, new) = (manifest(before), manifest(after));
        let tests: Files<'_> = &[("test/a.test.js", "a"), ("test/unit.test.js", "b")];
        let with = |text| [("package.json", text), tests[0], tests[1]];
        check(look, &with(old.as_str()), &with(new.as_str()), expected);
    }

    #[test]
    fn a_test_script_that_can_not_fail_is_an_error() {
        let base = "\"test\": \"node --test\"";
        let bad = "error script package.json:2";
        for after in [
            "\"test\": \"node --test || true\"",
            "\"test\": \"node --test; exit 0\"",
            "\"test\": \"echo ok\"",
            "\"test\": \"node --test test/unit.test.js\"",
            "\"test\": \"node --test --test-name-pattern=unit\"",
            "\"test\": \"npm run t\", \"t\": \"node --test || exit 0\"",
        ] {
            let twice = after.contains("npm run");
            let expected = if twice { format!("{bad}\n{bad}") } else { bad.to_owned() };
            script(base, after, &expected);
        }
        script(base, "\"lint\": \"eslint .\"", "warning script package.json:2");
        script(
            "\"lint\": \"eslint .\"",
            "\"lint\": \"eslint . || true\"",
            "warning script package.json:2",
        );
        script(
            base,
            "\"pretest\": \"rm test/a.test.js\", \"test\": \"node --test\"",
            "error script package.json:2",
        );
    }

    #[test]
    fn what_is_run_before_publishing_is_no_judge_unless_a_judge_calls_it() {
        for name in ["preversion", "prepublishOnly", "precommit"] {
            script(
                &format!("\"{name}\": \"npm run build && jest\""),
                &format!("\"{name}\": \"npm run build\""),
                "warning script package.json:2",
            );
        }
        script(
            "\"precommit\": \"jest\", \"test\": \"npm run precommit\"",
            "\"precommit\": \"tsc\", \"test\": \"npm run precommit\"",
            "error script package.json:2",
        );
    }

    #[test]
    fn scripts_that_run_as_much_as_before_are_fine() {
        for (before, after) in [
            ("\"test\": \"node --test\"", "\"test\": \"node --test test/\""),
            ("\"test\": \"node --test\"", "\"test\": \"node --test --test-reporter=spec\""),
            ("\"test\": \"jest\"", "\"test\": \"vitest run\""),
            (
                "\"test\": \"jest\"",
                "\"test\": \"npm run lint && npm run unit\", \"lint\": \"eslint .\", \"unit\": \"jest\"",
            ),
            ("\"test\": \"mocha test/*.js\"", "\"test\": \"c8 mocha test/*.test.js\""),
            ("\"test\": \"jest\"", "\"test\": \"jest\", \"test:unit\": \"jest -t unit\""),
            ("\"test\": \"jest\"", "\"test\": \"turbo run test\""),
            ("\"clean\": \"rm x\"", "\"clean\": \"rm x || true\""),
        ] {
            script(before, after, "");
        }
    }
}
