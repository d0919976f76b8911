//! Known vulnerabilities, from a snapshot of advisories in the OSV format on this machine.
//!
//! Source: Open Source Vulnerability format 1.7, `affected[].ranges` and `affected[].versions`.

use std::collections::BTreeSet;

use loki_model::Severity;
use serde_json::Value;

use super::package::{Ecosystem, Locked, line_of, lock_for, locked, newly_declared};
use super::{version, weighing};
use crate::advisories::plain::package_of;
use crate::advisories::snapshot::Snapshot;
use crate::gates::part::Part;
use crate::gates::rule::{Found, Rule, while_judging};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::sides::Sides;
use crate::text::one_line;
use crate::{Advisories, DependencyPolicy};

/// An added version has a known vulnerability.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/vulnerable",
    severity: Severity::Error,
    what: "An added or changed dependency has a known vulnerability.",
    why: "Whoever reads the advisory knows how to use it.",
    example: "+requests==2.19.0   (GHSA-…: credentials are sent to another host)",
    fix: "Take a version in which it is fixed, or another package.",
    look: |cx, delta, found| {
        let sides = Sides::of(cx, delta);
        look(&sides, &cx.config.dependencies, found);
    },
};

/// An added version was not looked up.
pub(super) const NOT_LOOKED_UP: Rule = Rule {
    id: "dependencies/not-looked-up",
    severity: Severity::Warning,
    what: "An added or changed dependency could not be looked up in advisories: there is no snapshot of \
           them on this machine, or it holds none of the ecosystem.",
    why: "Not having looked is not having found nothing.",
    example: "+requests==2.19.0   (without `$LOKI_HOME/advisories`)",
    fix: "Run `loki advisories update`, which is the only time that loki asks anybody for advisories; or set \
          `advisories = \"optional\"` in `[verify.dependencies]`, and it is a note.",
    look: while_judging,
};

/// Packages that are looked up.
const PACKAGES_MAX: usize = 5_000;

/// A package in a version that the base does not have, and where it says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Added {
    ecosystem: Ecosystem,
    name: String,
    version: String,
    path: String,
    line: u32,
}

fn added(sides: &Sides<'_>) -> Vec<Added> {
    let mut found = Vec::new();
    for file in sides.delta.of(Kind::Lock) {
        let Some((ecosystem, before, after)) = locked(file) else { continue };
        for one in after {
            let is_new =
                !before.iter().any(|then| then.name == one.name && then.version == one.version);
            if is_new && is_published(&file.path, &one) && is_version(ecosystem, &one.version) {
                let line = line_of(file, &one.name);
                found.push(Added {
                    ecosystem,
                    name: one.name,
                    version: one.version,
                    path: file.path.clone(),
                    line,
                });
            }
        }
    }
    for file in sides.delta.of(Kind::Manifest) {
        for (now, _) in newly_declared(file) {
            // Where there is a lock, it says what is taken.
            let is_locked = lock_for(sides, now.ecosystem, &file.path).is_some()
                && now.ecosystem != Ecosystem::Go;
            let exact = match now.ecosystem {
                Ecosystem::PyPi => now.spec.strip_prefix("==").map(str::trim),
                // A module that is replaced is taken from elsewhere, in whatever version is asked for.
                Ecosystem::Go if !now.is_locked => None,
                Ecosystem::Go | Ecosystem::Maven => Some(now.spec.as_str()),
                // An address is no range, whatever numbers are in it.
                _ if now.spec.contains([':', '/']) => None,
                _ => version::lowest(&now.spec),
            };
            let exact = exact.filter(|exact| is_version(now.ecosystem, exact));
            if let (false, Some(version)) = (is_locked, exact) {
                let line = line_of(file, &now.name);
                found.push(Added {
                    ecosystem: now.ecosystem,
                    name: now.name.clone(),
                    version: version.to_owned(),
                    path: file.path.clone(),
                    line,
                });
            }
        }
    }
    found.sort();
    found.dedup_by(|a, b| (&a.name, &a.version, a.ecosystem) == (&b.name, &b.version, b.ecosystem));
    found
}

