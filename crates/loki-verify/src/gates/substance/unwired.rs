//! New code that nothing of the product uses, unlike all that is around it.

use std::collections::BTreeMap;

use loki_model::{ChangeKind, Severity};

use super::each_code;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::{Kind, kind};
use crate::layout::{file_name, parent};
use crate::suite::Files;
use crate::syntax::{Language, Source};

/// Code without a user.
pub(super) const RULE: Rule = Rule {
    id: "substance/unwired",
    severity: Severity::Warning,
    what: "Nothing of the product uses a file or a shell function that the change brings, while it uses \
           every other one beside it.",
    why: "It is tested by itself and called finished; users of the product never reach it.",
    example: "+// src/insurance.ts, which only test/insurance.test.ts imports\n+export function premium(cents) { … }",
    fix: "Call it where it matters, or leave it out.",
    look,
};

/// Names of files that are begun by others than the code.
const ENTRANCES: &[&str] = &[
    "index",
    "main",
    "cli",
    "app",
    "server",
    "setup",
    "conftest",
    "__init__",
    "__main__",
    "manage",
    "wsgi",
    "asgi",
    "page",
    "route",
    "layout",
    "middleware",
    "plugin",
    "worker",
    "vite-env",
    "types",
    "tasks",
    "admin",
    "models",
    "urls",
    "apps",
    "settings",
    "config",
    "version",
    "_version",
];

/// Files that are searched for a use.
const FILES_MAX: usize = 2_000;

/// Files or functions beside a new one that have to be in use, and how many are looked at.
const SIBLINGS_MIN: usize = 2;
const SIBLINGS_MAX: usize = 6;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let new: Vec<&str> = delta
        .of(Kind::Source)
        .filter(|file| file.change == ChangeKind::Added && is_module(&file.path))
        .map(|file| file.path.as_str())
        .collect();
    if !new.is_empty() {
        let mut uses = Uses { cx, files: Files::of(cx.layout), known: BTreeMap::new() };
        for path in new {
            let siblings: Vec<&str> = cx
                .layout
                .own_files()
                .filter(|other| {
                    parent(other) == parent(path)
                        && ending(other) == ending(path)
                        && is_module(other)
                        && delta.file(other).is_none_or(|file| file.change != ChangeKind::Added)
                })
                .take(SIBLINGS_MAX)
                .collect();
            let is_custom =
                siblings.len() >= SIBLINGS_MIN && siblings.iter().all(|other| uses.any(other));
            if is_custom && !uses.any(path) {
                let message = format!("no code of the product uses `{path}`");
                found.add(RULE.of(path, message));
            }
        }
    }
    shell_functions(cx, delta, found);
}

/// Whether a file is one that others have to import to make it do something.
fn is_module(path: &str) -> bool {
    let name = file_name(path);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    // A module of Python is for whoever installs the package.
    let is_known = matches!(ending, "js" | "ts" | "tsx" | "jsx" | "mjs" | "mts" | "cjs" | "cts");
    let by_hand = [
        "bin",
        "scripts",
        "script",
        "tools",
        "examples",
        "example",
        "migrations",
        "pages",
        "routes",
    ];
    is_known
        && kind(path) == Kind::Source
        && !stem.contains('.')
        && !ENTRANCES.contains(&stem)
        && !parent(path).split('/').any(|dir| by_hand.contains(&dir))
        && !parent(path).is_empty()
}

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Which files of the product use which.
struct Uses<'a> {
    cx: &'a Cx<'a>,
    files: Files,
    /// What each file imports, once it was asked for.
    known: BTreeMap<String, Vec<String>>,
}

impl Uses<'_> {
    /// Whether a file of the product imports the one at `path`, or a manifest names it.
    fn any(&mut self, path: &str) -> bool {
        let name = file_name(path);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let layout = self.cx.layout;
        let others: Vec<&str> = layout
            .own_files()
            .filter(|other| *other != path)
            .filter(|other| match kind(other) {
                Kind::Source => Language::of(other).is_some(),
                Kind::Manifest => true,
                _ => false,
            })
            .take(FILES_MAX)
            .collect();
        others.into_iter().any(|other| {
            let Some(text) = self.cx.read(other).filter(|text| text.contains(stem)) else {
                return false;
            };
            if kind(other) == Kind::Manifest {
                return true;
            }
            let files = &self.files;
            let meant = self.known.entry(other.to_owned()).or_insert_with(|| {
                let Some(source) = Source::parse(other, &text) else { return Vec::new() };
                let imports = source.imports().iter();
                imports.flat_map(|import| files.meant(source.language(), other, import)).collect()
            });
            // What is loaded by a name that is put together can not be followed.
            let is_dynamic = text.contains("import_module(") || text.contains("import(`");
            is_dynamic || meant.iter().any(|known| known == path)
        })
    }
}

/// Shell functions that come into a file whose others are all called from elsewhere.
fn shell_functions(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let mut texts: Option<Vec<(String, String)>> = None;
    each_code(cx, delta, found, &mut |code, found| {
        if code.after.language() != Language::Shell || code.before().is_none() {
            return;
        }
        let texts = texts.get_or_insert_with(|| {
            let shell = cx.layout.own_files().filter(|path| {
                let is_script = path.ends_with("sh") || !file_name(path).contains('.');
                is_script && !matches!(kind(path), Kind::Test | Kind::Fixture | Kind::Docs)
            });
            let read =
                shell.take(FILES_MAX).filter_map(|path| Some((path.to_owned(), cx.read(path)?)));
            read.collect()
        });
        let is_called = |name: &str| {
            texts.iter().any(|(_, text)| {
                text.match_indices(name).any(|(at, _)| {
                    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                    let (before, after) = (&text[..at], &text[at + name.len()..]);
                    let is_word = !before.ends_with(is_part) && !after.starts_with(is_part);
                    let is_declared = after.trim_start_matches(' ').starts_with("()")
                        || before.ends_with("function ");
                    let is_told = before.rsplit('\n').next().is_some_and(|line| line.contains('#'));
                    is_word && !is_declared && !is_told
                })
            })
        };
        let is_new = |function: &&crate::syntax::Function| code.file.is_added(function.lines.0);
        let (new, old): (Vec<_>, Vec<_>) = code.after.functions().iter().partition(is_new);
        let is_custom = old.len() >= SIBLINGS_MIN
            && old.iter().take(SIBLINGS_MAX).all(|old| is_called(&old.name));
        for function in new.iter().filter(|function| is_custom && !is_called(&function.name)) {
            let message = format!("no code of the product calls `{}`", function.name);
            found.add(RULE.at(&code.file.path, function.lines.0, message));
        }
    });
}
