//! What differs between two trees, from the files' own bytes: no attribute, driver or setting of
//! the repository hides a line.

use loki_model::{ChangeKind, FileChange, TreeId};

use super::patch::{Entry, LINE_BYTES_MAX, Line, Patch};
use super::{GitError, Repo, Side};

/// What git showed of one file that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The 1-based numbers of the lines that are new, as far as [`Repo::added_lines`] shows them.
    pub new_lines: Vec<u32>,
    /// Whether these are all, none of them cut.
    pub is_whole: bool,
    /// What each side holds, by its name in the object database.
    pub(super) ids: [String; 2],
    /// Whether that is a commit of another repository.
    links: [bool; 2],
}

impl Shown {
    /// Whether one side is a submodule, which has no text.
    pub fn is_submodule(&self, side: Side) -> bool {
        let [before, after] = self.links;
        match side {
            Side::Before => before,
            Side::After => after,
        }
    }
}

/// How git marks a submodule.
const SUBMODULE_MODE: u32 = 0o160_000;

/// Shown of one file's added lines by [`Repo::added_lines`].
pub const ADDED_BYTES_PER_FILE_MAX: usize = 8 << 20;

/// No lines are shown of a file that is larger on either side: git would read it into memory, and gives up
/// the whole patch for a file of a gigabyte.
const DIFFED_BYTES_MAX: u64 = 128 << 20;

/// Makes git show everything, and in one form.
const OPTIONS: [&str; 19] = [
    "-r",
    "--raw",
    "--no-abbrev",
    "--full-index",
    "--patch",
    "--unified=0",
    "--inter-hunk-context=0",
    "--text",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--ignore-submodules=none",
    "--submodule=short",
    "--diff-algorithm=myers",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--end-of-options",
];

/// Makes git name the same files, without a look into them.
const RAW_OPTIONS: [&str; 7] = [
    "-r",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--no-relative",
    "--ignore-submodules=none",
    "--end-of-options",
];

impl Repo {
    /// Every file that differs, in git's order. A file that changed type counts the lines of both
    /// sides. A file is binary when one of its changed lines holds a zero byte.
    pub fn diff(&self, from: &TreeId, to: &TreeId) -> Result<Vec<FileChange>, GitError> {
        let changes = self.diff_shown(from, to)?;
        Ok(changes.into_iter().map(|(change, _)| change).collect())
    }

    /// The same, each with what git showed of it.
    pub fn diff_shown(
        &self,
        from: &TreeId,
        to: &TreeId,
    ) -> Result<Vec<(FileChange, Shown)>, GitError> {
        let mut counts: Vec<Count> = Vec::new();
        let entries = self.patch(from, to, &mut |index, entry, line| {
            counts.resize_with(counts.len().max(index + 1), Count::default);
            if let Some(count) = counts.get_mut(index) {
                count.add(line, !entry.is_submodule());
            }
        })?;
        counts.resize_with(entries.len(), Count::default);
        Ok(entries.into_iter().zip(counts).map(|(entry, count)| change(entry, count)).collect())
    }

    /// Calls `visit` with path, 1-based line number in `to`, and text (without its line end) of
    /// every line that `from` does not have at that place; submodules have no lines.
    ///
    /// Returns the paths of which not everything was shown: only the first 8 MiB of one file's
    /// added lines are, and nothing of a file that is larger than 128 MiB.
    pub fn added_lines(
        &self,
        from: &TreeId,
        to: &TreeId,
        visit: &mut dyn FnMut(&str, u32, &[u8]),
    ) -> Result<Vec<String>, GitError> {
        let mut cut: Vec<String> = Vec::new();
        let mut current = (0, 0_usize);
        self.patch(from, to, &mut |index, entry, line| {
            if current.0 != index {
                current = (index, 0);
            }
            let room = current.1 < ADDED_BYTES_PER_FILE_MAX;
            match line {
                Line::Deleted(_) => {}
                Line::Added(..) if entry.is_submodule() => {}
                Line::Added(number, text) if room => {
                    current.1 += text.len() + 1;
                    visit(&entry.path, number, text);
                }
                Line::Added(..) | Line::Hidden => {
                    if cut.last() != Some(&entry.path) {
                        cut.push(entry.path.clone());
                    }
                }
            }
        })?;
        Ok(cut)
    }

