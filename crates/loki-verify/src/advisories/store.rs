//! The form in which `loki advisories update` keeps a snapshot: a directory for each ecosystem, in which a
//! package is found with two reads.
//!
//! ```text
//! npm/index.json           what is there, and the name of the directory that holds it
//! npm/packages-k3j9xq/07f  every package whose name has a digest that begins so, with its advisories
//! ```
//!
//! Owns the names and forms of these files. A new snapshot is a new directory, and counts from the moment
//! in which `index.json` is replaced: whoever is cut off before leaves the old one as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use loki_model::{Digest, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::intake::Intake;
use super::snapshot::Snapshot;
use crate::ecosystem::Ecosystem;

/// The version of the form. A newer one is not read.
const SCHEMA_VERSION: u32 = 1;

/// What there is to know about one ecosystem, in its directory.
const INDEX: &str = "index.json";

/// The beginning of the names of directories that hold packages.
const PACKAGES: &str = "packages-";

/// Held by whoever brings in a snapshot.
const LOCK: &str = ".lock";

/// Packages that one file holds on average at most.
const PACKAGES_PER_FILE: usize = 64;

/// Hexadecimal digits of the longest names of files: 4,096 of them.
const DIGITS_MAX: usize = 3;

/// A larger index is none.
const INDEX_BYTES_MAX: u64 = 64 << 10;

/// A larger file of packages is not read.
const PACKAGES_BYTES_MAX: u64 = 256 << 20;

/// What there is to know about the snapshot of one ecosystem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    schema_version: u32,
    /// As advisories name it.
    pub ecosystem: String,
    /// Where it was brought from.
    pub source: String,
    /// When it was brought in.
    pub brought_at: Timestamp,
    /// When its newest advisory was changed, as that one says it: RFC 3339.
    pub modified: String,
    /// How many advisories it holds; those that were withdrawn are not among them.
    pub advisories: u64,
    /// How many packages they are about.
    pub packages: u64,
    /// The directory of the packages, beside the index.
    directory: String,
    /// Digits of the names of the files in it.
    digits: usize,
}

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Written by a newer loki.
    #[error("it was written by a newer loki, in form {0}")]
    TooNew(u32),
    /// It is not what was written.
    #[error("its file `{0}` is damaged")]
    Damaged(String),
    /// The system does not let us.
    #[error("its file `{file}` could not be read")]
    Read {
        /// Which.
        file: String,
        /// The system's word.
        #[source]
        source: io::Error,
    },
}

impl Index {
    /// The index of an ecosystem in the snapshot at `directory`; nothing where `loki advisories update` never
    /// brought one in.
    pub fn read(directory: &Path, ecosystem: Ecosystem) -> Result<Option<Index>, ReadError> {
        let path = directory.join(ecosystem.osv()).join(INDEX);
        let file = format!("{}/{INDEX}", ecosystem.osv());
        let bytes = match read_bounded(&path, INDEX_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ReadError::Read { file, source }),
        };
        let value: Option<Value> = serde_json::from_slice(&bytes).ok();
        let version = value.as_ref().and_then(|value| value.get("schema_version")?.as_u64());
        match version {
            None => Err(ReadError::Damaged(file)),
            Some(version) if version > u64::from(SCHEMA_VERSION) => {
                Err(ReadError::TooNew(u32::try_from(version).unwrap_or(u32::MAX)))
            }
            Some(_) => {
                let index: Option<Index> = value.and_then(|v| serde_json::from_value(v).ok());
                let index = index.filter(Index::is_sound);
                index.map(Some).ok_or(ReadError::Damaged(file))
            }
        }
    }

    /// Whether its names lead nowhere else.
    fn is_sound(&self) -> bool {
        let rest = self.directory.strip_prefix(PACKAGES).unwrap_or_default();
        let is_name = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric());
        is_name && (1..=DIGITS_MAX).contains(&self.digits) && self.advisories > 0
    }
}

