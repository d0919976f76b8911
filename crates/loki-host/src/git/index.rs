//! A private copy of a work tree's index, to take snapshots with.
//!
//! The index remembers what git saw of each file, so that unchanged files need not be read again.
//! It also holds marks with which a workspace can tell git not to look at a file; the copy has
//! none of them.
//!
//! Source: gitformat-index, versions 2 to 4.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A larger index is not copied; it would describe several million files.
const INDEX_BYTES_MAX: u64 = 1 << 30;

/// In an entry's flags: taken for unchanged without a look.
const ASSUME_VALID: u16 = 0x8000;

/// In an entry's flags: two more bytes of flags follow.
const EXTENDED: u16 = 0x4000;

/// In an entry's further flags: not expected among the files.
const SKIP_WORKTREE: u16 = 0x4000;

/// Bytes of an entry before the object's name: times, device, inode, mode, owner, size.
const STAT_BYTES: usize = 40;

/// Copies the index `from` to `to` without the marks that keep files of `worktree` out of sight.
/// Returns false, and writes nothing, when there is none or it is not understood.
pub(super) fn copy(from: &Path, to: &Path, worktree: &Path) -> io::Result<bool> {
    let mut file = match File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > INDEX_BYTES_MAX {
        return Ok(false);
    }
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(INDEX_BYTES_MAX).read_to_end(&mut bytes)?;
    let is_there = |path: &[u8]| worktree.join(OsStr::from_bytes(path)).symlink_metadata().is_ok();
    if unmark(&mut bytes, &is_there).is_none() {
        return Ok(false);
    }
    let mut copy = File::create(to)?;
    copy.write_all(&bytes)?;
    // Git reads a file again that is as young as the index, for it may have changed since. A copy
    // that looked younger would hide that change.
    copy.set_modified(metadata.modified()?)?;
    Ok(true)
}

/// Clears the marks in place: "assume unchanged" always, "skip" on files that are there. Git does
/// not check the sum over the whole. Nothing when the bytes are not an index.
fn unmark(bytes: &mut [u8], is_there: &dyn Fn(&[u8]) -> bool) -> Option<()> {
    let version = u32::from_be_bytes(field(bytes, 4)?);
    let count = u32::from_be_bytes(field(bytes, 8)?);
    if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return None;
    }
    [20, 32].into_iter().find_map(|id_bytes| {
        // The length of object names is written nowhere in it; only the right one adds up.
        let marks = marks(bytes, version, count, id_bytes, is_there)?;
        for (at, mask) in marks {
            let flags = u16::from_be_bytes(field(bytes, at)?) & !mask;
            bytes.get_mut(at..at + 2)?.copy_from_slice(&flags.to_be_bytes());
        }
        Some(())
    })
}

/// Where marks are to be cleared, as offset and mask.
fn marks(
    bytes: &[u8],
    version: u32,
    count: u32,
    id_bytes: usize,
    is_there: &dyn Fn(&[u8]) -> bool,
) -> Option<Vec<(usize, u16)>> {
    let mut marks = Vec::new();
    let mut at = 12;
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let flags_at = at + STAT_BYTES + id_bytes;
        let flags = u16::from_be_bytes(field(bytes, flags_at)?);
        let extended = flags & EXTENDED != 0;
        let name_at = flags_at + if extended { 4 } else { 2 };
        let end = read_name(bytes, version, name_at, &mut path)?;
        if flags & ASSUME_VALID != 0 {
            marks.push((flags_at, ASSUME_VALID));
        }
        if extended
            && u16::from_be_bytes(field(bytes, flags_at + 2)?) & SKIP_WORKTREE != 0
            && is_there(&path)
        {
            marks.push((flags_at + 2, SKIP_WORKTREE));
        }
        // Up to version 3, entries are padded to eight bytes, with at least one zero.
        at = if version == 4 { end } else { at + (end - at).div_ceil(8) * 8 };
    }
    // Behind the entries are extensions and a sum as long as an object's name.
    (at + id_bytes <= bytes.len() && sane_tail(bytes, at, id_bytes)).then_some(marks)
}

/// Reads a path into `path`, which holds the one before. Returns where it ends, its zero included.
fn read_name(bytes: &[u8], version: u32, mut at: usize, path: &mut Vec<u8>) -> Option<usize> {
    if version == 4 {
        let (cut, next) = read_number(bytes, at)?;
        path.truncate(path.len().checked_sub(cut)?);
        at = next;
    } else {
        path.clear();
    }
    let length = bytes.get(at..)?.iter().position(|byte| *byte == 0)?;
    path.extend_from_slice(bytes.get(at..at + length)?);
    (!path.is_empty()).then_some(at + length + 1)
}

/// A number in seven bits a byte, each further byte adding one, as in pack files.
fn read_number(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
        value = value.checked_add(1)?;
    }
}

/// Whether extensions (four letters, a length, that many bytes) fill the space before the sum.
fn sane_tail(bytes: &[u8], mut at: usize, id_bytes: usize) -> bool {
    let end = bytes.len() - id_bytes;
    while at < end {
        let Some(length) = field(bytes, at + 4) else { return false };
        at = at.saturating_add(8).saturating_add(u32::from_be_bytes(length) as usize);
    }
    at == end
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Times may be too coarse to tell a change from none: then git compares with the index's own.
    #[test]
    fn a_copy_is_as_old_as_the_index() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        let empty = [b"DIRC\0\0\0\x02\0\0\0\0".as_slice(), &[0; 20]].concat();
        std::fs::write(&from, empty).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_nanos(1);
        File::options().write(true).open(&from).unwrap().set_modified(long_ago).unwrap();
        assert!(copy(&from, &to, directory.path()).unwrap());
        assert_eq!(to.metadata().unwrap().modified().unwrap(), long_ago);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_index_or_not(
            version in 2_u32..5,
            count in 0_u32..4,
            bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let mut index = b"DIRC".to_vec();
            index.extend(version.to_be_bytes());
            index.extend(count.to_be_bytes());
            index.extend(bytes);
            let _ = unmark(&mut index, &|_| true);
        }
    }
}
