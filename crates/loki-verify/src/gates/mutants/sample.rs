//! Which mistakes are tried, where there is no time for all.

use crate::mutation::{Mutant, Scale};

/// Mutants that make a whole function do nothing.
const EXTREME_MAX: usize = 8;

/// Mutants that put a function back to what it was.
const REVERTS_MAX: usize = 3;

/// Mutants that leave out what was added to a function.
const ADDITIONS_MAX: usize = 4;

/// Mutants that take a special case for every case or never see an option.
const SPECIALS_MAX: usize = 2;

/// At most `room` mutants, the same for the same change: whole functions first, then functions as they were, what was added to
/// others, special cases, then signs evenly from all over. No kind of them takes all of the room.
pub(super) fn sample(all: Vec<Mutant>, room: usize) -> Vec<Mutant> {
    let mut kinds: [Vec<Mutant>; 5] = Default::default();
    for mutant in all {
        let kind = match mutant.scale {
            Scale::Whole { .. } => 0,
            Scale::Addition => 1,
            Scale::Special | Scale::Option => 2,
            Scale::Revert => 3,
            Scale::Sign => 4,
        };
        kinds[kind].push(mutant);
    }
    let [whole, additions, specials, reverts, small] = kinds;
    let for_additions = additions.len().min(ADDITIONS_MAX).min(room.div_ceil(2));
    let left = room - for_additions;
    // What whole functions leave is for reverts and special cases, which have a share of their own.
    let share = left / 4;
    let kept = reverts.len().min(share) + specials.len().min(share);
    let for_whole = whole.len().min(EXTREME_MAX).min(left - kept);
    let left = left - for_whole;
    let for_reverts = reverts.len().min(REVERTS_MAX).min(left.div_ceil(2));
    let for_specials = specials.len().min(SPECIALS_MAX).min(left - for_reverts);
    let mut chosen = spread(whole, for_whole);
    chosen.extend(spread(reverts, for_reverts));
    chosen.extend(spread(additions, for_additions));
    chosen.extend(spread(specials, for_specials));
    let rest = room - chosen.len();
    chosen.extend(spread(small, rest));
    chosen
}

/// At most `count` of the items, evenly from first to last.
fn spread<T>(items: Vec<T>, count: usize) -> Vec<T> {
    let total = items.len();
    let kept = items.into_iter().enumerate();
    kept.filter(|(at, _)| total <= count || (at + 1) * count / total > at * count / total)
        .map(|(_, item)| item)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::mutation::{Moved, Options, mutants};

    #[test]
    fn a_sample_is_even_and_the_same_each_time() {
        assert_eq!(spread((0..10).collect(), 5), [1, 3, 5, 7, 9]);
        assert_eq!(spread((0..3).collect(), 5), [0, 1, 2]);
        assert!(spread((0..7).collect::<Vec<i32>>(), 0).is_empty());
    }

    #[test]
    fn every_kind_of_mistake_has_its_share_of_the_room() {
        let new = "def a(x):\n    if x == 'm':\n        return b(x)\n    c(x)\n    return x < 3\n";
        let old = "def a(x):\n    return x < 3\n";
        let file = crate::delta::FileDelta {
            path: "a.py".to_owned(),
            change: loki_model::ChangeKind::Modified,
            kind: Kind::Source,
            before: Some(old.to_owned()),
            after: Some(new.to_owned()),
            added: vec![2, 3, 4],
        };
        let scales = |room: usize| {
            let chosen = sample(mutants(&file, &Moved::default(), &Options::default()), room);
            chosen.into_iter().map(|mutant| mutant.scale).collect::<Vec<_>>()
        };
        let all = scales(12);
        for scale in
            [Scale::Whole { is_new: false }, Scale::Revert, Scale::Addition, Scale::Special]
        {
            assert!(all.contains(&scale), "{scale:?} in {all:?}");
        }
        assert_eq!(scales(1), [Scale::Addition]);
        assert_eq!(scales(4).len(), 4);
    }
}
