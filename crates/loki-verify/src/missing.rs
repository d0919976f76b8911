//! What a command could not find on this machine, as shells and make say it.

use loki_model::Exit;

/// Exit codes of a shell that could not run a command.
pub(crate) const EXIT_NOT_EXECUTABLE: i32 = 126;
/// See [`EXIT_NOT_EXECUTABLE`].
pub(crate) const EXIT_NOT_FOUND: i32 = 127;

/// Whether a command failed since a program that it calls is not there. `make` exits with 2 then.
pub(crate) fn is_missing(exit: Exit, text: &str) -> bool {
    match exit {
        Exit::Exited { code: EXIT_NOT_EXECUTABLE | EXIT_NOT_FOUND } => true,
        Exit::Exited { code: 2 } => text.lines().any(|line| {
            line.contains("*** [") && (line.ends_with("Error 127") || line.ends_with("Error 126"))
        }),
        _ => false,
    }
}

/// The program that was not found, where the output of a command that [`is_missing`] names it:
/// `sh: 1: bun: not found`, `bash: line 1: bun: command not found`, `zsh: command not found: bun`,
/// `make: bun: No such file or directory`, `env: 'bun': No such file or directory`.
pub(crate) fn missing_program(text: &str) -> Option<&str> {
    const ENDS: &[&str] = &[
        ": command not found",
        ": not found",
        ": No such file or directory",
        ": Permission denied",
    ];
    let named = text.lines().rev().map(str::trim).find_map(|line| {
        line.rsplit_once("command not found: ").map(|(_, name)| name).or_else(|| {
            let said = ENDS.iter().find_map(|end| line.strip_suffix(end))?;
            said.rsplit_once(": ").map(|(_, name)| name)
        })
    })?;
    let name = named.trim_matches(['\'', '"', '`', '‘', '’']);
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_that_is_missing_is_read_from_what_shells_say() {
        for said in [
            "sh: 1: bun: not found",
            "npm error\nbash: line 1: bun: command not found",
            "zsh: command not found: bun",
            "make: bun: No such file or directory\nmake: *** [Makefile:2: all] Error 127",
            "env: ‘bun’: No such file or directory",
        ] {
            assert_eq!(missing_program(said), Some("bun"), "{said}");
        }
        assert_eq!(missing_program("boom"), None);
        assert_eq!(missing_program("error: module: it was not found"), None);
    }

    #[test]
    fn a_shell_and_make_tell_that_a_program_is_missing() {
        let exited = |code| Exit::Exited { code };
        assert!(is_missing(exited(127), ""));
        assert!(is_missing(exited(2), "make: *** [Makefile:2: all] Error 127"));
        assert!(!is_missing(exited(2), "make: *** [Makefile:2: all] Error 1"));
        assert!(!is_missing(exited(1), "sh: bun: not found"));
    }
}
