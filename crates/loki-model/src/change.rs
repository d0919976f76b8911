//! What differs between two trees.

use serde::{Deserialize, Serialize};

/// How one file differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Not there before.
    Added,
    /// Other content.
    Modified,
    /// No longer there.
    Deleted,
    /// Same content or not, but another mode or type (executable, symlink, submodule).
    ModeChanged,
}

/// One file that differs. Renames show as a deletion and an addition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// How it differs.
    pub kind: ChangeKind,
    /// From the root of the repository, `/` between parts; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Lines that are new; zero for a binary file.
    pub lines_added: u64,
    /// Lines that are gone; zero for a binary file.
    pub lines_deleted: u64,
    /// Whether git takes either side for binary.
    pub binary: bool,
}

/// A change in three numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStats {
    /// Files that differ.
    pub files: u64,
    /// Lines that are new.
    pub lines_added: u64,
    /// Lines that are gone.
    pub lines_deleted: u64,
}

impl ChangeStats {
    /// Adds `changes` up.
    pub fn of(changes: &[FileChange]) -> ChangeStats {
        changes.iter().fold(ChangeStats::default(), |sum, change| ChangeStats {
            files: sum.files + 1,
            lines_added: sum.lines_added + change.lines_added,
            lines_deleted: sum.lines_deleted + change.lines_deleted,
        })
    }
}
