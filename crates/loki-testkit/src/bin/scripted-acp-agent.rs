//! An agent that speaks the Agent Client Protocol and does what a script says. See
//! `loki_testkit::acp_agent`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        return ExitCode::from(97);
    };
    loki_testkit::acp_agent::play(&PathBuf::from(path))
}
