//! Snapshots of advisories about packages: what is known of their vulnerabilities, on this machine.
//!
//! Owns where a snapshot is and how it is read. Refuses to fetch one: whoever judges asks nobody
//! (`docs/decisions/0038-advisories-are-brought.md`). Start at [`snapshot::Snapshot::read`].
//!
//! Source: Open Source Vulnerability format 1.7.

use std::path::PathBuf;

pub(crate) mod plain;
pub(crate) mod snapshot;

/// Where the snapshot is, when it is not in loki's own directory.
const DIRECTORY: &str = "LOKI_ADVISORIES";

/// Where the snapshot is or would be: `$LOKI_ADVISORIES`, else `advisories` in loki's own directory;
/// nothing where the environment names no such place.
pub fn directory() -> Option<PathBuf> {
    let named = |name: &str, below: &[&str]| {
        let mut path = PathBuf::from(std::env::var_os(name).filter(|value| !value.is_empty())?);
        path.extend(below);
        Some(path)
    };
    named(DIRECTORY, &[])
        .or_else(|| named("LOKI_HOME", &["advisories"]))
        .or_else(|| named("XDG_STATE_HOME", &["loki", "advisories"]).filter(|p| p.is_absolute()))
        .or_else(|| named("HOME", &[".local", "state", "loki", "advisories"]))
}
