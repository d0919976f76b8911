//! What differs between base and tree, with the texts of both sides.
//!
//! Owns the reading: bounded, from git's own objects, so that neither attributes nor the clean copy
//! decide what is seen. Refuses to judge.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use loki_host::git::{GitError, Repo, Shown, Side};
use loki_model::{ChangeKind, Digest, FileChange};
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
    /// Whether `files` hold every line that the change adds, byte by byte.
    pub(crate) has_all_added: bool,
    /// Where the file at a path is among `files`.
    places: HashMap<String, usize>,
}

impl Delta {
    /// Reads both sides of every changed file that is text. `shown` has what git showed of each of
    /// `changes`.
    pub(crate) fn read(
        repo: &Repo,
        changes: &[FileChange],
        shown: &[Shown],
    ) -> Result<Delta, GitError> {
        let mut room = TEXTS_BYTES_MAX;
        let mut unread = Vec::new();
        let text = changes.iter().zip(shown).filter(|(change, _)| !change.binary);
        let (sides, paths): (Vec<(&Shown, Side)>, Vec<&str>) = text
            .flat_map(|(change, shown)| {
                let before = (change.kind != ChangeKind::Added).then_some(Side::Before);
                let after = (change.kind != ChangeKind::Deleted).then_some(Side::After);
                let sides = [before, after].into_iter().flatten();
                let sides = sides.filter(|side| !shown.is_submodule(*side));
                sides.map(move |side| ((shown, side), change.path.as_str()))
            })
            .unzip();
        let mut texts: BTreeMap<(bool, &str), String> = BTreeMap::new();
        let mut is_changed_by_reading = false;
        repo.read_sides(&sides, TEXT_BYTES_MAX, &mut |index, bytes| {
            let (Some((_, side)), Some(path)) = (sides.get(index), paths.get(index)) else {
                return;
            };
            match bytes {
                Some(bytes) if bytes.len() <= room => {
                    room -= bytes.len();
                    let text = String::from_utf8_lossy(bytes);
                    is_changed_by_reading |= matches!(text, Cow::Owned(_));
                    texts.insert((*side == Side::After, *path), text.into_owned());
                }
                _ => unread.push((*path).to_owned()),
            }
        })?;
        unread.dedup();
        let digest = digest(&texts);
        let files: Vec<FileDelta> = changes
            .iter()
            .zip(shown)
            .map(|(change, shown)| FileDelta {
                path: change.path.clone(),
                change: change.kind,
                kind: kind(&change.path),
                before: texts.remove(&(false, change.path.as_str())),
                after: texts.remove(&(true, change.path.as_str())),
                added: shown.new_lines.clone(),
            })
            .collect();
        let has_lines = |file: &FileDelta| file.added.is_empty() || file.after.is_some();
        let has_all_added = !is_changed_by_reading
            && shown.iter().all(|shown| shown.is_whole)
            && files.iter().all(has_lines);
        Ok(Delta { has_all_added, ..Delta::of_files(files, unread, digest) })
    }

    /// These files.
    pub(crate) fn of_files(files: Vec<FileDelta>, unread: Vec<String>, digest: Digest) -> Delta {
        let places = files.iter().enumerate().map(|(place, file)| (file.path.clone(), place));
        let places = places.collect();
        Delta { files, unread, digest, has_all_added: false, places }
    }

    /// The change of the file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&FileDelta> {
        self.files.get(*self.places.get(path)?)
    }

    /// Calls `visit` with path, 1-based number and text of every line that the change adds: those that git
    /// shows, where the files [have them all](Delta::has_all_added).
    pub(crate) fn each_added(&self, visit: &mut dyn FnMut(&str, u32, &[u8])) {
        for file in &self.files {
            let mut wanted = file.added.iter().copied().peekable();
            // A line ends where git says that it does: what other signs end stays one.
            let lines = file.after.as_deref().unwrap_or_default().split('\n');
            for (number, line) in (1_u32..).zip(lines) {
                if wanted.peek().is_none() {
                    break;
                }
                if wanted.next_if_eq(&number).is_some() {
                    visit(&file.path, number, line.as_bytes());
                }
            }
        }
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
    fn a_new_line_ends_where_git_says_that_it_does() {
        let file = FileDelta {
            path: "a.py".to_owned(),
            change: ChangeKind::Added,
            kind: Kind::Source,
            before: None,
            after: Some("a\r\nb\u{b}c\rd\n\nlast".to_owned()),
            added: vec![1, 2, 4],
        };
        let delta = Delta::of_files(vec![file], Vec::new(), Digest::of(b""));
        let mut lines = Vec::new();
        delta.each_added(&mut |path, number, text| {
            lines.push(format!("{path}:{number}:{}", String::from_utf8_lossy(text)));
        });
        assert_eq!(lines, ["a.py:1:a\r", "a.py:2:b\u{b}c\rd", "a.py:4:last"]);
    }

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
