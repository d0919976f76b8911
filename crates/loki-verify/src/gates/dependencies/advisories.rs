//! Known vulnerabilities, from a snapshot of advisories in the OSV format on this machine.
//!
//! Source: Open Source Vulnerability format 1.7, `affected[].ranges` and `affected[].versions`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use loki_model::Severity;
use serde_json::Value;

use super::package::{Ecosystem, line_of, lock_for, locked, newly_declared};
use super::{version, weighing};
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;

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
        look(&sides, directory().as_deref(), cx.config.dependencies.advisories_required, found);
    },
};

/// Where the snapshot is, when it is not in loki's own directory.
const DIRECTORY: &str = "LOKI_ADVISORIES";

/// Files of a snapshot that are looked through.
const FILES_MAX: usize = 300_000;

/// A larger advisory is not read.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Directories within directories of a snapshot.
const DEPTH_MAX: usize = 4;

/// Packages that are looked up.
const PACKAGES_MAX: usize = 5_000;

/// The directory of the snapshot, if there is one.
fn directory() -> Option<PathBuf> {
    let named = |name: &str, below: &[&str]| {
        let mut path = PathBuf::from(std::env::var_os(name)?);
        path.extend(below);
        Some(path)
    };
    let path = named(DIRECTORY, &[])
        .or_else(|| named("LOKI_HOME", &["advisories"]))
        .or_else(|| named("XDG_STATE_HOME", &["loki", "advisories"]))
        .or_else(|| named("HOME", &[".local", "state", "loki", "advisories"]));
    path.filter(|path| path.is_dir())
}

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
            if !before.iter().any(|then| then.name == one.name && then.version == one.version) {
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
                Ecosystem::Go | Ecosystem::Maven => Some(now.spec.as_str()),
                _ => version::lowest(&now.spec),
            };
            if let (false, Some(version)) = (is_locked, exact.filter(|exact| !exact.is_empty())) {
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

fn look(sides: &Sides<'_>, directory: Option<&Path>, is_required: bool, found: &mut Found) {
    let mut added = added(sides);
    let Some(first) = added.first().cloned() else { return };
    let Some(directory) = directory else {
        let message =
            "there is no snapshot of advisories, so known vulnerabilities were not looked for";
        let severity = if is_required { Severity::Warning } else { Severity::Note };
        found.add(weighing(RULE.at(&first.path, first.line, message), severity));
        // Nothing else would tell that from a search that found nothing. Not being able to look keeps no gate
        // from passing unless the settings ask for it: whoever keeps no snapshot would have to decide by hand
        // about each change of a dependency.
        found.rests_on.push("known vulnerabilities were not looked for".to_owned());
        return;
    };
    if added.len() > PACKAGES_MAX {
        found.unread.push(format!("{} packages beyond {PACKAGES_MAX}", added.len() - PACKAGES_MAX));
        added.truncate(PACKAGES_MAX);
    }
    let wanted: BTreeSet<(Ecosystem, String)> =
        added.iter().map(|one| (one.ecosystem, one.name.clone())).collect();
    let snapshot = Snapshot::read(directory, &wanted);
    found.unread.extend(snapshot.unread);
    found.rests_on.push(format!("advisories of {}", snapshot.date));
    for one in &added {
        let key = (one.ecosystem, one.name.clone());
        for advisory in snapshot.advisories.get(&key).into_iter().flatten() {
            if !advisory.affects(one.ecosystem, &one.version) {
                continue;
            }
            let Advisory { id, summary, severity, .. } = advisory;
            let message = format!(
                "`{} {}` has a known vulnerability: {id}: {summary}",
                one.name, one.version
            );
            found.add(weighing(RULE.at(&one.path, one.line, message), *severity));
        }
    }
}

/// What a snapshot says about some packages.
#[derive(Default)]
struct Snapshot {
    advisories: BTreeMap<(Ecosystem, String), Vec<Advisory>>,
    /// When its newest advisory was changed, as far as was looked.
    date: String,
    unread: Vec<String>,
}

/// One advisory about one package.
#[derive(Clone, Debug)]
struct Advisory {
    id: String,
    summary: String,
    severity: Severity,
    affected: Value,
}

impl Snapshot {
    fn read(directory: &Path, wanted: &BTreeSet<(Ecosystem, String)>) -> Snapshot {
        let mut snapshot = Snapshot { date: "an unknown date".to_owned(), ..Snapshot::default() };
        let mut left = FILES_MAX;
        snapshot.walk(directory, wanted, DEPTH_MAX, &mut left);
        if left == 0 {
            snapshot.unread.push(format!("advisories beyond {FILES_MAX}"));
        }
        snapshot
    }

    fn walk(
        &mut self,
        directory: &Path,
        wanted: &BTreeSet<(Ecosystem, String)>,
        depth: usize,
        left: &mut usize,
    ) {
        let Ok(entries) = std::fs::read_dir(directory) else {
            self.unread.push("a directory of advisories".to_owned());
            return;
        };
        for entry in entries.flatten() {
            if *left == 0 {
                return;
            }
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth > 0 {
                // The directories of a snapshot are often those of the ecosystems.
                let is_other = is_ecosystem(&name) && !wanted.iter().any(|(e, _)| e.osv() == name);
                if !is_other {
                    self.walk(&path, wanted, depth - 1, left);
                }
            } else if kind.is_file() && name.ends_with(".json") {
                *left -= 1;
                self.file(&path, wanted);
            }
        }
    }

    fn file(&mut self, path: &Path, wanted: &BTreeSet<(Ecosystem, String)>) {
        let size = std::fs::metadata(path).map_or(u64::MAX, |found| found.len());
        let bytes = if size <= FILE_BYTES_MAX { std::fs::read(path).ok() } else { None };
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            self.unread.push("an advisory".to_owned());
            return;
        };
        if let Some(date) = modified(&text)
            && (self.date.starts_with("an ") || *date > *self.date)
        {
            date.clone_into(&mut self.date);
        }
        // Most advisories are about something else: they need not be parsed.
        let flat = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
        let mentioned = flat(&text);
        if !wanted.iter().any(|(_, name)| mentioned.contains(&flat(name))) {
            return;
        }
        let Ok(value) = serde_json::from_str::<Value>(&text) else { return };
        if value.get("withdrawn").is_some_and(|at| !at.is_null()) {
            return;
        }
        for affected in value.get("affected").and_then(Value::as_array).into_iter().flatten() {
            let named = |key: &str| affected.get("package")?.get(key)?.as_str();
            let (Some(ecosystem), Some(name)) = (named("ecosystem"), named("name")) else {
                continue;
            };
            let ecosystem = ecosystem.split(':').next().unwrap_or(ecosystem);
            let key = wanted.iter().find(|(known, wanted)| {
                known.osv() == ecosystem && known.normalised(name) == *wanted
            });
            let Some(key) = key else { continue };
            let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
            self.advisories.entry(key.clone()).or_default().push(Advisory {
                id: crate::text::one_line(text("id"), 60),
                summary: crate::text::one_line(text("summary"), 200),
                severity: severity(&value, affected),
                affected: affected.clone(),
            });
        }
    }
}

