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

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(err) => {
            // Help and version go to standard output with 0, mistakes to standard error with 2.
            let _ = err.print();
            return ExitCode::from(u8::try_from(err.exit_code()).unwrap_or(2));
        }
    };
    let json = cli.global.json;
    match commands::run(cli) {
        Ok(status) => ExitCode::from(status),
        Err(err) => {
            err.print(json);
            ExitCode::from(err.exit_code())
        }
    }
}
