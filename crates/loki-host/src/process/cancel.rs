//! One rope that ends every wait it is tied to.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Ropes from a child to its oldest ancestor, both counted; each costs every wait a descriptor.
pub const ROPES_MAX: usize = 8;

/// Clonable; wakes every [`run`](super::run) that holds it. Once pulled it stays pulled.
///
/// A pipe that nobody reads: a byte in it is the signal, which is why a signal handler can pull
/// it, and any number of waits see it. A child's wait looks at its ancestors' pipes itself, so
/// that nobody has to pass a pull on.
#[derive(Clone, Debug)]
pub struct Cancel {
    rope: Arc<Rope>,
}

#[derive(Debug)]
struct Rope {
    read: OwnedFd,
    write: OwnedFd,
    parent: Option<Arc<Rope>>,
}

impl Cancel {
    /// Not pulled yet. Fails only when the process has no file descriptors left.
    pub fn new() -> io::Result<Cancel> {
        Cancel::below(None)
    }

    /// A rope of its own that is pulled with this one, before or after it was made; pulling it
    /// leaves this one alone.
    ///
    /// Fails when the process has no file descriptors left, or below [`ROPES_MAX`] ropes.
    pub fn child(&self) -> io::Result<Cancel> {
        if self.ropes().count() >= ROPES_MAX {
            let limit = format!("a rope has at most {} ancestors", ROPES_MAX - 1);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, limit));
        }
        Cancel::below(Some(Arc::clone(&self.rope)))
    }

    fn below(parent: Option<Arc<Rope>>) -> io::Result<Cancel> {
        let (read, write) = closed_on_exec_pipe()?;
        rustix::io::ioctl_fionbio(&write, true)?;
        Ok(Cancel { rope: Arc::new(Rope { read, write, parent }) })
    }

    /// Ends every wait of it and of its children, now and later.
    pub fn pull(&self) {
        // The only failure is a full pipe, and a full pipe is pulled.
        let _ = rustix::io::write(&self.rope.write, &[1]);
    }

    /// Whether it or an ancestor was ever pulled.
    pub fn is_pulled(&self) -> bool {
        self.sleep(Duration::ZERO)
    }

    /// Waits for `duration`, or until pulled. Returns whether it is pulled.
    pub fn sleep(&self, duration: Duration) -> bool {
        let until = Instant::now().checked_add(duration);
        let mut fds: Vec<PollFd<'_>> =
            self.read_fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            match poll(&mut fds, left.and_then(timespec).as_ref()) {
                Ok(0) if left.is_some_and(|left| left.is_zero()) => return false,
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // A pipe that can not be polled will not wake anybody: end the wait.
                Ok(_) | Err(_) => return true,
            }
        }
    }

    /// For a signal handler: writing any byte to it pulls. Never blocks; valid while any clone or
    /// child lives.
    pub fn write_fd(&self) -> RawFd {
        self.rope.write.as_raw_fd()
    }

    /// For waits of one's own: at most [`ROPES_MAX`], of which one is readable once pulled. Never
    /// to be read.
    pub fn read_fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.ropes().map(|rope| rope.read.as_fd())
    }

    /// Its own first.
    fn ropes(&self) -> impl Iterator<Item = &Rope> {
        std::iter::successors(Some(&*self.rope), |rope| rope.parent.as_deref())
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

    #[test]
    fn a_parents_pull_ends_the_wait_of_a_child_and_of_its_child() {
        for generations in 1..ROPES_MAX {
            let parent = Cancel::new().unwrap();
            let youngest = (0..generations).fold(parent.clone(), |rope, _| rope.child().unwrap());
            assert!(!youngest.is_pulled());
            let thread = std::thread::spawn(move || parent.pull());
            assert!(youngest.sleep(Duration::from_secs(20)), "{generations}");
            assert!(youngest.is_pulled(), "{generations}");
            thread.join().unwrap();
        }
    }

    #[test]
    fn a_child_pulls_itself_and_its_children_but_no_parent_and_no_sibling() {
        let parent = Cancel::new().unwrap();
        let (child, sibling) = (parent.child().unwrap(), parent.child().unwrap());
        let grandchild = child.child().unwrap();
        child.pull();
        let pulled = [&parent, &sibling, &child, &grandchild].map(Cancel::is_pulled);
        assert_eq!(pulled, [false, false, true, true]);
    }

    #[test]
    fn a_child_of_a_pulled_parent_is_pulled() {
        let parent = Cancel::new().unwrap();
        parent.pull();
        assert!(parent.child().unwrap().is_pulled());
    }

    #[test]
    fn a_child_keeps_what_pulls_its_parent() {
        let parent = Cancel::new().unwrap();
        let clone = parent.clone();
        let child = parent.child().unwrap();
        drop(parent);
        clone.pull();
        drop(clone);
        assert!(child.is_pulled());
    }

    #[test]
    fn generations_are_limited() {
        let mut youngest = Cancel::new().unwrap();
        for _ in 1..ROPES_MAX {
            youngest = youngest.child().unwrap();
        }
        assert_eq!(youngest.child().unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
