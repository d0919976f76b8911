//! The machine loki stands on.
//!
//! Owns the only door to other people's programs: child processes with deadlines, whole-tree kill
//! and a sandbox, git, and notices of changed files. Refuses any rule of the domain.
#![expect(clippy::disallowed_types, reason = "this is the one door")]

pub mod git;
pub mod local;
pub mod machine;
pub mod process;
pub mod sandbox;
pub mod watch;
