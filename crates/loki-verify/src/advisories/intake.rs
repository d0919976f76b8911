//! Advisories as they are brought in: what is kept of each, by the package that it is about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::plain::package_of;
use crate::ecosystem::Ecosystem;

/// A larger advisory is not read.
pub const ADVISORY_BYTES_MAX: u64 = 16 << 20;

/// Advisories that one snapshot holds of all its ecosystems.
pub const ADVISORIES_MAX: usize = 2_000_000;

/// Bytes that are kept of all advisories of one snapshot.
const KEPT_BYTES_MAX: usize = 2 << 30;

/// Packages that one advisory is about.
const PACKAGES_PER_ADVISORY_MAX: usize = 10_000;

/// Characters of a summary.
const SUMMARY_CHARS_MAX: usize = 300;

/// Advisories that were brought, by what they are about.
#[derive(Debug)]
pub struct Intake {
    wanted: BTreeSet<Ecosystem>,
    taken: BTreeMap<Ecosystem, Taken>,
    documents: usize,
    bytes: usize,
}

/// What was brought of one ecosystem.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// By the normalised name, what is kept of each advisory.
    pub(super) packages: BTreeMap<String, Vec<Box<RawValue>>>,
    pub(super) advisories: u64,
    /// When the newest was changed.
    pub(super) modified: String,
}

/// Why advisories are not brought in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// A file that is called like one and does not read.
    #[error("`{0}` is no advisory: it is no JSON")]
    NoJson(String),
    /// Nobody has that much to say.
    #[error("it holds too much: more than {ADVISORIES_MAX} advisories, or 2 GiB of them")]
    TooMuch,
}

impl Intake {
    /// Takes what is about packages of these ecosystems.
    pub fn new(wanted: impl IntoIterator<Item = Ecosystem>) -> Intake {
        let wanted = wanted.into_iter().collect();
        Intake { wanted, taken: BTreeMap::new(), documents: 0, bytes: 0 }
    }

    /// Takes what is in the file `name`, which anybody may have written. JSON that is no advisory is passed
    /// over, and so is one that was withdrawn.
    ///
    /// Errors: text that is no JSON, and more than can be kept.
    pub fn take(&mut self, name: &str, document: &[u8]) -> Result<(), IntakeError> {
        let no_json = |_| IntakeError::NoJson(crate::text::one_line(name, 120));
        let advisory: Value = serde_json::from_slice(document).map_err(no_json)?;
        self.documents += 1;
        if self.documents > ADVISORIES_MAX || self.bytes > KEPT_BYTES_MAX {
            return Err(IntakeError::TooMuch);
        }
        let is_withdrawn = advisory.get("withdrawn").is_some_and(|at| !at.is_null());
        let is_one = advisory.get("id").is_some_and(Value::is_string);
        if is_withdrawn || !is_one {
            return Ok(());
        }
        let affected = advisory.get("affected").and_then(Value::as_array).into_iter().flatten();
        let mut about: BTreeMap<(Ecosystem, String), Vec<&Value>> = BTreeMap::new();
        for one in affected.take(PACKAGES_PER_ADVISORY_MAX) {
            let package = package_of(one).filter(|(ecosystem, _)| self.wanted.contains(ecosystem));
            if let Some(package) = package {
                about.entry(package).or_default().push(one);
            }
        }
        let ecosystems: BTreeSet<Ecosystem> = about.keys().map(|(one, _)| *one).collect();
        for ecosystem in ecosystems {
            let taken = self.taken.entry(ecosystem).or_default();
            taken.advisories += 1;
            let modified = advisory.get("modified").and_then(Value::as_str).unwrap_or_default();
            if is_moment(modified) && *modified > *taken.modified {
                modified.clone_into(&mut taken.modified);
            }
        }
        for ((ecosystem, name), affected) in about {
            let Ok(kept) = to_raw_value(&kept(&advisory, &affected)) else { continue };
            self.bytes += kept.get().len() + name.len();
            let packages = &mut self.taken.entry(ecosystem).or_default().packages;
            packages.entry(name).or_default().push(kept);
        }
        Ok(())
    }

    /// How many advisories of an ecosystem were taken.
    pub fn advisories(&self, ecosystem: Ecosystem) -> u64 {
        self.of(ecosystem).map_or(0, |taken| taken.advisories)
    }

