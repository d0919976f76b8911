//! Files below one directory, reached without following a link.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

/// Directories within one another that are looked through to see whether they are empty.
const DEPTH_MAX: usize = 256;

/// Every name of a file that is not whole yet begins like this.
const UNFINISHED: &str = ".loki-restore-";

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The directory at the top. Paths are bytes, with `/` between parts.
pub(super) struct Place {
    root: OwnedFd,
}

impl Place {
    pub(super) fn open(root: &Path) -> io::Result<Place> {
        // What is above it may be links.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Place { root: rustix::fs::open(root, flags, Mode::empty())? })
    }

    /// Removes a file or a link, if there is one.
    pub(super) fn remove(&self, path: &[u8]) -> io::Result<()> {
        let (above, name) = split(path);
        let Some(above) = self.walk(above, false)? else { return Ok(()) };
        match unlink(above.as_fd(), name, AtFlags::empty()) {
            Ok(()) => Ok(()),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(()),
            // A directory took its place, or a repository was taken along file by file.
            Err(Errno::ISDIR | Errno::PERM) if is_directory(above.as_fd(), name) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the directories above `path` that are empty, as git does, the innermost first.
    pub(super) fn remove_empty_above(&self, path: &[u8]) {
        let (mut above, _) = split(path);
        while !above.is_empty() {
            if !self.remove_empty(above) {
                return;
            }
            (above, _) = split(above);
        }
    }

    /// Removes a directory if it is empty.
    pub(super) fn remove_empty(&self, path: &[u8]) -> bool {
        let (above, name) = split(path);
        match self.walk(above, false) {
            Ok(Some(above)) => unlink(above.as_fd(), name, AtFlags::REMOVEDIR).is_ok(),
            _ => false,
        }
    }

    /// Makes a directory, if there is none.
    pub(super) fn directory(&self, path: &[u8]) -> io::Result<()> {
        self.walk(path, true).map(drop)
    }

    /// Puts a whole file with what `fill` writes at `path`.
    ///
    /// It is a new file: another name of the one before keeps what it had. Who may read and write it
    /// stays as it was there.
    pub(super) fn write(
        &self,
        path: &[u8],
        is_program: bool,
        fill: &mut dyn FnMut(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let (above, name) = self.room_for(path)?;
        let before = rustix::fs::statat(&above, name, AtFlags::SYMLINK_NOFOLLOW).ok();
        let unfinished = unfinished();
        let _ = unlink(above.as_fd(), OsStr::from_bytes(unfinished.to_bytes()), AtFlags::empty());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(0o666);
        let made = rustix::fs::openat(&above, &unfinished, flags | OFlags::CLOEXEC, mode)?;
        let mut file = File::from(made);
        let whole = fill(&mut file).and_then(|()| {
            let made = rustix::fs::fstat(&file)?.st_mode;
            let is_file = |stat: &rustix::fs::Stat| {
                FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
            };
            let may = before.filter(is_file).map_or(made, |stat| stat.st_mode) & 0o777;
            let may = if is_program { may | ((may & 0o444) >> 2) } else { may & !0o111 };
            rustix::fs::fchmod(&file, Mode::from_raw_mode(may))?;
            Ok(rustix::fs::renameat(&above, &unfinished, &above, name)?)
        });
        whole.inspect_err(|_| {
            // The first error says more.
            let _ = rustix::fs::unlinkat(&above, &unfinished, AtFlags::empty());
        })
    }

    /// Puts a link to `target` at `path`.
    pub(super) fn link(&self, path: &[u8], target: &[u8]) -> io::Result<()> {
        let (above, name) = self.room_for(path)?;
        let unfinished = unfinished();
        let _ = rustix::fs::unlinkat(&above, &unfinished, AtFlags::empty());
        rustix::fs::symlinkat(OsStr::from_bytes(target), &above, &unfinished)?;
        Ok(rustix::fs::renameat(&above, &unfinished, &above, name)?)
    }

    /// The directory that `path` is in, which is made, and its name there. An empty directory in its
    /// place is removed.
    fn room_for<'p>(&self, path: &'p [u8]) -> io::Result<(OwnedFd, &'p OsStr)> {
        let (above, name) = split(path);
        let above = self.walk(above, true)?.ok_or(Errno::NOENT)?;
        if is_directory(above.as_fd(), name) {
            remove_empty_tree(above.as_fd(), name, DEPTH_MAX)?;
        }
        Ok((above, name))
    }

    /// Opens the directory `path`; makes what is missing of it if told to, else there is nothing.
    fn walk(&self, path: &[u8], make: bool) -> io::Result<Option<OwnedFd>> {
        let mut at = self.root.try_clone()?;
        for part in path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
            let part = OsStr::from_bytes(part);
            at = match rustix::fs::openat(&at, part, DIRECTORY, Mode::empty()) {
                Ok(inner) => inner,
                Err(Errno::NOENT) if make => {
                    match rustix::fs::mkdirat(&at, part, Mode::from_raw_mode(0o777)) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(Errno::ACCESS) => {
                            make_writable(at.as_fd())?;
                            rustix::fs::mkdirat(&at, part, Mode::from_raw_mode(0o777))?;
                        }
                        Err(error) => return Err(error.into()),
                    }
                    rustix::fs::openat(&at, part, DIRECTORY, Mode::empty())?
                }
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) if !make => return Ok(None),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(Some(at))
    }
}

/// The part before the last `/`, and the name.
fn split(path: &[u8]) -> (&[u8], &OsStr) {
    let (above, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&b""[..], path),
    };
    (above, OsStr::from_bytes(name))
}

fn is_directory(above: BorrowedFd<'_>, name: &OsStr) -> bool {
    let found = rustix::fs::statat(above, name, AtFlags::SYMLINK_NOFOLLOW);
    found.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

/// A directory that its owner may not write was made so by whoever worked here.
fn unlink(above: BorrowedFd<'_>, name: &OsStr, flags: AtFlags) -> Result<(), Errno> {
    match rustix::fs::unlinkat(above, name, flags) {
        Err(Errno::ACCESS) => {
            make_writable(above)?;
            rustix::fs::unlinkat(above, name, flags)
        }
        other => other,
    }
}

fn make_writable(directory: BorrowedFd<'_>) -> Result<(), Errno> {
    let mode = rustix::fs::fstat(directory)?.st_mode & 0o7777;
    rustix::fs::fchmod(directory, Mode::from_raw_mode(mode | 0o700))
}

/// Removes a directory in which there are only directories.
fn remove_empty_tree(above: BorrowedFd<'_>, name: &OsStr, depth: usize) -> io::Result<()> {
    if depth == 0 {
        return Err(Errno::NOTEMPTY.into());
    }
    let inner = rustix::fs::openat(above, name, DIRECTORY, Mode::empty())?;
    let mut names: Vec<OsString> = Vec::new();
    for entry in Dir::read_from(&inner)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    for name in &names {
        if !is_directory(inner.as_fd(), name) {
            return Err(Errno::NOTEMPTY.into());
        }
        remove_empty_tree(inner.as_fd(), name, depth - 1)?;
    }
    Ok(unlink(above, name, AtFlags::REMOVEDIR)?)
}

/// What a file is called until it is whole. One that is left behind is no file of any checkpoint, so that
/// the next restore removes it.
fn unfinished() -> CString {
    let name = format!("{UNFINISHED}{}", std::process::id());
    CString::new(name).unwrap_or_else(|_| CStr::to_owned(c".loki-restore"))
}