/// Adds to `snapshot` what the store says about packages of an ecosystem; false where there is no store of it.
pub(super) fn read(
    directory: &Path,
    ecosystem: Ecosystem,
    names: &BTreeSet<&str>,
    snapshot: &mut Snapshot,
) -> bool {
    // Whoever brings in a new one in between takes the old one away: then the new one is there.
    let looked = look_up(directory, ecosystem, names);
    match looked.or_else(|_| look_up(directory, ecosystem, names)) {
        Ok(None) => return false,
        Ok(Some((index, found))) => {
            let day = index.modified.get(..10).unwrap_or_default();
            snapshot.saw(ecosystem, index.advisories, day);
            for (name, advisories) in found {
                snapshot.advisories.insert((ecosystem, name), advisories);
            }
        }
        Err(error) => _ = snapshot.unread.insert(ecosystem, error.to_string()),
    }
    true
}

/// The index, and the advisories of the packages of these names that it has any of.
type Looked = Option<(Index, BTreeMap<String, Vec<Value>>)>;

fn look_up(
    directory: &Path,
    ecosystem: Ecosystem,
    names: &BTreeSet<&str>,
) -> Result<Looked, ReadError> {
    let Some(index) = Index::read(directory, ecosystem)? else { return Ok(None) };
    let mut by_file: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        by_file.entry(file_of(name, index.digits)).or_default().push(name);
    }
    let mut found = BTreeMap::new();
    for (file, names) in by_file {
        let path = directory.join(ecosystem.osv()).join(&index.directory).join(&file);
        // Every file is there, also those that hold nothing: one that is missing was lost.
        let bytes = read_bounded(&path, PACKAGES_BYTES_MAX)
            .map_err(|source| ReadError::Read { file: file.clone(), source })?;
        let damaged = |_| ReadError::Damaged(file.clone());
        let held: BTreeMap<String, &RawValue> = serde_json::from_slice(&bytes).map_err(damaged)?;
        for name in names {
            if let Some(advisories) = held.get(name) {
                let advisories = serde_json::from_str(advisories.get()).map_err(damaged)?;
                found.insert((*name).to_owned(), advisories);
            }
        }
    }
    Ok(Some((index, found)))
}

fn read_bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > bytes_max {
        return Err(io::Error::other(format!("it is larger than {} MiB", bytes_max >> 20)));
    }
    fs::read(path)
}

/// The name of the file that holds a package. Made of a digest, it leads nowhere else whatever the package
/// is called.
fn file_of(name: &str, digits: usize) -> String {
    Digest::of(name.as_bytes()).as_str()[..digits].to_owned()
}

/// Why a snapshot could not be brought in. What was there before still is.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else is at it.
    #[error("another update is under way in `{0}`")]
    Busy(PathBuf),
    /// Somebody put advisories there, and no update would know what to do with them.
    #[error("`{0}` holds files that no update brought there")]
    NotOurs(PathBuf),
    /// A newer loki brought in what is there, and this one would lose what it does not know.
    #[error("`{0}` was written by a newer loki, in form {1}")]
    TooNew(PathBuf, u32),
    /// The disk is full, or we may not.
    #[error("failed to write `{path}`")]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: io::Error,
    },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Write { path, source }
}

/// A snapshot that is being written; nobody else writes it meanwhile.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
    _lock: File,
}

