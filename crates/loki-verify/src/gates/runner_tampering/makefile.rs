//! Makefiles and justfiles.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::loss::{losses, swallowed_in};
use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::layout::{file_name, join, parent};
use crate::settings::{Recipes, recipes};
use crate::shell::{Purpose, runner, steps};
use crate::sides::Sides;

/// A recipe that judges is bent.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/make",
    severity: Severity::Error,
    what: "A recipe of make or just runs fewer tests than before, or hides that they fail.",
    why: "A recipe whose command begins with `-` succeeds whatever the command says.",
    example: "-\tsh tests/run.sh\n+\t-@sh tests/run.sh",
    fix: "Let the recipe fail where its command fails.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Targets that wait for targets that wait for targets.
const DEPTH_MAX: usize = 5;

/// Commands of one target, with those of what it waits for.
const COMMANDS_MAX: usize = 200;

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| is_makefile(&file.path)) {
        let (Some(before), Some(after)) = (&file.before, &file.after) else { continue };
        let is_just = file_name(&file.path).to_ascii_lowercase().contains("just");
        let (old, new) = (recipes(before), recipes(after));
        let mut told: BTreeSet<(Severity, String)> = BTreeSet::new();
        for target in new.commands.keys().filter(|target| !target.starts_with('.')) {
            let after = script(&new, target);
            let found_here = match old.commands.contains_key(target) {
                true => losses(sides, parent(&file.path), &script(&old, target), &after, true),
                false => swallowed_in(&after, true),
            };
            for loss in found_here {
                // Every target that waits for a bent one is bent the same way.
                if told.insert((loss.severity, loss.what.clone())) {
                    let line = line_of(file, &loss.needle);
                    let message = format!("target `{target}`: {}", loss.what);
                    found.add(weighing(RULE.at(&file.path, line, message), loss.severity));
                }
            }
        }
        ignored(file, &old, &new, found);
        if !is_just {
            phony(sides, file, &old, &new, found);
        }
    }
}

fn is_makefile(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    matches!(name.as_str(), "makefile" | "gnumakefile" | "justfile" | ".justfile")
        || name.ends_with(".mk")
        || name.starts_with("makefile.")
}

/// The commands of a target and of what it waits for, as one script.
fn script(recipes: &Recipes, target: &str) -> String {
    let mut out = Vec::new();
    collect(recipes, target, DEPTH_MAX, &mut out);
    out.truncate(COMMANDS_MAX);
    out.join("\n")
}

fn collect(recipes: &Recipes, target: &str, depth: usize, out: &mut Vec<String>) {
    if depth == 0 || out.len() > COMMANDS_MAX {
        return;
    }
    for need in recipes.needs.get(target).into_iter().flatten().filter(|need| *need != target) {
        collect(recipes, need, depth - 1, out);
    }
    for (_, command) in recipes.commands.get(target).into_iter().flatten() {
        let is_ignored = marks(command).contains('-');
        let bare = command.trim_start_matches(['@', '-', '+', ' ']);
        let called = bare.strip_prefix("$(MAKE) ").or_else(|| bare.strip_prefix("just "));
        match called.filter(|called| recipes.commands.contains_key(*called)) {
            Some(called) => collect(recipes, called, depth - 1, out),
            None if is_ignored => out.push(format!("{bare} || true")),
            None => out.push(bare.to_owned()),
        }
    }
}

/// The signs before a command.
fn marks(command: &str) -> &str {
    &command[..command.len() - command.trim_start_matches(['@', '-', '+', ' ']).len()]
}

