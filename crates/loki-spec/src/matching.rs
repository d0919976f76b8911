//! Which requirement of a new text is which of an old one.
//!
//! Owns what makes two requirements the same over time: what names them, what they say, where they stand
//! in a structure, and how alike they are. Refuses to look at the order in which they come: moving one
//! renames none.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Requirement;

use crate::id;

mod assign;
mod label;

pub(crate) use label::{as_written as label_as_written, is_derived, label, normal as normal_label};

/// Statements that share fewer words, in percent, are two.
pub const LIKENESS_PERCENT_MIN: u8 = 50;

/// How requirements of an old text and of a new one belong together. Indices are into the lists that
/// were compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Requirements that are in both, in the order of the new list.
    pub pairs: Vec<Pair>,
    /// Indices of new requirements that no old one became, in order.
    pub added: Vec<usize>,
    /// Indices of old requirements that became none of the new ones, in order.
    pub removed: Vec<usize>,
}

/// One requirement that is in both lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its index in the old list.
    pub old: usize,
    /// Its index in the new list.
    pub new: usize,
    /// What told that it is the same.
    pub by: By,
}

/// What tells that two requirements are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A name that a person or a format gave it: `FR-1`, an operation's id.
    Name,
    /// It says the same.
    Text,
    /// It stands at the same place of a structure: `/paths/~1pets/get`.
    Place,
    /// So many percent of its words are the same.
    Likeness(u8),
}

/// Finds which requirement of `new` is which of `old`.
///
/// By explicit names first, then by what they say, then by their place in a structure; what is left is
/// paired so that all pairs together are as alike as they can be, none below
/// [`LIKENESS_PERCENT_MIN`]. Which pairs are found does not depend on the order of either list.
pub fn matching(old: &[Requirement], new: &[Requirement]) -> Matching {
    let mut open =
        Open { old: (0..old.len()).collect(), new: (0..new.len()).collect(), pairs: Vec::new() };
    open.pair_by(By::Name, Repeated::Ignored, label, old, new);
    let says = |one: &Requirement| Some(id::fold(label::without(&one.text)));
    open.pair_by(By::Text, Repeated::InOrder, says, old, new);
    open.pair_by(By::Place, Repeated::Ignored, place, old, new);
    open.pair_by_likeness(old, new);
    open.pairs.sort_by_key(|pair| pair.new);
    Matching {
        pairs: open.pairs,
        added: open.new.into_iter().collect(),
        removed: open.old.into_iter().collect(),
    }
}

/// How much of their words two statements share, in percent.
pub fn likeness(a: &str, b: &str) -> u8 {
    let (a, b) = (id::fold(a), id::fold(b));
    assign::likeness(&assign::words(&a), &assign::words(&b))
}

/// The place of a requirement in a structure, as far as it does not move with others: a place in a list
/// is none.
pub(crate) fn place(requirement: &Requirement) -> Option<String> {
    let pointer = requirement.origin.pointer.as_ref()?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    // The answers of an operation are numbers too, and names.
    let is_in_list = |parts: &[&str]| {
        parts.windows(2).any(|two| is_number(two[1]) && !["responses"].contains(&two[0]))
    };
    let parts: Vec<&str> = pointer.split('/').collect();
    (!is_in_list(&parts)).then(|| pointer.clone())
}

/// What is not paired yet.
struct Open {
    old: BTreeSet<usize>,
    new: BTreeSet<usize>,
    pairs: Vec<Pair>,
}

/// What is to be done with a key that several requirements of one list have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    /// It tells nothing.
    Ignored,
    /// They are paired by where they stand.
    InOrder,
}

impl Open {
    fn pair_by(
        &mut self,
        by: By,
        repeated: Repeated,
        key: impl Fn(&Requirement) -> Option<String>,
        old: &[Requirement],
        new: &[Requirement],
    ) {
        let (by_old, by_new) = (keyed(&self.old, old, &key), keyed(&self.new, new, &key));
        for (key, olds) in by_old {
            let Some(news) = by_new.get(&key) else { continue };
            let is_one = olds.len() == 1 && news.len() == 1;
            if repeated == Repeated::Ignored && !is_one {
                continue;
            }
            for (old, new) in olds.into_iter().zip(news.iter().copied()) {
                self.take(Pair { old, new, by });
            }
        }
    }

    fn pair_by_likeness(&mut self, old: &[Requirement], new: &[Requirement]) {
        // In an order of their own, so that of equally good pairings the same is taken in any order.
        let olds = sorted(&self.old, old);
        let news = sorted(&self.new, new);
        let texts = |indices: &[usize], of: &[Requirement]| -> Vec<String> {
            indices.iter().map(|index| id::fold(label::without(&of[*index].text))).collect()
        };
        let (old_texts, new_texts) = (texts(&olds, old), texts(&news, new));
        for (row, column, percent) in assign::best(&old_texts, &new_texts, LIKENESS_PERCENT_MIN) {
            self.take(Pair { old: olds[row], new: news[column], by: By::Likeness(percent) });
        }
    }

    fn take(&mut self, pair: Pair) {
        self.old.remove(&pair.old);
        self.new.remove(&pair.new);
        self.pairs.push(pair);
    }
}

fn keyed(
    open: &BTreeSet<usize>,
    of: &[Requirement],
    key: impl Fn(&Requirement) -> Option<String>,
) -> BTreeMap<String, Vec<usize>> {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for index in sorted(open, of) {
        if let Some(key) = key(&of[index]) {
            found.entry(key).or_default().push(index);
        }
    }
    found
}

/// By everything that tells one from another but its place among the others.
fn sorted(open: &BTreeSet<usize>, of: &[Requirement]) -> Vec<usize> {
    let mut indices: Vec<usize> = open.iter().copied().collect();
    indices.sort_by_cached_key(|index| {
        let one = &of[*index];
        (id::fold(&one.text), one.origin.source.clone(), one.origin.pointer.clone(), one.id.clone())
    });
    indices
}
