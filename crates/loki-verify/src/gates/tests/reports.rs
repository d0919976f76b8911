//! Reports that a runner leaves in directories of the copy, one file for each class or project.

use std::fs;
use std::path::{Path, PathBuf};

use crate::counts::Tally;
use crate::counts::junit::FILE_BYTES_MAX;
use crate::gates::Cx;

/// Files of reports that one run may write.
const FILES_MAX: usize = 20_000;

/// Directories in which one run may leave reports.
const DIRS_MAX: usize = 2_000;

/// Where reports of one run are.
pub(super) struct Reports {
    dirs: Vec<PathBuf>,
    ending: &'static str,
}

impl Reports {
    /// Reports whose names end in `ending`, in directories from the root of the copy. What the tree
    /// holds there is removed: this run did not write it.
    pub(super) fn cleared(
        cx: &Cx<'_>,
        dirs: impl IntoIterator<Item = String>,
        ending: &'static str,
    ) -> Result<Reports, String> {
        let dirs: Vec<PathBuf> =
            dirs.into_iter().take(DIRS_MAX).map(|dir| cx.copy.root().join(dir)).collect();
        for dir in &dirs {
            clear(cx, dir)?;
        }
        Ok(Reports { dirs, ending })
    }

    /// Reports in a directory of results, which is made.
    pub(super) fn outside(dir: PathBuf, ending: &'static str) -> Reports {
        // A runner that finds no directory says so.
        let _ = fs::create_dir(&dir);
        Reports { dirs: vec![dir], ending }
    }

    /// What all reports together tell, in order of their paths; nothing when there is none.
    pub(super) fn read(&self, cx: &Cx<'_>, read: &dyn Fn(&str) -> Tally) -> Option<Tally> {
        let mut files: Vec<PathBuf> = self.dirs.iter().flat_map(|dir| self.files(dir)).collect();
        files.sort();
        let is_cut = files.len() > FILES_MAX;
        let mut sum: Option<Tally> = None;
        let mut bytes_left = FILE_BYTES_MAX;
        for path in files.iter().take(FILES_MAX) {
            let tally = match cx.bench().read_results(path, bytes_left) {
                Some(text) => {
                    bytes_left = bytes_left.saturating_sub(text.len() as u64);
                    read(&text)
                }
                None => doubted("one of its reports is too large or no file"),
            };
            sum = Some(match sum {
                Some(sum) => sum.plus(tally),
                None => tally,
            });
        }
        if is_cut { sum.map(|sum| sum.plus(doubted("it wrote too many reports"))) } else { sum }
    }

    fn files(&self, dir: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.to_string_lossy().ends_with(self.ending))
            .take(FILES_MAX + 1)
            .collect()
    }
}

fn doubted(why: &str) -> Tally {
    Tally { doubt: Some(why.to_owned()), ..Tally::default() }
}

/// Removes a directory of old reports. One on the way may be a link that the change brings: what is
/// outside of the copy stays.
fn clear(cx: &Cx<'_>, dir: &Path) -> Result<(), String> {
    let Ok(found) = fs::symlink_metadata(dir) else { return Ok(()) };
    let inside = dir.parent().and_then(|around| fs::canonicalize(around).ok());
    if found.is_symlink() || !inside.is_some_and(|around| around.starts_with(cx.copy.root())) {
        return Err("the place of its reports leads out of the repository".to_owned());
    }
    fs::remove_dir_all(dir).map_err(|error| format!("old reports could not be removed: {error}"))
}
