//! Pages that are written from the code: what gates, and the rules of `loki grill`, say of themselves.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, bail};

use crate::root;

/// Writes `docs/gates` and `docs/grill.md`, or with `check` only compares. Pages of gates that there are
/// no more are removed.
pub(crate) fn codegen(check: bool) -> anyhow::Result<()> {
    let directory = root().join("docs/gates");
    let pages: BTreeMap<String, String> = loki_verify::gate_pages().into_iter().collect();
    let mut wrong = Vec::new();
    let (grill, page) = (root().join("docs/grill.md"), loki_spec::grill_page());
    if fs::read_to_string(&grill).ok().as_ref() != Some(&page) {
        wrong.push("grill.md".to_owned());
        if !check {
            fs::write(&grill, page).with_context(|| grill.display().to_string())?;
        }
    }
    for (name, text) in &pages {
        let path = directory.join(name);
        if fs::read_to_string(&path).ok().as_ref() == Some(text) {
            continue;
        }
        wrong.push(name.clone());
        if !check {
            fs::create_dir_all(&directory)?;
            fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
    }
    for entry in fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !pages.contains_key(&name) {
            wrong.push(name);
            if !check {
                fs::remove_file(entry.path())?;
            }
        }
    }
    if check && !wrong.is_empty() {
        bail!("docs is not up to date ({}): cargo xtask codegen", wrong.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pages_say_what_the_gates_say() {
        super::codegen(true).unwrap();
    }
}
