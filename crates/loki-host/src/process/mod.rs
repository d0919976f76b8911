//! Child processes that can not outlive their call.
//!
//! Owns starting programs, their limits, what is kept of their output, and ending them with
//! everything they started. Refuses to know what a program is for.

mod cancel;
mod capture;
mod clock;
#[cfg(target_os = "linux")]
mod reaper;
mod report;
mod spawn;
mod spec;
mod supervise;
mod talk;
mod tree;

pub use cancel::{Cancel, ROPES_MAX};
pub use capture::{Capture, Captured, Stream};
#[cfg(target_os = "linux")]
pub(crate) use reaper::decimal;
pub use report::{Ended, ProcessReport, SpawnError};
pub use spawn::{find_in, find_on_path};
pub use spec::{CommandSpec, Limits, Stdin};
pub(crate) use supervise::run_in_group;
pub use supervise::{converse, run};
pub use talk::{Happened, Reply, WAITING_BYTES_MAX};
