//! A coding agent that does what a script says. See `loki_testkit::agent_script`.
#![expect(clippy::disallowed_types, reason = "a test drives real programs")]

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use loki_testkit::agent_script::{IN_NEW_SESSION, play};

/// Sets itself apart from an exit code that a script asked for.
const EXIT_BROKEN_SCRIPT: u8 = 97;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let first = args.next();
    if first.as_deref().is_some_and(|arg| arg == IN_NEW_SESSION) {
        return run_in_new_session(args.next().unwrap_or_default());
    }
    let Some(path) = first.or_else(|| std::env::var_os("SCRIPTED_AGENT")) else {
        return broken("name a script as the first argument or in SCRIPTED_AGENT");
    };
    match play(&PathBuf::from(path)) {
        // Only the low byte reaches the parent, as with any program.
        Ok(code) => std::process::exit(code),
        Err(err) => broken(&err),
    }
}

fn run_in_new_session(command: std::ffi::OsString) -> ExitCode {
    if let Err(err) = rustix::process::setsid() {
        return broken(&err.to_string());
    }
    let err = Command::new("/bin/sh").arg("-c").arg(command).exec();
    broken(&err.to_string())
}

fn broken(why: &str) -> ExitCode {
    use std::io::Write as _;
    // Nothing is left to tell it to when standard error is gone.
    let _ = writeln!(std::io::stderr(), "scripted-agent: {why}");
    ExitCode::from(EXIT_BROKEN_SCRIPT)
}
