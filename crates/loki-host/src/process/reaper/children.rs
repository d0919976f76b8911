//! Which processes are children of the calling one, read from `/proc` without any memory.

use libc::{c_int, pid_t};

/// Calls `visit` with children of this single-threaded process. May miss some while they come and
/// go; the caller repeats until none is left.
pub(super) fn each(visit: &mut dyn FnMut(pid_t)) {
    if !each_listed(visit) {
        each_scanned(visit);
    }
}

/// Reads the kernel's own list. Returns false where the kernel keeps none.
fn each_listed(visit: &mut dyn FnMut(pid_t)) -> bool {
    let Some(list) = File::open(c"/proc/thread-self/children") else { return false };
    let mut buffer = [0; 4096];
    let mut number = Number::default();
    loop {
        let bytes = list.read(&mut buffer);
        for byte in bytes {
            if let Some(pid) = number.push(*byte) {
                visit(pid);
            }
        }
        if bytes.is_empty() {
            return true;
        }
    }
}

/// Asks every process for its parent.
fn each_scanned(visit: &mut dyn FnMut(pid_t)) {
    let Some(proc) = File::open(c"/proc") else { return };
    // SAFETY: can not fail.
    let parent = unsafe { libc::getpid() };
    let mut buffer = DirBuffer([0; 4096]);
    loop {
        // SAFETY: the kernel writes whole entries into the buffer and says how many bytes.
        let filled = unsafe {
            libc::syscall(libc::SYS_getdents64, proc.0, buffer.0.as_mut_ptr(), buffer.0.len())
        };
        let Ok(filled @ 1..) = usize::try_from(filled) else { return };
        let mut rest = buffer.0.get(..filled).unwrap_or(&[]);
        // An entry: inode and offset (8 bytes each), its length (2), its type (1), its name.
        while let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, low, high, _, name @ ..] = rest {
            let length = usize::from(u16::from_ne_bytes([*low, *high]));
            let mut number = Number::default();
            let pid = name.iter().find_map(|byte| number.push(*byte).or((*byte == 0).then_some(0)));
            if let Some(pid @ 1..) = pid
                && parent_of(pid) == Some(parent)
            {
                visit(pid);
            }
            rest = rest.get(length.max(1)..).unwrap_or(&[]);
        }
    }
}

/// The fourth field of `/proc/<pid>/stat`: `pid (name) state parent …`. A name may hold anything,
/// so the last parenthesis counts.
fn parent_of(pid: pid_t) -> Option<pid_t> {
    let mut path = [0; 32];
    let mut writer = path.iter_mut();
    let mut digits = [0; 10];
    let digits = decimal(pid, &mut digits);
    for part in [b"/proc/".as_slice(), digits, b"/stat"] {
        part.iter().zip(&mut writer).for_each(|(from, to)| *to = *from);
    }
    let file = File::open(std::ffi::CStr::from_bytes_until_nul(&path).ok()?)?;
    let mut buffer = [0; 512];
    let stat = file.read(&mut buffer);
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut number = Number::default();
    stat.get(name_end..)?.iter().find_map(|byte| number.push(*byte))
}

/// Writes a number in decimal digits. Gives back those that it needed.
pub(crate) fn decimal(pid: pid_t, digits: &mut [u8; 10]) -> &[u8] {
    let mut left = pid.unsigned_abs();
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        used += 1;
        if left == 0 {
            break;
        }
    }
    digits.get(digits.len() - used..).unwrap_or(&[])
}

/// A decimal number that comes byte by byte.
#[derive(Default)]
struct Number {
    value: pid_t,
    begun: bool,
}

impl Number {
    /// Returns the number that `byte` ends.
    fn push(&mut self, byte: u8) -> Option<pid_t> {
        if byte.is_ascii_digit() {
            self.value = self.value.wrapping_mul(10).wrapping_add(pid_t::from(byte - b'0'));
            self.begun = true;
            return None;
        }
        let done = std::mem::take(self);
        done.begun.then_some(done.value)
    }
}

#[repr(align(8))]
struct DirBuffer([u8; 4096]);

struct File(c_int);

impl File {
    fn open(path: &std::ffi::CStr) -> Option<File> {
        // SAFETY: `path` ends in a zero byte.
        let fd = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
        (fd >= 0).then_some(File(fd))
    }

    /// What was read; nothing at the end and after an error.
    fn read<'b>(&self, buffer: &'b mut [u8]) -> &'b [u8] {
        // SAFETY: the kernel writes at most the length of the buffer.
        let count = unsafe { libc::read(self.0, buffer.as_mut_ptr().cast(), buffer.len()) };
        usize::try_from(count).ok().and_then(|count| buffer.get(..count)).unwrap_or(&[])
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the number is this value's own.
        unsafe { libc::close(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn sees(each: fn(&mut dyn FnMut(pid_t))) -> bool {
        let mut command = Command::new("cat");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut seen = false;
        each(&mut |pid| seen |= pid.unsigned_abs() == child.id());
        drop(child.stdin.take());
        child.wait().unwrap();
        seen
    }

    #[test]
    fn the_kernel_lists_a_child() {
        assert!(sees(|visit| assert!(each_listed(visit))));
    }

    #[test]
    fn a_scan_of_all_processes_finds_a_child() {
        assert!(sees(each_scanned));
    }
}
