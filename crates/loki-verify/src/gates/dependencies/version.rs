//! The order of versions, as each ecosystem has it.

use std::cmp::Ordering;

use super::package::Ecosystem;

/// A longer version is not compared.
const VERSION_BYTES_MAX: usize = 200;

/// Which of two versions is newer; nothing when one of them is none.
pub(super) fn compare(ecosystem: Ecosystem, a: &str, b: &str) -> Option<Ordering> {
    if a.len() > VERSION_BYTES_MAX || b.len() > VERSION_BYTES_MAX {
        return None;
    }
    match ecosystem {
        Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Go => {
            Some(semver(a)?.cmp_precedence(&semver(b)?))
        }
        Ecosystem::PyPi => Some(Pep440::parse(a)?.cmp(&Pep440::parse(b)?)),
        Ecosystem::Maven | Ecosystem::Ruby | Ecosystem::Composer => Some(plain(a).cmp(&plain(b))),
    }
}

/// A version in three numbers; missing ones are 0, as ranges leave them out.
fn semver(text: &str) -> Option<semver::Version> {
    let text = text.trim().trim_start_matches(['v', '=', ' ']);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let dots = numbers.matches('.').count();
    let padded = format!("{numbers}{}{rest}", ".0".repeat(2_usize.saturating_sub(dots)));
    semver::Version::parse(&padded).ok()
}

/// The lowest version that a range of any ecosystem lets in, as far as its text tells.
pub(super) fn lowest(spec: &str) -> Option<&str> {
    let first =
        spec.split([',', '|', ' ']).find(|part| part.contains(|c: char| c.is_ascii_digit()))?;
    if first.starts_with('<') || first.starts_with('!') {
        return None;
    }
    let start = first.find(|c: char| c.is_ascii_digit())?;
    let version = &first[start..];
    let end = version.find(|c: char| !(c.is_ascii_alphanumeric() || ".+!-".contains(c)));
    let version = end.map_or(version, |end| &version[..end]);
    Some(version.trim_end_matches(".x").trim_end_matches('.'))
}

/// A version of Python's packages.
///
/// Source: PEP 440, "Summary of permitted suffixes and relative ordering".
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pep440 {
    epoch: u64,
    release: Vec<u64>,
    /// A pre-release: `a`, `b` or `rc` with its number. What has none comes after all that have one,
    /// unless it is only a development release.
    pre: (u8, u64),
    /// A post-release; what has none comes before.
    post: Option<u64>,
    /// A development release comes before what it leads to.
    dev: (bool, u64),
}

impl Pep440 {
    fn parse(text: &str) -> Option<Pep440> {
        let text = text.trim().trim_start_matches(['=', ' ']).to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let text = text.split('+').next().unwrap_or(text);
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, text),
        };
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let numbers = text[..end].trim_end_matches('.');
        let mut release: Vec<u64> =
            numbers.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?;
        while release.len() > 1 && release.last() == Some(&0) {
            release.pop();
        }
        let (mut pre, mut post, mut dev) = (None, None, None);
        let mut rest = &text[end..];
        while !rest.is_empty() {
            rest = rest.trim_start_matches(['.', '-', '_']);
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(letters);
            let after = after.trim_start_matches(['.', '-', '_']);
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let number: u64 = if digits == 0 { 0 } else { after[..digits].parse().ok()? };
            match word {
                "a" | "alpha" => pre = Some((0, number)),
                "b" | "beta" => pre = Some((1, number)),
                "rc" | "c" | "pre" | "preview" => pre = Some((2, number)),
                "post" | "rev" | "r" => post = Some(number),
                "dev" => dev = Some(number),
                // `1.0-1` is a post-release too.
                "" if digits > 0 => post = Some(number),
                _ => return None,
            }
            rest = &after[digits..];
        }
        let pre = match (pre, post, dev) {
            (Some((kind, number)), ..) => (kind + 1, number),
            (None, None, Some(_)) => (0, 0),
            (None, ..) => (u8::MAX, 0),
        };
        Some(Pep440 { epoch, release, pre, post, dev: (dev.is_none(), dev.unwrap_or(0)) })
    }
}

/// A part of a plain version; words come before numbers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Word(String),
    End,
    Number(u64),
}

/// Numbers and words between dots, signs and changes of both.
fn plain(text: &str) -> Vec<Piece> {
    let text = text.trim().trim_start_matches('v').to_ascii_lowercase();
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let is_digit = c.is_ascii_digit();
        let is_word = c.is_alphabetic();
        let end = rest
            .find(|next: char| next.is_ascii_digit() != is_digit || next.is_alphabetic() != is_word)
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end.max(c.len_utf8()));
        if is_digit {
            pieces.push(Piece::Number(piece.parse().unwrap_or(u64::MAX)));
        } else if is_word && !matches!(piece, "final" | "ga" | "release" | "jre" | "android") {
            // `1.0-rc` leads to `1`.
            drop_zeros(&mut pieces);
            pieces.push(Piece::Word(piece.to_owned()));
        }
        rest = after;
    }
    drop_zeros(&mut pieces);
    pieces.push(Piece::End);
    pieces
}

fn drop_zeros(pieces: &mut Vec<Piece>) {
    while pieces.last() == Some(&Piece::Number(0)) {
        pieces.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn versions_are_ordered_as_their_ecosystem_does() {
        for (ecosystem, rising) in [
            (Ecosystem::Npm, &["1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.2", "1.10.0"] as &[&str]),
            (Ecosystem::Go, &["v0.0.0-20200101000000-abcdef", "v0.1.0", "v1.0.0"]),
            (
                Ecosystem::PyPi,
                &[
                    "1.0.dev1",
                    "1.0a1.dev1",
                    "1.0a1",
                    "1.0b2",
                    "1.0rc1",
                    "1.0",
                    "1.0.post1",
                    "1.1",
                    "1!0.1",
                ],
            ),
            (Ecosystem::Ruby, &["1.0.beta", "1.0", "1.0.1", "1.10"]),
            (Ecosystem::Maven, &["1.0-rc1", "1.0", "1.0.1", "2.0.Final"]),
        ] {
            for pair in rising.windows(2) {
                let order = compare(ecosystem, pair[0], pair[1]);
                assert_eq!(order, Some(Ordering::Less), "{pair:?}");
            }
        }
        assert_eq!(compare(Ecosystem::PyPi, "1.0.0", "1"), Some(Ordering::Equal));
        assert_eq!(compare(Ecosystem::Npm, "x", "1.0.0"), None);
    }

    #[test]
    fn a_range_tells_its_lowest_version() {
        for (spec, expected) in [
            ("^1.2.3", Some("1.2.3")),
            (">=2.0,<3", Some("2.0")),
            ("~> 1.5", Some("1.5")),
            ("1.x", Some("1")),
            ("<2", None),
            ("*", None),
            ("==1.0a1", Some("1.0a1")),
        ] {
            assert_eq!(lowest(spec), expected, "{spec}");
        }
    }

    proptest! {
        #[test]
        fn any_versions_are_compared_without_panic(a in "([0-9.!+-]|a|rc|dev|post|v|\\PC){0,20}", b in "[0-9.]{0,8}") {
            for ecosystem in [Ecosystem::Npm, Ecosystem::PyPi, Ecosystem::Ruby] {
                let order = compare(ecosystem, &a, &b);
                prop_assert_eq!(order.map(Ordering::reverse), compare(ecosystem, &b, &a));
                let _ = lowest(&a);
            }
        }
    }
}
