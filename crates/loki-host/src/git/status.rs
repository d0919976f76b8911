//! How a work tree differs from its last commit, in counts.

use super::{GitError, Repo};

/// Counts of files. A file that is staged and changed again counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkStatus {
    /// Differ between the last commit and the index.
    pub staged: u64,
    /// Differ between the index and the files.
    pub unstaged: u64,
    /// Neither tracked nor ignored; a directory of such files counts once.
    pub untracked: u64,
    /// In the middle of a merge.
    pub conflicted: u64,
}

impl WorkStatus {
    /// Whether there is nothing to commit.
    pub fn is_clean(&self) -> bool {
        *self == WorkStatus::default()
    }
}

impl Repo {
    /// Counts what differs. Writes nothing, not even a refreshed index.
    pub fn status(&self) -> Result<WorkStatus, GitError> {
        let call = self.here("status").args([
            "--porcelain=v2",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--ignore-submodules=none",
        ]);
        let answer = call.answer()?;
        Ok(answer.split(|byte| *byte == 0).fold(WorkStatus::default(), count))
    }
}

/// Adds one line: `1 XY …` for a tracked file, `u …` for a conflict, `? …` for an untracked file.
fn count(mut sum: WorkStatus, line: &[u8]) -> WorkStatus {
    match line {
        [b'1', b' ', index, files, ..] => {
            sum.staged += u64::from(*index != b'.');
            sum.unstaged += u64::from(*files != b'.');
        }
        [b'u', b' ', ..] => sum.conflicted += 1,
        [b'?', b' ', ..] => sum.untracked += 1,
        _ => {}
    }
    sum
}
