//! What programs leave behind and nobody meant to commit.

use std::collections::BTreeMap;

use loki_host::git::GitError;
use loki_model::{ChangeKind, FileChange, Finding, Severity};

use crate::gates::Cx;
use crate::gates::rule::{Rule, while_judging};
use crate::layout::{Layout, file_name, is_data, parent};

/// A file of that kind where the base tracks none like it.
pub(super) const RULE: Rule = Rule {
    id: "change/stray",
    severity: Severity::Warning,
    what: "The change adds what a program left behind: an agent's scratch or report, a backup, a core \
           dump, caches, installed packages, a `.env`.",
    why: "Nobody asked for it, everybody who clones the repository gets it, and a `.env` is where \
          passwords are.",
    example: "+.aider.chat.history.md\n+IMPLEMENTATION_SUMMARY.md\n+src/__pycache__/app.cpython-313.pyc",
    fix: "Remove it, and name it in `.gitignore`. A report that is meant is named by the \
          message of the change.",
    look: while_judging,
};

/// One kind of leftover.
struct Leftover {
    /// For a sentence.
    name: &'static str,
    /// Whether `path` is of the kind.
    is: fn(&str) -> bool,
    /// Whether tests and examples may hold one on purpose.
    may_be_sample: bool,
}

const KINDS: &[Leftover] = &[
    Leftover { name: "an agent's scratch", is: is_scratch, may_be_sample: false },
    Leftover { name: "an agent's report", is: is_report, may_be_sample: false },
    Leftover { name: "a core dump", is: is_core, may_be_sample: true },
    Leftover {
        name: "output of `nohup`",
        is: |path| file_name(path) == "nohup.out",
        may_be_sample: true,
    },
    Leftover { name: "a backup or a rejected patch", is: is_backup, may_be_sample: true },
    Leftover { name: "notes of a file manager", is: is_file_managers, may_be_sample: true },
    Leftover { name: "a cache of Python", is: is_python_cache, may_be_sample: false },
    Leftover { name: "an installed package", is: is_installed, may_be_sample: false },
    Leftover {
        name: "settings of one machine",
        is: |path| file_name(path) == ".env",
        may_be_sample: true,
    },
];

/// Directories of projects that show how something is used, with everything that these have.
const SAMPLE_DIRS: &[&str] = &[
    "test",
    "tests",
    "spec",
    "specs",
    "__tests__",
    "e2e",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
];

/// Added leftovers, those of one kind together.
pub(super) fn findings(cx: &Cx<'_>, changes: &[&FileChange]) -> Result<Vec<Finding>, GitError> {
    let mut strays: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.kind == ChangeKind::Added) {
        if let Some(kind) = kind_of(&change.path).filter(|_| !is_meant(cx, &change.path)) {
            strays.entry(kind).or_default().push(&change.path);
        }
    }
    if strays.is_empty() {
        return Ok(Vec::new());
    }
    // A repository that tracks its packages, samples or reports has reasons of its own.
    let before = Layout::at(cx.subject.repo, cx.subject.base)?;
    let is_usual = |kind: usize| before.all_files().any(|path| kind_of(path) == Some(kind));
    let strays = strays.into_iter().filter(|(kind, _)| !is_usual(*kind));
    let found = strays.filter_map(|(kind, paths)| {
        let (name, first) = (KINDS.get(kind)?.name, paths.first()?);
        let message = match paths.len() - 1 {
            0 => format!("the change adds {name}"),
            more => format!("the change adds {name}, and {more} more file(s) of the kind"),
        };
        Some(RULE.of(first, message))
    });
    Ok(found.collect())
}

/// Which of [`KINDS`] `path` is of. What tests feed in is none: it may be anything.
fn kind_of(path: &str) -> Option<usize> {
    let is_sample = || parent(path).split('/').any(|dir| SAMPLE_DIRS.contains(&dir));
    let is = |kind: &Leftover| (kind.is)(path) && !(kind.may_be_sample && is_sample());
    KINDS.iter().position(is).filter(|_| !is_data(path))
}

