//! Both outputs of a running command, gathered by two threads so that a test can wait for a text.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Read at once.
const CHUNK_BYTES: usize = 8192;

/// What was written so far.
#[derive(Clone, Debug)]
pub(super) struct Outputs {
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug)]
struct State {
    /// Standard output, standard error.
    written: [Vec<u8>; 2],
    open: usize,
}

impl Outputs {
    pub(super) fn read(
        stdout: impl Read + Send + 'static,
        stderr: impl Read + Send + 'static,
    ) -> Outputs {
        let state = State { written: [Vec::new(), Vec::new()], open: 2 };
        let outputs = Outputs { shared: Arc::new((Mutex::new(state), Condvar::new())) };
        outputs.follow(0, stdout);
        outputs.follow(1, stderr);
        outputs
    }

    pub(super) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.lock().written[0]).into_owned()
    }

    pub(super) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.lock().written[1]).into_owned()
    }

    /// Waits until either output holds `text`; false when both ended or time ran out before.
    pub(super) fn wait_for(&self, text: &str, timeout: Duration) -> bool {
        self.wait_while(timeout, |state| state.open > 0 && !state.holds(text)).holds(text)
    }

    pub(super) fn wait_for_end(&self, timeout: Duration) {
        drop(self.wait_while(timeout, |state| state.open > 0));
    }

    fn follow(&self, which: usize, mut pipe: impl Read + Send + 'static) {
        let outputs = self.clone();
        thread::spawn(move || {
            let mut buffer = [0; CHUNK_BYTES];
            loop {
                let read = pipe.read(&mut buffer).unwrap_or(0);
                let mut state = outputs.lock();
                state.written[which].extend_from_slice(&buffer[..read]);
                state.open -= usize::from(read == 0);
                drop(state);
                outputs.shared.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(
        &self,
        timeout: Duration,
        busy: impl Fn(&State) -> bool,
    ) -> MutexGuard<'_, State> {
        let waited = self.shared.1.wait_timeout_while(self.lock(), timeout, |state| busy(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl State {
    fn holds(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.written.iter().any(|bytes| bytes.windows(text.len().max(1)).any(|at| at == text))
    }
}
