//! Places where a crash test ends the process.
//!
//! Outside of this crate's own unit tests [`hit`] is empty and nothing can switch it on.

/// Marks a point between two steps of a write.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn hit(_point: &'static str) {}

#[cfg(test)]
pub(crate) use armed::{arm, hit};

#[cfg(test)]
mod armed {
    use std::sync::atomic::{AtomicI64, Ordering};

    /// Points still to pass before the process ends; never reached while negative.
    static POINTS_LEFT: AtomicI64 = AtomicI64::new(-1);

    /// Ends this process at the `points`-th failpoint from now, counted from 1.
    pub(crate) fn arm(points: i64) {
        POINTS_LEFT.store(points, Ordering::SeqCst);
    }

    pub(crate) fn hit(_point: &'static str) {
        if POINTS_LEFT.load(Ordering::SeqCst) < 0 {
            return;
        }
        if POINTS_LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
            // SIGKILL and not abort: nothing of this process may run any more, no destructor and
            // no handler.
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
        }
    }
}
