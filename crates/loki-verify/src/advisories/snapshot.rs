//! What a snapshot says about some packages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{plain, store};
use crate::ecosystem::Ecosystem;

/// Packages to look up, by their normalised names.
pub(crate) type Wanted = BTreeSet<(Ecosystem, String)>;

/// What a snapshot says about some packages.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Advisories that were not withdrawn, by whom they are about.
    pub(crate) advisories: BTreeMap<(Ecosystem, String), Vec<Value>>,
    /// The ecosystems that it holds any advisory of. A package of any other one was not looked up.
    pub(crate) seen: BTreeMap<Ecosystem, Seen>,
    /// What could not be read, as the end of a sentence. Packages of these ecosystems were not looked
    /// up.
    pub(crate) unread: BTreeMap<Ecosystem, String>,
}

/// What was seen of an ecosystem.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How many advisories.
    pub(crate) advisories: u64,
    /// The day on which the newest was changed; empty where none says so.
    pub(crate) newest: String,
}

impl Snapshot {
    /// Looks `wanted` up in the snapshot at `directory`, in whatever form it is there.
    pub(crate) fn read(directory: &Path, wanted: &Wanted) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let mut rest = Wanted::new();
        for ecosystem in Ecosystem::ALL {
            let of_it = wanted.iter().filter(|(one, _)| *one == ecosystem);
            let names: BTreeSet<&str> = of_it.clone().map(|(_, name)| name.as_str()).collect();
            let is_stored =
                !names.is_empty() && store::read(directory, ecosystem, &names, &mut snapshot);
            if !is_stored {
                rest.extend(of_it.cloned());
            }
        }
        let ecosystems = rest.iter().map(|(ecosystem, _)| *ecosystem).collect();
        plain::read(directory, &ecosystems, &rest, &mut snapshot);
        snapshot
    }

    /// Whether packages of the ecosystem were looked up.
    pub(crate) fn covers(&self, ecosystem: Ecosystem) -> bool {
        self.seen.contains_key(&ecosystem) && !self.unread.contains_key(&ecosystem)
    }

    /// Takes note of advisories of the ecosystem, the newest of which was changed on that day.
    pub(super) fn saw(&mut self, ecosystem: Ecosystem, advisories: u64, day: &str) {
        let seen = self.seen.entry(ecosystem).or_default();
        seen.advisories += advisories;
        if *day > *seen.newest {
            day.clone_into(&mut seen.newest);
        }
    }
}
