//! The crate against the real system: processes, signals, git.
#![expect(clippy::disallowed_types, reason = "a test drives real programs")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests; clippy.toml allows it in test functions, not in their helpers"
)]

mod fixture;
mod git;
mod git_cancel;
mod git_compose;
mod git_diff;
mod git_export;
mod git_fetch;
mod git_history;
mod git_nested;
mod git_push;
mod git_reader;
mod git_restore;
mod git_reuse;
mod git_snapshot;
mod git_trust;
mod git_worktree;
mod process;
#[cfg(target_os = "linux")]
mod process_tree;
#[cfg(target_os = "linux")]
mod sandbox;
mod talk;
