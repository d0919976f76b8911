//! A model that plays a script, on loopback: what a real agent talks to in a test.
//!
//! Owns the protocols Anthropic Messages, OpenAI Chat Completions, OpenAI Responses and Gemini
//! `generateContent` (streamed or not), the log of requests, and faults on the wire. Refuses to check keys. One server per test, on a port of its own; it stops on drop.
//!
//! Only a *main* request, one that offers tools, takes a step of the script. Titles, summaries and
//! token counts are answered without one.

mod answer;
mod anthropic;
mod chat;
mod connection;
mod gemini;
pub(crate) mod http;
mod protocol;
mod responses;
mod script;
mod tools;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

pub use script::{Fault, MainRequests, ModelError, ModelScript, ModelStep, ModelUsage, Op};

/// Connections served in one test before something must be wrong.
const CONNECTIONS_MAX: usize = 10_000;

/// A running server.
#[derive(Debug)]
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Took a step of the script.
    Main,
    /// A title, a summary, a suggestion.
    Side,
    /// A token count, a list of models, a sign of life.
    Meta,
    /// Not scripted: answered with 404.
    Unknown,
}

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct LoggedRequest {
    /// What it was for.
    pub kind: RequestKind,
    /// As in `POST`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// By lower-case name; keys and tokens are shown as `present`.
    pub headers: BTreeMap<String, String>,
    /// Null when it was not JSON.
    pub body: Value,
    /// The step it took, counted from 0.
    pub step: Option<usize>,
}

/// What the connections of one server have in common.
#[derive(Debug)]
struct Shared {
    script: ModelScript,
    state: Mutex<State>,
    changed: Condvar,
    stopping: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    position: usize,
    /// How often the current step was served.
    served: u32,
    answers: u64,
    requests: Vec<LoggedRequest>,
    /// To end them from outside, by number.
    connections: BTreeMap<usize, TcpStream>,
}

impl ModelServer {
    /// Starts a server for `script` on a free port of 127.0.0.1.
    pub fn start(script: ModelScript) -> ModelServer {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            script,
            state: Mutex::default(),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
        });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        ModelServer { address, shared, acceptor: Some(acceptor) }
    }

    /// `http://127.0.0.1:PORT`, without `/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything asked so far, in order.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().requests.clone()
    }

    /// The requests that took a step.
    pub fn main_requests(&self) -> Vec<LoggedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.kind == RequestKind::Main);
        requests
    }

    /// Waits until `count` requests took a step; false when `timeout` passed before.
    pub fn wait_for_main_requests(&self, count: usize, timeout: Duration) -> bool {
        let few = |state: &mut State| {
            state.requests.iter().filter(|request| request.kind == RequestKind::Main).count()
                < count
        };
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), timeout, few);
        let (_state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.shared.stop();
        // Wakes the acceptor, which sees that it has to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// The step that the next main request takes, and its index.
    fn take_step(&self) -> (usize, ModelStep) {
        let steps = &self.script.steps;
        let mut state = self.lock();
        let at = state.position;
        let Some(step) = steps.get(at) else {
            return match steps.last() {
                Some(last) if self.script.loop_last => (steps.len() - 1, last.clone()),
                _ => (steps.len(), ModelStep::said("All steps done.")),
            };
        };
        state.served += 1;
        if state.served >= step.times {
            (state.position, state.served) = (at + 1, 0);
        }
        (at, step.clone())
    }

    /// A number for the ids in an answer.
    fn next_answer(&self) -> u64 {
        let mut state = self.lock();
        state.answers += 1;
        state.answers
    }

    fn log(&self, request: LoggedRequest) {
        self.lock().requests.push(request);
        self.changed.notify_all();
    }

    /// Ends what is under way, now and whenever called again.
    fn stop(&self) {
        let mut state = self.lock();
        // Under the lock, so that no thread misses it between looking and waiting.
        self.stopping.store(true, Ordering::SeqCst);
        for (_, connection) in std::mem::take(&mut state.connections) {
            // The client may have closed it.
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits, but not longer than the server lives.
    fn pause(&self, pause: Duration) {
        let stopping = |_: &mut State| !self.is_stopping();
        drop(self.changed.wait_timeout_while(self.lock(), pause, stopping));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    for (number, stream) in listener.incoming().take(CONNECTIONS_MAX).enumerate() {
        if shared.is_stopping() {
            break;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(clone) = stream.try_clone() {
            shared.lock().connections.insert(number, clone);
        }
        let shared = Arc::clone(shared);
        threads.push(thread::spawn(move || {
            // A client that goes away in the middle is what some tests are about.
            let _: io::Result<()> = connection::serve(&stream, &shared);
            // Without the clone, dropping `stream` closes the socket: orderly, or with a reset.
            shared.lock().connections.remove(&number);
        }));
    }
    // For connections that were accepted while stopping began.
    shared.stop();
    for thread in threads {
        let _ = thread.join();
    }
}
