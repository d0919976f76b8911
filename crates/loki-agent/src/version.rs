//! What a program calls its own version.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, run};

use crate::shown::shown_on_one_line;

/// How long `--version` may take; some agents are slow to start.
const VERSION_MAX: Duration = Duration::from_secs(15);

/// The first line that `program --version` prints, when it ends well.
pub(crate) fn version_of(program: &Path, env: &[(OsString, OsString)]) -> Option<String> {
    let cancel = Cancel::new().ok()?;
    let mut command = CommandSpec::new(program, std::env::temp_dir()).args(["--version"]);
    command.env_set = env.to_vec();
    command.limits = Limits { total: VERSION_MAX, output_bytes_max: 1024, ..Limits::default() };
    let ran = run(&command, &cancel, &mut |_, _| {}).ok()?;
    let text = shown_on_one_line(&ran.stdout.text());
    (ran.ended == Ended::Exited(0) && !text.is_empty()).then_some(text)
}
