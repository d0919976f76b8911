//! What a snapshot says about some packages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::plain;
use crate::ecosystem::Ecosystem;

/// Packages to look up, by their normalised names.
pub(crate) type Wanted = BTreeSet<(Ecosystem, String)>;

/// What a snapshot says about some packages.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Advisories that were not withdrawn, by whom they are about.
    pub(crate) advisories: BTreeMap<(Ecosystem, String), Vec<Value>>,
    /// The ecosystems that it holds any advisory of, with the day on which the newest was changed, as
    /// far as was looked. A package of any other one was not looked up.
    pub(crate) dates: BTreeMap<Ecosystem, String>,
    /// What could not be read, as the end of a sentence. Packages of these ecosystems were not looked
    /// up.
    pub(crate) unread: BTreeMap<Ecosystem, String>,
}

impl Snapshot {
    /// Looks `wanted` up in the snapshot at `directory`, in whatever form it is there.
    pub(crate) fn read(directory: &Path, wanted: &Wanted) -> Snapshot {
        let mut snapshot = Snapshot::default();
        plain::read(directory, wanted, &mut snapshot);
        snapshot
    }

    /// Whether packages of the ecosystem were looked up.
    pub(crate) fn covers(&self, ecosystem: Ecosystem) -> bool {
        self.dates.contains_key(&ecosystem) && !self.unread.contains_key(&ecosystem)
    }

    /// Takes note of an advisory of the ecosystem that was changed on that day.
    pub(crate) fn saw(&mut self, ecosystem: Ecosystem, day: &str) {
        let newest = self.dates.entry(ecosystem).or_default();
        if *day > **newest {
            day.clone_into(newest);
        }
    }
}
