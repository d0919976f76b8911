//! A started child with everything below it, and the ways to end them.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::spawn::Hold;

/// Kills and waits when dropped, so that no path out of a call leaves a tree behind.
pub(super) struct Tree {
    child: Child,
    hold: Hold,
    exit_fd: Option<OwnedFd>,
    waited_for: bool,
}

impl Tree {
    pub(super) fn new(child: Child, hold: Hold) -> Tree {
        let exit_fd = exit_fd(&child);
        Tree { child, hold, exit_fd, waited_for: false }
    }

    /// Readable once the child ended; nothing where the system has no such thing, and the child
    /// has to be asked again and again.
    pub(super) fn exit_fd(&self) -> Option<&OwnedFd> {
        self.exit_fd.as_ref()
    }

    /// Asks everything to end.
    pub(super) fn ask_to_end(&self) {
        match self.hold {
            #[cfg(target_os = "linux")]
            Hold::Reaper => self.signal_reaper(Signal::TERM),
            Hold::Group => self.signal_group(Signal::TERM),
        }
    }

    /// Kills everything.
    pub(super) fn kill(&self) {
        match self.hold {
            #[cfg(target_os = "linux")]
            Hold::Reaper => {
                self.signal_reaper(Signal::USR1);
                // In case something below has stopped it.
                self.signal_reaper(Signal::CONT);
            }
            Hold::Group => self.signal_group(Signal::KILL),
        }
    }

    /// The child's status once it ended; what is left of its group is killed.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let peek = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let Some(pid) = self.pid() else { return Ok(None) };
        if waitid(WaitId::Pid(pid), peek)?.is_none() {
            return Ok(None);
        }
        if self.hold == Hold::Group {
            // The leader has ended but still owns the group's number: the last moment to use it.
            self.signal_group(Signal::KILL);
        }
        let status = self.child.wait()?;
        self.waited_for = true;
        Ok(Some(status))
    }

    /// Leaves the tree to die in its own time: it was told to, and something in the kernel holds
    /// it. A thread collects the child, so that it does not stay a zombie.
    pub(super) fn abandon(mut self) {
        if let Some(pid) = self.pid() {
            std::thread::spawn(move || waitid(WaitId::Pid(pid), WaitIdOptions::EXITED));
        }
        self.waited_for = true;
    }

    #[cfg(target_os = "linux")]
    fn signal_reaper(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    fn signal_group(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Nothing once waited for: the number may be another's by then.
    fn pid(&self) -> Option<Pid> {
        (!self.waited_for).then(|| Pid::from_child(&self.child))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.kill();
        if !self.waited_for {
            let _ = self.child.wait();
        }
    }
}

#[cfg(target_os = "linux")]
fn exit_fd(child: &Child) -> Option<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    pidfd_open(Pid::from_child(child), PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn exit_fd(_: &Child) -> Option<OwnedFd> {
    None
}
