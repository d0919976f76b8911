//! A snapshot that is a directory of advisories, one a file, as an export holds them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::snapshot::{Snapshot, Wanted};
use crate::ecosystem::Ecosystem;

/// Files that are looked through.
const FILES_MAX: usize = 300_000;

/// A larger advisory is not read.
pub(super) const FILE_BYTES_MAX: u64 = 4 << 20;

/// Directories within directories.
const DEPTH_MAX: usize = 4;

/// Adds to `snapshot` what the files below `directory` say about `wanted`, and which of the `ecosystems` they
/// hold anything of.
pub(super) fn read(
    directory: &Path,
    ecosystems: &BTreeSet<Ecosystem>,
    wanted: &Wanted,
    snapshot: &mut Snapshot,
) {
    if ecosystems.is_empty() {
        return;
    }
    let mut reading = Reading { ecosystems, wanted, left: FILES_MAX, snapshot };
    reading.walk(directory, DEPTH_MAX);
    if reading.left == 0 {
        reading.not_read(&format!("it holds more than {FILES_MAX} files"));
    }
}

/// What tells one state of the snapshot at `directory` from another, in whatever form it is there.
pub(super) fn state(directory: &Path) -> String {
    let mut found = Vec::new();
    files(directory, DEPTH_MAX, &mut found);
    found.sort();
    found.join("\n")
}

/// Name, length and time of every file that may be an advisory or an index.
fn files(directory: &Path, depth: usize, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if found.len() >= FILES_MAX {
            return;
        }
        if kind.is_dir() && depth > 0 {
            files(&entry.path(), depth - 1, found);
        } else if entry.path().extension().is_some_and(|extension| extension == "json")
            && let Ok(meta) = entry.metadata()
        {
            let modified = meta.modified().ok();
            found.push(format!("{} {} {modified:?}", entry.path().display(), meta.len()));
        }
    }
}

struct Reading<'a> {
    ecosystems: &'a BTreeSet<Ecosystem>,
    wanted: &'a Wanted,
    /// Files that are still looked through.
    left: usize,
    snapshot: &'a mut Snapshot,
}

impl Reading<'_> {
    /// Nobody can tell about which package a file is that was not read.
    fn not_read(&mut self, why: &str) {
        for ecosystem in self.ecosystems {
            self.snapshot.unread.entry(*ecosystem).or_insert_with(|| why.to_owned());
        }
    }

    fn walk(&mut self, directory: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(directory) else {
            let shown = directory.file_name().unwrap_or_default().to_string_lossy();
            self.not_read(&format!("its directory `{shown}` could not be read"));
            return;
        };
        for entry in entries.flatten() {
            if self.left == 0 {
                return;
            }
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth > 0 {
                // The directories of a snapshot are often those of the ecosystems.
                let is_other = Ecosystem::ALL.into_iter().any(|one| one.osv() == name)
                    && !self.ecosystems.iter().any(|one| one.osv() == name);
                if !is_other {
                    self.walk(&path, depth - 1);
                }
            } else if kind.is_file() && name.ends_with(".json") {
                self.left -= 1;
                self.file(&path, &name);
            }
        }
    }

    fn file(&mut self, path: &Path, name: &str) {
        let size = std::fs::metadata(path).map_or(u64::MAX, |found| found.len());
        let bytes = if size <= FILE_BYTES_MAX { std::fs::read(path).ok() } else { None };
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            self.not_read(&format!("its file `{name}` could not be read"));
            return;
        };
        let day = modified(&text).unwrap_or_default();
        for ecosystem in self.ecosystems {
            if is_about(&text, *ecosystem) {
                self.snapshot.saw(*ecosystem, 1, day);
            }
        }
        // Most advisories are about something else: they need not be parsed.
        let flat = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
        let mentioned = flat(&text);
        if self.wanted.iter().any(|(_, name)| mentioned.contains(&flat(name))) {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => self.advisory(&value),
                Err(_) => self.not_read(&format!("its file `{name}` is no JSON")),
            }
        }
    }

    fn advisory(&mut self, value: &Value) {
        if value.get("withdrawn").is_some_and(|at| !at.is_null()) {
            return;
        }
        let affected = value.get("affected").and_then(Value::as_array).into_iter().flatten();
        for package in affected.filter_map(package_of) {
            if self.wanted.contains(&package) {
                let known = self.snapshot.advisories.entry(package).or_default();
                // One that is about several ranges of a package is still one.
                if known.last() != Some(value) {
                    known.push(value.clone());
                }
            }
        }
    }
}

/// About whom an entry of `affected` is, by the normalised name; nothing for ecosystems that are not
/// known.
pub(crate) fn package_of(affected: &Value) -> Option<(Ecosystem, String)> {
    let named = |key: &str| affected.get("package")?.get(key)?.as_str();
    let ecosystem = Ecosystem::named(named("ecosystem")?)?;
    Some((ecosystem, ecosystem.normalised(named("name")?)))
}

/// Whether the text of an advisory names a package of the ecosystem.
fn is_about(text: &str, ecosystem: Ecosystem) -> bool {
    const KEY: &str = "\"ecosystem\"";
    text.match_indices(KEY).any(|(at, _)| {
        let value = text[at + KEY.len()..].trim_start().strip_prefix(':').map(str::trim_start);
        let named = value.and_then(|rest| rest.strip_prefix('"')?.split('"').next());
        named.and_then(Ecosystem::named) == Some(ecosystem)
    })
}

/// The day on which an advisory was changed.
fn modified(text: &str) -> Option<&str> {
    const KEY: &str = "\"modified\"";
    let rest = text.get(text.find(KEY)? + KEY.len()..)?;
    let start = rest.find('"')? + 1;
    let day = rest.get(start..start + 10)?;
    day.chars().all(|c| c.is_ascii_digit() || c == '-').then_some(day)
}
