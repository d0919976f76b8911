//! A rope of one call's own that the caller's rope pulls too.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use loki_host::process::Cancel;

/// How long the helper thread may outlive its call.
const OUTLIVES_MAX: Duration = Duration::from_millis(200);

/// Ends a call from within, without ending anything else that the caller's rope is tied to.
pub(crate) struct Tether {
    own: Cancel,
    over: Arc<AtomicBool>,
}

impl Tether {
    /// Fails only when the process has no file descriptors or threads left.
    pub(crate) fn to(outer: &Cancel) -> io::Result<Tether> {
        let tether = Tether { own: Cancel::new()?, over: Arc::new(AtomicBool::new(false)) };
        let (outer, own, over) = (outer.clone(), tether.own.clone(), Arc::clone(&tether.over));
        let watch = move || {
            // A pull is passed on at once; only the end of the call is noticed late.
            while !over.load(Ordering::Relaxed) {
                if outer.sleep(OUTLIVES_MAX) {
                    own.pull();
                    return;
                }
            }
        };
        thread::Builder::new().name("tether".to_owned()).spawn(watch)?;
        Ok(tether)
    }

    /// What the call is run with.
    pub(crate) fn cancel(&self) -> &Cancel {
        &self.own
    }
}

impl Drop for Tether {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_pull_is_passed_on() {
        let outer = Cancel::new().unwrap();
        let tether = Tether::to(&outer).unwrap();
        outer.pull();
        assert!(tether.cancel().sleep(Duration::from_secs(20)));
    }

    #[test]
    fn a_pull_from_within_stays_within() {
        let outer = Cancel::new().unwrap();
        let tether = Tether::to(&outer).unwrap();
        tether.cancel().pull();
        assert!(!outer.is_pulled());
    }
}
