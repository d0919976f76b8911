//! The only way loki itself reads and changes files for an agent: below one directory, through no
//! symbolic link.
//!
//! Every directory on the way is opened from the one before without following links, so that a
//! link made at any moment leads nowhere.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, mkdirat, open, openat, unlinkat};
use rustix::io::Errno;
use serde::Deserialize;

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Neither follows a link nor waits for the other end of a pipe.
const NEW_FILE: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);
/// Neither follows a link nor waits for the other end of a pipe.
const OLD_FILE: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
/// What git keeps its own things in; hooks there would be run.
const GIT_DIRECTORY: &str = ".git";

/// A path of plain names, none of which leads up, out or into git's own directory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct RelativePath(Vec<String>);

impl TryFrom<String> for RelativePath {
    type Error = String;

    fn try_from(text: String) -> Result<RelativePath, String> {
        let mut names = Vec::new();
        for component in Path::new(&text).components() {
            match component {
                Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
                Component::CurDir => {}
                _ => return Err(format!("`{text}` leads out of the working directory")),
            }
        }
        if names.is_empty() || text.contains('\0') {
            return Err(format!("`{}` is not a path", text.escape_debug()));
        }
        if names.iter().any(|name| name.eq_ignore_ascii_case(GIT_DIRECTORY)) {
            return Err(format!("`{text}` belongs to git"));
        }
        Ok(RelativePath(names))
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

/// Why a file was not read or changed. Nothing outside the working directory was either.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The working directory can not be opened.
    #[error("failed to open the working directory: {0}")]
    Root(Errno),
    /// A link, or something else that is no directory, is in the way.
    #[error("`{name}` in `{path}` is not a directory")]
    NotADirectory {
        /// The whole path.
        path: String,
        /// Which part of it.
        name: String,
    },
    /// A link, a pipe or a device is where the file should be.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// The whole path.
        path: String,
    },
    /// Nothing has that name.
    #[error("there is no `{path}`")]
    NotThere {
        /// The whole path.
        path: String,
    },
    /// The file is larger than whoever reads it allows.
    #[error("`{path}` has more than {bytes_max} bytes")]
    TooLarge {
        /// The whole path.
        path: String,
        /// What is allowed.
        bytes_max: u64,
    },
    /// The system refused.
    #[error("`{path}`: {source}")]
    Io {
        /// The whole path.
        path: String,
        /// The system's word.
        source: std::io::Error,
    },
}

/// A directory that is written below.
pub(crate) struct Root(OwnedFd);

impl Root {
    pub(crate) fn open(path: &Path) -> Result<Root, FileError> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        open(path, flags, Mode::empty()).map(Root).map_err(FileError::Root)
    }

    /// All that a file holds, which is at most `bytes_max` bytes.
    pub(crate) fn read(&self, path: &RelativePath, bytes_max: u64) -> Result<Vec<u8>, FileError> {
        let io = |source: std::io::Error| FileError::Io { path: path.to_string(), source };
        let not_there = || FileError::NotThere { path: path.to_string() };
        let (parent, name) = self.parent_of(path, false)?;
        let file = match openat(parent.ok_or_else(not_there)?, name, OLD_FILE, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Err(not_there()),
            Err(Errno::LOOP) => return Err(FileError::NotAFile { path: path.to_string() }),
            Err(err) => return Err(io(err.into())),
        };
        let found = fstat(&file).map_err(|err| io(err.into()))?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(FileError::NotAFile { path: path.to_string() });
        }
        let mut content = Vec::new();
        let mut bounded = std::fs::File::from(file).take(bytes_max.saturating_add(1));
        bounded.read_to_end(&mut content).map_err(io)?;
        if content.len() as u64 > bytes_max {
            return Err(FileError::TooLarge { path: path.to_string(), bytes_max });
        }
        Ok(content)
    }

    /// Replaces what the file holds, making its directories.
    pub(crate) fn write(&self, path: &RelativePath, content: &[u8]) -> Result<(), FileError> {
        let io = |source: std::io::Error| FileError::Io { path: path.to_string(), source };
        let (parent, name) = self.parent_of(path, true)?;
        let Some(parent) = parent else { return Err(io(Errno::NOENT.into())) };
        let not_a_file = || FileError::NotAFile { path: path.to_string() };
        let file = match openat(&parent, name, NEW_FILE, Mode::from_raw_mode(0o644)) {
            Ok(file) => file,
            Err(Errno::LOOP | Errno::NXIO | Errno::ISDIR) => return Err(not_a_file()),
            Err(err) => return Err(io(err.into())),
        };
        let found = fstat(&file).map_err(|err| io(err.into()))?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(not_a_file());
        }
        let mut file = std::fs::File::from(file);
        file.set_len(0).and_then(|()| file.write_all(content)).map_err(io)
    }

    /// Deletes a file, a link itself or an empty directory; nothing to delete is fine.
    pub(crate) fn delete(&self, path: &RelativePath) -> Result<(), FileError> {
        let io = |source: Errno| FileError::Io { path: path.to_string(), source: source.into() };
        let (parent, name) = self.parent_of(path, false)?;
        let Some(parent) = parent else { return Ok(()) };
        let deleted = match unlinkat(&parent, name, AtFlags::empty()) {
            // Linux says the one, others say the other of a directory.
            Err(Errno::ISDIR | Errno::PERM) => unlinkat(&parent, name, AtFlags::REMOVEDIR),
            other => other,
        };
        match deleted {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(err) => Err(io(err)),
        }
    }

    /// The directory that holds `path` and the name in it; no directory when it is not there and
    /// not to be made.
    fn parent_of<'a>(
        &self,
        path: &'a RelativePath,
        make: bool,
    ) -> Result<(Option<OwnedFd>, &'a str), FileError> {
        let io = |source: Errno| FileError::Io { path: path.to_string(), source: source.into() };
        let (name, directories) = path.0.split_last().ok_or_else(|| io(Errno::INVAL))?;
        let mut current = self
            .0
            .try_clone()
            .map_err(|source| FileError::Io { path: path.to_string(), source })?;
        for directory in directories {
            if make {
                match mkdirat(&current, directory, Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(err) => return Err(io(err)),
                }
            }
            current = match enter(current.as_fd(), directory) {
                Ok(next) => next,
                Err(Errno::NOENT) if !make => return Ok((None, name)),
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    let (path, name) = (path.to_string(), directory.clone());
                    return Err(FileError::NotADirectory { path, name });
                }
                Err(err) => return Err(io(err)),
            };
        }
        Ok((Some(current), name))
    }
}

