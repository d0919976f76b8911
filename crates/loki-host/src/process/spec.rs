//! What to run, and within which limits.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::sandbox::Sandbox;

/// What to run and within which limits.
#[derive(Clone, Debug)]
pub struct CommandSpec {
    /// A name looked up in `PATH`, or a path.
    pub program: OsString,
    /// One argument each; no shell in between.
    pub args: Vec<OsString>,
    /// Must exist.
    pub cwd: PathBuf,
    /// Set on top of the inherited environment.
    pub env_set: Vec<(OsString, OsString)>,
    /// Removed from the inherited environment.
    pub env_remove: Vec<OsString>,
    /// What the process reads.
    pub stdin: Stdin,
    /// When it is ended, and how much it may say.
    pub limits: Limits,
    /// What it is held to; nothing for the rights that loki has.
    pub sandbox: Option<Sandbox>,
}

impl CommandSpec {
    /// `program` in `cwd` with nothing on its standard input and [`Limits::default`].
    pub fn new(program: impl Into<OsString>, cwd: impl Into<PathBuf>) -> CommandSpec {
        CommandSpec {
            program: program.into(),
            args: Vec::new(),
            cwd: cwd.into(),
            env_set: Vec::new(),
            env_remove: Vec::new(),
            stdin: Stdin::Null,
            limits: Limits::default(),
            sandbox: None,
        }
    }

    /// The same in a sandbox.
    #[must_use]
    pub fn within(mut self, sandbox: Sandbox) -> CommandSpec {
        self.sandbox = Some(sandbox);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> CommandSpec {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets one environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> CommandSpec {
        self.env_set.push((name.into(), value.into()));
        self
    }
}

/// What a process reads from its standard input. For agents never a pipe, except for
/// [`converse`](super::converse): some wait on one for ever.
#[derive(Clone, Debug)]
pub enum Stdin {
    /// Nothing.
    Null,
    /// These bytes, through an unnamed file, so that any size works without a writer.
    Bytes(Vec<u8>),
    /// What comes out of this end of a pipe, until whoever has the other end closes it. For programs
    /// that are known to answer line by line.
    Pipe(Arc<OwnedFd>),
}

/// Limits of one process and all it starts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall time in all.
    pub total: Duration,
    /// Longest silence on both outputs; nothing for no such limit.
    pub idle: Option<Duration>,
    /// Bytes kept of each output: half from its head, half from its tail.
    pub output_bytes_max: usize,
    /// Between asking the tree to end (SIGTERM) and killing it.
    pub grace: Duration,
}

impl Default for Limits {
    /// Ten minutes, no idle limit, 1 MiB of each output, one second of grace.
    fn default() -> Limits {
        Limits {
            total: Duration::from_secs(600),
            idle: None,
            output_bytes_max: 1 << 20,
            grace: Duration::from_secs(1),
        }
    }
}
