//! The directory of a call, and the paths in it.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::{RelativePath, Root};

/// Where a call works.
pub(super) struct Place {
    /// Without links.
    directory: PathBuf,
    /// As the call named it.
    named: PathBuf,
    root: Root,
}

impl Place {
    pub(super) fn open(directory: &Path) -> io::Result<Place> {
        let named = directory.to_owned();
        let directory = directory.canonicalize()?;
        let root = Root::open(&directory).map_err(io::Error::other)?;
        Ok(Place { directory, named, root })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// For what is to be read or changed there.
    pub(super) fn root(&self) -> &Root {
        &self.root
    }

    /// A path of the model's: below the directory, or absolute and in it.
    pub(super) fn path(&self, text: &str) -> Result<RelativePath, String> {
        let path = Path::new(text);
        let inside = path
            .strip_prefix(&self.named)
            .or_else(|_| path.strip_prefix(&self.directory))
            .unwrap_or(path);
        // What is left of an absolute path that leads elsewhere is refused.
        RelativePath::try_from(inside.to_string_lossy().into_owned())
    }
}
