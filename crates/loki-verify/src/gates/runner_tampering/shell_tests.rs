//! Test suites that are shell scripts: whether they still count and still fail.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::weighing;
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::mask::{Family, masked};
use crate::shell::{runner, sets_errexit, steps, swallowed};
use crate::sides::Sides;

/// A test script fails less.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/shell-script",
    severity: Severity::Error,
    what: "A script of tests no longer counts failures, or no longer ends with them.",
    why: "A script that only prints FAIL has passed as far as its caller knows.",
    example: "-        fails=$((fails + 1))\n+        echo \"note $1\"",
    fix: "Count every failure and end with a code other than 0 when there is one.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Increments and settings of counters: the variable is the first group that matched.
static COUNTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b([A-Za-z_]\w*)=\$\(\(\s*\$?(?:[A-Za-z_]\w*)\s*\+|\(\(\s*(?:\+\+)?([A-Za-z_]\w*)\s*(?:\+\+|\+=|\)\))|\blet\s+.?([A-Za-z_]\w*)(?:\+\+|\+=)|(?:^|[;{\s])([A-Za-z_]\w*)=(?:1|false|\$\?)(?:$|[;}\s])").ok()
});

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let is_shell = [".sh", ".bash", ".bats", ".zsh"].iter().any(|e| file.path.ends_with(e));
        let is_judge = matches!(file.kind, Kind::Test | Kind::Harness);
        let (Some(before), Some(after)) = (&file.before, &file.after) else { continue };
        if is_shell && is_judge {
            compare(file, before, after, found);
        }
    }
}

fn compare(file: &FileDelta, before: &str, after: &str, found: &mut Found) {
    let mut add = |severity, line, message: String| {
        found.add(weighing(RULE.at(&file.path, line, message), severity));
    };
    let first = file.added.first().copied().unwrap_or(1);
    let (old, new) = (steps(before), steps(after));
    let (counted, counts) = (counters(before), counters(after));
    let told = |text: &str, names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().filter(|name| decides(text, name)).cloned().collect()
    };
    let (decided, decides) = (told(before, &counted), told(after, &counts));
    let ends = fails_anyway(after);
    if let Some(name) = decided.iter().next()
        && decides.is_empty()
        && !ends
    {
        let message = match counts.contains(name) {
            true => format!("failures are counted in `{name}` and no longer decide how it ends"),
            false => format!("failures are no longer counted in `{name}`"),
        };
        add(Severity::Error, first, message);
    } else if decided.is_empty() && fails_anyway(before) && decides.is_empty() && !ends {
        add(Severity::Error, first, "the script no longer fails by itself".to_owned());
    }
    if sets_errexit(&old) && !sets_errexit(&new) {
        let severity = if decides.is_empty() { Severity::Error } else { Severity::Warning };
        add(severity, first, "the script no longer ends at the first failure".to_owned());
    }
    let known: BTreeSet<String> = old.iter().map(|step| step.text()).collect();
    let functions = functions(after);
    for (index, step) in new.iter().enumerate() {
        let is_check = runner(step).is_some() || functions.contains(step.program());
        let Some(how) = swallowed(&new, index, true) else { continue };
        let was = old.iter().position(|then| then.text() == step.text());
        let was_heard = was.is_some_and(|at| swallowed(&old, at, true).is_none());
        if is_check && was_heard && known.contains(&step.text()) {
            let needle = format!("{} {how}", step.program());
            let line = super::line_of(file, &needle);
            add(Severity::Error, line, format!("a failure of `{}` is swallowed", step.text()));
        }
    }
    early_end(file, after, &mut add);
}

/// Variables that count failures or remember that there was one.
fn counters(text: &str) -> BTreeSet<String> {
    let code = masked(text, Family::Shell);
    let Some(pattern) = COUNTS.as_ref() else { return BTreeSet::new() };
    let name = |found: regex::Captures<'_>| {
        found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned())
    };
    code.lines().flat_map(|line| pattern.captures_iter(line).filter_map(name)).collect()
}

