//! Reading trees and files out of the object database.

use std::collections::BTreeMap;

use loki_model::{CommitId, TreeId};

use super::{GitError, Repo, Shown};

/// What stands at a path of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// An ordinary file.
    File,
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

/// An object of the database, as git names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(String);

impl ObjectId {
    /// The name, in hexadecimal digits.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands where in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// What it holds.
    pub id: ObjectId,
    /// From the root, `/` between parts. Bytes that are not UTF-8 are replaced.
    pub path: String,
}

/// One side of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// As it was.
    Before,
    /// As it is.
    After,
}

/// Larger files are not read.
const FILE_BYTES_MAX: usize = 64 << 20;

impl Repo {
    /// The tree of a commit.
    pub fn tree_of(&self, commit: &CommitId) -> Result<TreeId, GitError> {
        self.shared("rev-parse").args(["-q", "--verify"]).arg(format!("{commit}^{{tree}}")).id()
    }

    /// The tree without files; it is there afterwards.
    pub fn empty_tree(&self) -> Result<TreeId, GitError> {
        self.shared("mktree").id()
    }

    /// What the file at `path` (from the root, `/` between parts) holds in `tree`; for a symlink,
    /// where it points. Nothing when there is no such file. Fails above 64 MiB.
    pub fn read_file(&self, tree: &TreeId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        // Git would read these as relative to the directory it runs in; no tree holds them.
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains('\0') {
            return Ok(None);
        }
        // The tree first: what is asked for is absent more often than not, and an object that can
        // not be read is not an absent one.
        let entry = self.shared("ls-tree").args(["--full-tree", tree.as_str(), path]);
        if entry.answer()?.split(|byte| *byte == b' ').nth(1) != Some(b"blob") {
            return Ok(None);
        }
        let call = self.shared("cat-file").args(["blob", &format!("{tree}:{path}")]);
        call.answer_bytes_max(FILE_BYTES_MAX).answer().map(Some)
    }

