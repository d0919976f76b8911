//! What a reader relies on: the map is true, and no file is too large to hold in one's head.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::root;

/// Lines of a source file, its tests included.
const SOURCE_LINES_MAX: usize = 700;
/// Lines of the map.
const ARCHITECTURE_LINES_MAX: usize = 400;

pub(crate) fn check() -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).context("ARCHITECTURE.md")?;
    if map.lines().count() > ARCHITECTURE_LINES_MAX {
        wrong.push(format!("ARCHITECTURE.md has more than {ARCHITECTURE_LINES_MAX} lines"));
    }
    for entry in fs::read_dir(root().join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !map.contains(&format!("`{name}`")) {
            wrong.push(format!("ARCHITECTURE.md does not name crate `{name}`"));
        }
    }
    wrong.extend(
        paths_named(&map)
            .into_iter()
            .filter(|path| !root().join(path).exists())
            .map(|path| format!("ARCHITECTURE.md names `{path}`, which does not exist")),
    );
    for folder in ["crates", "xtask"] {
        for file in sources(&root().join(folder))? {
            let lines = fs::read_to_string(&file)?.lines().count();
            if lines > SOURCE_LINES_MAX {
                wrong.push(format!("{} has {lines} lines", file.display()));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { bail!("tidy:\n  {}", wrong.join("\n  ")) }
}

/// What stands between backticks and looks like a path of ours.
fn paths_named(text: &str) -> Vec<&str> {
    let ours = |word: &&str| {
        ["crates/", "docs/", "xtask/"].iter().any(|start| word.starts_with(start))
            && !word.contains([' ', '*', '<'])
    };
    text.split('`').skip(1).step_by(2).filter(ours).collect()
}

fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_true_and_files_are_small() {
        check().unwrap();
    }

    #[test]
    fn only_paths_of_ours_are_checked() {
        let text = "see `crates/loki/src/main.rs`, `docs/<name>.md` and `target/x`";
        assert_eq!(paths_named(text), ["crates/loki/src/main.rs"]);
    }
}
