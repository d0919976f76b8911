//! `.loki/spec/spec.lock`: which requirements were agreed on, under which names, and which tests show them.
//!
//! Owns the format: one block for each requirement, sorted by id, without anything that changes when its
//! neighbours do, so that git merges it like code and people can review it.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{Digest, Requirement, RequirementId, Spec};

use crate::id;
use crate::matching::{self, By, Matching, is_derived};

mod read;
mod write;

pub use read::LockError;
pub(crate) use read::{conflict_marker, line_of};

/// The version of the format that is written. Newer ones are refused.
pub const LOCK_FORMAT: u32 = 1;

/// What was agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// What the requirements were read from, by path from the root of the repository.
    pub sources: BTreeMap<String, LockedSource>,
    /// Sorted by id. Their origins tell no line, and a pointer only where it does not move with others.
    pub requirements: Vec<Requirement>,
    /// The tests that showed a requirement when it was locked: `path > name`, sorted.
    pub tests: BTreeMap<RequirementId, BTreeSet<String>>,
}

/// One source of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockedSource {
    /// Its title, for people.
    pub title: String,
}

impl Lock {
    /// The lock of all requirements of `specs`. What survives from `before` keeps its name, and its
    /// tests. A requirement that two specs have is there once.
    pub fn of(specs: &[Spec], before: Option<&Lock>) -> Lock {
        let sources = specs.iter().map(|spec| {
            let title = spec.title.clone();
            (spec.source.clone(), LockedSource { title })
        });
        let (mut requirements, _) = renamed(specs, before);
        for one in &mut requirements {
            one.origin.pointer = matching::place(one);
            one.origin.line = None;
        }
        requirements.sort_by(|a, b| a.id.cmp(&b.id));
        let kept = |one: &Requirement| {
            let tests = before?.tests.get(&one.id)?;
            Some((one.id.clone(), tests.clone()))
        };
        let tests = requirements.iter().filter_map(kept).collect();
        Lock { sources: sources.collect(), requirements, tests }
    }

    /// Reads the text of a lock.
    ///
    /// # Errors
    ///
    /// Says the line and what to do about it. Nothing was read then.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        read::read(text)
    }

    /// The text of the lock.
    pub fn to_text(&self) -> String {
        write::write(self)
    }

    /// `spec` with the names that the lock has for its requirements.
    #[must_use]
    pub fn name(&self, spec: Spec) -> Spec {
        let (requirements, _) = renamed(std::slice::from_ref(&spec), Some(self));
        let mut order = spec.order;
        // Of one spec none is left out, so that each has its place.
        let old = spec.requirements.iter().map(|one| &one.id);
        let names: BTreeMap<&RequirementId, &RequirementId> =
            old.zip(requirements.iter().map(|one| &one.id)).collect();
        for id in order.iter_mut().flat_map(|step| &mut step.requirements) {
            if let Some(name) = names.get(id) {
                *id = (*name).clone();
            }
        }
        Spec { requirements, order, ..spec }
    }
}

/// All requirements of `specs` in order, under the names that `before` has for them, and how they belong
/// together. Ids are unique.
pub(crate) fn renamed(specs: &[Spec], before: Option<&Lock>) -> (Vec<Requirement>, Matching) {
    let mut requirements: Vec<Requirement> = Vec::new();
    let mut seen = BTreeSet::new();
    for one in specs.iter().flat_map(|spec| &spec.requirements) {
        if seen.insert((one.id.clone(), id::fold(&one.text))) {
            requirements.push(one.clone());
        }
    }
    let locked = before.map_or(&[][..], |lock| &lock.requirements);
    let found = matching::matching(locked, &requirements);
    let mut taken = BTreeSet::new();
    for pair in &found.pairs {
        // A name that the source itself gives is the one to go by.
        let own = &requirements[pair.new].id;
        let is_new_name = !is_derived(&own.0) && pair.by != By::Name;
        if !is_new_name {
            requirements[pair.new].id = locked[pair.old].id.clone();
        }
    }
    // Those that survive come first: nobody takes their name.
    let survivors: BTreeSet<usize> = found.pairs.iter().map(|pair| pair.new).collect();
    let order = survivors.iter().copied();
    let rest = (0..requirements.len()).filter(|index| !survivors.contains(index));
    for index in order.chain(rest).collect::<Vec<_>>() {
        let one = &mut requirements[index];
        one.id = free(one, &taken);
        taken.insert(one.id.clone());
    }
    (requirements, found)
}

/// The id of `one`, or a longer one where another has it.
fn free(one: &Requirement, taken: &BTreeSet<RequirementId>) -> RequirementId {
    if !taken.contains(&one.id) {
        return one.id.clone();
    }
    let digest = Digest::of(id::fold(&one.text).as_bytes());
    let digits = digest.as_str();
    let longer = (4..=digits.len()).map(|end| format!("R-{}", &digits[..end]));
    let numbered = (2_u32..).map(|number| format!("{}-{number}", one.id));
    let derived = is_derived(&one.id.0);
    let mut tries = longer.filter(|_| derived).chain(numbered).map(RequirementId);
    tries.find(|id| !taken.contains(id)).unwrap_or_else(|| one.id.clone())
}
