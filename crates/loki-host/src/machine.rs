//! Facts about the machine, and signals to processes that loki knows.

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use rustix::process::{Pid, Signal};

/// Processors that this process may use; 1 where that can not be told.
pub fn cpus() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// How many processes have wanted a processor over the last minute, on average; nothing where the system does
/// not tell.
pub fn load() -> Option<f64> {
    load_of(&std::fs::read_to_string("/proc/loadavg").ok()?)
}

/// `0.71 0.63 0.58 2/1103 12345`: of the last minute, of five, of fifteen.
///
/// Source: proc_loadavg(5).
fn load_of(text: &str) -> Option<f64> {
    text.split(' ').next()?.parse().ok().filter(|load: &f64| load.is_finite() && *load >= 0.0)
}

/// Bytes that an unprivileged process may still write on the file system of `path`.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether a process of this number runs; another one may have taken it over.
pub fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Asks process `pid` to end (SIGTERM). The caller knows that it is one of loki's.
pub fn terminate(pid: u32) -> io::Result<()> {
    signal(pid, Signal::TERM)
}

/// Ends process `pid` at once (SIGKILL). The caller knows that it is one of loki's.
pub fn kill(pid: u32) -> io::Result<()> {
    signal(pid, Signal::KILL)
}

fn signal(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(rustix::process::kill_process(pid, signal)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_has_some_free_bytes() {
        assert!(free_bytes(Path::new("/")).unwrap() > 0);
    }

    #[test]
    fn the_load_is_that_of_the_last_minute() {
        assert_eq!(load_of("0.71 0.63 0.58 2/1103 12345\n"), Some(0.71));
        for nonsense in ["", "high 1 2", "NaN 1 2", "-1 1 2"] {
            assert_eq!(load_of(nonsense), None, "{nonsense}");
        }
        #[cfg(target_os = "linux")]
        assert!(load().is_some());
    }

    #[test]
    fn no_process_has_the_number_zero() {
        assert!(terminate(0).is_err());
        assert!(terminate(u32::MAX).is_err());
    }
}
