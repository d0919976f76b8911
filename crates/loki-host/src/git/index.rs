//! A private copy of a work tree's index, to take snapshots with.
//!
//! The index remembers what git saw of each file, so that unchanged files need not be read again.
//! It also holds marks with which a workspace can tell git not to look at a file; the copy has
//! none of them.
//!
//! Source: gitformat-index, versions 2 to 4.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::private::read_regular;

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

/// Of them, when the file and its facts changed last.
const TIMES_BYTES: usize = 16;

/// The extension of an index whose other part is beside it.
const SPLIT: [u8; 4] = *b"link";

/// In an entry's mode: a repository of which only the commit is kept.
const LINK_MODE: u32 = 0o160_000;

/// Where the mode is in an entry: behind times, device and inode.
const MODE_AT: usize = 24;

/// What a copy believes of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    /// That a file which looks as it did is the one that was read.
    Looks,
    /// Which files there are: what they hold may have been converted when they were read.
    Names,
}

/// Copies the index `from` to `to` without the marks that keep files of `worktree` out of sight.
/// Returns false, and writes nothing, when there is none or it is not understood.
pub(super) fn copy(from: &Path, to: &Path, worktree: &Path, belief: Belief) -> io::Result<bool> {
    let Some((mut bytes, metadata)) = read_regular(from, INDEX_BYTES_MAX)? else {
        return Ok(false);
    };
    let is_there = |path: &[u8]| worktree.join(OsStr::from_bytes(path)).symlink_metadata().is_ok();
    if unmark(&mut bytes, &is_there).is_none() {
        return Ok(false);
    }
    if belief == Belief::Names {
        forget_looks(&mut bytes);
    }
    let mut copy = File::create(to)?;
    copy.write_all(&bytes)?;
    // Git reads a file again that is as young as the index, for it may have changed since. A copy
    // that looked younger would hide that change.
    copy.set_modified(metadata.modified()?)?;
    Ok(true)
}

/// The paths of all entries of the index `from` that are repositories. None without an index.
pub(super) fn gitlinks(from: &Path) -> io::Result<BTreeSet<Vec<u8>>> {
    let Some((bytes, _)) = read_regular(from, INDEX_BYTES_MAX)? else {
        return Ok(BTreeSet::new());
    };
    let mut links = BTreeSet::new();
    let understood = read(&bytes, &mut |entry| {
        if entry.mode == LINK_MODE {
            links.insert(entry.path.to_vec());
        }
    });
    understood.map(|()| links).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Clears the marks in place: "assume unchanged" always, "skip" on files that are there. Git does
/// not check the sum over the whole. Nothing when the bytes are not an index.
fn unmark(bytes: &mut [u8], is_there: &dyn Fn(&[u8]) -> bool) -> Option<()> {
    let mut marks = Vec::new();
    read(bytes, &mut |entry| {
        if entry.flags & ASSUME_VALID != 0 {
            marks.push((entry.flags_at, ASSUME_VALID));
        }
        if entry.more_flags & SKIP_WORKTREE != 0 && is_there(entry.path) {
            marks.push((entry.flags_at + 2, SKIP_WORKTREE));
        }
    })?;
    for (at, mask) in marks {
        let flags = u16::from_be_bytes(field(bytes, at)?) & !mask;
        bytes.get_mut(at..at + 2)?.copy_from_slice(&flags.to_be_bytes());
    }
    Some(())
}

/// Makes every file look changed, so that git reads it again.
fn forget_looks(bytes: &mut [u8]) {
    let mut times = Vec::new();
    let understood = read(bytes, &mut |entry| times.push(entry.at));
    for at in times.into_iter().filter(|_| understood.is_some()) {
        if let Some(times) = bytes.get_mut(at..at + TIMES_BYTES) {
            times.fill(0);
        }
    }
}

/// What an index says of one file.
struct Entry<'a> {
    /// Where it begins: with the times of the file.
    at: usize,
    mode: u32,
    flags: u16,
    /// None but in entries that say so.
    more_flags: u16,
    /// Where the flags are; further ones follow them.
    flags_at: usize,
    path: &'a [u8],
}

/// Hands all entries to `visit`, or none. Nothing when the bytes are not an index.
fn read(bytes: &[u8], visit: &mut dyn FnMut(&Entry<'_>)) -> Option<()> {
    let version = u32::from_be_bytes(field(bytes, 4)?);
    let count = u32::from_be_bytes(field(bytes, 8)?);
    if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return None;
    }
    // The length of object names is written nowhere in it; only the right one adds up.
    let id_bytes = [20, 32].into_iter().find(|id_bytes| {
        let end = read_as(bytes, version, count, *id_bytes, &mut |_| {});
        end.is_some_and(|end| sane_tail(bytes, end, *id_bytes))
    })?;
    read_as(bytes, version, count, id_bytes, visit).map(drop)
}

/// Reads entries with object names of `id_bytes` bytes. Returns where they end.
fn read_as(
    bytes: &[u8],
    version: u32,
    count: u32,
    id_bytes: usize,
    visit: &mut dyn FnMut(&Entry<'_>),
) -> Option<usize> {
    let mut at = 12;
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let flags_at = at + STAT_BYTES + id_bytes;
        let flags = u16::from_be_bytes(field(bytes, flags_at)?);
        let extended = flags & EXTENDED != 0;
        let more = if extended { field(bytes, flags_at + 2)? } else { [0; 2] };
        let name_at = flags_at + if extended { 4 } else { 2 };
        let end = read_name(bytes, version, name_at, &mut path)?;
        let mode = u32::from_be_bytes(field(bytes, at + MODE_AT)?);
        let more_flags = u16::from_be_bytes(more);
        visit(&Entry { at, mode, flags, more_flags, flags_at, path: &path });
        // Up to version 3, entries are padded to eight bytes, with at least one zero.
        at = if version == 4 { end } else { at + (end - at).div_ceil(8) * 8 };
    }
    Some(at)
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

/// Whether extensions (four letters, a length, that many bytes) fill the space before the sum, which
/// is as long as an object's name, and none says that there are more entries elsewhere.
fn sane_tail(bytes: &[u8], mut at: usize, id_bytes: usize) -> bool {
    let Some(end) = bytes.len().checked_sub(id_bytes) else { return false };
    while at < end {
        if field(bytes, at) == Some(SPLIT) {
            return false;
        }
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
        assert!(copy(&from, &to, directory.path(), Belief::Looks).unwrap());
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
            let _ = read(&index, &mut |_| {});
            let _ = unmark(&mut index, &|_| true);
        }
    }
}
