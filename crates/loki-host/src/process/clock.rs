//! The deadlines of one call: when to ask its tree to end, when to kill it, when to leave it.

use std::time::{Duration, Instant};

use loki_model::Deadline;

use super::spawn::Hold;
use super::{Ended, Limits};

/// A reaper kills by itself after the grace; this much later loki insists.
const INSIST_AFTER: Duration = Duration::from_millis(500);

/// After the grace and this, a tree that does not die is left behind.
const ABANDON_AFTER: Duration = Duration::from_millis(900);

/// The moments at which something is due.
pub(super) struct Clock {
    limits: Limits,
    kill_after: Duration,
    started_at: Instant,
    last_output_at: Instant,
    ending: Option<Ending>,
}

/// Loki has asked the tree to end.
#[derive(Clone, Copy)]
struct Ending {
    why: Ended,
    asked_at: Instant,
    killed: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Ask the tree to end.
    Ask,
    /// It had its grace.
    Kill,
    /// It can not be killed: something in the kernel holds it.
    Abandon(Ended),
}

impl Clock {
    pub(super) fn new(limits: Limits, hold: Hold, started_at: Instant) -> Clock {
        let kill_after = match hold {
            #[cfg(target_os = "linux")]
            Hold::Reaper => INSIST_AFTER,
            Hold::Group => Duration::ZERO,
        };
        Clock { limits, kill_after, started_at, last_output_at: started_at, ending: None }
    }

    /// There was output.
    pub(super) fn heard(&mut self, now: Instant) {
        self.last_output_at = now;
    }

    /// Whether the tree was asked to end.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// Why the tree was asked to end, if it was.
    pub(super) fn why(&self) -> Option<Ended> {
        self.ending.map(|ending| ending.why)
    }

    /// Nothing when only an event can make something due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        match self.ending {
            None => [self.total_at(), self.idle_at()].into_iter().flatten().min(),
            Some(ending) if ending.killed => self.after_grace(ending, ABANDON_AFTER),
            Some(ending) => self.after_grace(ending, self.kill_after),
        }
    }

    /// Each step comes once, in the order of [`Due`].
    pub(super) fn due(&mut self, now: Instant, cancelled: bool) -> Due {
        let past = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let Some(ending) = self.ending else {
            let why = match () {
                () if cancelled => Ended::Cancelled,
                () if past(self.total_at()) => Ended::TimedOut(Deadline::Total),
                () if past(self.idle_at()) => Ended::TimedOut(Deadline::Idle),
                () => return Due::Nothing,
            };
            self.ending = Some(Ending { why, asked_at: now, killed: false });
            return Due::Ask;
        };
        if past(self.after_grace(ending, ABANDON_AFTER)) {
            return Due::Abandon(ending.why);
        }
        if past(self.after_grace(ending, self.kill_after)) && !ending.killed {
            self.ending = Some(Ending { killed: true, ..ending });
            return Due::Kill;
        }
        Due::Nothing
    }

    fn total_at(&self) -> Option<Instant> {
        self.started_at.checked_add(self.limits.total)
    }

    fn idle_at(&self) -> Option<Instant> {
        self.limits.idle.and_then(|idle| self.last_output_at.checked_add(idle))
    }

    fn after_grace(&self, ending: Ending, extra: Duration) -> Option<Instant> {
        ending.asked_at.checked_add(self.limits.grace)?.checked_add(extra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn clock(hold: Hold) -> (Clock, Instant) {
        let start = Instant::now();
        let limits = Limits { total: 5 * SECOND, idle: Some(2 * SECOND), ..Limits::default() };
        (Clock::new(limits, hold, start), start)
    }

    #[test]
    fn output_puts_off_the_idle_deadline_and_not_the_total_one() {
        let (mut clock, start) = clock(Hold::BEST);
        clock.heard(start + SECOND);
        assert_eq!(clock.due(start + 2 * SECOND, false), Due::Nothing);
        clock.heard(start + 4 * SECOND);
        assert_eq!(clock.next_at(), Some(start + 5 * SECOND));
        assert_eq!(clock.due(start + 5 * SECOND, false), Due::Ask);
        assert_eq!(clock.why(), Some(Ended::TimedOut(Deadline::Total)));
    }

    #[test]
    fn a_tree_is_asked_then_killed_then_left_each_once() {
        let (mut clock, start) = clock(Hold::Group);
        assert_eq!(clock.due(start, true), Due::Ask);
        assert_eq!(clock.due(start, true), Due::Nothing);
        assert_eq!(clock.due(start + SECOND, true), Due::Kill);
        assert_eq!(clock.due(start + SECOND, true), Due::Nothing);
        assert_eq!(clock.due(start + SECOND + ABANDON_AFTER, true), Due::Abandon(Ended::Cancelled));
    }

    #[test]
    fn limits_beyond_all_time_are_no_limits() {
        let start = Instant::now();
        let limits = Limits { total: Duration::MAX, grace: Duration::MAX, ..Limits::default() };
        let mut clock = Clock::new(limits, Hold::BEST, start);
        assert_eq!(clock.next_at(), None);
        assert_eq!(clock.due(start, true), Due::Ask);
        assert_eq!(clock.next_at(), None);
    }
}
