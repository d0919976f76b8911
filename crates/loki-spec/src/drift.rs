//! How a text differs from what was locked, requirement by requirement.

use std::collections::BTreeSet;

use loki_model::{Requirement, RequirementId, Spec};
use serde::{Deserialize, Serialize};

use crate::id;
use crate::lock::{Lock, renamed};
use crate::matching::{self, Matching};

/// What became of the requirements of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What is not as it was, by id. What only moved to another place is among them.
    pub entries: Vec<Entry>,
    /// How many requirements say what they said.
    pub unchanged: usize,
}

impl Drift {
    /// Whether the text asks for what was locked. To ask for it at another place is the same.
    pub fn is_none(&self) -> bool {
        self.entries.iter().all(|entry| entry.kind == Kind::Moved)
    }
}

/// What became of one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As the lock names it; for an added one, as it would be named.
    pub id: RequirementId,
    /// What happened to it, in one word.
    pub kind: Kind,
    /// As it was locked.
    pub old: Option<Requirement>,
    /// As it is now, with its line.
    pub new: Option<Requirement>,
    /// What of it differs.
    pub differs: Differs,
}

/// What happened to a requirement, in one word. Where several did, the first of these is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It says something else.
    Reworded,
    /// It says the same; how much it is wanted, or what would show it, differs.
    Changed,
    /// It says the same under another name of its own.
    Renamed,
    /// It stands in another file, or at another place of a structure.
    Moved,
}

impl Kind {
    /// Lower case.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Reworded => "reworded",
            Kind::Changed => "changed",
            Kind::Renamed => "renamed",
            Kind::Moved => "moved",
        }
    }
}

/// What of a requirement differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differs {
    /// What it says, beyond case, space and punctuation.
    pub text: bool,
    /// How much it is wanted.
    pub priority: bool,
    /// Criteria that came, in the order of the text.
    pub criteria_added: Vec<String>,
    /// Criteria that went.
    pub criteria_removed: Vec<String>,
    /// The name that the source gives it now, where that is another one.
    pub name: Option<RequirementId>,
    /// Its file, or its place in a structure.
    pub place: bool,
}

/// How `specs` differ from `lock`.
pub fn drift(lock: &Lock, specs: &[Spec]) -> Drift {
    let (new, found) = renamed(specs, Some(lock));
    told(&lock.requirements, &new, &found)
}

/// How one list of requirements differs from another.
pub fn changes(old: &[Requirement], new: &[Requirement]) -> Drift {
    let lock = Lock { requirements: old.to_vec(), ..Lock::default() };
    let spec = Spec { requirements: new.to_vec(), ..Spec::of("", "", "") };
    drift(&lock, &[spec])
}

fn told(old: &[Requirement], new: &[Requirement], found: &Matching) -> Drift {
    let mut drift = Drift::default();
    for pair in &found.pairs {
        let (old, new) = (&old[pair.old], &new[pair.new]);
        let differs = differs(old, new);
        match kind(&differs) {
            None => drift.unchanged += 1,
            Some(kind) => drift.entries.push(Entry {
                id: old.id.clone(),
                kind,
                old: Some(old.clone()),
                new: Some(new.clone()),
                differs,
            }),
        }
    }
    let added = found.added.iter().map(|index| &new[*index]).map(|new| Entry {
        id: new.id.clone(),
        kind: Kind::Added,
        old: None,
        new: Some(new.clone()),
        differs: Differs::default(),
    });
    drift.entries.extend(added);
    let removed = found.removed.iter().map(|index| &old[*index]).map(|old| Entry {
        id: old.id.clone(),
        kind: Kind::Removed,
        old: Some(old.clone()),
        new: None,
        differs: Differs::default(),
    });
    drift.entries.extend(removed);
    drift.entries.sort_by(|a, b| (&a.id, a.kind).cmp(&(&b.id, b.kind)));
    drift
}

fn differs(old: &Requirement, new: &Requirement) -> Differs {
    let folded = |items: &[String]| -> BTreeSet<String> {
        items.iter().map(|item| id::fold(item)).collect()
    };
    let (before, after) = (folded(&old.acceptance), folded(&new.acceptance));
    let without = |items: &[String], others: &BTreeSet<String>| -> Vec<String> {
        items.iter().filter(|item| !others.contains(&id::fold(item))).cloned().collect()
    };
    Differs {
        text: id::fold(&old.text) != id::fold(&new.text),
        priority: old.priority != new.priority,
        criteria_added: without(&new.acceptance, &before),
        criteria_removed: without(&old.acceptance, &after),
        name: (old.id != new.id).then(|| new.id.clone()),
        place: old.origin.source != new.origin.source
            || matching::place(old) != matching::place(new),
    }
}

fn kind(differs: &Differs) -> Option<Kind> {
    let Differs { text, priority, criteria_added, criteria_removed, name, place } = differs;
    match () {
        () if *text && name.is_none() => Some(Kind::Reworded),
        () if name.is_some() => Some(Kind::Renamed),
        () if *priority || !criteria_added.is_empty() || !criteria_removed.is_empty() => {
            Some(Kind::Changed)
        }
        () if *place => Some(Kind::Moved),
        () => None,
    }
}
