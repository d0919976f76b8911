//! Commands that end badly since the sandbox does not let them write where they want to.

use std::sync::LazyLock;

use loki_model::SandboxLevel;
use regex::Regex;

use crate::bench::Ran;

/// Lines at the end of an output in which the reason is looked for.
const LINES_MAX: usize = 40;

/// Why a command that counted no test may have ended badly only here: it says that it can not write to a
/// place outside of the copy, which the sandbox keeps from it.
///
/// Whatever a change has its commands say, what they did is not known to hold then.
pub(super) fn sealed(ran: &Ran) -> Option<String> {
    let is_held = ran.run.sandbox.as_ref().is_some_and(|held| held.level != SandboxLevel::Off);
    let place = is_held.then(|| place(&ran.text()).map(str::to_owned)).flatten()?;
    Some(format!(
        "it wants to write to `{}`, outside of the copy, and the sandbox does not let it",
        crate::text::one_line(&place, 120)
    ))
}

/// The absolute path that a file system without writing is told of last; the copy is not told by its path.
fn place(text: &str) -> Option<&str> {
    let found = READ_ONLY.as_ref()?;
    let lines = crate::text::last_lines(text, LINES_MAX).lines().rev();
    lines.filter(|line| found.is_match(line)).find_map(|line| {
        let words = line.split([' ', '\t', '\'', '"', '`', '=', ',']);
        words
            .map(|word| word.trim_end_matches(':'))
            .find(|word| word.len() > 1 && word.starts_with('/') && !word.starts_with("//"))
    })
}

/// How the system says so, in the words of C's library, Go, Python and node.
static READ_ONLY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bEROFS\b|read-only file ?system").ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_outside_of_the_copy_is_found_however_it_is_told() {
        for (text, wanted) in [
            ("EROFS: read-only file system, mkdir '/root/.node-1'", Some("/root/.node-1")),
            ("mkdir: cannot create directory '/opt/x': Read-only file system", Some("/opt/x")),
            ("OSError: [Errno 30] Read-only file system: '/root/.x'\n1 more", Some("/root/.x")),
            ("open /etc/x: read-only file system", Some("/etc/x")),
            ("EROFS: read-only file system, mkdir '$COPY/x'", None),
            ("mkdir: cannot create directory 'x': Read-only file system", None),
            ("Error: ENOENT: no such file, open '/root/x'", None),
        ] {
            assert_eq!(place(text), wanted, "{text}");
        }
        let late = "EROFS: read-only file system, mkdir '/x'\n".to_owned() + &"more\n".repeat(50);
        assert_eq!(place(&late), None, "it went on for long");
    }
}