fn is_ecosystem(name: &str) -> bool {
    let all = [
        Ecosystem::Npm,
        Ecosystem::Cargo,
        Ecosystem::PyPi,
        Ecosystem::Go,
        Ecosystem::Maven,
        Ecosystem::Ruby,
        Ecosystem::Composer,
    ];
    all.iter().any(|ecosystem| ecosystem.osv() == name)
}

/// The day on which an advisory was changed.
fn modified(text: &str) -> Option<&str> {
    const KEY: &str = "\"modified\"";
    let rest = text.get(text.find(KEY)? + KEY.len()..)?;
    let start = rest.find('"')? + 1;
    let day = rest.get(start..start + 10)?;
    day.chars().all(|c| c.is_ascii_digit() || c == '-').then_some(day)
}

/// How bad an advisory says that it is; unless it says that it is bad, a person has to look.
fn severity(advisory: &Value, affected: &Value) -> Severity {
    let specific = |value: &Value, key: &str| {
        let word = value.get("database_specific")?.get(key)?.as_str()?;
        Some(word.to_ascii_uppercase())
    };
    if specific(affected, "informational").is_some() {
        return Severity::Note;
    }
    match specific(advisory, "severity").as_deref() {
        Some("HIGH" | "CRITICAL") => Severity::Error,
        _ => Severity::Warning,
    }
}

