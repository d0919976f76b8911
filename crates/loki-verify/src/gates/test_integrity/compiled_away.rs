//! Tests that are not compiled, or stand under a condition that never holds.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, at, quoted, weighing, with_suite};
use crate::layout::{join, parent};
use crate::suite::{Located, Suite};
use crate::syntax::{Language, Marked, Part, Role, Source};

/// A condition that never holds.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/compiled-away",
    severity: Severity::Error,
    what: "Tests stand under a condition that never holds: a feature that nobody declares, a build \
           tag that nobody sets, `if False`.",
    why: "They are not even built, and no runner counts them as skipped.",
    example: "+#[cfg(feature = \"slow-tests\")]\n mod tests {",
    fix: "Take the condition off, or declare what it asks for and run the tests with it.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    let kept = suite.kept().into_iter().map(|(before, after, _)| (Some(before), after));
    let new = suite.new_tests().into_iter().map(|after| (None, after));
    let mut told = BTreeSet::new();
    for (before, after) in kept.chain(new) {
        let had = before.map(|before| conditions(suite, &before)).unwrap_or_default();
        for (line, condition) in conditions(suite, &after) {
            if had.iter().any(|(_, known)| *known == condition)
                || !told.insert((after.path(), line))
            {
                continue;
            }
            let message = format!(
                "`{}` stands under {}, which never holds",
                after.test.name,
                quoted(&condition)
            );
            let severity = if before.is_some() { Severity::Error } else { Severity::Warning };
            found.add(weighing(at(&RULE, &after, line, message), severity));
        }
    }
    for (file, before, after) in suite.files() {
        if !before.tests().is_empty()
            && let (Some(before), Some(after)) = (before.source(), after.source())
            && let Some((line, tag)) = build_tag(before, after)
        {
            let message = format!("`{}` is only built with {}", file.path, quoted(&tag));
            let severity = if is_never(&tag) { Severity::Error } else { Severity::Warning };
            found.add(weighing(RULE.at(&file.path, line, message), severity));
        }
    }
}

/// Conditions around a test that never hold, with their 1-based lines.
fn conditions(suite: &Suite<'_>, located: &Located<'_>) -> Vec<(u32, String)> {
    let (tree, test) = (located.source.tree(), located.test);
    let mut found: Vec<(u32, String)> = Vec::new();
    let marked = test.markers.iter().filter(|marker| marker.marked == Marked::CompiledIf);
    for marker in marked {
        let condition = marker.condition.clone().unwrap_or_default();
        if is_never(&condition) || is_undeclared(suite, located.path(), &condition) {
            found.push((marker.line, format!("cfg({condition})")));
        }
    }
    // `if False:` around the test, and around everything it does.
    let statements = tree.statements(test.body);
    let only = match statements.as_slice() {
        [only] if tree.role(*only) == Role::If => Some(*only),
        _ => None,
    };
    let around = tree.all_around(test.whole).filter(|at| tree.role(*at) == Role::If).chain(only);
    for branch in around {
        let condition = tree.child(branch, Part::Condition).map(|at| tree.bare(at));
        let text = condition.map_or("", |at| tree.text(at));
        if matches!(text, "False" | "false" | "0" | "None" | "null" | "TYPE_CHECKING" | "nil") {
            found.push((tree.line(branch), format!("if {text}")));
        }
    }
    found
}

/// Whether a condition can not hold, whatever is set.
fn is_never(condition: &str) -> bool {
    let bare: String = condition.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(
        bare.as_str(),
        "any()"
            | "FALSE"
            | "false"
            | "never"
            | "ignore"
            | "none"
            | "not(test)"
            | "not(all())"
            | "disabled"
            | "off"
            | "skip"
    )
}

/// Whether a condition of Rust asks for a feature that no manifest around the file has.
fn is_undeclared(suite: &Suite<'_>, path: &str, condition: &str) -> bool {
    let Some((_, rest)) = condition.split_once("feature") else { return false };
    if condition.contains("not(") || condition.contains("any(") {
        return false;
    }
    let mut parts = rest.split('"');
    let (Some(sign), Some(feature)) = (parts.next(), parts.next()) else { return false };
    if sign.trim() != "=" {
        return false;
    }
    let mut dir = parent(path);
    loop {
        if let Some(manifest) = suite.sides.after(&join(dir, "Cargo.toml")) {
            let manifest: toml::Table = manifest.parse().unwrap_or_default();
            let is_package = manifest.contains_key("package");
            let features = manifest.get("features").and_then(toml::Value::as_table);
            if features.is_some_and(|features| features.contains_key(feature)) {
                return false;
            }
            // Optional dependencies are features too.
            let is_dependency = |table: &str| {
                let table = manifest.get(table).and_then(toml::Value::as_table);
                table.is_some_and(|table| table.contains_key(feature))
            };
            if is_dependency("dependencies") || is_dependency("build-dependencies") {
                return false;
            }
            if is_package {
                return true;
            }
        }
        if dir.is_empty() {
            return false;
        }
        dir = parent(dir);
    }
}