impl Store {
    /// Opens the snapshot at `directory` to write it, made if need be.
    pub fn open(directory: &Path) -> Result<Store, WriteError> {
        fs::create_dir_all(directory).map_err(failed(directory))?;
        let path = directory.join(LOCK);
        let lock = File::create(&path).map_err(failed(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Store { directory: directory.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(WriteError::Busy(directory.to_owned())),
            Err(TryLockError::Error(source)) => Err(WriteError::Write { path, source }),
        }
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Replaces what is known of an ecosystem by what `intake` holds of it; nothing when that is nothing.
    ///
    /// Errors: whatever keeps it from being written whole. The old snapshot counts then.
    pub fn replace(
        &self,
        ecosystem: Ecosystem,
        intake: &Intake,
        source: &str,
        brought_at: Timestamp,
    ) -> Result<Option<Index>, WriteError> {
        let Some(taken) = intake.of(ecosystem) else { return Ok(None) };
        let place = self.directory.join(ecosystem.osv());
        fs::create_dir_all(&place).map_err(failed(&place))?;
        refuse_others(&place)?;
        let current = match Index::read(&self.directory, ecosystem) {
            Err(ReadError::TooNew(form)) => return Err(WriteError::TooNew(place, form)),
            // What does not read is replaced as a whole.
            found => found.ok().flatten().map(|index| index.directory).unwrap_or_default(),
        };
        sweep(&place, &current);
        // Advisories are public: whoever may read the place may read what is in it.
        let open = fs::Permissions::from_mode(0o777);
        let made = tempfile::Builder::new().prefix(PACKAGES).permissions(open).tempdir_in(&place);
        let made = made.map_err(failed(&place))?;
        let digits = (1..DIGITS_MAX)
            .find(|digits| taken.packages.len() <= PACKAGES_PER_FILE << (4 * digits))
            .unwrap_or(DIGITS_MAX);
        let mut files: BTreeMap<String, BTreeMap<&str, &[Box<RawValue>]>> = (0..1 << (4 * digits))
            .map(|number| (format!("{number:0digits$x}"), BTreeMap::new()))
            .collect();
        for (name, advisories) in &taken.packages {
            files.entry(file_of(name, digits)).or_default().insert(name, advisories);
        }
        for (file, packages) in files {
            let path = made.path().join(file);
            let bytes = serde_json::to_vec(&packages).map_err(io::Error::from);
            bytes.and_then(|bytes| fs::write(&path, bytes)).map_err(failed(&path))?;
        }
        let name = made.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let index = Index {
            schema_version: SCHEMA_VERSION,
            ecosystem: ecosystem.osv().to_owned(),
            source: source.to_owned(),
            brought_at,
            modified: taken.modified.clone(),
            advisories: taken.advisories,
            packages: taken.packages.len() as u64,
            directory: name.clone(),
            digits,
        };
        let (path, written) = (place.join(INDEX), made.path().join(INDEX));
        let bytes = serde_json::to_vec(&index).map_err(io::Error::from);
        bytes.and_then(|bytes| fs::write(&written, bytes)).map_err(failed(&written))?;
        fs::rename(&written, &path).map_err(failed(&path))?;
        // From here on it counts.
        let _ = made.keep();
        sweep(&place, &name);
        Ok(Some(index))
    }
}

/// Whoever unpacked an export there wants it read, and it would not be any more.
fn refuse_others(place: &Path) -> Result<(), WriteError> {
    let is_ours =
        |name: &str| name == INDEX || name.starts_with(['.']) || name.starts_with(PACKAGES);
    let mut entries = fs::read_dir(place).map_err(failed(place))?.flatten();
    match entries.any(|entry| !is_ours(&entry.file_name().to_string_lossy())) {
        true => Err(WriteError::NotOurs(place.to_owned())),
        false => Ok(()),
    }
}

/// Takes away what earlier updates left, but for the directory `kept`. What can not be removed is tried again
/// the next time.
fn sweep(place: &Path, kept: &str) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(PACKAGES) && name != kept {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisories::snapshot::Wanted;
    use serde_json::json;

    const NPM: Ecosystem = Ecosystem::Npm;

    fn advisory(id: &str, name: &str) -> Vec<u8> {
        let affected =
            json!([{"package": {"ecosystem": "npm", "name": name}, "versions": ["1.0.0"]}]);
        let document = json!({"id": id, "modified": "2026-03-04T05:06:07Z", "affected": affected});
        document.to_string().into_bytes()
    }

    fn intake(advisories: &[Vec<u8>]) -> Intake {
        let mut intake = Intake::new([NPM]);
        advisories.iter().for_each(|one| intake.take("a.json", one).unwrap());
        intake
    }

    fn bring(directory: &Path, advisories: &[Vec<u8>]) -> Index {
        let store = Store::open(directory).unwrap();
        store.replace(NPM, &intake(advisories), "test", Timestamp(0)).unwrap().unwrap()
    }

    fn ids(directory: &Path, name: &str) -> Vec<String> {
        let wanted: Wanted = [(NPM, name.to_owned())].into();
        let snapshot = Snapshot::read(directory, &wanted);
        assert!(snapshot.covers(NPM), "{:?}", snapshot.unread);
        let found = snapshot.advisories.into_values().flatten();
        found.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_package_is_found_among_many_whatever_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let mut all: Vec<Vec<u8>> =
            (0..2_000).map(|n| advisory(&format!("X-{n}"), &format!("p{n}"))).collect();
        all.push(advisory("X-slash", "@scope/../../etc/passwd"));
        all.push(advisory("X-again", "p7"));
        let index = bring(dir.path(), &all);
        assert_eq!((index.advisories, index.packages, index.digits), (2_002, 2_001, 2));
        assert_eq!(ids(dir.path(), "p7"), ["X-7", "X-again"]);
        assert_eq!(ids(dir.path(), "@scope/../../etc/passwd"), ["X-slash"]);
        assert_eq!(ids(dir.path(), "nobody"), [""; 0]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "the ecosystem and the lock");
    }

    #[test]
    fn a_new_snapshot_takes_the_place_of_the_old_one_and_nothing_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        bring(dir.path(), &[advisory("X-1", "a")]);
        // One that was cut off.
        fs::create_dir(dir.path().join("npm/packages-cut0ff")).unwrap();
        bring(dir.path(), &[advisory("X-2", "a")]);
        assert_eq!(ids(dir.path(), "a"), ["X-2"]);
        assert_eq!(fs::read_dir(dir.path().join("npm")).unwrap().count(), 2);
    }

    #[test]
    fn an_update_that_holds_nothing_or_can_not_be_written_leaves_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        bring(dir.path(), &[advisory("X-1", "a")]);
        let store = Store::open(dir.path()).unwrap();
        assert!(store.replace(NPM, &intake(&[]), "test", Timestamp(0)).unwrap().is_none());
        fs::write(dir.path().join("npm/GHSA-1.json"), "{}").unwrap();
        let refused = store.replace(NPM, &intake(&[advisory("X-2", "a")]), "test", Timestamp(0));
        assert!(matches!(refused, Err(WriteError::NotOurs(_))), "{refused:?}");
        assert_eq!(ids(dir.path(), "a"), ["X-1"]);
    }

    #[test]
    fn what_a_newer_loki_brought_in_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let index = bring(dir.path(), &[advisory("X-1", "a")]);
        fs::write(dir.path().join("npm").join(INDEX), "{\"schema_version\": 2}").unwrap();
        let store = Store::open(dir.path()).unwrap();
        let refused = store.replace(NPM, &intake(&[advisory("X-2", "a")]), "test", Timestamp(0));
        assert!(matches!(refused, Err(WriteError::TooNew(_, 2))), "{refused:?}");
        assert!(dir.path().join("npm").join(index.directory).is_dir());
    }