/// Whether a lock holds something that others published: not a member of the project, and not what only
/// decides about the versions of others.
fn is_published(lock: &str, one: &Locked) -> bool {
    let is_path =
        !one.source.is_empty() && (!one.source.contains(':') || one.source.starts_with("file:"));
    let is_member = match file_name(lock) {
        "Cargo.lock" | "uv.lock" => one.source.is_empty(),
        "yarn.lock" => one.source.contains("@workspace:"),
        _ => false,
    };
    !is_path && !is_member
}

/// Whether advisories can tell about a version: not about a range, a place or the name of a property.
fn is_version(ecosystem: Ecosystem, text: &str) -> bool {
    let begins = text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    begins && !text.contains('*') && version::compare(ecosystem, text, text).is_some()
}

fn look(sides: &Sides<'_>, policy: &DependencyPolicy, found: &mut Found) {
    let mut added = added(sides);
    if added.is_empty() {
        return;
    }
    let beyond = added.split_off(added.len().min(PACKAGES_MAX));
    let wanted = added.iter().map(|one| (one.ecosystem, one.name.clone())).collect();
    let directory = policy.snapshot();
    let snapshot = directory.as_deref().map(|directory| Snapshot::read(directory, &wanted));
    for one in &added {
        let key = (one.ecosystem, one.name.clone());
        let known = snapshot.iter().filter_map(|snapshot| snapshot.advisories.get(&key)).flatten();
        for advisory in known.filter(|advisory| affects(advisory, &key, &one.version)) {
            let told = |key: &str| advisory.get(key).and_then(Value::as_str).unwrap_or_default();
            let (id, summary) = (one_line(told("id"), 60), one_line(told("summary"), 200));
            let Added { name, version, path, line, .. } = one;
            let message = format!("`{name} {version}` has a known vulnerability: {id}: {summary}");
            found.add(weighing(RULE.at(path, *line, message), severity(advisory, &key)));
        }
    }
    let (looked_up, mut missed): (Vec<_>, Vec<_>) = added
        .into_iter()
        .partition(|one| snapshot.as_ref().is_some_and(|snapshot| snapshot.covers(one.ecosystem)));
    let why = match &snapshot {
        None => "there is no snapshot of advisories here".to_owned(),
        Some(snapshot) => why_not(snapshot, &missed),
    };
    if let Some(snapshot) = snapshot.filter(|_| !looked_up.is_empty()) {
        found.rests_on.push(format!("advisories of {}", dates(&snapshot)));
    }
    let why = if missed.is_empty() { format!("more than {PACKAGES_MAX}") } else { why };
    missed.extend(beyond);
    not_looked_up(&missed, &why, policy.advisories, found);
}

/// Says that packages were not looked up: nothing else would tell that from a search that found nothing.
fn not_looked_up(missed: &[Added], why: &str, policy: Advisories, found: &mut Found) {
    let Some(first) = missed.first() else { return };
    let packages = if missed.len() == 1 { "package was" } else { "packages were" };
    let message = format!(
        "{} added {packages} not looked up in advisories, the first is `{} {}`: {why}: run `loki advisories \
         update`, or set `advisories = \"optional\"`",
        missed.len(),
        first.name,
        first.version
    );
    let finding = NOT_LOOKED_UP.at(&first.path, first.line, &*message);
    match policy {
        Advisories::Required => found.unclear.push(Part::lacking(message).noting([finding])),
        Advisories::Optional => {
            found.rests_on.push("known vulnerabilities were not looked for".to_owned());
            found.add(weighing(finding, Severity::Note));
        }
    }
}

/// Why packages were not looked up although there is a snapshot.
fn why_not(snapshot: &Snapshot, missed: &[Added]) -> String {
    let ecosystems: BTreeSet<Ecosystem> = missed.iter().map(|one| one.ecosystem).collect();
    if let Some(why) = ecosystems.iter().find_map(|ecosystem| snapshot.unread.get(ecosystem)) {
        return format!("the snapshot of advisories can not be relied on, {why}");
    }
    let names: Vec<&str> = ecosystems.into_iter().map(Ecosystem::osv).collect();
    format!("the snapshot holds no advisories of {}", names.join(" and "))
}

