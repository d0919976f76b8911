//! Runs the machine: record, then do.
//!
//! Owns the loop that turns inputs into durable events and effects, the executor of those effects
//! on the real machine, and the prompts. Refuses terminals, HTTP and wire formats.

pub mod asking;
pub mod bring;
pub mod chaos;
pub mod checkpoint;
pub mod control;
pub mod crew;
pub mod drive;
pub mod explain;
mod handoff;
pub mod journal;
pub mod outbox;
pub mod plan;
pub mod prompt;
pub mod quiet;
pub mod record;
pub mod roles;
pub mod world;

pub use drive::{DriveError, Mailbox, Observer, OnProgress, Slot, World, drive};
pub use explain::{Advice, explain};
pub use journal::{Journal, JournalError, Ledger, Recorded, read_run};
pub use world::{CheckoutLock, RealWorld, Stop};
