//! `run`: a command, in a sandbox, for a while.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use loki_host::git::Repo;
use loki_host::process::{Captured, CommandSpec, Ended, Limits, ProcessReport, run};
use loki_host::sandbox::secrets::is_secret_variable;
use loki_host::sandbox::{Means, Overlay, Sandbox, user};
use loki_model::SandboxLevel;
use serde::Deserialize;
use serde_json::json;

use super::super::model::{ToolOffer, Watch};
use super::{Confined, Outcome};
use crate::environment::kept_from_agents;

const SECONDS_DEFAULT: u64 = 120;
const SECONDS_MAX: u64 = 1800;
/// Of each output: half from its beginning, half from its end.
const OUTPUT_BYTES_MAX: usize = 16 << 10;
/// Pagers and questions would wait for somebody who is not there.
const CALM: [(&str, &str); 5] = [
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("NO_COLOR", "1"),
    ("TERM", "dumb"),
];

/// What is asked for.
#[derive(Deserialize)]
pub(super) struct Wish {
    command: String,
    seconds: Option<u64>,
}

/// Where commands of one call run.
pub(super) struct Room {
    directory: PathBuf,
    /// Gone with the call.
    scratch: tempfile::TempDir,
    hidden: Option<PathBuf>,
    readable: Vec<PathBuf>,
    confined: Confined,
}

pub(super) fn offer() -> ToolOffer {
    ToolOffer {
        name: "run",
        description: "Runs a command with sh in the working directory and gives its exit code and \
                      output. It can write only there, and what it leaves running is ended. \
                      Nothing can be typed into it.",
        schema: json!({
            "type": "object",
            "properties": {
                "command": {"type": "string", "description": "for sh -c"},
                "seconds": {"type": "integer", "description": "ended after so many, 120 if not given, 1800 at most"},
            },
            "required": ["command"],
        }),
    }
}

impl Room {
    pub(super) fn new(
        directory: &Path,
        state: Option<&Path>,
        confined: Confined,
    ) -> io::Result<Room> {
        let scratch = tempfile::tempdir()?;
        // A worktree's objects are elsewhere.
        let repo = Repo::discover(directory).ok();
        let mut readable: Vec<PathBuf> =
            repo.iter().map(|repo| repo.common_dir().to_owned()).collect();
        readable.extend(user::passing_tools());
        let directory = directory.to_owned();
        let hidden = state.map(Path::to_owned);
        Ok(Room { directory, scratch, hidden, readable, confined })
    }

    pub(super) fn run(&self, wish: &Wish, watch: &Watch<'_>) -> Outcome {
        let mut command =
            CommandSpec::new("sh", &self.directory).args(["-c", wish.command.as_str()]);
        command.env_remove = kept_from_agents();
        command.env_remove.extend(secret_variables());
        command.env_set = CALM.map(|(name, value)| (name.into(), value.into())).to_vec();
        let seconds = wish.seconds.unwrap_or(SECONDS_DEFAULT).clamp(1, SECONDS_MAX);
        let total = Duration::from_secs(seconds);
        command.limits = Limits {
            total: watch.left().map_or(total, |left| left.min(total)),
            output_bytes_max: OUTPUT_BYTES_MAX,
            grace: Duration::from_millis(500),
            ..Limits::default()
        };
        if self.confined.level != SandboxLevel::Off {
            command.sandbox = Some(self.sandbox()?);
        }
        let ran = run(&command, watch.cancel, &mut |_, _| {});
        told(&ran.map_err(|err| format!("it could not be started: {err}"))?)
    }

    fn sandbox(&self) -> Result<Sandbox, String> {
        let Confined { level, network } = self.confined;
        let held = Means::here().confinement(level, network);
        if level == SandboxLevel::Strict && !held.missing.is_empty() {
            return Err(
                "no command may run here: LOKI_SANDBOX is strict, and this system has not \
                        all that it needs"
                    .to_owned(),
            );
        }
        let scratch = self.scratch.path();
        let mut sandbox = Sandbox::new(scratch.join("room"), network);
        sandbox.writable.push(self.directory.clone());
        sandbox.readable.extend(self.readable.iter().cloned());
        sandbox.hidden.extend(self.hidden.iter().cloned());
        let caches = user::caches();
        if sandbox.means().mounts {
            let overlays = caches.into_iter().enumerate().map(|(number, (of, _))| Overlay {
                at: of.clone(),
                of,
                changes: scratch.join("changes").join(number.to_string()),
            });
            sandbox.overlays.extend(overlays);
        } else {
            let needed = caches.into_iter().filter(|(_, is_needed)| *is_needed);
            sandbox.writable.extend(needed.map(|(path, _)| path));
        }
        Ok(sandbox)
    }
}

/// Keys that pay for the model are none of a command's business.
fn secret_variables() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| is_secret_variable(name))
}

fn told(ran: &ProcessReport) -> Outcome {
    let seconds = ran.duration.as_secs_f64();
    let (is_good, end) = match ran.ended {
        Ended::Exited(code) => (code == 0, format!("exit code {code}")),
        Ended::Signalled(signal) => (false, format!("ended by signal {signal}")),
        Ended::TimedOut(_) => (false, "ended, it took too long".to_owned()),
        Ended::Cancelled => (false, "ended, the call is over".to_owned()),
    };
    let mut text = format!("[{end}, {seconds:.1} s]\n");
    for (name, output) in [("output", &ran.stdout), ("errors", &ran.stderr)] {
        if output.bytes_total > 0 {
            text.push_str(&section(name, output));
        }
    }
    if is_good { Ok(text) } else { Err(text) }
}

fn section(name: &str, output: &Captured) -> String {
    format!("[{name}]\n{}\n", output.text().trim_end())
}
