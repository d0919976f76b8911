//! Snapshots of advisories about packages: what is known of their vulnerabilities, on this machine.
//!
//! Owns where a snapshot is, in which form it is kept, and how it is read. Refuses to fetch one: whoever
//! judges asks nobody (`docs/decisions/0038-advisories-are-brought.md`). Start at `Snapshot::read` for what
//! judges, at [`Intake`] and [`Store`] for what brings one in.
//!
//! Source: Open Source Vulnerability format 1.7.

use std::path::{Path, PathBuf};

use crate::ecosystem::Ecosystem;

mod intake;
pub(crate) mod plain;
pub(crate) mod snapshot;
mod store;

pub use intake::{ADVISORIES_MAX, ADVISORY_BYTES_MAX, Intake, IntakeError};
use snapshot::{Snapshot, Wanted};
pub use store::{Index, ReadError, Store, WriteError};

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

/// What there is of one ecosystem.
#[derive(Debug)]
pub enum Held {
    /// What `loki advisories update` brought in.
    Brought(Index),
    /// Files of an export that somebody unpacked.
    Unpacked {
        /// How many advisories; one that was withdrawn counts.
        advisories: u64,
        /// The day on which the newest was changed; empty where none says so.
        modified: String,
    },
    /// What is there can not be relied on, and why.
    Unread(String),
}

/// What the snapshot at `directory` holds, by ecosystem; those that it holds nothing of are not named.
///
/// Reads all files of an unpacked export.
pub fn held(directory: &Path) -> Vec<(Ecosystem, Held)> {
    let mut held = Vec::new();
    let mut rest = Vec::new();
    for ecosystem in Ecosystem::ALL {
        match Index::read(directory, ecosystem) {
            Ok(Some(index)) => held.push((ecosystem, Held::Brought(index))),
            Ok(None) => rest.push(ecosystem),
            Err(error) => held.push((ecosystem, Held::Unread(error.to_string()))),
        }
    }
    let mut snapshot = Snapshot::default();
    if directory.is_dir() {
        plain::read(directory, &rest.into_iter().collect(), &Wanted::new(), &mut snapshot);
    }
    held.extend(snapshot.seen.into_iter().map(|(ecosystem, seen)| {
        let (advisories, modified) = (seen.advisories, seen.newest);
        match snapshot.unread.get(&ecosystem) {
            Some(why) => (ecosystem, Held::Unread(why.clone())),
            None => (ecosystem, Held::Unpacked { advisories, modified }),
        }
    }));
    held.sort_by_key(|(ecosystem, _)| *ecosystem);
    held
}

/// What tells one state of the snapshot at `directory` from another.
pub(crate) fn state(directory: &Path) -> String {
    plain::state(directory)
}