/// What makes make go on after failures everywhere.
fn ignored(file: &FileDelta, old: &Recipes, new: &Recipes, found: &mut Found) {
    let is_all = |recipes: &Recipes| {
        let targets = recipes.needs.get(".IGNORE");
        targets.is_some_and(|targets| {
            targets.is_empty()
                || targets.iter().any(|target| {
                    steps(&script(recipes, target)).iter().any(|step| runner(step).is_some())
                })
        })
    };
    if is_all(new) && !is_all(old) {
        let line = line_of(file, ".IGNORE");
        found.add(RULE.at(&file.path, line, "`.IGNORE` lets failures of tests pass"));
    }
    for (line, name, value) in &new.variables {
        let known = old.variables.iter().any(|(_, n, v)| n == name && v == value);
        let flags: Vec<&str> = value.split_whitespace().collect();
        let bad = match name.as_str() {
            "MAKEFLAGS" => flags.iter().any(|flag| {
                *flag == "--ignore-errors"
                    || flag.trim_start_matches('-').chars().all(|c| "ikrRsS".contains(c))
                        && flag.contains('i')
            }),
            "SHELL" => {
                flags.first().is_some_and(|shell| matches!(file_name(shell), "true" | ":" | "echo"))
            }
            _ => false,
        };
        if bad && !known {
            let message = format!("`{name} = {value}` lets every command succeed");
            found.add(RULE.at(&file.path, *line, message));
        }
    }
}

/// A target that is no longer phony is done as soon as there is a file of its name.
fn phony(sides: &Sides<'_>, file: &FileDelta, old: &Recipes, new: &Recipes, found: &mut Found) {
    let is_phony = |recipes: &Recipes, target: &str| {
        recipes.needs.get(".PHONY").is_some_and(|names| names.iter().any(|name| name == target))
    };
    for target in new.commands.keys() {
        let path = join(parent(&file.path), target);
        let inside = format!("{path}/");
        let is_there =
            sides.layout.has(&path) || sides.layout.all_files().any(|f| f.starts_with(&inside));
        let tests = steps(&script(new, target))
            .iter()
            .filter_map(runner)
            .any(|runner| runner.purpose == Purpose::Test);
        if is_phony(old, target) && !is_phony(new, target) && is_there && tests {
            let message = format!(
                "`{target}` is no longer phony and there is a file of its name: nothing runs"
            );
            found.add(RULE.at(&file.path, line_of(file, ".PHONY"), message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    const BASE: &str = ".PHONY: test\ntest: lint\n\tsh tests/run.sh\n\nlint:\n\truff check .\n";

    fn makefile(after: &str, expected: &str) {
        let tests = ("test/a.sh", "x");
        check(look, &[("Makefile", BASE), tests], &[("Makefile", after), tests], expected);
    }

    #[test]
    fn recipes_that_can_not_fail_or_run_nothing_are_told() {
        for (from, to, expected) in [
            ("\tsh tests/run.sh", "\t-@sh tests/run.sh", "error make Makefile:3"),
            ("\tsh tests/run.sh", "\tsh tests/run.sh || true", "error make Makefile:3"),
            ("\tsh tests/run.sh", "\t@echo ok", "error make Makefile:3"),
            ("\truff check .", "\truff check . || :", "warning make Makefile:6"),
            ("\truff check .", "\truff check --ignore F401 .", "warning make Makefile:6"),
            ("test: lint", "test:", "warning make Makefile:2"),
            (".PHONY: test\n", "", "error make Makefile:1"),
            (".PHONY: test\n", ".PHONY: test\n.IGNORE:\n", "error make Makefile:2"),
            (".PHONY: test\n", ".PHONY: test\nMAKEFLAGS += -i\n", "error make Makefile:2"),
            (".PHONY: test\n", ".PHONY: test\nSHELL := /bin/true\n", "error make Makefile:2"),
        ] {
            makefile(&BASE.replace(from, to), expected);
        }
    }

    #[test]
    fn other_changes_of_a_makefile_are_fine() {
        for (from, to) in [
            ("\tsh tests/run.sh", "\t@sh tests/run.sh"),
            ("\tsh tests/run.sh", "\tsh tests/run.sh\n\tpython3 -m unittest"),
            ("lint:", "clean:\n\t-rm -rf out\n\nlint:"),
            ("test: lint\n", "test: lint unit\n\nunit:\n"),
            (".PHONY: test\n", ".PHONY: test\nMAKEFLAGS += -j4 --no-print-directory\n"),
        ] {
            makefile(&BASE.replace(from, to), "");
        }
    }
}
