//! The protocol crate's connection, driven by hand: it runs only while something has come for it.
//!
//! The crate is written for an executor. Here the supervisor of the process is the executor: it
//! hands over lines, lets the connection run until it waits for the next one, and takes what it has
//! to say. There is no thread, no timer and no runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use agent_client_protocol::{Channel, Result, TransportFrame};

/// Times that a connection may ask to go on before it has to wait; far more than any turn needs.
const POLLS_MAX: usize = 100_000;

/// One connection, whose whole life is one future.
pub(super) struct Connection {
    future: Pin<Box<dyn Future<Output = Result<()>>>>,
    ours: Channel,
    woken: Arc<Woken>,
    over: bool,
}

impl Connection {
    /// `serve` makes the future from the connection's end of the transport.
    pub(super) fn new<F>(serve: impl FnOnce(Channel) -> F) -> Connection
    where
        F: Future<Output = Result<()>> + 'static,
    {
        let (ours, theirs) = Channel::duplex();
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Connection { future: Box::pin(serve(theirs)), ours, woken, over: false }
    }

    /// Hands over one line. Returns whether it was a message of the protocol; what is none is not
    /// answered, because an answer would carry it back.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        match TransportFrame::parse_json(line) {
            TransportFrame::Single(message) => {
                // It fails once the connection is over, and then nothing is lost.
                let _ = self.ours.tx.unbounded_send(TransportFrame::Single(message));
                true
            }
            _ => false,
        }
    }

    /// Lets it run until it waits for a line, and returns the lines it has to say, each with its
    /// newline.
    pub(super) fn run(&mut self) -> Vec<String> {
        let waker = Waker::from(Arc::clone(&self.woken));
        let mut context = Context::from_waker(&waker);
        let mut said = Vec::new();
        for _ in 0..POLLS_MAX {
            if self.over || !self.woken.0.swap(false, Ordering::AcqRel) {
                break;
            }
            self.over = matches!(self.future.as_mut().poll(&mut context), Poll::Ready(_));
        }
        while let Ok(frame) = self.ours.rx.try_recv() {
            if let Ok(mut line) = frame.to_json() {
                line.push('\n');
                said.push(line);
            }
        }
        said
    }
}

/// Set by whatever the future waits for.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Woken>) {
        self.0.store(true, Ordering::Release);
    }
}
