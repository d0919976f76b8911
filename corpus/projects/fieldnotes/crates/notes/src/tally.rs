//! Counting.

use std::collections::BTreeMap;

use crate::Note;

/// Sums counts by kind: the most frequent first, ties by name.
pub fn tally(notes: &[Note]) -> Vec<(String, u32)> {
    let mut sums = BTreeMap::<&str, u32>::new();
    for note in notes {
        let sum = sums.entry(&note.kind).or_default();
        *sum = sum.saturating_add(note.count);
    }
    let mut tally: Vec<(String, u32)> = sums.into_iter().map(|(kind, sum)| (kind.to_owned(), sum)).collect();
    tally.sort_by(|a, b| b.1.cmp(&a.1));
    tally
}