    /// Hands over what each of `wanted` (a tree and a path in it) holds, in order, with its index:
    /// nothing for what is no file, is not there, or is larger than `bytes_max`. One call of git,
    /// however many there are.
    pub fn read_files(
        &self,
        wanted: &[(&TreeId, &str)],
        bytes_max: usize,
        visit: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<(), GitError> {
        // One question a line: a path with a line's end in it could ask another one.
        let is_plain = |path: &str| !path.contains(['\n', '\0']);
        let questions: Vec<(usize, String)> = wanted
            .iter()
            .enumerate()
            .filter(|(_, (_, path))| is_plain(path))
            .map(|(index, (tree, path))| (index, format!("{tree}:{path}\n")))
            .collect();
        let asked: String = questions.iter().map(|(_, line)| line.as_str()).collect();
        self.ask_all(asked, questions.len(), bytes_max, &mut |answered, content| {
            if let Some((index, _)) = questions.get(answered) {
                visit(*index, content);
            }
        })?;
        for (index, (tree, path)) in wanted.iter().enumerate().filter(|(_, (_, p))| !is_plain(p)) {
            let content = self.read_file(tree, path)?.filter(|bytes| bytes.len() <= bytes_max);
            visit(index, content.as_deref());
        }
        Ok(())
    }

    /// The same for sides of files that differ, which are found by what they hold.
    pub fn read_sides(
        &self,
        wanted: &[(&Shown, Side)],
        bytes_max: usize,
        visit: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<(), GitError> {
        let mut asked = String::new();
        for (shown, side) in wanted {
            let [before, after] = &shown.ids;
            asked.push_str(match side {
                Side::Before => before,
                Side::After => after,
            });
            asked.push('\n');
        }
        self.ask_all(asked, wanted.len(), bytes_max, visit)
    }

    /// Asks `count` questions, one a line, and hands over each answer with its number from 0.
    fn ask_all(
        &self,
        asked: String,
        count: usize,
        bytes_max: usize,
        visit: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<(), GitError> {
        let mut batch = Batch::new(bytes_max);
        let mut answered = 0;
        if count > 0 {
            // All questions are known: no answer has to be written by itself.
            let call = self.shared("cat-file").args(["--batch", "--buffer"]);
            call.stdin(asked.into_bytes()).stream(&mut |chunk| {
                batch.push(chunk, &mut |content| {
                    if answered < count {
                        visit(answered, content);
                    }
                    answered += 1;
                });
            })?;
        }
        if answered != count || !batch.is_between() {
            let what = format!("{answered} answers to {count} questions");
            return Err(GitError::Unexpected { subcommand: "cat-file", what });
        }
        Ok(())
    }

    /// The paths of all files and symlinks in `tree`, in git's order.
    pub fn list_files(&self, tree: &TreeId) -> Result<Vec<String>, GitError> {
        let entries = self.list(tree)?.into_iter();
        let files = entries.filter(|entry| entry.kind != EntryKind::Submodule);
        Ok(files.map(|entry| entry.path).collect())
    }

    /// The sizes in bytes of all files and symlinks in `tree`, by path.
    pub fn sizes(&self, tree: &TreeId) -> Result<BTreeMap<String, u64>, GitError> {
        let call = self.shared("ls-tree").args(["-r", "-l", "-z", "--full-tree", tree.as_str()]);
        let answer = call.answer()?;
        // An entry: `mode type id size<tab>path`; a submodule has no size.
        let entry = |entry: &[u8]| {
            let entry = String::from_utf8_lossy(entry);
            let (facts, path) = entry.split_once('\t')?;
            Some((path.to_owned(), facts.split_whitespace().nth(3)?.parse().ok()?))
        };
        Ok(answer.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// What `tree` holds, in git's order.
    pub fn list(&self, tree: &TreeId) -> Result<Vec<Entry>, GitError> {
        let answer =
            self.shared("ls-tree").args(["-r", "-z", "--full-tree", tree.as_str()]).answer()?;
        let entries = answer.split(|byte| *byte == 0);
        // An entry: `mode type id<tab>path`.
        let entry = |entry: &[u8]| {
            let tab = entry.iter().position(|byte| *byte == b'\t')?;
            let (facts, path) =
                (std::str::from_utf8(entry.get(..tab)?).ok()?, entry.get(tab + 1..)?);
            let mut words = facts.split(' ');
            let kind = match words.next()? {
                "120000" => EntryKind::Symlink,
                "160000" => EntryKind::Submodule,
                _ => EntryKind::File,
            };
            let id = ObjectId(words.nth(1)?.to_owned());
            Some(Entry { kind, id, path: String::from_utf8_lossy(path).into_owned() })
        };
        Ok(entries.filter_map(entry).collect())
    }
}

/// The answers of `git cat-file --batch`, as they come: `<id> blob <size>\n<content>\n`, or one line
/// that says why there is no content.
pub(super) struct Batch {
    bytes_max: usize,
    state: Answer,
}

enum Answer {
    /// In the line that begins an answer; what there is of it.
    Head(Vec<u8>),
    /// In the content: so many bytes are left, its line's end included; kept when it is to be shown.
    Content { left: usize, kept: Option<Vec<u8>> },
}

impl Batch {
    pub(super) fn new(bytes_max: usize) -> Batch {
        Batch { bytes_max, state: Answer::Head(Vec::new()) }
    }

    /// Whether no answer is half read.
    fn is_between(&self) -> bool {
        matches!(&self.state, Answer::Head(begun) if begun.is_empty())
    }

    pub(super) fn push(&mut self, mut chunk: &[u8], on_answer: &mut dyn FnMut(Option<&[u8]>)) {
        while !chunk.is_empty() {
            match &mut self.state {
                Answer::Head(begun) => {
                    let end = chunk.iter().position(|byte| *byte == b'\n');
                    begun.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
                    let Some(end) = end else { return };
                    chunk = &chunk[end + 1..];
                    let head = std::mem::take(begun);
                    match size_of(&head) {
                        Some((is_blob, size)) => {
                            let is_shown = is_blob && size <= self.bytes_max;
                            let kept = is_shown.then(|| Vec::with_capacity(size + 1));
                            self.state = Answer::Content { left: size.saturating_add(1), kept };
                        }
                        None => on_answer(None),
                    }
                }
                Answer::Content { left, kept } => {
                    let (content, rest) = chunk.split_at(chunk.len().min(*left));
                    *left -= content.len();
                    if let Some(kept) = kept {
                        kept.extend_from_slice(content);
                    }
                    chunk = rest;
                    if *left == 0 {
                        let kept = kept.take();
                        on_answer(kept.as_deref().map(|kept| &kept[..kept.len() - 1]));
                        self.state = Answer::Head(Vec::new());
                    }
                }
            }
        }
    }
}

/// Whether an answer is a file's, and how many bytes follow; nothing when none do.
fn size_of(head: &[u8]) -> Option<(bool, usize)> {
    let mut words = std::str::from_utf8(head).ok()?.rsplitn(3, ' ');
    let size = words.next()?.parse().ok()?;
    let object = words.next()?;
    let is_object = matches!(object, "blob" | "tree" | "commit" | "tag");
    // The name of an object has no blanks: all else is a question that is repeated.
    let is_answer = words.next().is_some_and(|id| id.bytes().all(|b| b.is_ascii_hexdigit()));
    (is_object && is_answer).then_some((object == "blob", size))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answers(chunks: &[&[u8]], bytes_max: usize) -> Vec<Option<Vec<u8>>> {
        let mut batch = Batch::new(bytes_max);
        let mut found = Vec::new();
        for chunk in chunks {
            batch.push(chunk, &mut |content| found.push(content.map(<[u8]>::to_vec)));
        }
        found
    }

    #[test]
    fn contents_absences_and_what_is_too_large_are_told_apart() {
        let text = b"aa11 blob 3\na\nb\naa:x y missing\nbb22 tree 2\nzz\ncc33 blob 9\n123456789\ndd blob 0\n\n";
        let expected = vec![Some(b"a\nb".to_vec()), None, None, None, Some(Vec::new())];
        assert_eq!(answers(&[text], 8), expected);
    }

    proptest! {
        #[test]
        fn answers_are_the_same_however_the_stream_is_cut(cut in 0_usize..40) {
            let text = b"aa11 blob 3\na\nb\nx missing\ncc33 blob 2\n12\n";
            let (head, tail) = text.split_at(cut.min(text.len()));
            prop_assert_eq!(answers(&[head, tail], 8), answers(&[text], 8));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = answers(&[&bytes], 8);
        }
    }
}
