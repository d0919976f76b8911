//! A copy that was used, made into one of another commit.
//!
//! What was done to a file shows in what the system says of it: nobody can set the time of its last
//! change. So a file that looks as it did when git had written it is kept, everything else is removed,
//! and git writes what is missing. Of the copy's own repository nothing is kept.

use std::collections::HashMap;
use std::fs::{self, DirEntry, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use loki_model::CommitId;

use super::export::workers;
use super::private::read_regular;
use super::remove::remove_tree;
use super::{GitError, Repo};

/// A copy with more files and directories is not looked at one by one.
const ENTRIES_MAX: usize = 200_000;

/// A larger index is not kept.
const INDEX_BYTES_MAX: u64 = 64 << 20;

/// Names of extended attributes of a directory that are compared.
const ATTRIBUTES_BYTES_MAX: usize = 4096;

/// What a copy looked like when git had just written it.
#[derive(Debug)]
pub struct Written {
    /// By path from the root; those of the copy's own repository apart.
    files: HashMap<Vec<u8>, FileLooks>,
    /// The same, the root included.
    directories: HashMap<Vec<u8>, DirectoryLooks>,
    index: Vec<u8>,
    index_modified: SystemTime,
}

/// What can not stay as it was when somebody writes to a file, links it, or changes who may read it.
#[derive(Debug, PartialEq, Eq)]
struct FileLooks {
    device: u64,
    inode: u64,
    mode: u32,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileLooks {
    fn of(found: &Metadata) -> FileLooks {
        FileLooks {
            device: found.dev(),
            inode: found.ino(),
            mode: found.mode(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

/// What a directory hands on to what is made in it; its times tell only that something was.
#[derive(Debug, PartialEq, Eq)]
struct DirectoryLooks {
    device: u64,
    inode: u64,
    mode: u32,
    owner: (u32, u32),
    attributes: Vec<u8>,
    flags: Option<u64>,
}

impl DirectoryLooks {
    fn of(path: &Path, found: &Metadata) -> io::Result<DirectoryLooks> {
        let (attributes, flags) = marks(path)?;
        Ok(DirectoryLooks {
            device: found.dev(),
            inode: found.ino(),
            mode: found.mode(),
            owner: (found.uid(), found.gid()),
            attributes,
            flags,
        })
    }
}

/// The names of a directory's extended attributes, and its flags.
#[cfg(target_os = "linux")]
fn marks(path: &Path) -> io::Result<(Vec<u8>, Option<u64>)> {
    use rustix::fs::{Mode, OFlags, flistxattr, ioctl_getflags, open};
    let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = open(path, how, Mode::empty())?;
    let mut names = vec![0_u8; ATTRIBUTES_BYTES_MAX];
    let length = match flistxattr(&directory, names.as_mut_slice()) {
        Err(rustix::io::Errno::NOTSUP) => 0,
        other => other?,
    };
    names.truncate(length);
    Ok((names, ioctl_getflags(&directory).ok().map(|flags| u64::from(flags.bits()))))
}

#[cfg(not(target_os = "linux"))]
fn marks(_: &Path) -> io::Result<(Vec<u8>, Option<u64>)> {
    // Nobody has tried how far these can be relied on elsewhere.
    Err(io::ErrorKind::Unsupported.into())
}

impl Written {
    /// How the copy at `root` looks right now; nothing where that can not be told, or is too much.
    fn look(root: &Path) -> Option<Written> {
        let index = root.join(".git/index");
        let (bytes, found) = read_regular(&index, INDEX_BYTES_MAX).ok()??;
        let mut written = Written {
            files: HashMap::new(),
            directories: HashMap::new(),
            index: bytes,
            index_modified: found.modified().ok()?,
        };
        let found = fs::symlink_metadata(root).ok()?;
        written.add(root, &found, &mut Vec::new()).ok()?;
        Some(written)
    }

    fn add(&mut self, directory: &Path, found: &Metadata, path: &mut Vec<u8>) -> io::Result<()> {
        self.directories.insert(path.clone(), DirectoryLooks::of(directory, found)?);
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if is_repository(&entry, path) {
                continue;
            }
            if self.files.len() + self.directories.len() >= ENTRIES_MAX {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let found = entry.metadata()?;
            let around = enter(path, &entry);
            if found.is_dir() {
                self.add(&entry.path(), &found, path)?;
            } else {
                self.files.insert(path.clone(), FileLooks::of(&found));
            }
            path.truncate(around);
        }
        Ok(())
    }

    /// Removes everything in `directory` that is not as it was. Returns whether anything is left.
    fn clean(&self, directory: &Path, path: &mut Vec<u8>) -> io::Result<bool> {
        let mut is_anything_left = false;
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let found = entry.metadata()?;
            let around = enter(path, &entry);
            let is_left = if found.is_dir() {
                self.clean_directory(&entry.path(), &found, path)?
            } else {
                let is_as_it_was = self.files.get(path) == Some(&FileLooks::of(&found));
                if !is_as_it_was {
                    fs::remove_file(entry.path())?;
                }
                is_as_it_was
            };
            is_anything_left |= is_left;
            path.truncate(around);
        }
        Ok(is_anything_left)
    }

    fn clean_directory(
        &self,
        directory: &Path,
        found: &Metadata,
        path: &mut Vec<u8>,
    ) -> io::Result<bool> {
        if self.is_as_it_was(directory, found, path) && self.clean(directory, path)? {
            return Ok(true);
        }
        // Git makes the ones that it needs.
        remove_tree(directory)?;
        Ok(false)
    }

    fn is_as_it_was(&self, directory: &Path, found: &Metadata, path: &[u8]) -> bool {
        let known = self.directories.get(path);
        known.is_some_and(|known| {
            DirectoryLooks::of(directory, found).is_ok_and(|looks| looks == *known)
        })
    }
}

/// Whether an entry is the repository of the copy itself.
fn is_repository(entry: &DirEntry, path: &[u8]) -> bool {
    path.is_empty() && entry.file_name() == ".git"
}

/// Adds the name of an entry to the path of what it is in. Returns how long that was.
fn enter(path: &mut Vec<u8>, entry: &DirEntry) -> usize {
    let around = path.len();
    if around > 0 {
        path.push(b'/');
    }
    path.extend_from_slice(entry.file_name().as_bytes());
    around
}

impl Repo {
    /// As [`Repo::export`], with what the copy looks like; nothing where that can not be told.
    pub fn export_seen(&self, path: &Path, commit: &CommitId) -> Result<Option<Written>, GitError> {
        self.export(path, commit)?;
        Ok(Written::look(path))
    }

    /// The same by one process, which leaves the other processors to what runs meanwhile.
    pub fn export_aside(
        &self,
        path: &Path,
        commit: &CommitId,
    ) -> Result<Option<Written>, GitError> {
        self.export_by(path, commit, 1)?;
        Ok(Written::look(path))
    }

    /// Makes the copy at `path`, which looked like `written`, into one of `commit`: as if it had been
    /// [exported](Repo::export) there, but that files which both have keep the times that they had. Nothing
    /// may run in it any more. Returns what it looks like now.
    ///
    /// For commits with the same attributes only: files that do not differ are not written again, however
    /// they would be converted.
    ///
    /// Errors: when not everything could be put right; what is left is not to be used, then.
    pub fn export_over(
        &self,
        path: &Path,
        commit: &CommitId,
        written: &Written,
    ) -> Result<Option<Written>, GitError> {
        let failed = |error| GitError::file(path, error);
        let found = fs::symlink_metadata(path).map_err(failed)?;
        if !found.is_dir() || !written.is_as_it_was(path, &found, b"") {
            return Err(failed(io::ErrorKind::InvalidData.into()));
        }
        // No file of a commit is in it: everything there goes.
        written.clean(path, &mut Vec::new()).map_err(failed)?;
        self.fill(path, commit, workers(), &|git_dir| {
            let mut index = File::create(git_dir.join("index"))?;
            io::Write::write_all(&mut index, &written.index)?;
            // A file as young as the index may have changed since: git has to see which are.
            index.set_modified(written.index_modified)
        })?;
        Ok(Written::look(path))
    }
}
