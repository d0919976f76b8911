//! Sockets in a directory of one's own, between processes of one user on one machine.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, poll};

use crate::process::Cancel;

/// Addresses of sockets are shorter than this on every system.
const ADDRESS_BYTES_MAX: usize = 100;
/// A process has fewer ancestors than this.
const ANCESTORS_MAX: usize = 256;

/// Where others connect to. Its name goes when it is dropped.
#[derive(Debug)]
pub struct Listener {
    listener: UnixListener,
    path: PathBuf,
}

/// Someone who connected.
#[derive(Debug)]
pub struct Peer {
    /// To talk with it.
    pub stream: UnixStream,
    /// Who it is; nothing where the system does not tell.
    pub who: Option<PeerProcess>,
}

/// A process at the other end of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerProcess {
    /// Its user.
    pub uid: u32,
    /// Its number; 0 when it is in a place where numbers mean nothing here.
    pub pid: u32,
}

/// Listens at `name` in `dir`, which is made for the owner alone. The caller knows that nobody else does:
/// what a dead process left at this name is replaced.
pub fn listen(dir: &Path, name: &str) -> io::Result<Listener> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let path = dir.join(name);
    match fs::remove_file(&path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    let listener = at_address(dir, name, |address| UnixListener::bind(address))?;
    listener.set_nonblocking(true)?;
    Ok(Listener { listener, path })
}

/// Connects to whoever listens at `name` in `dir`.
pub fn connect(dir: &Path, name: &str) -> io::Result<UnixStream> {
    at_address(dir, name, |address| UnixStream::connect(address))
}

impl Listener {
    /// The next one who connects; nothing once `cancel` is pulled.
    pub fn accept(&self, cancel: &Cancel) -> io::Result<Option<Peer>> {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    let who = peer_process(&stream);
                    return Ok(Some(Peer { stream, who }));
                }
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
                // Gone again before it was looked at.
                Err(err) if err.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(err) => return Err(err),
            }
            let fds = std::iter::once(self.listener.as_fd()).chain(cancel.read_fds());
            let mut fds: Vec<PollFd<'_>> =
                fds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
            match poll(&mut fds, None) {
                Ok(_) if cancel.is_pulled() => return Ok(None),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(err) => return Err(err.into()),
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl PeerProcess {
    /// Whether this process started it, or one of its ancestors. Where that can not be told it did not.
    pub fn is_below_us(&self) -> bool {
        let us = std::process::id();
        std::iter::successors(Some(self.pid), |pid| parent(*pid))
            .take(ANCESTORS_MAX)
            .skip(1)
            .any(|pid| pid == us)
    }
}

/// The number after the name in parentheses, which may hold anything, and the state.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// The user that this process works for.
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(target_os = "linux")]
fn peer_process(stream: &UnixStream) -> Option<PeerProcess> {
    let found = rustix::net::sockopt::socket_peercred(stream).ok()?;
    let pid = u32::try_from(found.pid.as_raw_pid()).unwrap_or_default();
    Some(PeerProcess { uid: found.uid.as_raw(), pid })
}

#[cfg(not(target_os = "linux"))]
fn peer_process(_: &UnixStream) -> Option<PeerProcess> {
    None
}

/// Long paths do not fit into an address; Linux knows a short name for every open directory.
fn at_address<T>(
    dir: &Path,
    name: &str,
    then: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    let path = dir.join(name);
    if path.as_os_str().len() <= ADDRESS_BYTES_MAX || !cfg!(target_os = "linux") {
        return then(&path);
    }
    let open = File::open(dir)?;
    let number = std::os::fd::AsRawFd::as_raw_fd(&open);
    then(&Path::new("/proc/self/fd").join(number.to_string()).join(name))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn who_connects_is_known_and_heard() {
        let dir = tempfile::tempdir().unwrap();
        let listener = listen(dir.path(), "a").unwrap();
        let mut client = connect(dir.path(), "a").unwrap();
        client.write_all(b"hello").unwrap();
        drop(client);
        let mut peer = listener.accept(&Cancel::new().unwrap()).unwrap().unwrap();
        let mut text = String::new();
        peer.stream.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        let us = PeerProcess { uid: user(), pid: std::process::id() };
        assert_eq!(peer.who, cfg!(target_os = "linux").then_some(us));
    }

    #[test]
    fn a_name_too_long_for_an_address_works_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d".repeat(100)).join("e".repeat(100));
        let _listener = listen(&deep, "a").unwrap();
        assert!(connect(&deep, "a").is_ok());
    }

    #[test]
    fn what_a_dead_process_left_is_replaced_and_the_name_goes_with_the_listener() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "").unwrap();
        let listener = listen(dir.path(), "a").unwrap();
        assert!(connect(dir.path(), "a").is_ok());
        drop(listener);
        assert!(!dir.path().join("a").exists());
    }

    #[test]
    fn a_pulled_rope_ends_the_wait_for_others() {
        let dir = tempfile::tempdir().unwrap();
        let listener = listen(dir.path(), "a").unwrap();
        let cancel = Cancel::new().unwrap();
        cancel.pull();
        assert!(listener.accept(&cancel).unwrap().is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn children_are_below_us_and_we_and_our_parent_are_not() {
        let us = std::process::id();
        let process = |pid| PeerProcess { uid: user(), pid };
        assert!(!process(us).is_below_us());
        assert!(!process(parent(us).unwrap()).is_below_us());
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let below = process(child.id()).is_below_us();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(below);
    }
}
