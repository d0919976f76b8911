//! Which spec is meant when none is named.

use loki_model::Spec;

use super::{folder, read_path, read_text};
use crate::commands::consent::{agreed, chosen};
use crate::context::Context;
use crate::error::CommandError;

/// Names of specs, in the order in which they are offered; documented at `loki start --help`.
const NAMES: [&str; 7] =
    ["prd.md", "PRD.md", "spec.json", "spec.yaml", "spec.yml", "SPEC.md", "spec.md"];

/// Where they are looked for.
const PLACES: [&str; 2] = ["", "docs/"];

/// Directories that tools for specs write.
const FOLDERS: [&str; 3] = ["openspec", ".kiro/specs", "_bmad-output"];

/// What an agent is asked for when there is code and no spec, and somebody agrees to it.
const FROM_CODE: &str = "\
Write PRD.md: what this code base does today, for whom, and what must not change. Number the \
requirements, give each acceptance criteria that a test could check, and name the file that each one \
comes from. Change no other file.";

/// The one spec that is here; of several the one that is chosen. Never guesses.
pub(super) fn default_spec(cx: &Context) -> Result<Spec, CommandError> {
    let found = found(cx);
    let path = match found.as_slice() {
        [] => return without_spec(cx),
        [only] => only,
        several => match chosen("Which spec?", several, cx) {
            Some(index) => &several[index],
            None => {
                let why = format!("there are several specs here: {}", several.join(", "));
                return Err(CommandError::user(why).hint(format!(
                    "loki start {}    (or several, to build all of them)",
                    several[0]
                )));
            }
        },
    };
    if cx.directory.join(path).is_dir() {
        folder::read(path.as_ref(), None, cx)
    } else {
        read_path(path.as_ref(), cx)
    }
}

/// By the names that files really have: some file systems do not tell `prd.md` from `PRD.md`.
fn found(cx: &Context) -> Vec<String> {
    let mut found = Vec::new();
    for place in PLACES {
        let entries = std::fs::read_dir(cx.directory.join(place)).into_iter().flatten().flatten();
        let here: Vec<String> = entries
            .filter(|entry| entry.path().is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let named = NAMES.iter().filter(|name| here.iter().any(|it| it == *name));
        found.extend(named.map(|name| format!("{place}{name}")));
    }
    if found.is_empty() {
        let folders = FOLDERS.iter().filter(|folder| folder::is_spec(folder, cx));
        found.extend(folders.map(|folder| (*folder).to_owned()));
    }
    found
}

fn without_spec(cx: &Context) -> Result<Spec, CommandError> {
    let why = "no spec was given, and there is none here (prd.md, spec.json, spec.yaml, SPEC.md, docs/prd.md)";
    let refused = CommandError::user(why);
    if !has_code(cx) {
        return Err(
            refused.hint("loki start path/to/spec.md    or    loki start \"what to build\"")
        );
    }
    let question = "There is code here and no spec. Let an agent write PRD.md from it?";
    if agreed(question, cx) {
        return read_text("brief", FROM_CODE, cx);
    }
    Err(refused.hint(
        "loki start path/to/spec.md    or    loki start \"write PRD.md: what this code base does\"",
    ))
}

/// Whether anything is here that could be described.
fn has_code(cx: &Context) -> bool {
    let is_shown = |name: &std::ffi::OsStr| !name.to_string_lossy().starts_with('.');
    std::fs::read_dir(&cx.directory)
        .is_ok_and(|entries| entries.flatten().any(|entry| is_shown(&entry.file_name())))
}
