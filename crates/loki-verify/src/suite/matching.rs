//! Which test became which: by place, by what it does, by likeness.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Digest;

use super::{How, Pair, Side, TestId, Trees};
use crate::syntax::Test;

/// Tests of each side that are compared with all of the other.
const COMPARED_MAX: usize = 300;

/// Of what two tests call, assert and write out, so many percent are the same when one became the
/// other.
const ALIKE_PERCENT_MIN: usize = 60;

/// Fewer things that two tests have in common say nothing.
const ALIKE_COUNT_MIN: usize = 3;

/// Every test of both sides, each once.
pub(super) fn pairs(trees: &Trees) -> Vec<Pair> {
    let mut open_before: BTreeSet<TestId> = trees.tests(Side::Before).map(|(id, _)| id).collect();
    let mut open_after: BTreeSet<TestId> = trees.tests(Side::After).map(|(id, _)| id).collect();
    let mut pairs = Vec::new();
    let mut take =
        |before: TestId, after: TestId, how: How, open: (&mut BTreeSet<_>, &mut BTreeSet<_>)| {
            if open.0.contains(&before) && open.1.contains(&after) {
                open.0.remove(&before);
                open.1.remove(&after);
                pairs.push(Pair::Kept(before, after, how));
            }
        };
    for (before, after) in by_place(trees) {
        take(before, after, How::Same, (&mut open_before, &mut open_after));
    }
    for (before, after) in by_digest(trees, &open_before, &open_after) {
        take(before, after, How::Moved, (&mut open_before, &mut open_after));
    }
    for (before, after) in by_likeness(trees, &open_before, &open_after) {
        take(before, after, How::Alike, (&mut open_before, &mut open_after));
    }
    pairs.extend(open_before.into_iter().map(Pair::Gone));
    pairs.extend(open_after.into_iter().map(Pair::New));
    pairs
}

/// Same file, same name; of several with one name, in their order.
fn by_place(trees: &Trees) -> Vec<(TestId, TestId)> {
    let keyed = |side: Side| {
        let mut seen: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut keys: BTreeMap<(usize, &str, usize), TestId> = BTreeMap::new();
        for (id, test) in trees.tests(side) {
            let count = seen.entry((id.file, &test.qualified)).or_default();
            keys.insert((id.file, &test.qualified, *count), id);
            *count += 1;
        }
        keys
    };
    let (before, after) = (keyed(Side::Before), keyed(Side::After));
    before.into_iter().filter_map(|(key, id)| Some((id, *after.get(&key)?))).collect()
}

/// Tests that do the same. One that keeps its name comes before others.
fn by_digest(
    trees: &Trees,
    before: &BTreeSet<TestId>,
    after: &BTreeSet<TestId>,
) -> Vec<(TestId, TestId)> {
    let mut by_digest: BTreeMap<&Digest, Vec<(TestId, &Test)>> = BTreeMap::new();
    for id in after {
        if let Some(test) = trees.test(*id, Side::After) {
            by_digest.entry(&test.digest).or_default().push((*id, test));
        }
    }
    let mut found = Vec::new();
    let mut taken: BTreeSet<TestId> = BTreeSet::new();
    for is_name_kept in [true, false] {
        for id in before {
            let Some(test) = trees.test(*id, Side::Before) else { continue };
            // An empty body is like any other empty body.
            if test.assertions.is_empty() && test.calls.is_empty() {
                continue;
            }
            let Some(same) = by_digest.get_mut(&test.digest) else { continue };
            let place = same.iter().position(|(_, other)| !is_name_kept || other.name == test.name);
            if let Some(place) = place
                && taken.insert(*id)
            {
                found.push((*id, same.remove(place).0));
            }
        }
    }
    found
}

/// Tests that do nearly the same, the most alike first.
fn by_likeness(
    trees: &Trees,
    before: &BTreeSet<TestId>,
    after: &BTreeSet<TestId>,
) -> Vec<(TestId, TestId)> {
    let prints = |ids: &BTreeSet<TestId>, side: Side| -> Vec<(TestId, Print)> {
        let tests = ids.iter().take(COMPARED_MAX);
        tests.filter_map(|id| Some((*id, Print::of(trees.test(*id, side)?)))).collect()
    };
    let (before, after) = (prints(before, Side::Before), prints(after, Side::After));
    let mut scored: Vec<(usize, TestId, TestId)> = Vec::new();
    for (old, print) in &before {
        for (new, other) in &after {
            let score = print.likeness(other, old.file == new.file);
            if score >= ALIKE_PERCENT_MIN {
                scored.push((score, *old, *new));
            }
        }
    }
    scored.sort_by_key(|(score, old, new)| (std::cmp::Reverse(*score), *old, *new));
    scored.into_iter().map(|(_, old, new)| (old, new)).collect()
}

/// What two tests are compared by.
struct Print {
    name: String,
    parts: BTreeSet<String>,
}

impl Print {
    fn of(test: &Test) -> Print {
        let calls = test.calls.iter().map(|call| format!("call {call}"));
        let subjects = test.assertions.iter().map(|assertion| {
            format!("assert {} {:?}", assertion.subject_text, assertion.expected_text)
        });
        let literals = test.literals.iter().map(|literal| format!("literal {literal}"));
        Print { name: test.name.clone(), parts: calls.chain(subjects).chain(literals).collect() }
    }

    /// In percent; a name or a file that is kept counts for something.
    fn likeness(&self, other: &Print, is_same_file: bool) -> usize {
        let common = self.parts.intersection(&other.parts).count();
        let all = self.parts.union(&other.parts).count();
        let is_same_name = self.name == other.name;
        if common < ALIKE_COUNT_MIN && !(is_same_name && common > 0) {
            return 0;
        }
        let bonus = usize::from(is_same_name) * 35 + usize::from(is_same_file) * 5;
        (common * 100).checked_div(all).unwrap_or(0) + bonus
    }
}