impl Advisory {
    fn affects(&self, ecosystem: Ecosystem, version: &str) -> bool {
        let list = |key: &str| self.affected.get(key).and_then(Value::as_array);
        let bare = version.trim_start_matches('v');
        let is_listed =
            list("versions").into_iter().flatten().filter_map(Value::as_str).any(|known| {
                known == version
                    || version::compare(ecosystem, known.trim_start_matches('v'), bare)
                        .is_some_and(|order| order.is_eq())
            });
        let ranges = list("ranges").into_iter().flatten();
        is_listed || ranges.into_iter().any(|range| in_range(ecosystem, range, bare))
    }
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
    use crate::sides::testing::check;

    fn advisory(severity: &str) -> String {
        format!(
            "{{\"id\": \"X-1\", \"summary\": \"bad\", \"modified\": \"2026-03-04T05:06:07Z\", \"database_specific\": {{\"severity\": \"{severity}\"}}, \"affected\": [{{\"package\": {{\"ecosystem\": \"PyPI\", \"name\": \"Foo.Bar\"}}, \"ranges\": [{{\"type\": \"ECOSYSTEM\", \"events\": [{{\"introduced\": \"1.0\"}}, {{\"fixed\": \"1.5\"}}, {{\"introduced\": \"2.0\"}}, {{\"last_affected\": \"2.2\"}}]}}], \"versions\": [\"0.3\"]}}]}}"
        )
    }

    fn snapshot() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("PyPI")).unwrap();
        std::fs::write(dir.path().join("PyPI/X-1.json"), advisory("HIGH")).unwrap();
        dir
    }

    #[test]
    fn a_version_is_affected_between_its_events() {
        let dir = snapshot();
        let wanted = [(Ecosystem::PyPi, "foo-bar".to_owned())].into();
        let read = Snapshot::read(dir.path(), &wanted);
        assert_eq!(read.date, "2026-03-04");
        let found = &read.advisories[&(Ecosystem::PyPi, "foo-bar".to_owned())][0];
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
            assert_eq!(found.affects(Ecosystem::PyPi, version), expected, "{version}");
        }
    }

    #[test]
    fn added_versions_are_looked_up_and_old_ones_are_not() {
        let with = |required: bool| -> fn(&Sides<'_>, &mut Found) {
            if required {
                |sides, found| look(sides, Some(snapshot().path()), true, found)
            } else {
                |sides, found| look(sides, None, false, found)
            }
        };
        let before = [("requirements.txt", "foo_bar==1.1\n")];
        let after = [("requirements.txt", "foo_bar==1.2\n")];
        check(with(true), &before, &after, "error vulnerable requirements.txt:1");
        check(with(true), &before, &[("requirements.txt", "foo_bar==1.5\n")], "");
        check(with(true), &before, &[("requirements.txt", "foo_bar==1.1\n# x\n")], "");
        check(with(false), &before, &after, "note vulnerable requirements.txt:1");
        check(
            |sides, found| look(sides, None, true, found),
            &before,
            &after,
            "warning vulnerable requirements.txt:1",
        );
    }
}