    fn patch(
        &self,
        from: &TreeId,
        to: &TreeId,
        visit: &mut dyn FnMut(usize, &Entry, Line<'_>),
    ) -> Result<Vec<Entry>, GitError> {
        let unexpected = |what| GitError::Unexpected { subcommand: "diff-tree", what };
        let trees = [from.as_str(), to.as_str()];
        let mut raw = Patch::default();
        let call = self.shared("diff-tree").args(RAW_OPTIONS).args(trees);
        call.stream(&mut |chunk| raw.push(chunk, &mut |_, _, _| {}))?;
        let entries = raw.announced().map_err(unexpected)?;
        if entries.is_empty() {
            return Ok(entries);
        }
        let is_huge = self.are_huge(&entries)?;
        let mut call = self.shared("diff-tree").args(OPTIONS).args(trees).arg("--");
        // What git is not asked for it does not announce: those after it have other numbers.
        let mut numbers: Vec<usize> = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            if is_huge.get(index) == Some(&true) {
                visit(index, entry, Line::Hidden);
                call = call.arg(format!(":(top,exclude,literal){}", entry.path));
            } else {
                numbers.push(index);
            }
        }
        let mut patch = Patch::default();
        call.stream(&mut |chunk| {
            patch.push(chunk, &mut |index, entry, line| {
                if let Some(number) = numbers.get(index) {
                    visit(*number, entry, line);
                }
            });
        })?;
        let shown = patch.finish().map_err(unexpected)?;
        if shown.len() != numbers.len() {
            return Err(unexpected(format!("{} of {} files", shown.len(), numbers.len())));
        }
        Ok(entries)
    }

    /// Of which entries a side is larger than [`DIFFED_BYTES_MAX`].
    fn are_huge(&self, entries: &[Entry]) -> Result<Vec<bool>, GitError> {
        let asked: String =
            entries.iter().flat_map(|entry| &entry.ids).map(|id| format!("{id}\n")).collect();
        let call = self.shared("cat-file").args(["--batch-check=%(objectsize)", "--buffer"]);
        let answer = call.stdin(asked.into_bytes()).answer()?;
        let answer = String::from_utf8_lossy(&answer);
        // A side that is not there has no size, nor has a commit of a submodule.
        let mut sizes = answer.lines().map(|line| line.parse::<u64>().unwrap_or(0));
        // A path that is not known byte by byte can not be left out.
        let is_huge = |entry: &Entry| {
            let largest = sizes.next().unwrap_or(0).max(sizes.next().unwrap_or(0));
            largest > DIFFED_BYTES_MAX && !entry.path.contains(char::REPLACEMENT_CHARACTER)
        };
        Ok(entries.iter().map(is_huge).collect())
    }
}

#[derive(Default)]
struct Count {
    added: u64,
    deleted: u64,
    binary: bool,
    /// Numbers of added lines, and how long those are together.
    new: Vec<u32>,
    new_bytes: usize,
    /// Whether an added line is missing there, or may be longer than it was shown.
    is_cut: bool,
}

impl Count {
    fn add(&mut self, line: Line<'_>, has_lines: bool) {
        match line {
            Line::Added(number, text) => {
                self.added += 1;
                if has_lines && self.new_bytes < ADDED_BYTES_PER_FILE_MAX {
                    self.new_bytes += text.len() + 1;
                    self.new.push(number);
                    self.is_cut |= text.len() + 1 >= LINE_BYTES_MAX;
                } else {
                    self.is_cut |= has_lines;
                }
                self.binary |= text.contains(&0);
            }
            Line::Deleted(text) => {
                self.deleted += 1;
                self.binary |= text.contains(&0);
            }
            Line::Hidden => (self.binary, self.is_cut) = (true, true),
        }
    }
}

fn change(entry: Entry, count: Count) -> (FileChange, Shown) {
    let kind = match entry.status {
        b'A' => ChangeKind::Added,
        b'D' => ChangeKind::Deleted,
        _ if entry.old_mode != entry.new_mode => ChangeKind::ModeChanged,
        _ => ChangeKind::Modified,
    };
    let change = FileChange {
        kind,
        path: entry.path,
        lines_added: if count.binary { 0 } else { count.added },
        lines_deleted: if count.binary { 0 } else { count.deleted },
        binary: count.binary,
    };
    let links = [entry.old_mode, entry.new_mode].map(|mode| mode == SUBMODULE_MODE);
    (change, Shown { new_lines: count.new, is_whole: !count.is_cut, ids: entry.ids, links })
}

impl Entry {
    fn is_submodule(&self) -> bool {
        self.new_mode == SUBMODULE_MODE
    }
}
