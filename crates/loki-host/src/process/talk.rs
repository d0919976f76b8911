//! What a program that is talked with hears and is told while it runs.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::io::Errno;

use super::{Ended, Stream};

/// Bytes that may wait for a program that does not read.
pub const WAITING_BYTES_MAX: usize = 32 << 20;

/// Written at once; as much as an empty pipe takes.
const CHUNK_BYTES: usize = 64 * 1024;

/// Something a conversation may answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened<'a> {
    /// The program runs. The first thing in every conversation.
    Started,
    /// It wrote.
    Output(Stream, &'a [u8]),
    /// The moment of [`Reply::wake_at`] has come.
    Woken,
    /// The call is to end, for this reason: the program is asked to once the courtesy is over, or
    /// at [`Reply::end`]. Comes once, and not at all when the conversation asked for the end.
    Stopping(Ended),
}

/// How a conversation answers. Nothing here waits.
#[derive(Debug, Default)]
pub struct Reply {
    pipe: Option<OwnedFd>,
    waiting: Vec<u8>,
    written: usize,
    hung_up: bool,
    wake_at: Option<Instant>,
    end: bool,
}

impl Reply {
    pub(super) fn through(pipe: Option<OwnedFd>) -> Reply {
        Reply { pipe, ..Reply::default() }
    }

    /// Queues `bytes` for the program's standard input, in order.
    ///
    /// Returns whether they were taken: not after [`Reply::hang_up`], not once the program closed
    /// its input, and not when more than [`WAITING_BYTES_MAX`] would wait.
    pub fn say(&mut self, bytes: &[u8]) -> bool {
        let fits = self.waiting.len() - self.written + bytes.len() <= WAITING_BYTES_MAX;
        let takes = fits && !self.hung_up && self.pipe.is_some();
        if takes {
            self.waiting.extend_from_slice(bytes);
        }
        takes
    }

    /// Whether the program may still hear something.
    pub fn is_open(&self) -> bool {
        self.pipe.is_some() && !self.hung_up
    }

    /// Closes the program's standard input once all that waits is written.
    pub fn hang_up(&mut self) {
        self.hung_up = true;
        self.close_if_done();
    }

    /// Asks the program and its tree to end now; after the grace they are killed.
    pub fn end(&mut self) {
        self.end = true;
    }

    /// Asks for [`Happened::Woken`] at a moment, once; replaces an earlier wish.
    pub fn wake_at(&mut self, at: Option<Instant>) {
        self.wake_at = at;
    }

    pub(super) fn pipe(&self) -> Option<&OwnedFd> {
        self.pipe.as_ref()
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.wake_at
    }

    /// Whether the wish to be woken came true; forgets it.
    pub(super) fn is_woken(&mut self, now: Instant) -> bool {
        self.wake_at.take_if(|at| *at <= now).is_some()
    }

    pub(super) fn wants_end(&self) -> bool {
        self.end
    }

    /// Something waits to be written here.
    pub(super) fn writes_to(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().filter(|_| self.written < self.waiting.len()).map(AsFd::as_fd)
    }

    /// Writes once, without waiting.
    pub(super) fn write(&mut self) {
        let Some(pipe) = &self.pipe else { return };
        let rest = self.waiting.get(self.written..).unwrap_or_default();
        match rustix::io::write(pipe, rest.get(..CHUNK_BYTES).unwrap_or(rest)) {
            Ok(count) => self.written += count,
            Err(Errno::AGAIN | Errno::INTR) => {}
            // Nobody reads any more.
            Err(_) => {
                self.pipe = None;
                self.written = self.waiting.len();
            }
        }
        // Moved seldom: each time at least half of the buffer is free.
        if self.written * 2 >= self.waiting.len() {
            self.waiting.drain(..self.written);
            self.written = 0;
        }
        self.close_if_done();
    }

    fn close_if_done(&mut self) {
        if self.hung_up && self.written == self.waiting.len() {
            self.pipe = None;
        }
    }
}