/// The day of the newest advisory; with several ecosystems, that of each.
fn dates(snapshot: &Snapshot) -> String {
    let known = |date: &str| if date.is_empty() { "an unknown date" } else { date }.to_owned();
    if let [(_, seen)] = snapshot.seen.iter().collect::<Vec<_>>()[..] {
        return known(&seen.newest);
    }
    let each =
        snapshot.seen.iter().map(|(one, seen)| format!("{} ({})", known(&seen.newest), one.osv()));
    each.collect::<Vec<_>>().join(" and ")
}

/// How bad an advisory says that it is; unless it says that it is bad, a person has to look.
fn severity(advisory: &Value, package: &(Ecosystem, String)) -> Severity {
    let specific = |value: &Value, key: &str| {
        let word = value.get("database_specific")?.get(key)?.as_str()?;
        Some(word.to_ascii_uppercase())
    };
    if about(advisory, package).all(|affected| specific(affected, "informational").is_some()) {
        return Severity::Note;
    }
    match specific(advisory, "severity").as_deref() {
        Some("HIGH" | "CRITICAL") => Severity::Error,
        _ if is_malicious(advisory) => Severity::Error,
        _ => Severity::Warning,
    }
}

/// Whether a package does harm on purpose; such advisories name no severity.
///
/// Source: OpenSSF's malicious packages, whose ids begin so.
fn is_malicious(advisory: &Value) -> bool {
    let aliases = advisory.get("aliases").and_then(Value::as_array).into_iter().flatten();
    let mut ids = advisory.get("id").into_iter().chain(aliases).filter_map(Value::as_str);
    ids.any(|id| id.starts_with("MAL-"))
}

/// What an advisory says of a package.
fn about<'a>(
    advisory: &'a Value,
    package: &'a (Ecosystem, String),
) -> impl Iterator<Item = &'a Value> {
    let all = advisory.get("affected").and_then(Value::as_array).into_iter().flatten();
    all.filter(move |affected| package_of(affected).as_ref() == Some(package))
}

/// Whether a package is affected in a version.
fn affects(advisory: &Value, package: &(Ecosystem, String), version: &str) -> bool {
    let ecosystem = package.0;
    let bare = version.trim_start_matches('v');
    let is_it = |known: &str| {
        let order = version::compare(ecosystem, known.trim_start_matches('v'), bare);
        known == version || order.is_some_and(|order| order.is_eq())
    };
    about(advisory, package).any(|affected| {
        let list = |key: &str| affected.get(key).and_then(Value::as_array).into_iter().flatten();
        list("versions").filter_map(Value::as_str).any(is_it)
            || list("ranges").any(|range| in_range(ecosystem, range, bare))
    })
}

