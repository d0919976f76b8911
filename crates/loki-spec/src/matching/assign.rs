//! The pairs of statements that are most alike, all together.

use std::collections::BTreeMap;

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;
use similar::{Algorithm, capture_diff_slices, get_diff_ratio};

/// Statements that hang together by likeness and are still paired in the best way of all; in larger heaps
/// the best pair is taken first, then the next.
const HEAP_MAX: usize = 256;

/// The words of a folded statement.
pub(super) fn words(folded: &str) -> Vec<&str> {
    folded.split(' ').collect()
}

/// How much of their words is the same and in the same order, in percent.
pub(super) fn likeness(a: &[&str], b: &[&str]) -> u8 {
    if a == b {
        return 100;
    }
    let steps = capture_diff_slices(Algorithm::Myers, a, b);
    let percent = get_diff_ratio(&steps, a.len(), b.len()) * 100.0;
    // From 0 to 100; what differs is never the same.
    (percent as u8).min(99)
}

/// One pair that could be.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    row: usize,
    column: usize,
    percent: u8,
}

/// Pairs of `old` and `new` by index with their likeness, none below `percent_min`: those that are
/// together most alike.
pub(super) fn best(old: &[String], new: &[String], percent_min: u8) -> Vec<(usize, usize, u8)> {
    let candidates = candidates(old, new, percent_min);
    let mut found: Vec<(usize, usize, u8)> =
        heaps(&candidates, old.len()).into_iter().flat_map(|heap| pairs(&heap)).collect();
    found.sort_unstable();
    found
}

fn candidates(old: &[String], new: &[String], percent_min: u8) -> Vec<Candidate> {
    let numbers = Numbers::of(old.iter().chain(new));
    let bags = |texts: &[String]| -> Vec<Vec<usize>> {
        texts.iter().map(|text| numbers.bag(text)).collect()
    };
    let (old_bags, new_bags) = (bags(old), bags(new));
    let mut found = Vec::new();
    for (row, a) in old.iter().enumerate() {
        for (column, b) in new.iter().enumerate() {
            // Order apart they share at least as much: cheap, and rules most pairs out.
            if !could_reach(&old_bags[row], &new_bags[column], percent_min) {
                continue;
            }
            let percent = likeness(&words(a), &words(b));
            if percent >= percent_min {
                found.push(Candidate { row, column, percent });
            }
        }
    }
    found
}

/// Words as numbers.
struct Numbers<'a>(BTreeMap<&'a str, usize>);

impl<'a> Numbers<'a> {
    fn of(texts: impl Iterator<Item = &'a String>) -> Numbers<'a> {
        let mut numbers = BTreeMap::new();
        for word in texts.flat_map(|text| words(text)) {
            let next = numbers.len();
            numbers.entry(word).or_insert(next);
        }
        Numbers(numbers)
    }

    /// The words of a statement, sorted.
    fn bag(&self, text: &str) -> Vec<usize> {
        let mut bag: Vec<usize> =
            words(text).into_iter().filter_map(|word| self.0.get(word).copied()).collect();
        bag.sort_unstable();
        bag
    }
}

fn could_reach(a: &[usize], b: &[usize], percent_min: u8) -> bool {
    let (mut at, mut common) = (0, 0);
    for word in a {
        while b.get(at).is_some_and(|other| other < word) {
            at += 1;
        }
        if b.get(at) == Some(word) {
            (at, common) = (at + 1, common + 1);
        }
    }
    common * 200 >= usize::from(percent_min) * (a.len() + b.len())
}

/// Candidates that compete with each other, directly or over others.
fn heaps(candidates: &[Candidate], rows: usize) -> Vec<Vec<Candidate>> {
    let columns = candidates.iter().map(|one| one.column + 1).max().unwrap_or(0);
    let mut sets: Vec<usize> = (0..rows + columns).collect();
    for one in candidates {
        let (a, b) = (root(&mut sets, one.row), root(&mut sets, rows + one.column));
        sets[a.max(b)] = a.min(b);
    }
    let mut heaps: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for one in candidates {
        heaps.entry(root(&mut sets, one.row)).or_default().push(*one);
    }
    heaps.into_values().collect()
}

fn root(sets: &mut [usize], mut of: usize) -> usize {
    while sets[of] != of {
        sets[of] = sets[sets[of]];
        of = sets[of];
    }
    of
}

fn pairs(heap: &[Candidate]) -> Vec<(usize, usize, u8)> {
    let mut rows: Vec<usize> = heap.iter().map(|one| one.row).collect();
    let mut columns: Vec<usize> = heap.iter().map(|one| one.column).collect();
    for side in [&mut rows, &mut columns] {
        side.sort_unstable();
        side.dedup();
    }
    if rows.len().max(columns.len()) > HEAP_MAX {
        return one_after_another(heap);
    }
    // The library wants at least as many columns as rows; a column too many is nobody's.
    let width = rows.len().max(columns.len());
    let mut weights = Matrix::new(rows.len(), width, 0_i64);
    for one in heap {
        let place = rows.binary_search(&one.row).ok().zip(columns.binary_search(&one.column).ok());
        if let Some(place) = place {
            weights[place] = i64::from(one.percent);
        }
    }
    let (_, assigned) = kuhn_munkres(&weights);
    let taken = assigned.into_iter().enumerate().filter_map(|(row, column)| {
        let percent = u8::try_from(weights[(row, column)]).ok().filter(|percent| *percent > 0)?;
        Some((rows[row], *columns.get(column)?, percent))
    });
    taken.collect()
}

fn one_after_another(heap: &[Candidate]) -> Vec<(usize, usize, u8)> {
    let mut sorted = heap.to_vec();
    sorted.sort_by_key(|one| (std::cmp::Reverse(one.percent), one.row, one.column));
    let mut found: Vec<(usize, usize, u8)> = Vec::new();
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for one in sorted {
        if rows.contains_key(&one.row) || columns.contains_key(&one.column) {
            continue;
        }
        rows.insert(one.row, ());
        columns.insert(one.column, ());
        found.push((one.row, one.column, one.percent));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_best_of_all_is_taken_and_not_the_best_of_the_first() {
        // Taking the best pair first would leave the second old one alone.
        let old = texts(&["a b c d e f", "a b c d x y"]);
        let new = texts(&["a b c d e x", "p q e f c d a b"]);
        let found = best(&old, &new, 20);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn what_is_not_alike_is_not_paired() {
        assert!(best(&texts(&["a b c"]), &texts(&["x y z", "a q r"]), 50).is_empty());
        assert!(best(&[], &texts(&["x"]), 50).is_empty());
    }

    #[test]
    fn a_heap_that_is_too_large_is_paired_too() {
        let many = |end: &str| -> Vec<String> {
            (0..HEAP_MAX + 10).map(|n| format!("the list must show item {n} {end}")).collect()
        };
        let found = best(&many("soon"), &many("now"), 50);
        assert_eq!(found.len(), HEAP_MAX + 10);
        assert!(found.iter().all(|(old, new, _)| old == new));
    }
}
