//! Programs that a project installed for itself, as far as they come from the user's checkout.

use std::path::PathBuf;

use crate::copy::PYTHON_ENVIRONMENTS;
use crate::gates::Cx;
use crate::layout::{is_under, join, parent};
use crate::shims;

/// Where the program `name` is that the project in `dir` installed: in the virtual environment or
/// `node_modules` of the project or of one around it.
///
/// Only folders that were linked from the user's checkout count. What the tree holds itself could be
/// anything.
pub(crate) fn own_program(cx: &Cx<'_>, dir: &str, name: &str) -> Option<PathBuf> {
    let mut around = dir;
    loop {
        let environments = PYTHON_ENVIRONMENTS.iter().map(|name| (*name, "bin"));
        for (folder, programs) in environments.chain([("node_modules", ".bin")]) {
            let place = join(around, folder);
            let program = cx.copy.root().join(&place).join(programs).join(name);
            if program.is_file() && !is_of_tree(cx, &place) {
                return Some(program);
            }
        }
        if around.is_empty() {
            return None;
        }
        around = parent(around);
    }
}

/// As [`own_program`], or else where `PATH` has it.
pub(crate) fn installed(cx: &Cx<'_>, dir: &str, name: &str) -> Option<PathBuf> {
    own_program(cx, dir, name).or_else(|| shims::find(name, cx.layout, cx.subject.scratch))
}

/// Whether the tree holds anything at `place`, or `place` is reached through something that it holds.
fn is_of_tree(cx: &Cx<'_>, place: &str) -> bool {
    let is_link = |dir: &str| cx.layout.has(dir);
    std::iter::successors(Some(place), |dir| (!dir.is_empty()).then(|| parent(dir))).any(is_link)
        || cx.layout.all_files().any(|path| is_under(path, place))
}
