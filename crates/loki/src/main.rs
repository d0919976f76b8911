//! The command line, and the only place where everything is wired together. Holds no rules.

mod cli;
mod commands;
mod context;
mod error;
mod output;
mod signals;
mod time;
mod view;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(err) => return misspelt(&err),
    };
    let json = cli.global.json;
    let status = match commands::run(cli) {
        Ok(status) => status,
        Err(err) => {
            err.print(json);
            err.exit_code()
        }
    };
    if output::was_lost() {
        output::talk("error: standard output could not be written");
        return ExitCode::FAILURE;
    }
    ExitCode::from(status)
}

/// Help and version go to standard output with 0, mistakes to standard error with 2, or to standard
/// output as JSON when that was asked for.
fn misspelt(err: &clap::Error) -> ExitCode {
    let mut code = u8::try_from(err.exit_code()).unwrap_or(2);
    if code != 0 && std::env::args_os().any(|arg| arg == "verify") {
        // 2 would read as BLOCKED.
        code = commands::EXIT_NOT_JUDGED;
    }
    if code != 0 && std::env::args_os().any(|arg| arg == "--json") {
        let text = err.render().to_string();
        error::CommandError::user(text.trim().trim_start_matches("error: ")).print(true);
    } else {
        let _ = err.print();
    }
    ExitCode::from(code)
}
