//! Which files may name a word, so that a search for one reads only those.
//!
//! Many rules ask about every new name whether any other file has it. Reading all files for each name would make
//! a large change take time by its square. Instead a filter is kept for each file, once somebody asked: it never
//! denies a word that the file has, and seldom grants one that it has not.
//!
//! Source: B. H. Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", 1970.

use std::sync::OnceLock;

use crate::delta::FileDelta;
use crate::gates::Cx;
use crate::kind::{Kind, kind};

/// Every own file of the judged tree, with what it may name.
#[derive(Default)]
pub(crate) struct Naming {
    files: Vec<File>,
}

/// An own file.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) kind: Kind,
    before: OnceLock<Words>,
    /// Nothing where it can not be read.
    after: OnceLock<Option<Words>>,
}

impl Naming {
    /// The own files of a tree.
    pub(crate) fn of<'a>(paths: impl Iterator<Item = &'a str>) -> Naming {
        let files = paths.map(|path| File {
            path: path.to_owned(),
            kind: kind(path),
            before: OnceLock::new(),
            after: OnceLock::new(),
        });
        Naming { files: files.collect() }
    }

    /// Every file.
    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }
}

impl File {
    /// What follows the last dot of its name.
    pub(crate) fn ending(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// The words of the judged tree's side; nothing where it can not be read.
    pub(crate) fn after(&self, cx: &Cx<'_>) -> Option<&Words> {
        self.after.get_or_init(|| Some(Words::of(&cx.read(&self.path)?))).as_ref()
    }

    /// The words of the base's side: the same where the file is not `changed`.
    pub(crate) fn before(&self, cx: &Cx<'_>, changed: Option<&FileDelta>) -> Option<&Words> {
        let Some(file) = changed else { return self.after(cx) };
        let text = file.before.as_deref().unwrap_or_default();
        Some(self.before.get_or_init(|| Words::of(text)))
    }
}

/// What a text may name. Words are what stands between characters that are neither alphanumeric nor `_`.
pub(crate) struct Words {
    bits: Box<[u64]>,
    /// Bytes of the text.
    pub(crate) len: usize,
}

/// Places that each word marks.
const PLACES: u32 = 3;

impl Words {
    /// What `text` names.
    pub(crate) fn of(text: &str) -> Words {
        // A text has a new word about every twenty bytes: with a bit for each byte, one word in a thousand that
        // it has not is granted.
        let units = (text.len() / 64 + 1).next_power_of_two();
        let mut words = Words { bits: vec![0; units].into_boxed_slice(), len: text.len() };
        each_word(text, &mut |word| {
            for place in 0..PLACES {
                let (unit, bit) = words.place(word, place);
                words.bits[unit] |= bit;
            }
            true
        });
        words
    }

    /// Whether the text may have `wanted` by itself, with no part of a word before or behind it. A yes can be
    /// wrong, a no is not.
    pub(crate) fn may_have(&self, wanted: &str) -> bool {
        each_word(wanted, &mut |word| {
            (0..PLACES).all(|place| {
                let (unit, bit) = self.place(word, place);
                self.bits[unit] & bit != 0
            })
        })
    }

    fn place(&self, word: u64, place: u32) -> (usize, u64) {
        // Both halves of a good hash are as good as two: h1 + i * h2.
        let (low, high) = (word & 0xffff_ffff, word >> 32 | 1);
        let at = low.wrapping_add(high.wrapping_mul(u64::from(place)));
        let mask = self.bits.len() as u64 - 1;
        ((at >> 6 & mask) as usize, 1 << (at & 63))
    }
}

/// Calls `visit` with the hash of every word, until it says no; whether it never did.
fn each_word(text: &str, visit: &mut dyn FnMut(u64) -> bool) -> bool {
    let (mut hash, mut is_inside) = (START, false);
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            hash = (hash ^ u64::from(c)).wrapping_mul(PRIME);
            is_inside = true;
        } else if is_inside {
            if !visit(mixed(hash)) {
                return false;
            }
            (hash, is_inside) = (START, false);
        }
    }
    !is_inside || visit(mixed(hash))
}

/// The start and the prime of FNV-1a with 64 bits.
const START: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// FNV leaves its upper bits poor for short words: the end of SplitMix64 spreads them.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_word_in;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_that_a_text_has_is_never_denied(
            before in "[ -~é—]{0,40}",
            word in "[a-zäß_ '0-9-]{1,12}",
            behind in "[ -~é—]{0,40}",
        ) {
            let text = format!("{before}{word}{behind}");
            if is_word_in(&text, &word) {
                prop_assert!(Words::of(&text).may_have(&word));
            }
        }
    }

    #[test]
    fn few_words_that_a_text_has_not_are_granted() {
        let text: String = (0..2_000).map(|number| format!("some_name_{number} = x;\n")).collect();
        let words = Words::of(&text);
        let granted = (0..10_000).filter(|number| words.may_have(&format!("other_{number}")));
        let granted = granted.count();
        assert!(granted < 100, "{granted} of 10000");
    }

    #[test]
    fn an_empty_text_has_nothing_and_nothing_is_in_every_text() {
        assert!(!Words::of("").may_have("a"));
        assert!(Words::of("").may_have(""));
        assert!(Words::of("x").may_have("()"));
    }
}
