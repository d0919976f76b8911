//! The crate against the real system: processes, signals, git.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests; clippy.toml allows it in test functions, not in their helpers"
)]

mod process;
mod process_tree;