/// Whether a version is between an event that brings the vulnerability and one that ends it.
fn in_range(ecosystem: Ecosystem, range: &Value, version: &str) -> bool {
    if range.get("type").and_then(Value::as_str) == Some("GIT") {
        return false;
    }
    let mut is_affected = false;
    // The latest event that is not after the version decides.
    let mut decided: Option<String> = None;
    let events = range.get("events").and_then(Value::as_array);
    for event in events.into_iter().flatten() {
        for (key, at) in event.as_object().into_iter().flatten() {
            let Some(at) = at.as_str() else { continue };
            let order = match at {
                "0" => Some(std::cmp::Ordering::Less),
                at => version::compare(ecosystem, at, version),
            };
            let counts = match (key.as_str(), order) {
                ("introduced" | "fixed", Some(order)) => order.is_le(),
                ("last_affected", Some(order)) => order.is_lt(),
                _ => false,
            };
            let is_later = decided.as_deref().is_none_or(|known| {
                known == "0"
                    || version::compare(ecosystem, known, at).is_some_and(|order| order.is_le())
            });
            if counts && is_later {
                decided = Some(at.to_owned());
                is_affected = key == "introduced";
            }
        }
    }
    is_affected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};
    use serde_json::json;
    use std::path::Path;

    fn advisory(severity: &str) -> Value {
        let events = json!([{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"last_affected": "2.2"}]);
        json!({
            "id": "X-1",
            "summary": "bad",
            "modified": "2026-03-04T05:06:07Z",
            "database_specific": {"severity": severity},
            "affected": [{
                "package": {"ecosystem": "PyPI", "name": "Foo.Bar"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
                "versions": ["0.3"],
            }],
        })
    }

    fn foo_bar() -> (Ecosystem, String) {
        (Ecosystem::PyPi, "foo-bar".to_owned())
    }

    fn snapshot() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("PyPI")).unwrap();
        std::fs::write(dir.path().join("PyPI/X-1.json"), advisory("HIGH").to_string()).unwrap();
        dir
    }

    fn looking(snapshot: &Path, advisories: Advisories, sides: &Sides<'_>, found: &mut Found) {
        let snapshot = Some(snapshot.to_owned());
        look(sides, &DependencyPolicy { advisories, snapshot, ..Default::default() }, found);
    }

    fn with_snapshot(sides: &Sides<'_>, found: &mut Found) {
        looking(snapshot().path(), Advisories::Required, sides, found);
    }

    fn without_snapshot(sides: &Sides<'_>, found: &mut Found) {
        looking(Path::new("/nowhere"), Advisories::Required, sides, found);
    }

    #[test]
    fn a_version_is_affected_between_its_events() {
        let dir = snapshot();
        let read = Snapshot::read(dir.path(), &[foo_bar()].into());
        assert_eq!(read.seen[&Ecosystem::PyPi].newest, "2026-03-04");
        let found = &read.advisories[&foo_bar()][0];
        for (version, expected) in [
            ("0.9", false),
            ("1.0", true),
            ("1.4.9", true),
            ("1.5", false),
            ("1.9", false),
            ("2.0", true),
            ("2.2", true),
            ("2.2.1", false),
            ("0.3", true),
            ("1.5rc1", true),
            ("nonsense", false),
        ] {
            assert_eq!(affects(found, &foo_bar(), version), expected, "{version}");
        }
    }

    #[test]
    fn how_bad_an_advisory_is_it_says_itself_and_harm_on_purpose_is_always_bad() {
        let weight = |advisory: &Value| severity(advisory, &foo_bar());
        assert_eq!(weight(&advisory("CRITICAL")), Severity::Error);
        assert_eq!(weight(&advisory("MODERATE")), Severity::Warning);
        let mut malicious = advisory("");
        malicious["aliases"] = json!(["MAL-2026-1"]);
        assert_eq!(weight(&malicious), Severity::Error);
        let mut informational = advisory("HIGH");
        informational["affected"][0]["database_specific"] = json!({"informational": "unsound"});
        assert_eq!(weight(&informational), Severity::Note);
    }

    const BEFORE: Files<'_> = &[("requirements.txt", "foo_bar==1.1\n")];

    #[test]
    fn added_versions_are_looked_up_and_old_ones_are_not() {
        let to = |text: &str, expected: &str| {
            check(with_snapshot, BEFORE, &[("requirements.txt", text)], expected);
        };
        to("foo_bar==1.2\n", "error vulnerable requirements.txt:1");
        to("foo_bar==1.5\n", "");
        to("foo_bar==1.1\n# x\n", "");
    }

    #[test]
    fn an_added_version_that_was_not_looked_up_is_not_known_to_be_fine() {
        let after: Files<'_> = &[("requirements.txt", "foo_bar==1.2\n")];
        check(without_snapshot, BEFORE, after, "unclear not-looked-up requirements.txt:1");
        check(
            |sides, found| looking(Path::new("/nowhere"), Advisories::Optional, sides, found),
            BEFORE,
            after,
            "note not-looked-up requirements.txt:1",
        );
        let empty: fn(&Sides<'_>, &mut Found) = |sides, found| {
            let dir = tempfile::tempdir().unwrap();
            looking(dir.path(), Advisories::Required, sides, found);
        };
        check(empty, BEFORE, after, "unclear not-looked-up requirements.txt:1");
        // It knows Python's packages and nothing of Go's.
        check(
            with_snapshot,
            &[],
            &[("go.mod", "module m\nrequire x/a v1.0.0\n"), ("requirements.txt", "foo_bar==1.2\n")],
            "error vulnerable requirements.txt:1\nunclear not-looked-up go.mod:2",
        );
    }

    #[test]
    fn what_was_not_looked_up_is_counted_and_the_first_named_with_what_to_type() {
        let added = |name: &str| Added {
            ecosystem: Ecosystem::Npm,
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            path: "package-lock.json".to_owned(),
            line: 3,
        };
        let mut found = Found::default();
        not_looked_up(&[added("a"), added("b")], "why", Advisories::Required, &mut found);
        let said = &found.unclear[0];
        assert_eq!(
            said.summary,
            "2 added packages were not looked up in advisories, the first is `a 1.0.0`: why: run `loki \
             advisories update`, or set `advisories = \"optional\"`"
        );
        assert!(said.environment, "no change of the code would help");
    }

    #[test]
    fn a_file_of_a_snapshot_that_does_not_read_is_not_passed_over() {
        let broken: fn(&Sides<'_>, &mut Found) = |sides, found| {
            let dir = snapshot();
            std::fs::write(dir.path().join("PyPI/X-2.json"), "{\"name\": \"foo-bar\"").unwrap();
            looking(dir.path(), Advisories::Required, sides, found);
        };
        let after: Files<'_> = &[("requirements.txt", "foo_bar==1.5\n")];
        check(broken, BEFORE, after, "unclear not-looked-up requirements.txt:1");
    }

    #[test]
    fn what_nobody_published_and_what_has_no_version_need_not_be_looked_up() {
        for (path, text) in [
            ("requirements.txt", "foo_bar>=2\n"),
            ("requirements.txt", "foo_bar\n"),
            ("Cargo.lock", "[[package]]\nname = 'own'\nversion = '0.2.0'\n"),
            ("Cargo.toml", "[dependencies]\nd = { path = '../d2' }\n"),
            (
                "uv.lock",
                "[[package]]\nname = 'own'\nversion = '0.2.0'\nsource = { editable = '.' }\n",
            ),
            (
                "yarn.lock",
                "\"a@workspace:.\":\n  version: 0.0.0\n  resolution: \"a@workspace:.\"\n",
            ),
            ("Gemfile.lock", "PATH\n  remote: .\n  specs:\n    own (1.0)\n"),
            ("go.sum", "x/a v1.0.0/go.mod h1:j\n"),
            ("go.mod", "module m\nrequire x/a v1.0.0\nreplace x/a => ../a\n"),
            (
                "pom.xml",
                "<project><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency></dependencies></project>",
            ),
        ] {
            check(without_snapshot, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn packages_of_a_lock_are_looked_up_also_where_they_are_for_development_only() {
        for (path, text, line) in [
            (
                "Cargo.lock",
                "[[package]]\nname = 'a'\nversion = '1.0.0'\nsource = 'registry+https://x'\n",
                2,
            ),
            (
                "uv.lock",
                "[[package]]\nname = 'a'\nversion = '1.0'\nsource = { registry = 'https://x' }\n",
                2,
            ),
            (
                "package-lock.json",
                "{\"packages\": {\"node_modules/a\": {\"version\": \"1.0.0\", \"dev\": true}}}",
                1,
            ),
            ("package.json", "{\"devDependencies\": {\"a\": \"^1.0.0\"}}", 1),
            ("go.sum", "x/a v1.0.0 h1:j\n", 1),
        ] {
            let expected = format!("unclear not-looked-up {path}:{line}");
            check(without_snapshot, &[], &[(path, text)], &expected);
        }
    }
}
