//! What a project can be asked to run by name: scripts, targets, recipes, programs.
//!
//! Everything that can not be listed for certain is `None`, and then nothing is missing.

use std::collections::BTreeSet;

use crate::gates::Cx;
use crate::layout::{file_name, join, parent};

/// Files of one kind that are read.
const FILES_MAX: usize = 100;

/// Names of a Makefile.
const MAKEFILES: &[&str] = &["Makefile", "makefile", "GNUmakefile"];

/// Names of a justfile.
const JUSTFILES: &[&str] = &["justfile", "Justfile", ".justfile"];

type Names = Option<BTreeSet<String>>;

/// Files of the project itself with one of `names`; nothing where there is none, or too many.
fn files<'a>(cx: &'a Cx<'_>, names: &[&str]) -> Option<Vec<&'a str>> {
    let found = cx.layout.own_files().filter(|path| names.contains(&file_name(path)));
    let found: Vec<&str> = found.take(FILES_MAX + 1).collect();
    (1..=FILES_MAX).contains(&found.len()).then_some(found)
}

fn texts(cx: &Cx<'_>, names: &[&str]) -> Option<Vec<String>> {
    files(cx, names)?.into_iter().map(|path| cx.read(path)).collect()
}

/// Names of the scripts of every `package.json`.
pub(super) fn scripts(cx: &Cx<'_>) -> Names {
    let mut names = BTreeSet::new();
    for text in texts(cx, &["package.json"])? {
        let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
        let scripts = manifest.get("scripts").and_then(serde_json::Value::as_object);
        names.extend(scripts.into_iter().flatten().map(|(name, _)| name.clone()));
    }
    Some(names)
}

/// Targets of every Makefile; nothing where one includes others or computes its targets.
pub(super) fn targets(cx: &Cx<'_>) -> Names {
    let mut names = BTreeSet::new();
    for text in texts(cx, MAKEFILES)? {
        names.extend(makefile(&text)?);
    }
    Some(names)
}

fn makefile(text: &str) -> Names {
    let mut names = BTreeSet::new();
    // A line that goes on in the next is one.
    for line in text.replace("\\\n", " ").lines() {
        if line.starts_with(['\t', ' ', '#']) {
            continue;
        }
        let includes = ["include ", "-include ", "sinclude ", "$(eval", "$(call", "define "];
        if includes.iter().any(|word| line.starts_with(word)) {
            return None;
        }
        let Some((heads, rest)) = line.split_once(':') else { continue };
        if rest.starts_with('=') || rest.starts_with(":=") || heads.contains('=') {
            continue;
        }
        if heads.contains(['$', '%']) {
            return None;
        }
        names.extend(heads.split_whitespace().map(str::to_owned));
    }
    Some(names)
}

/// Recipes of every justfile; nothing where one imports others.
pub(super) fn recipes(cx: &Cx<'_>) -> Names {
    let mut names = BTreeSet::new();
    for text in texts(cx, JUSTFILES)? {
        names.extend(justfile(&text)?);
    }
    Some(names)
}

fn justfile(text: &str) -> Names {
    let mut names = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t', '#', '[']) {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["import" | "import?" | "mod" | "mod?", ..] => return None,
            ["alias", name, ..] => _ = names.insert((*name).to_owned()),
            ["set" | "export", ..] => {}
            [first, ..] if line.contains(':') => {
                let name = first.trim_start_matches('@').trim_end_matches(':');
                names.insert(name.split(':').next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
    Some(names)
}

/// Names of the programs of every crate; nothing where a manifest does not read.
pub(super) fn programs(cx: &Cx<'_>) -> Names {
    let mut names = BTreeSet::new();
    for path in files(cx, &["Cargo.toml"])? {
        let manifest: toml::Table = cx.read(path)?.parse().ok()?;
        let dir = parent(path);
        let package = manifest.get("package").and_then(|package| package.get("name"));
        names.extend(package.and_then(toml::Value::as_str).map(str::to_owned));
        let bins = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
        names.extend(bins.filter_map(|bin| Some(bin.get("name")?.as_str()?.to_owned())));
        let own = join(dir, "src/bin/");
        for file in cx.layout.own_files().filter_map(|file| file.strip_prefix(&own)) {
            let first = file.split('/').next().unwrap_or_default();
            names.insert(first.trim_end_matches(".rs").to_owned());
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(found: Names) -> Vec<String> {
        found.unwrap().into_iter().collect()
    }

    #[test]
    fn targets_are_listed_unless_some_are_computed() {
        let text = "CC := gcc\nX=a:b\n.PHONY: all test\nall: build\n\tmake y\nbuild lint::\n\n# no: thing\n";
        assert_eq!(names(makefile(text)), [".PHONY", "all", "build", "lint"]);
        for computed in ["include x.mk\n", "%.o: %.c\n", "$(BINS): x\n"] {
            assert_eq!(makefile(computed), None, "{computed}");
        }
    }

    #[test]
    fn recipes_are_listed_unless_others_are_imported() {
        let text = "set shell := ['sh']\nx := 'a'\ndefault: test\n@test *args:\n    cargo test\nalias t := test\n";
        let found = names(justfile(text));
        assert!(["default", "test", "t"].iter().all(|name| found.contains(&(*name).to_owned())));
        assert_eq!(justfile("import 'x.just'\n"), None);
    }

    proptest! {
        #[test]
        fn any_file_is_read_without_panic(text in "(\\PC|\n|\t|:|\\$){0,120}") {
            let _ = (makefile(&text), justfile(&text));
        }
    }
}
