//! Names of requirements: derived from what they say, so that moving one renames none.

use loki_model::{Digest, RequirementId};

/// Hexadecimal digits of a name, unless two statements share them.
const DIGITS_MIN: usize = 4;

/// What is the same about two ways to write the same statement: case, white space and the
/// punctuation around words are folded, symbols and the punctuation within words are kept.
///
/// `1.5` differs from `15` and `<=` from `>=`; `Save.` is the same as `save`.
pub(crate) fn fold(statement: &str) -> String {
    let lower = statement.to_lowercase();
    let is_edge = |letter: char| ".,;:!?\"'`*_()[]“”‘’…。！？".contains(letter);
    let words = lower.split_whitespace().map(|word| word.trim_matches(is_edge));
    let mut folded = String::with_capacity(lower.len());
    for word in words.filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    // A statement of punctuation only is what it is.
    if folded.is_empty() { lower } else { folded }
}

/// Names each of `digests`, which all differ: `R-` and as many digits as set it apart from all
/// others, in whatever order they come.
pub(crate) fn name(digests: &[Digest]) -> Vec<RequirementId> {
    let mut sorted: Vec<&str> = digests.iter().map(Digest::as_str).collect();
    sorted.sort_unstable();
    let name = |digest: &Digest| {
        let place = sorted.partition_point(|other| *other < digest.as_str());
        // Whatever shares the most digits is a neighbour.
        let neighbours = [place.checked_sub(1), Some(place + 1)];
        let shared = neighbours.into_iter().flatten().filter_map(|index| sorted.get(index));
        let shared = shared.map(|other| common(digest.as_str(), other)).max().unwrap_or(0);
        let digits = DIGITS_MIN.max(shared + 1).min(digest.as_str().len());
        RequirementId(format!("R-{}", &digest.as_str()[..digits]))
    };
    digests.iter().map(name).collect()
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_change_the_meaning_is_folded() {
        for same in ["Save the file.", "save  the\tfile", "**Save** `the` file!", "(Save the file)"]
        {
            assert_eq!(fold(same), "save the file", "{same}");
        }
    }

    #[test]
    fn what_changes_the_meaning_is_kept() {
        for (a, b) in [("a <= b", "a >= b"), ("1.5 s", "15 s"), ("c", "c++"), ("?", "!"), ("", "?")]
        {
            assert_ne!(fold(a), fold(b));
        }
    }

    #[test]
    fn statements_that_share_digits_get_more_of_them() {
        let digest = |start: &str| Digest::try_from(format!("{start:0<64}")).unwrap();
        let digests = ["abcd1", "ffff", "abcd2", "abce", "abcd234"].map(digest);
        let names: Vec<_> = name(&digests).into_iter().map(|id| id.0).collect();
        assert_eq!(names, ["R-abcd1", "R-ffff", "R-abcd20", "R-abce", "R-abcd23"]);
    }
}
