//! What differs between base and tree, with the texts of both sides.
//!
//! Owns the reading: bounded, from git's own objects, so that neither attributes nor the clean copy
//! decide what is seen. Refuses to judge.

use std::collections::{BTreeMap, HashMap};

use loki_host::git::{GitError, Repo};
use loki_model::{ChangeKind, Digest, FileChange, TreeId};
use sha2::{Digest as _, Sha256};

use crate::kind::{Kind, kind};

/// A longer text is not looked into.
pub(crate) const TEXT_BYTES_MAX: usize = 2 << 20;

/// All texts together; what is beyond is not looked into.
const TEXTS_BYTES_MAX: usize = 384 << 20;

/// One file that differs.
#[derive(Clone, Debug)]
pub(crate) struct FileDelta {
    /// From the root of the repository.
    pub(crate) path: String,
    /// How it differs.
    pub(crate) change: ChangeKind,
    /// What it is for, told by its path.
    pub(crate) kind: Kind,
    /// What the base holds; nothing when it has no such file, or no text.
    pub(crate) before: Option<String>,
    /// What the tree holds; nothing when it has no such file, or no text.
    pub(crate) after: Option<String>,
    /// 1-based numbers of the lines of `after` that are new, in order.
    pub(crate) added: Vec<u32>,
}

impl FileDelta {
    /// Whether a line of `after`, 1-based, is new.
    pub(crate) fn is_added(&self, line: u32) -> bool {
        self.added.binary_search(&line).is_ok()
    }

    /// Whether any line of `after` from `first` to `last`, 1-based and inclusive, is new.
    pub(crate) fn is_any_added(&self, first: u32, last: u32) -> bool {
        let at = self.added.partition_point(|line| *line < first);
        self.added.get(at).is_some_and(|line| *line <= last)
    }

    /// The new lines with their 1-based numbers.
    pub(crate) fn added_lines(&self) -> impl Iterator<Item = (u32, &str)> {
        let mut wanted = self.added.iter().copied().peekable();
        let lines = self.after.as_deref().unwrap_or_default().lines();
        (1_u32..).zip(lines).filter(move |(number, _)| wanted.next_if_eq(number).is_some())
    }
}

/// Everything that differs.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    /// In git's order.
    pub(crate) files: Vec<FileDelta>,
    /// Files that are text as far as is known and too large to be looked into.
    pub(crate) unread: Vec<String>,
    /// Of everything that was read.
    pub(crate) digest: Digest,
    /// Where the file at a path is among `files`.
    places: HashMap<String, usize>,
}

impl Delta {
    /// Reads both sides of every changed file that is text. `new_lines` has the numbers of the new lines
    /// of each of `changes`.
    pub(crate) fn read(
        repo: &Repo,
        base: &TreeId,
        tree: &TreeId,
        changes: &[FileChange],
        new_lines: &[Vec<u32>],
    ) -> Result<Delta, GitError> {
        let mut room = TEXTS_BYTES_MAX;
        let mut unread = Vec::new();
        let text = changes.iter().filter(|change| !change.binary);
        let sides: Vec<(&TreeId, &str)> = text
            .clone()
            .flat_map(|change| {
                let before = (change.kind != ChangeKind::Added).then_some(base);
                let after = (change.kind != ChangeKind::Deleted).then_some(tree);
                [before, after].into_iter().flatten().map(|side| (side, change.path.as_str()))
            })
            .collect();
        let mut texts: BTreeMap<(bool, &str), String> = BTreeMap::new();
        repo.read_files(&sides, TEXT_BYTES_MAX, &mut |index, bytes| {
            let Some((side, path)) = sides.get(index).copied() else { return };
            match bytes {
                Some(bytes) if bytes.len() <= room => {
                    room -= bytes.len();
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    texts.insert((side == tree, path), text);
                }
                _ => unread.push(path.to_owned()),
            }
        })?;
        unread.dedup();
        let digest = digest(&texts);
        let new_lines = new_lines.iter().cloned().chain(std::iter::repeat_with(Vec::new));
        let files: Vec<FileDelta> = changes
            .iter()
            .zip(new_lines)
            .map(|(change, added)| FileDelta {
                path: change.path.clone(),
                change: change.kind,
                kind: kind(&change.path),
                before: texts.remove(&(false, change.path.as_str())),
                after: texts.remove(&(true, change.path.as_str())),
                added,
            })
            .collect();
        Ok(Delta::of_files(files, unread, digest))
    }

    /// These files.
    pub(crate) fn of_files(files: Vec<FileDelta>, unread: Vec<String>, digest: Digest) -> Delta {
        let places = files.iter().enumerate().map(|(place, file)| (file.path.clone(), place));
        let places = places.collect();
        Delta { files, unread, digest, places }
    }

    /// The change of the file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&FileDelta> {
        self.files.get(*self.places.get(path)?)
    }

    /// The changed files of one kind.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &FileDelta> {
        self.files.iter().filter(move |file| file.kind == kind)
    }
}

fn digest(texts: &BTreeMap<(bool, &str), String>) -> Digest {
    let mut hash = Sha256::new();
    for ((is_after, path), text) in texts {
        // Lengths first, so that no two different readings look alike.
        hash.update(format!("{is_after} {} {}\n{path}", path.len(), text.len()));
        hash.update(text);
    }
    Digest::from(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_lines_are_told_by_their_numbers() {
        let file = FileDelta {
            path: "a.py".to_owned(),
            change: ChangeKind::Modified,
            kind: Kind::Source,
            before: Some("a\nd\n".to_owned()),
            after: Some("a\nb\nc\nd\n".to_owned()),
            added: vec![2, 3],
        };
        let lines: Vec<(u32, &str)> = file.added_lines().collect();
        assert_eq!(lines, [(2, "b"), (3, "c")]);
        assert!(file.is_added(3) && !file.is_added(4));
        assert!(file.is_any_added(3, 9) && !file.is_any_added(4, 9));
    }
}
