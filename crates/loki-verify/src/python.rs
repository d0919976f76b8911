//! The Python that a project is run with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::copy::PYTHON_ENVIRONMENTS;
use crate::gates::Cx;
use crate::layout::join;
use crate::shims;

/// What helps when there is no interpreter.
pub(crate) const NO_PYTHON_FIX: &str = "install Python 3";

/// The interpreter of the project in `dir`: that of its virtual environment, or of the one at the
/// root, else `python3`.
///
/// Only an environment that was linked from the user's checkout counts. One that the tree holds
/// itself could be anything.
pub(crate) fn interpreter(cx: &Cx<'_>, dir: &str) -> OsString {
    let dirs = [dir, ""];
    let places = dirs.iter().flat_map(|dir| PYTHON_ENVIRONMENTS.iter().map(|env| join(dir, env)));
    for place in places {
        let environment = cx.copy.root().join(&place);
        let program = environment.join("bin/python");
        if environment.is_symlink() && !cx.layout.has(&place) && program.is_file() {
            return program.into();
        }
    }
    "python3".into()
}

/// The interpreter that the program `name` on `PATH` is run by, where that is a Python: one that was
/// installed by itself, or in an environment that is not the first on `PATH`.
pub(crate) fn interpreter_of(cx: &Cx<'_>, name: &str) -> Option<PathBuf> {
    /// Bytes of a program's first line that are looked at.
    const LINE_BYTES_MAX: u64 = 4096;
    let program = shims::find(name, cx.layout, cx.subject.scratch)?;
    let mut head = Vec::new();
    let file = std::fs::File::open(program).ok()?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, LINE_BYTES_MAX), &mut head).ok()?;
    named_first(&String::from_utf8_lossy(&head)).map(PathBuf::from).filter(|path| path.is_file())
}

/// The Python that the first line of a program names by its place.
fn named_first(head: &str) -> Option<&str> {
    let path = head.lines().next()?.strip_prefix("#!")?.trim();
    let name = Path::new(path).file_name()?.to_str()?;
    (path.starts_with('/') && name.starts_with("python")).then_some(path)
}

/// The `src` directory of a project that keeps its modules there; empty for any other.
///
/// Named before installed packages, so that a project that is installed in editable form from the
/// user's checkout is still judged by its copy. The working directory comes first by itself.
pub(crate) fn source_path(cx: &Cx<'_>, dir: &str) -> OsString {
    let source = join(dir, "src");
    if cx.layout.ending(&source, &[".py"]).next().is_some() {
        cx.copy.root().join(source).into_os_string()
    } else {
        OsString::new()
    }
}

/// Words of a command with that directory, if there is one.
pub(crate) fn with_source_path(
    cx: &Cx<'_>,
    dir: &str,
    words: impl Iterator<Item = OsString>,
) -> Vec<OsString> {
    let path = source_path(cx, dir);
    let mut set = OsString::from("PYTHONPATH=");
    set.push(&path);
    let env = [OsString::from("env"), set].into_iter().filter(|_| !path.is_empty());
    env.chain(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_names_its_python_in_its_first_line() {
        assert_eq!(
            named_first("#!/x/venv/bin/python3.12\nimport re\n"),
            Some("/x/venv/bin/python3.12")
        );
        assert_eq!(
            named_first("#! /x/My Programs/bin/python\n"),
            Some("/x/My Programs/bin/python")
        );
        for head in [
            "",
            "import re\n",
            "#!/usr/bin/env python3\n",
            "#!python\n",
            "#!/bin/sh\nexec' /x/python\n",
        ] {
            assert_eq!(named_first(head), None, "{head}");
        }
    }
}
