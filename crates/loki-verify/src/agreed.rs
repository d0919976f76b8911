//! What was agreed on of the spec, as the base has it: the lock, and the approved changes.
//!
//! Owns the reading of a side of the change. What the change itself approves counts for nothing here.

use loki_host::git::FileReader;
use loki_model::{Spec, TreeId};
use loki_spec::{Delta, FolderFile, Lock, is_folder_file, read_as, read_folder};

use crate::Subject;
use crate::gates::chain;

/// From the root of the repository.
pub(crate) const LOCK_PATH: &str = ".loki/spec/spec.lock";

/// Below it is one file for each approved change.
pub(crate) const DELTAS_DIR: &str = ".loki/spec/deltas/";

/// Approved changes that are read: the newest, by their names.
const DELTAS_MAX: usize = 500;

/// The base's lock and approvals.
#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// Nothing without a lock; why not, for one that can not be read.
    pub(crate) lock: Option<Result<Lock, String>>,
    /// Oldest first.
    pub(crate) deltas: Vec<Delta>,
}

impl Agreed {
    /// What the base of `subject` holds.
    pub(crate) fn at_base(subject: &Subject<'_>, reader: &FileReader) -> Agreed {
        let Some(bytes) = reader.read(subject.base, LOCK_PATH) else { return Agreed::default() };
        let text = String::from_utf8_lossy(&bytes);
        let lock = Lock::parse(&text).map_err(|error| chain(&error));
        let files = subject.repo.list_files(subject.base).unwrap_or_default();
        let mut paths: Vec<&String> =
            files.iter().filter(|path| path.starts_with(DELTAS_DIR)).collect();
        paths.sort_unstable();
        let newest = paths.len().saturating_sub(DELTAS_MAX);
        let read = |path: &&String| {
            let bytes = reader.read(subject.base, path)?;
            Delta::parse(&String::from_utf8_lossy(&bytes)).ok()
        };
        let deltas = paths[newest..].iter().filter_map(read).collect();
        Agreed { lock: Some(lock), deltas }
    }

    /// What approved changes ask for, as far as the lock still says so: a test may follow it.
    pub(crate) fn asked(&self) -> String {
        let Some(Ok(lock)) = &self.lock else { return String::new() };
        let changes = self.deltas.iter().flat_map(|delta| &delta.change);
        let sides = changes.filter_map(|change| change.new.as_ref());
        let holds = |side: &&loki_spec::Side| lock.requirements.iter().any(|one| side.says(one));
        let mut lines: Vec<&str> = Vec::new();
        for side in sides.filter(holds) {
            lines.push(&side.text);
            lines.extend(side.acceptance.iter().map(String::as_str));
        }
        lines.join("\n")
    }
}

/// Reads a source of a lock as `tree` has it; nothing where it is not there, an error where it does not
/// read. `files` are all files of that tree.
pub(crate) fn source_at(
    reader: &FileReader,
    tree: &TreeId,
    source: &str,
    files: &mut dyn Iterator<Item = &str>,
) -> Option<Result<Spec, String>> {
    let text = |path: &str| {
        let bytes = reader.read(tree, path)?;
        Some(loki_spec::decode(&bytes).map_err(|error| chain(&error)))
    };
    if let Some(text) = text(source) {
        let read = text.and_then(|text| read_as(source, &text).map_err(|error| error.to_string()));
        return Some(read.map(|(spec, _)| spec));
    }
    let below = format!("{source}/");
    let inside = files.filter_map(|path| path.strip_prefix(&below));
    let folder: Vec<FolderFile> = inside
        .filter(|path| is_folder_file(path))
        .filter_map(|path| {
            let text = text(&format!("{below}{path}"))?.ok()?;
            Some(FolderFile { path: path.to_owned(), text })
        })
        .collect();
    if folder.is_empty() {
        return None;
    }
    Some(
        read_folder(source, &folder, None).map(|(spec, _)| spec).map_err(|error| error.to_string()),
    )
}