fn enter(directory: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    openat(directory, name, DIRECTORY, Mode::empty())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn path(text: &str) -> RelativePath {
        RelativePath::try_from(text.to_owned()).unwrap()
    }

    /// A working directory with something worth protecting beside it.
    fn place() -> (tempfile::TempDir, Root) {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir_all(base.path().join("work")).unwrap();
        fs::create_dir_all(base.path().join("outside")).unwrap();
        fs::write(base.path().join("outside/precious"), "keep").unwrap();
        let root = Root::open(&base.path().join("work")).unwrap();
        (base, root)
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for text in
            ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b", ".git/hooks/x", "a/.GIT/x"]
        {
            assert!(RelativePath::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(path("./a//b/.gitignore").to_string(), "a/b/.gitignore");
    }

    #[test]
    fn files_are_written_replaced_and_deleted() {
        let (base, root) = place();
        root.write(&path("a/b/c.txt"), b"longer").unwrap();
        root.write(&path("a/b/c.txt"), b"x").unwrap();
        assert_eq!(fs::read(base.path().join("work/a/b/c.txt")).unwrap(), b"x");
        assert_eq!(root.read(&path("a/b/c.txt"), 1).unwrap(), b"x");
        assert!(matches!(root.read(&path("a/b/c.txt"), 0), Err(FileError::TooLarge { .. })));
        assert!(matches!(root.read(&path("a/b"), 9), Err(FileError::NotAFile { .. })));
        root.delete(&path("a/b/c.txt")).unwrap();
        root.delete(&path("a/b")).unwrap();
        root.delete(&path("a/b/c.txt")).unwrap();
        assert!(!base.path().join("work/a/b").exists());
        assert!(matches!(root.read(&path("a/b/c.txt"), 9), Err(FileError::NotThere { .. })));
    }

    #[test]
    fn no_link_leads_out() {
        let (base, root) = place();
        let (work, precious) = (base.path().join("work"), base.path().join("outside/precious"));
        symlink("../outside", work.join("dir")).unwrap();
        symlink(&precious, work.join("file")).unwrap();
        symlink(base.path().join("outside/new"), work.join("dangling")).unwrap();
        for target in ["dir/precious", "file", "dangling", "dir/new"] {
            assert!(root.write(&path(target), b"gone").is_err(), "{target}");
            assert!(root.read(&path(target), 9).is_err(), "{target}");
        }
        assert!(root.delete(&path("dir/precious")).is_err());
        root.delete(&path("file")).unwrap();
        assert_eq!(fs::read(precious).unwrap(), b"keep");
        assert_eq!(fs::read_dir(base.path().join("outside")).unwrap().count(), 1);
    }

    #[test]
    #[expect(clippy::disallowed_types, reason = "there is no portable call that makes a pipe")]
    fn what_is_no_file_is_not_written() {
        let (base, root) = place();
        fs::create_dir(base.path().join("work/d")).unwrap();
        fs::write(base.path().join("work/f"), "").unwrap();
        let fifo = base.path().join("work/pipe");
        assert!(std::process::Command::new("mkfifo").arg(fifo).status().unwrap().success());
        for target in ["d", "f/x", "pipe"] {
            assert!(root.write(&path(target), b"x").is_err(), "{target}");
        }
    }
}
