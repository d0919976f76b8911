//! One rope that ends every wait it is tied to.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Clonable; wakes every [`run`](super::run) that holds it. Once pulled it stays pulled.
///
/// A pipe that nobody reads: a byte in it is the signal, which is why a signal handler can pull
/// it, and any number of waits see it.
#[derive(Clone, Debug)]
pub struct Cancel {
    pipe: Arc<Pipe>,
}

#[derive(Debug)]
struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
}

impl Cancel {
    /// Not pulled yet. Fails only when the process has no file descriptors left.
    pub fn new() -> io::Result<Cancel> {
        let (read, write) = closed_on_exec_pipe()?;
        rustix::io::ioctl_fionbio(&write, true)?;
        Ok(Cancel { pipe: Arc::new(Pipe { read, write }) })
    }

    /// Ends every wait, now and later.
    pub fn pull(&self) {
        // The only failure is a full pipe, and a full pipe is pulled.
        let _ = rustix::io::write(&self.pipe.write, &[1]);
    }

    /// Whether it was ever pulled.
    pub fn is_pulled(&self) -> bool {
        self.sleep(Duration::ZERO)
    }

    /// Waits for `duration`, or until pulled. Returns whether it is pulled.
    pub fn sleep(&self, duration: Duration) -> bool {
        let until = Instant::now().checked_add(duration);
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let mut fds = [PollFd::new(&self.pipe.read, PollFlags::IN)];
            match poll(&mut fds, left.and_then(timespec).as_ref()) {
                Ok(0) if left.is_some_and(|left| left.is_zero()) => return false,
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // A pipe that can not be polled will not wake anybody: end the wait.
                Ok(_) | Err(_) => return true,
            }
        }
    }

    /// For a signal handler: writing any byte to it pulls. Never blocks; valid while any clone lives.
    pub fn write_fd(&self) -> RawFd {
        self.pipe.write.as_raw_fd()
    }

    /// Readable once pulled; never to be read.
    pub(super) fn read_fd(&self) -> BorrowedFd<'_> {
        self.pipe.read.as_fd()
    }
}

/// For `poll`; nothing, which waits for ever, when longer than the system can count.
pub(super) fn timespec(duration: Duration) -> Option<Timespec> {
    Timespec::try_from(duration).ok()
}

#[cfg(not(target_vendor = "apple"))]
fn closed_on_exec_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?)
}

#[cfg(target_vendor = "apple")]
fn closed_on_exec_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe()?;
    rustix::io::ioctl_fioclex(&read)?;
    rustix::io::ioctl_fioclex(&write)?;
    Ok((read, write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_another_thread_pulls() {
        let cancel = Cancel::new().unwrap();
        let other = cancel.clone();
        let thread = std::thread::spawn(move || other.pull());
        assert!(cancel.sleep(Duration::MAX));
        thread.join().unwrap();
    }

    #[test]
    fn a_wait_that_nobody_ends_runs_out() {
        assert!(!Cancel::new().unwrap().sleep(Duration::from_millis(1)));
    }

    #[test]
    fn it_stays_pulled_however_often_it_is_pulled() {
        let cancel = Cancel::new().unwrap();
        assert!(!cancel.is_pulled());
        // More than any pipe holds.
        (0..100_000).for_each(|_| cancel.pull());
        assert!(cancel.is_pulled() && cancel.clone().is_pulled());
    }
}
