//! Promises about the content of packages.

use loki_model::Severity;

use super::package::{line_of, locked};
use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::sides::Sides;

/// Content is no longer promised, or is another one.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/integrity",
    severity: Severity::Warning,
    what: "A lock no longer says what a package has to contain, or says something else.",
    why: "A published version never changes: another digest means another content.",
    example: "-      \"integrity\": \"sha512-…\",",
    fix: "Have the package manager write the lock again from the registry.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.of(Kind::Lock) {
        let Some((_, before, after)) = locked(file) else { continue };
        for now in &after {
            let same = |then: &&super::package::Locked| {
                then.name == now.name && then.version == now.version && then.source == now.source
            };
            let known: Vec<_> = before.iter().filter(same).collect();
            let had = known.iter().any(|then| !then.integrity.is_empty());
            let message = if had && now.integrity.is_empty() {
                format!("what `{} {}` contains is no longer promised", now.name, now.version)
            } else if had && !known.iter().any(|then| overlap(&then.integrity, &now.integrity)) {
                format!("`{} {}` is to contain something else than before", now.name, now.version)
            } else {
                continue;
            };
            found.add(RULE.at(&file.path, line_of(file, &now.name), message));
        }
    }
    for file in sides.delta.of(Kind::Manifest) {
        let hashes =
            |text: &Option<String>| text.as_deref().unwrap_or_default().matches("--hash=").count();
        let is_requirements = file_name(&file.path).ends_with(".txt");
        if is_requirements
            && hashes(&file.before) > 0
            && file.after.is_some()
            && hashes(&file.after) == 0
        {
            let message = "packages are no longer held to their hashes";
            found.add(weighing(
                RULE.at(&file.path, line_of(file, "=="), message),
                Severity::Warning,
            ));
        }
    }
}

/// Whether two lists of digests have one in common; files are added to a release later on.
fn overlap(before: &str, after: &str) -> bool {
    before.split_whitespace().any(|digest| after.split_whitespace().any(|other| other == digest))
        // Different kinds of digests say nothing about each other.
        || kind(before) != kind(after)
}

fn kind(digest: &str) -> &str {
    digest.split(['-', ':', '/']).next().filter(|kind| kind.len() < 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn lock(integrity: &str) -> String {
        format!("{{\"packages\": {{\"node_modules/a\": {{\"version\": \"1.0.0\"{integrity}}}}}}}")
    }

    #[test]
    fn lost_and_changed_digests_are_told() {
        let path = "package-lock.json";
        let (with, other, without) = (
            lock(", \"integrity\": \"sha512-a\""),
            lock(", \"integrity\": \"sha512-b\""),
            lock(""),
        );
        let doubt = format!("warning integrity {path}:1");
        check(look, &[(path, &with)], &[(path, &without)], &doubt);
        check(look, &[(path, &with)], &[(path, &other)], &doubt);
        check(look, &[(path, &without)], &[(path, &with)], "");
        let newer = other.replace("1.0.0", "1.0.1");
        check(look, &[(path, &with)], &[(path, &newer)], "");
        let hashed = [("requirements.txt", "a==1 --hash=sha256:0\n")];
        check(
            look,
            &hashed,
            &[("requirements.txt", "a==1\n")],
            "warning integrity requirements.txt:1",
        );
    }
}
