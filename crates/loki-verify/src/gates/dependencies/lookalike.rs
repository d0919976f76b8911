//! Names that look like those of packages that everybody uses.

use loki_model::Severity;

use super::package::{Ecosystem, line_of, newly_declared};
use super::popular;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;

/// A name is almost another one.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/lookalike",
    severity: Severity::Warning,
    what: "A new dependency has almost the name of a package that everybody uses.",
    why: "Such names are registered for people who mistype.",
    example: "+    \"expresss\": \"^4.0.0\"",
    fix: "Look whether the other package was meant.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Shorter names are too often almost another one.
const LENGTH_MIN: usize = 5;

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.of(Kind::Manifest) {
        for (now, then) in newly_declared(file) {
            let is_local =
                ["path:", "workspace", "file:", "link:"].iter().any(|m| now.spec.starts_with(m));
            if then.is_some() || is_local {
                continue;
            }
            if let Some(known) = resembles(now.ecosystem, &now.name) {
                let message = format!("`{}` looks like `{known}`", now.name);
                found.add(RULE.at(&file.path, line_of(file, &now.name), message));
            }
        }
    }
}

/// The well-known package that a name looks like; nothing for one that is known itself.
fn resembles(ecosystem: Ecosystem, name: &str) -> Option<&'static str> {
    let mut known = popular::names(ecosystem);
    if known.clone().any(|known| ecosystem.normalised(known) == name) {
        return None;
    }
    let plain = |name: &str| name.replace(['-', '_', '.'], "");
    let scoped = name.strip_prefix('@').map(|rest| rest.replace('/', "-"));
    known.find(|known| {
        // `scope-name` for `@scope/name`.
        let is_unscoped = known.strip_prefix('@').is_some_and(|rest| rest.replace('/', "-") == name)
            // `@name/name` and the like are the owners' own.
            || scoped.as_ref().is_some_and(|scoped| *known == scoped.as_str() && !known.starts_with(name.trim_start_matches('@').split('/').next().unwrap_or_default()));
        let is_long = known.len() >= LENGTH_MIN && name.len() >= LENGTH_MIN;
        let same_scope = name.rsplit_once('/').map(|(scope, _)| scope) == known.rsplit_once('/').map(|(scope, _)| scope);
        is_unscoped
            || is_long && same_scope && (homoglyphs(name) == homoglyphs(known) || plain(name) == plain(known) || is_one_edit(name, known))
    })
}

/// The name with signs that look alike made the same.
fn homoglyphs(name: &str) -> String {
    name.replace("rn", "m")
        .replace("vv", "w")
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | 'i' | '|' => 'l',
            '5' => 's',
            '3' => 'e',
            c => c,
        })
        .collect()
}

/// Whether one letter more, less, other, or swapped with its neighbour makes one of two names.
fn is_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 || a == b {
        return false;
    }
    let head = short.iter().zip(long.iter()).take_while(|(x, y)| x == y).count();
    let (left, right) = (&short[head..], &long[head..]);
    if short.len() != long.len() {
        return left == &right[1..];
    }
    // Numbers at the end make versions of one thing, not mistakes.
    let is_number = left.iter().chain(right).all(char::is_ascii_digit);
    let is_other = left[1..] == right[1..] && !is_number;
    let is_swapped =
        left.len() > 1 && left[0] == right[1] && left[1] == right[0] && left[2..] == right[2..];
    is_other || is_swapped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_are_almost_known_are_told() {
        for (ecosystem, name, known) in [
            (Ecosystem::Npm, "expresss", "express"),
            (Ecosystem::Npm, "lodahs", "lodash"),
            (Ecosystem::Npm, "types-node", "@types/node"),
            (Ecosystem::PyPi, "reqeusts", "requests"),
            (Ecosystem::PyPi, "nurnpy", "numpy"),
            (Ecosystem::PyPi, "beautifulsoup", "beautifulsoup4"),
            (Ecosystem::Cargo, "serde-json", "serde_json"),
            (Ecosystem::Cargo, "t0kio", "tokio"),
        ] {
            assert_eq!(resembles(ecosystem, name), Some(known), "{name}");
        }
    }

    #[test]
    fn known_and_other_names_are_fine() {
        for (ecosystem, name) in [
            (Ecosystem::Npm, "preact"),
            (Ecosystem::Npm, "react"),
            (Ecosystem::Npm, "@acme/react"),
            (Ecosystem::Npm, "left-pad"),
            (Ecosystem::Npm, "my-express-app"),
            (Ecosystem::PyPi, "httpx"),
            (Ecosystem::PyPi, "flask"),
            (Ecosystem::Cargo, "rand"),
            (Ecosystem::Npm, "nock"),
        ] {
            assert_eq!(resembles(ecosystem, name), None, "{name}");
        }
    }

    /// No list may accuse its own names of one another.
    #[test]
    fn known_names_are_unique() {
        for ecosystem in
            [Ecosystem::Npm, Ecosystem::PyPi, Ecosystem::Cargo, Ecosystem::Go, Ecosystem::Ruby]
        {
            let names: Vec<&str> = popular::names(ecosystem).collect();
            let unique: std::collections::BTreeSet<&str> = names.iter().copied().collect();
            assert_eq!(unique.len(), names.len(), "{ecosystem:?}");
        }
    }

    proptest! {
        #[test]
        fn one_edit_is_symmetric_and_never_panics(a in "[a-c1]{0,6}", b in "[a-c1]{0,6}") {
            prop_assert_eq!(is_one_edit(&a, &b), is_one_edit(&b, &a));
            let _ = resembles(Ecosystem::Npm, &a);
        }
    }
}