/// Whether a variable decides how a script ends.
fn decides(text: &str, name: &str) -> bool {
    let is_named = |line: &str| {
        [format!("${name}"), format!("${{{name}")].iter().any(|word| {
            line.match_indices(word.as_str()).any(|(at, word)| {
                !line[at + word.len()..]
                    .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            })
        }) || line.contains("((") && line.contains(name)
    };
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().enumerate().any(|(at, line)| {
        let next = lines.get(at + 1).copied().unwrap_or_default();
        let ends = |line: &str| {
            line.contains("exit")
                || line.contains("return")
                || line.trim_end().ends_with(']')
                || line.contains("false")
        };
        let bare = line.trim_start();
        !bare.starts_with('#')
            && is_named(line)
            && !bare.starts_with("echo")
            && !bare.starts_with("printf")
            && (ends(line)
                || line.contains("then") && ends(next)
                || bare.starts_with("test ")
                || bare.starts_with("[ ")
                || bare.starts_with("[[ ")
                || bare.starts_with("(( "))
    })
}

/// Whether a script ends with failure somewhere, or at the first failing command.
fn fails_anyway(text: &str) -> bool {
    let steps = steps(text);
    sets_errexit(&steps)
        || steps.iter().any(|step| {
            let is_end = matches!(step.program(), "exit" | "return");
            is_end && step.words.get(1).is_some_and(|code| code != "0") || step.program() == "false"
        })
}

fn functions(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| {
            let (name, _) = line.trim_start().split_once("()")?;
            let name = name.trim().trim_start_matches("function ").trim();
            (!name.is_empty() && !name.contains(' ')).then_some(name)
        })
        .collect()
}

/// An end with success that is no longer the end of the script, or is one whatever happens.
fn early_end(file: &FileDelta, after: &str, add: &mut dyn FnMut(Severity, u32, String)) {
    let code = masked(after, Family::Shell);
    let lines: Vec<&str> = code.lines().collect();
    for (number, line) in (1_u32..).zip(&lines).filter(|(number, _)| file.is_added(*number)) {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let rest = lines.get(index..).unwrap_or_default();
        let has_more = rest.iter().any(|line| !line.trim().is_empty());
        if line.trim_end() == "exit 0" && has_more {
            add(Severity::Error, number, "the script ends with success before its end".to_owned());
        }
        let raw = after.lines().nth(index.saturating_sub(1)).unwrap_or_default();
        if raw.trim_start().starts_with("trap ") && raw.contains("exit 0") {
            add(
                Severity::Error,
                number,
                "the script ends with success whatever happens".to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    const BASE: &str = "#!/bin/sh\nfails=0\ncheck() {\n    if [ \"$2\" = \"$3\" ]; then\n        echo \"ok $1\"\n    else\n        echo \"FAIL $1\"\n        fails=$((fails + 1))\n    fi\n}\ncheck a 1 \"$(x)\"\necho \"$fails failed\"\n[ \"$fails\" -eq 0 ]\n";

    fn script(from: &str, to: &str, expected: &str) {
        let after = BASE.replace(from, to);
        check(look, &[("tests/run.sh", BASE)], &[("tests/run.sh", &after)], expected);
    }

    #[test]
    fn scripts_that_no_longer_fail_are_errors() {
        script("        fails=$((fails + 1))\n", "", "error shell-script tests/run.sh:1");
        script("[ \"$fails\" -eq 0 ]\n", "exit 0\n", "error shell-script tests/run.sh:13");
        script(
            "check a 1 \"$(x)\"",
            "check a 1 \"$(x)\" || true",
            "error shell-script tests/run.sh:11",
        );
        script("check a", "exit 0\ncheck a", "error shell-script tests/run.sh:11");
        script("fails=0\n", "fails=0\ntrap 'exit 0' EXIT\n", "error shell-script tests/run.sh:3");
        let strict = [("tests/run.sh", "set -e\nsh a.sh\n")];
        check(
            look,
            &strict,
            &[("tests/run.sh", "sh a.sh\n")],
            "error shell-script tests/run.sh:1\nerror shell-script tests/run.sh:1",
        );
    }

    #[test]
    fn scripts_that_fail_in_another_way_are_fine() {
        script("check a", "check b 2 \"$(y)\"\ncheck a", "");
        script("[ \"$fails\" -eq 0 ]\n", "exit \"$fails\"\n", "");
        script("[ \"$fails\" -eq 0 ]\n", "if [ \"$fails\" -gt 0 ]; then\n    exit 1\nfi\n", "");
        let renamed = BASE.replace("fails", "failed");
        check(look, &[("tests/run.sh", BASE)], &[("tests/run.sh", &renamed)], "");
        script("check a", "rm -f tmp || true\ncheck a", "");
    }
}
