//! Commands that the settings declare: where their program is, and room for what they write.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use crate::gates::Cx;
use crate::installed::own_program;
use crate::layout::join;

/// The program of a declared command that runs in `dir`: one of the repository by its place in the
/// copy, else one that the project installed, else whatever the system finds.
pub(crate) fn program_of(cx: &Cx<'_>, dir: &str, program: &str) -> OsString {
    if program.starts_with('/') {
        return program.into();
    }
    if program.contains('/') {
        return cx.copy.root().join(join(dir, program)).into_os_string();
    }
    own_program(cx, dir, program).map_or_else(|| program.into(), Into::into)
}

/// Removes what the tree holds where the report will be: this run did not write it.
///
/// A directory on the way may be a link that the change brings. What is outside of the copy stays.
pub(crate) fn clear(cx: &Cx<'_>, report: &Path) -> io::Result<()> {
    let Some(dir) = report.parent().and_then(|dir| fs::canonicalize(dir).ok()) else {
        return Ok(());
    };
    if !dir.starts_with(cx.copy.root()) {
        return Err(io::Error::other("it leads out of the repository"));
    }
    match fs::remove_file(report) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