    pub(super) fn of(&self, ecosystem: Ecosystem) -> Option<&Taken> {
        self.taken.get(&ecosystem)
    }
}

/// `2026-03-04T05:06:07Z`, with or without parts of a second.
fn is_moment(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || "-:.TZ+".contains(c);
    (10..=40).contains(&text.len()) && text.chars().all(is_part)
}

/// What judging needs of an advisory about one package, in the same form.
fn kept(advisory: &Value, affected: &[&Value]) -> Value {
    let mut kept = some_of(advisory, &["id", "modified", "aliases", "severity"]);
    if let Some(summary) = advisory.get("summary").and_then(Value::as_str) {
        let summary: String = summary.chars().take(SUMMARY_CHARS_MAX).collect();
        kept.insert("summary".to_owned(), summary.into());
    }
    insert_specific(&mut kept, advisory, "severity");
    let affected = affected.iter().map(|one| {
        let mut kept = some_of(one, &["package", "ranges", "versions", "severity"]);
        insert_specific(&mut kept, one, "informational");
        Value::Object(kept)
    });
    kept.insert("affected".to_owned(), affected.collect());
    Value::Object(kept)
}

fn some_of(value: &Value, keys: &[&str]) -> Map<String, Value> {
    let known = keys.iter().filter_map(|key| Some(((*key).to_owned(), value.get(*key)?.clone())));
    known.collect()
}

/// One key of what only the database has.
fn insert_specific(kept: &mut Map<String, Value>, value: &Value, key: &str) {
    if let Some(specific) = value.get("database_specific").filter(|one| one.get(key).is_some()) {
        kept.insert("database_specific".to_owned(), some_of(specific, &[key]).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_judging_does_not_need_is_left_out_and_each_package_has_its_own_part() {
        let package = |ecosystem: &str, name: &str| {
            json!({"package": {"ecosystem": ecosystem, "name": name}, "versions": ["1"],
                   "ecosystem_specific": {"x": 1}, "database_specific": {"informational": "unsound", "y": 1}})
        };
        let document = json!({
            "id": "X-1", "details": "long", "modified": "2026-03-04T05:06:07Z", "summary": "bad",
            "references": [], "database_specific": {"severity": "HIGH", "z": 1},
            "affected": [package("PyPI", "A_b"), package("npm", "c"), package("Debian:12", "d")],
        });
        let mut intake = Intake::new([Ecosystem::PyPi]);
        intake.take("X-1.json", document.to_string().as_bytes()).unwrap();
        let taken = intake.of(Ecosystem::PyPi).unwrap();
        assert_eq!(taken.packages.keys().collect::<Vec<_>>(), ["a-b"]);
        let kept: Value = serde_json::from_str(taken.packages["a-b"][0].get()).unwrap();
        assert_eq!(
            kept,
            json!({
                "id": "X-1", "modified": "2026-03-04T05:06:07Z", "summary": "bad",
                "database_specific": {"severity": "HIGH"},
                "affected": [{"package": {"ecosystem": "PyPI", "name": "A_b"}, "versions": ["1"],
                              "database_specific": {"informational": "unsound"}}],
            })
        );
        assert!(intake.of(Ecosystem::Npm).is_none(), "nobody asked for it");
    }

    #[test]
    fn withdrawn_advisories_and_other_json_are_passed_over_and_what_is_no_json_is_not() {
        let mut intake = Intake::new(Ecosystem::ALL);
        let affected = json!([{"package": {"ecosystem": "npm", "name": "a"}}]);
        let withdrawn =
            json!({"id": "X", "withdrawn": "2026-01-01T00:00:00Z", "affected": affected});
        intake.take("X.json", withdrawn.to_string().as_bytes()).unwrap();
        intake.take("package.json", b"{\"name\": \"a\"}").unwrap();
        intake.take("list.json", b"[1]").unwrap();
        assert_eq!(intake.advisories(Ecosystem::Npm), 0);
        let refused = intake.take("Y.json", b"{\"id\": ");
        assert_eq!(refused, Err(IntakeError::NoJson("Y.json".to_owned())));
    }

    proptest! {
        #[test]
        fn any_document_is_taken_or_refused_without_panic(text in "([{}\\[\\]:,\"]|id|affected|package|npm|null|1|\\PC){0,60}") {
            let _ = Intake::new(Ecosystem::ALL).take("a.json", text.as_bytes());
        }
    }
}
