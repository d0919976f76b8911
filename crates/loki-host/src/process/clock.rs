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
    courtesy: Duration,
    told: Option<(Ended, Instant)>,
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
    /// Tell the conversation that the tree is about to be asked to end.
    Tell(Ended),
    /// Ask the tree to end.
    Ask,
    /// It had its grace.
    Kill,
    /// It can not be killed: something in the kernel holds it.
    Abandon(Ended),
}

impl Clock {
    /// `courtesy`: between telling a conversation and asking the tree to end; with none, nobody is told.
    pub(super) fn new(
        limits: Limits,
        hold: Hold,
        courtesy: Duration,
        started_at: Instant,
    ) -> Clock {
        let kill_after = match hold {
            #[cfg(target_os = "linux")]
            Hold::Reaper => INSIST_AFTER,
            Hold::Group => Duration::ZERO,
        };
        let last_output_at = started_at;
        Clock { limits, kill_after, started_at, last_output_at, courtesy, told: None, ending: None }
    }

    /// There was output.
    pub(super) fn heard(&mut self, now: Instant) {
        self.last_output_at = now;
    }

    /// Why the tree was asked to end or soon will be, if so.
    pub(super) fn why(&self) -> Option<Ended> {
        self.ending.map(|ending| ending.why).or_else(|| Some(self.told?.0))
    }

    /// The conversation wants the end. Returns whether the tree is to be asked now.
    pub(super) fn end_by_wish(&mut self, now: Instant) -> bool {
        let is_first = self.ending.is_none();
        if is_first {
            let why = self.why().unwrap_or(Ended::Cancelled);
            self.ending = Some(Ending { why, asked_at: now, killed: false });
        }
        is_first
    }

    /// Nothing when only an event can make something due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        match self.ending {
            None if self.told.is_some() => self.courtesy_at(),
            None => [self.total_at(), self.idle_at()].into_iter().flatten().min(),
            Some(ending) if ending.killed => self.after_grace(ending, ABANDON_AFTER),
            Some(ending) => self.after_grace(ending, self.kill_after),
        }
    }

    /// Each step comes once, in the order of [`Due`].
    pub(super) fn due(&mut self, now: Instant, cancelled: bool) -> Due {
        let past = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let Some(ending) = self.ending else {
            let why = match self.told {
                Some((why, _)) if past(self.courtesy_at()) => why,
                Some(_) => return Due::Nothing,
                None if cancelled => Ended::Cancelled,
                None if past(self.total_at()) => Ended::TimedOut(Deadline::Total),
                None if past(self.idle_at()) => Ended::TimedOut(Deadline::Idle),
                None => return Due::Nothing,
            };
            if self.told.is_none() && !self.courtesy.is_zero() {
                self.told = Some((why, now));
                return Due::Tell(why);
            }
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

    fn courtesy_at(&self) -> Option<Instant> {
        self.told.and_then(|(_, at)| at.checked_add(self.courtesy))
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
        (Clock::new(limits, hold, Duration::ZERO, start), start)
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
    fn a_conversation_is_told_before_its_tree_is_asked() {
        let start = Instant::now();
        let mut clock = Clock::new(Limits::default(), Hold::Group, 2 * SECOND, start);
        assert_eq!(clock.due(start, true), Due::Tell(Ended::Cancelled));
        assert_eq!(clock.next_at(), Some(start + 2 * SECOND));
        assert_eq!(clock.due(start + SECOND, true), Due::Nothing);
        assert_eq!(clock.due(start + 2 * SECOND, true), Due::Ask);
        assert_eq!(clock.due(start + 3 * SECOND, true), Due::Kill);
    }

    #[test]
    fn a_conversation_may_cut_its_courtesy_short() {
        let start = Instant::now();
        let limits = Limits { total: SECOND, ..Limits::default() };
        let mut clock = Clock::new(limits, Hold::Group, 2 * SECOND, start);
        let timed_out = Ended::TimedOut(Deadline::Total);
        assert_eq!(clock.due(start + SECOND, false), Due::Tell(timed_out));
        assert!(clock.end_by_wish(start + SECOND));
        assert!(!clock.end_by_wish(start + SECOND));
        assert_eq!(
            (clock.why(), clock.due(start + SECOND, false)),
            (Some(timed_out), Due::Nothing)
        );
    }

    #[test]
    fn limits_beyond_all_time_are_no_limits() {
        let start = Instant::now();
        let limits = Limits { total: Duration::MAX, grace: Duration::MAX, ..Limits::default() };
        let mut clock = Clock::new(limits, Hold::BEST, Duration::ZERO, start);
        assert_eq!(clock.next_at(), None);
        assert_eq!(clock.due(start, true), Due::Ask);
        assert_eq!(clock.next_at(), None);
    }
}
