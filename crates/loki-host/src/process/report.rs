//! What came of a process.

use std::time::Duration;

use loki_model::Deadline;

use super::Captured;

/// A finished process.
#[derive(Clone, Debug)]
pub struct ProcessReport {
    /// How it ended.
    pub ended: Ended,
    /// Wall time.
    pub duration: Duration,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Exited(i32),
    /// By a signal that loki did not send.
    Signalled(i32),
    /// By loki, at a limit.
    TimedOut(Deadline),
    /// By loki, because its [`Cancel`](super::Cancel) was pulled.
    Cancelled,
}

/// Why a process could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// There is no such program on `PATH`.
    #[error("`{program}` was not found")]
    NotFound {
        /// As asked for.
        program: String,
    },
    /// The system refused.
    #[error("`{program}` could not be started")]
    Refused {
        /// As asked for.
        program: String,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
}