    #[test]
    fn two_updates_at_once_do_not_meet() {
        let dir = tempfile::tempdir().unwrap();
        let first = Store::open(dir.path()).unwrap();
        assert!(matches!(Store::open(dir.path()), Err(WriteError::Busy(_))));
        drop(first);
        assert!(Store::open(dir.path()).is_ok());
    }

    #[test]
    fn what_is_damaged_lost_or_newer_was_not_looked_up() {
        let dir = tempfile::tempdir().unwrap();
        let why = |break_it: &dyn Fn(&Path, &Index)| {
            let index = bring(dir.path(), &[advisory("X-1", "a")]);
            break_it(&dir.path().join("npm"), &index);
            let snapshot = Snapshot::read(dir.path(), &[(NPM, "a".to_owned())].into());
            assert!(!snapshot.covers(NPM));
            snapshot.unread[&NPM].clone()
        };
        let file =
            |npm: &Path, index: &Index| npm.join(&index.directory).join(file_of("a", index.digits));
        let lost = why(&|npm, index| fs::remove_file(file(npm, index)).unwrap());
        assert!(lost.ends_with("could not be read"), "{lost}");
        let torn = why(&|npm, index| fs::write(file(npm, index), "").unwrap());
        assert!(torn.ends_with("is damaged"), "{torn}");
        let elsewhere = why(&|npm, index| {
            let index = Index { directory: "../../etc".to_owned(), ..index.clone() };
            fs::write(npm.join(INDEX), serde_json::to_vec(&index).unwrap()).unwrap();
        });
        assert_eq!(elsewhere, "its file `npm/index.json` is damaged");
        let newer = why(&|npm, _| {
            fs::write(npm.join(INDEX), "{\"schema_version\": 2, \"advisories\": []}").unwrap();
        });
        assert_eq!(newer, "it was written by a newer loki, in form 2");
    }
}