/// Words of build tags that say on which machine a file is built, or how.
const GO_TAGS: &[&str] = &[
    "linux", "darwin", "windows", "freebsd", "netbsd", "openbsd", "unix", "js", "wasm", "android",
    "ios", "plan9", "solaris", "aix", "amd64", "arm64", "386", "arm", "riscv64", "ppc64le",
    "s390x", "cgo", "race", "gc", "gccgo", "purego",
];

/// A build tag that the file got and that nothing on the machine sets.
fn build_tag(before: &Source, after: &Source) -> Option<(u32, String)> {
    if after.language() != Language::Go {
        return None;
    }
    let tag = |source: &Source| {
        let comments = source.comments().iter();
        comments
            .filter_map(|comment| {
                let tag = comment.text.strip_prefix("//go:build ")?.trim().to_owned();
                Some((comment.line, tag))
            })
            .next()
    };
    let (line, new) = tag(after)?;
    if tag(before).is_some_and(|(_, old)| old == new) {
        return None;
    }
    let mut words = new.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
    let is_custom =
        words.any(|word| !word.is_empty() && !GO_TAGS.contains(&word) && !word.starts_with("go1."));
    is_custom.then_some((line, new))
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const RUST: &str = "#[test]\nfn a() {\n    assert_eq!(f(), 1);\n}\n";
    const GO: &str =
        "package p\nfunc TestA(t *testing.T) {\n\tif f() != 1 {\n\t\tt.Fatal()\n\t}\n}\n";

    #[test]
    fn a_feature_that_nobody_declares_is_an_error() {
        let manifest = "[package]\nname = \"a\"\n[features]\nreal = []\n";
        let after = format!("#[cfg(feature = \"slow\")]\n{RUST}");
        expect(
            look,
            &[("Cargo.toml", manifest), ("src/a.rs", RUST)],
            &[("Cargo.toml", manifest), ("src/a.rs", &after)],
            "error compiled-away src/a.rs:1",
        );
        let after = format!("#[cfg(any())]\n{RUST}");
        expect(
            look,
            &[("src/a.rs", RUST)],
            &[("src/a.rs", &after)],
            "error compiled-away src/a.rs:1",
        );
    }

    #[test]
    fn a_tag_that_nobody_sets_is_an_error_or_a_question() {
        let never = format!("//go:build never\n\n{GO}");
        expect(
            look,
            &[("a_test.go", GO)],
            &[("a_test.go", &never)],
            "error compiled-away a_test.go:1",
        );
        let own = format!("//go:build integration\n\n{GO}");
        expect(
            look,
            &[("a_test.go", GO)],
            &[("a_test.go", &own)],
            "warning compiled-away a_test.go:1",
        );
    }

    #[test]
    fn a_condition_that_is_false_is_an_error() {
        let before = "def test_a():\n    assert f() == 1\n";
        let after = "if False:\n    def test_a():\n        assert f() == 1\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "error compiled-away tests/test_a.py:1",
        );
        let before = "test('a', () => { assert.equal(f(), 1); });";
        let after = "if (false) {\n  test('a', () => { assert.equal(f(), 1); });\n}";
        expect(
            look,
            &[("a.test.js", before)],
            &[("a.test.js", after)],
            "error compiled-away a.test.js:1",
        );
        let after = "test('a', () => {\n  if (false) { assert.equal(f(), 1); }\n});";
        expect(
            look,
            &[("a.test.js", before)],
            &[("a.test.js", after)],
            "error compiled-away a.test.js:2",
        );
    }

    #[test]
    fn conditions_that_can_hold_are_none() {
        let manifest = "[package]\nname = \"a\"\n[features]\nreal = []\n[dependencies]\nserde = { version = \"1\", optional = true }\n";
        for condition in
            ["feature = \"real\"", "feature = \"serde\"", "unix", "target_os = \"linux\""]
        {
            let after = format!("#[cfg({condition})]\n{RUST}");
            expect(
                look,
                &[("Cargo.toml", manifest), ("src/a.rs", RUST)],
                &[("Cargo.toml", manifest), ("src/a.rs", &after)],
                "",
            );
        }
        let unix = format!("//go:build unix && go1.22\n\n{GO}");
        expect(look, &[("a_test.go", GO)], &[("a_test.go", &unix)], "");
        let module = format!("#[cfg(test)]\nmod tests {{\n{RUST}\n}}\n");
        expect(look, &[], &[("src/a.rs", &module)], "");
    }
}