/// Whether it is a report and somebody names it: who asked for the change, or who made it. That a `.env` is
/// spoken of does not mean that it is to be committed.
fn is_meant(cx: &Cx<'_>, path: &str) -> bool {
    if !is_report(path) {
        return false;
    }
    let name = file_name(path);
    let asked = cx.subject.spec.is_some_and(|spec| spec.text.contains(name));
    asked || cx.subject.messages.iter().any(|message| message.contains(name))
}

/// What aider keeps beside its settings.
fn is_scratch(path: &str) -> bool {
    let begins = [".aider.chat.history", ".aider.input.history", ".aider.tags.cache", ".aider.llm"];
    path.split('/').any(|part| begins.iter().any(|begin| part.starts_with(begin)))
}

/// A file at the root whose name shouts what was done: `IMPLEMENTATION_SUMMARY.md`, `FIX_COMPLETE.md`. Release
/// notes, test reports and the like are for readers of the project, and are called something else.
fn is_report(path: &str) -> bool {
    const DONE: &[&str] = &[
        "IMPLEMENTATION",
        "CHANGE",
        "CHANGES",
        "FIX",
        "FIXES",
        "BUGFIX",
        "TASK",
        "TASKS",
        "REFACTOR",
        "REFACTORING",
    ];
    const TOLD: &[&str] = &["SUMMARY", "REPORT", "NOTES", "COMPLETE", "COMPLETED", "COMPLETION"];
    let stem = path.strip_suffix(".md").or_else(|| path.strip_suffix(".txt")).unwrap_or(path);
    let words: Vec<&str> = stem.split(['_', '-']).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    has(DONE) && has(TOLD)
}

fn is_core(path: &str) -> bool {
    let number = file_name(path).strip_prefix("core.");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
}

fn is_backup(path: &str) -> bool {
    let name = file_name(path);
    // Two swap files of one text are `.swp` and `.swo`.
    let is_swap = name.starts_with('.') && (name.ends_with(".swp") || name.ends_with(".swo"));
    is_swap
        || name.ends_with(".orig")
        || name.ends_with(".rej")
        || name.len() > 1 && name.ends_with('~')
}

fn is_file_managers(path: &str) -> bool {
    matches!(file_name(path), ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

fn is_python_cache(path: &str) -> bool {
    parent(path).split('/').any(|dir| dir == "__pycache__") || path.ends_with(".pyc")
}

fn is_installed(path: &str) -> bool {
    parent(path).split('/').any(|dir| dir == "node_modules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_told_by_their_names() {
        for path in [
            ".aider.chat.history.md",
            ".aider.tags.cache.v4/cache.db",
            "IMPLEMENTATION_SUMMARY.md",
            "TASK-COMPLETE",
            "FINAL_FIX_REPORT.txt",
            "core.4711",
            "logs/nohup.out",
            "src/app.py.orig",
            "src/app.py.rej",
            "src/.app.py.swp",
            "Makefile~",
            ".DS_Store",
            "img/Thumbs.db",
            "tests/__pycache__/test_app.cpython-313.pyc",
            "old.pyc",
            "web/node_modules/a/index.js",
            ".env",
        ] {
            assert!(kind_of(path).is_some(), "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_a_leftover_is_none() {
        for path in [
            ".aider.conf.yml",
            "docs/IMPLEMENTATION_SUMMARY.md",
            "RELEASE_NOTES.md",
            "CHANGES.md",
            "TEST_REPORT.md",
            "implementation_notes.md",
            "core.py",
            "core.1.js",
            "src/core.x86",
            "origin",
            "app.orig.py",
            "~",
            ".env.example",
            ".env/bin/activate",
            "examples/blog/.env",
            "tests/patches/a.rej",
            "test/fixtures/node_modules/a/index.js",
            "templates/app/.env",
        ] {
            assert_eq!(kind_of(path), None, "{path}");
        }
    }
}
