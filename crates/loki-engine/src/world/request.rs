//! A wish for another model, left by one process and found by the one that drives the run.

use std::io;
use std::path::{Path, PathBuf};

use loki_model::RunId;

use crate::drive::ModelRequest;

/// Longer names are none.
const NAME_BYTES_MAX: u64 = 1024;

/// Leaves a wish for the process that drives `run`, which takes it before its next call. A later wish
/// replaces an earlier one.
pub fn request_model(home: &Path, run: &RunId, model: Option<&str>) -> io::Result<()> {
    let path = path(home, run);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let beside = path.with_extension(std::process::id().to_string());
    std::fs::write(&beside, model.unwrap_or_default())?;
    std::fs::rename(beside, path)
}

/// What was left, if anything was.
pub(super) fn read(home: &Path, run: &RunId) -> Option<ModelRequest> {
    let path = path(home, run);
    let found = std::fs::metadata(&path).ok()?;
    if !found.is_file() || found.len() > NAME_BYTES_MAX {
        return None;
    }
    let model = std::fs::read_to_string(path).ok()?;
    Some(ModelRequest { model: Some(model.trim().to_owned()).filter(|name| !name.is_empty()) })
}

/// It is recorded. One that stays is recorded once more, which changes nothing.
pub(super) fn remove(home: &Path, run: &RunId) {
    let _ = std::fs::remove_file(path(home, run));
}

fn path(home: &Path, run: &RunId) -> PathBuf {
    home.join("requests").join(format!("{run}.model"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_wish_is_found_until_it_is_taken() {
        let home = tempfile::tempdir().unwrap();
        let run = RunId::from_bits(3);
        assert_eq!(read(home.path(), &run), None);
        request_model(home.path(), &run, Some("a")).unwrap();
        request_model(home.path(), &run, Some("b")).unwrap();
        let model = Some("b".to_owned());
        assert_eq!(read(home.path(), &run), Some(ModelRequest { model }));
        request_model(home.path(), &run, None).unwrap();
        assert_eq!(read(home.path(), &run), Some(ModelRequest { model: None }));
        remove(home.path(), &run);
        assert_eq!(read(home.path(), &run), None);
        let left = std::fs::read_dir(home.path().join("requests")).unwrap().count();
        assert_eq!(left, 0);
    }
}
