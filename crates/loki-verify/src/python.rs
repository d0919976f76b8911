//! The Python that a project is run with.

use crate::copy::PYTHON_ENVIRONMENTS;
use crate::gates::Cx;
use crate::layout::join;

/// What helps when there is no interpreter.
pub(crate) const NO_PYTHON_FIX: &str = "install Python 3";

/// The interpreter of the project in `dir`: that of its virtual environment, or of the one at the
/// root, else `python3`.
///
/// Only an environment that was linked from the user's checkout counts. One that the tree holds
/// itself could be anything.
pub(crate) fn interpreter(cx: &Cx<'_>, dir: &str) -> std::ffi::OsString {
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

/// The `src` directory of a project that keeps its modules there; empty for any other.
///
/// Named before installed packages, so that a project that is installed in editable form from the
/// user's checkout is still judged by its copy. The working directory comes first by itself.
pub(crate) fn source_path(cx: &Cx<'_>, dir: &str) -> std::ffi::OsString {
    let source = join(dir, "src");
    if cx.layout.ending(&source, &[".py"]).next().is_some() {
        cx.copy.root().join(source).into_os_string()
    } else {
        std::ffi::OsString::new()
    }
}
