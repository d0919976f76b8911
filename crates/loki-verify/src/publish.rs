//! The files that tell a judgement, written whole or not at all.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where a repository keeps what loki shows people.
const OWN_DIR: &str = ".loki";

/// `.loki` holds projections; what is committed there is named here.
const GITIGNORE: &str = "# Written by loki: only settings and the spec lock are committed.\n\
                         *\n!config.toml\n!spec/\n!spec/**\n";

/// A file or directory of the documents could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write `{path}`")]
pub struct PublishError {
    /// Which.
    pub path: PathBuf,
    /// The system's word.
    #[source]
    pub source: io::Error,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PublishError {
    let path = path.to_owned();
    move |source| PublishError { path, source }
}

/// `.loki/verify` in the checkout at `root`, made if need be and ignored by git.
///
/// A repository may bring a link there that leads elsewhere: it is refused.
pub fn verify_dir(root: &Path) -> Result<PathBuf, PublishError> {
    let own = root.join(OWN_DIR);
    let verify = own.join("verify");
    for directory in [&own, &verify] {
        if std::fs::symlink_metadata(directory).is_ok_and(|meta| !meta.is_dir()) {
            let source = io::Error::other("it is in the way: it is not a directory");
            return Err(PublishError { path: directory.clone(), source });
        }
    }
    std::fs::create_dir_all(&verify).map_err(failed(&verify))?;
    let gitignore = own.join(".gitignore");
    if std::fs::symlink_metadata(&gitignore).is_err() {
        write_whole(&gitignore, GITIGNORE.as_bytes())?;
    }
    Ok(verify)
}

/// Writes `bytes` to `path`, whole or not at all; a link at `path` is replaced, not followed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed(path))?;
    file.write_all(bytes).map_err(failed(path))?;
    file.persist(path).map_err(|error| failed(path)(error.error))?;
    Ok(())
}
