//! What guards a repository before a change even reaches CI.

use std::collections::BTreeSet;

use loki_model::{ChangeKind, Severity};
use serde_json::Value;

use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::layout::file_name;
use crate::settings::{self, list};
use crate::shell::{runner, steps};
use crate::sides::Sides;

/// A guard is gone.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/guard-removed",
    severity: Severity::Warning,
    what: "A git hook, a pre-commit hook or an owner of code is gone.",
    why: "Nobody is asked any longer where somebody was.",
    example: "-  - repo: local\n-    hooks: [{ id: unittest }]",
    fix: "Keep the guard, or put another one in its place in the same change.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    let guards: Vec<&FileDelta> =
        sides.delta.files.iter().filter(|file| is_guard(&file.path)).collect();
    // One tool for another is no loss.
    let is_moved = guards.iter().any(|file| file.change == ChangeKind::Added);
    for file in guards {
        let (old, new) = (said(file, &file.before), said(file, &file.after));
        let lost: Vec<String> = old.difference(&new).cloned().collect();
        let has_new = new.difference(&old).next().is_some();
        if lost.is_empty() || is_moved || has_new {
            continue;
        }
        let what = if file_name(&file.path) == "CODEOWNERS" { "owners of" } else { "" };
        let message = format!("{what} {} no longer guard the repository", super::named(&lost));
        found.add(RULE.of(&file.path, message.trim()));
    }
}

fn is_guard(path: &str) -> bool {
    let name = file_name(path);
    let in_hooks = path
        .split('/')
        .rev()
        .nth(1)
        .is_some_and(|dir| matches!(dir, ".husky" | ".githooks" | "githooks"));
    in_hooks && !name.starts_with('.')
        || matches!(
            name,
            ".pre-commit-config.yaml"
                | ".pre-commit-config.yml"
                | "CODEOWNERS"
                | "lefthook.yml"
                | "lefthook.yaml"
                | ".lintstagedrc"
                | ".lintstagedrc.json"
                | ".overcommit.yml"
        )
}

/// What a guard asks for, one thing each.
fn said(file: &FileDelta, text: &Option<String>) -> BTreeSet<String> {
    let Some(text) = text else { return BTreeSet::new() };
    match file_name(&file.path) {
        "CODEOWNERS" => text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let path = words.next()?;
                // A path without owners takes them away.
                words.next().map(|_| path.to_owned())
            })
            .collect(),
        ".pre-commit-config.yaml" | ".pre-commit-config.yml" => {
            let value = settings::yaml(text).unwrap_or_default();
            let repos = value.get("repos").and_then(Value::as_array);
            let hooks =
                repos.into_iter().flatten().filter_map(|repo| repo.get("hooks")?.as_array());
            let ids = hooks
                .flatten()
                .filter(|hook| !list(hook.get("stages")).contains(&"manual".to_owned()));
            ids.filter_map(|hook| hook.get("id")?.as_str().map(str::to_owned)).collect()
        }
        "lefthook.yml" | "lefthook.yaml" | ".overcommit.yml" | ".lintstagedrc"
        | ".lintstagedrc.json" => {
            let value = settings::yaml(text).unwrap_or_default();
            let mut names = BTreeSet::new();
            for (stage, part) in settings::object(&value, &[]) {
                names.insert(stage.clone());
                for key in ["commands", "scripts"] {
                    names.extend(
                        settings::object(part, &[key]).keys().map(|name| format!("{stage} {name}")),
                    );
                }
            }
            names
        }
        _ => steps(text)
            .iter()
            .filter(|step| runner(step).is_some() || step.text().contains("lint-staged"))
            .map(|step| step.text())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    const HOOKS: &str =
        "repos:\n  - repo: local\n    hooks:\n      - id: unittest\n      - id: ruff\n";

    #[test]
    fn guards_that_are_gone_are_concerns() {
        let path = ".pre-commit-config.yaml";
        check(look, &[(path, HOOKS)], &[], &format!("warning guard-removed {path}"));
        let fewer = HOOKS.replace("      - id: unittest\n", "");
        check(look, &[(path, HOOKS)], &[(path, &fewer)], &format!("warning guard-removed {path}"));
        check(
            look,
            &[(".husky/pre-commit", "npm test\n")],
            &[(".husky/pre-commit", "exit 0\n")],
            "warning guard-removed .husky/pre-commit",
        );
        check(
            look,
            &[("CODEOWNERS", "* @a\n/src @b\n")],
            &[("CODEOWNERS", "* @a\n")],
            "warning guard-removed CODEOWNERS",
        );
    }

    #[test]
    fn guards_that_are_replaced_or_added_are_fine() {
        let path = ".pre-commit-config.yaml";
        let replaced = HOOKS.replace("id: unittest", "id: pytest");
        check(look, &[(path, HOOKS)], &[(path, &replaced)], "");
        let more = format!("{HOOKS}      - id: mypy\n");
        check(look, &[(path, HOOKS)], &[(path, &more)], "");
        let lefthook = "pre-commit:\n  commands:\n    test:\n      run: npm test\n";
        check(look, &[(".husky/pre-commit", "npm test\n")], &[("lefthook.yml", lefthook)], "");
    }
}
