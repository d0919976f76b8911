//! Versions that go back.

use std::collections::BTreeMap;

use loki_model::Severity;

use super::package::{Locked, line_of, locked, newly_declared};
use super::{version, weighing};
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;

/// A dependency becomes older.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/downgrade",
    severity: Severity::Warning,
    what: "A dependency is taken in an older version than before.",
    why: "What was mended in between is broken again.",
    example: "-requests==2.32.3\n+requests==2.19.0",
    fix: "Stay with the newer version, or say what is wrong with it.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    let mut told: Vec<String> = Vec::new();
    for file in sides.delta.of(Kind::Manifest) {
        for (now, then) in newly_declared(file) {
            let Some(then) = then else { continue };
            let (Some(new), Some(old)) = (version::lowest(&now.spec), version::lowest(&then.spec))
            else {
                continue;
            };
            // A range that only lets in more is no step back.
            let is_wider = now.spec.starts_with('>') && !then.spec.starts_with("==")
                || now.spec.contains("||")
                || now.spec.contains(',') && now.spec.contains('<');
            let is_older =
                version::compare(now.ecosystem, new, old).is_some_and(|order| order.is_lt());
            if is_older && !is_wider {
                told.push(now.name.clone());
                let message =
                    format!("`{}` goes back from `{}` to `{}`", now.name, then.spec, now.spec);
                found.add(RULE.at(&file.path, line_of(file, &now.name), message));
            }
        }
    }
    for file in sides.delta.of(Kind::Lock) {
        let Some((ecosystem, before, after)) = locked(file) else { continue };
        let newest = |all: &[Locked]| {
            let mut newest: BTreeMap<String, String> = BTreeMap::new();
            for one in all {
                let is_newer = newest.get(&one.name).is_none_or(|known| {
                    version::compare(ecosystem, &one.version, known)
                        .is_some_and(|order| order.is_gt())
                });
                if is_newer {
                    newest.insert(one.name.clone(), one.version.clone());
                }
            }
            newest
        };
        let old = newest(&before);
        for (name, new) in newest(&after) {
            let Some(was) = old.get(&name) else { continue };
            let is_older =
                version::compare(ecosystem, &new, was).is_some_and(|order| order.is_lt());
            if is_older && !told.contains(&name) {
                let message = format!("`{name}` goes back from {was} to {new}");
                // What only others ask for moves with what they ask for.
                found.add(weighing(
                    RULE.at(&file.path, line_of(file, &name), message),
                    Severity::Note,
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn older_versions_are_told() {
        let path = "requirements.txt";
        let go = |before: &str, after: &str, expected: &str| {
            check(look, &[(path, before)], &[(path, after)], expected);
        };
        go("a==2.0\n", "a==1.5\n", "warning downgrade requirements.txt:1");
        go("a==2.0\n", "a==2.1\n", "");
        go("a>=2.0\n", "a>=1.5\n", "");
        go("a>=2.0\n", "a>=1.5,<3\n", "");
        let lock = |version: &str| format!("[[package]]\nname = 'a'\nversion = '{version}'\n");
        check(
            look,
            &[("Cargo.lock", &lock("1.1.0"))],
            &[("Cargo.lock", &lock("1.0.0"))],
            "note downgrade Cargo.lock:3",
        );
    }
}
