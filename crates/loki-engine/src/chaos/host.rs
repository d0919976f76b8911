//! The simulated machine: what outlives every process, and what the truth is.

use fastrand::Rng;
use loki_model::{EffectId, EffectResult, Event, StopCause};

use super::fault::{Fault, Tally};

/// Faults of one run; after these it is left in peace and has to come to its end.
const FAULTS_MAX: u32 = 25;

pub(super) struct Host {
    pub(super) rng: Rng,
    /// Milliseconds since 1970. May jump.
    pub(super) clock: i64,
    /// The process that works on the run has died; nothing that it does counts any more.
    pub(super) dead: bool,
    pub(super) stop: Option<StopCause>,
    pub(super) tally: Tally,
    faults_left: u32,
    /// What the agent has made of the workspace: a number for each content.
    pub(super) tree: u32,
    /// Whether that fulfils the spec.
    pub(super) good: bool,
    /// Each call that was really made: its number, and what it really cost in millionths of a dollar.
    pub(super) calls: Vec<(u32, u64)>,
    /// Waits that were begun, and pauses.
    pub(super) waits: u32,
    /// Effects that were begun, of any kind.
    pub(super) effects: u32,
    /// Everything that a process was told to be durable.
    pub(super) acknowledged: Vec<Event>,
    /// What was being recorded when the process died: all of it may be there, or nothing.
    pub(super) in_doubt: Vec<Event>,
    /// A promise that was seen broken on the way.
    pub(super) broke: Option<&'static str>,
    /// Results that have been given back already.
    pub(super) results: Vec<(EffectId, EffectResult)>,
}

impl Host {
    pub(super) fn new(seed: u64) -> Host {
        Host {
            rng: Rng::with_seed(seed),
            clock: 1_700_000_000_000,
            dead: false,
            stop: None,
            tally: Tally::default(),
            faults_left: FAULTS_MAX,
            tree: 0,
            good: false,
            calls: Vec::new(),
            waits: 0,
            effects: 0,
            acknowledged: Vec::new(),
            in_doubt: Vec::new(),
            broke: None,
            results: Vec::new(),
        }
    }

    /// Whether `fault` happens here, once in so many times.
    pub(super) fn strikes(&mut self, fault: Fault, one_in: u32) -> bool {
        let happens = self.faults_left > 0 && self.rng.u32(0..one_in) == 0;
        if happens {
            self.faults_left -= 1;
            self.tally.count(fault);
        }
        happens
    }

    /// The same, and the process dies of it.
    pub(super) fn kills(&mut self, fault: Fault, one_in: u32) -> bool {
        let dies = self.strikes(fault, one_in);
        self.dead |= dies;
        dies
    }

    /// Whether someone has paused the run, and nobody has let it go on.
    pub(super) fn is_paused(&self) -> bool {
        let says = |event: &Event| match event {
            Event::RunPaused { .. } => Some(true),
            Event::RunContinued { .. } | Event::RunResumed { .. } => Some(false),
            _ => None,
        };
        self.acknowledged.iter().rev().find_map(says).unwrap_or(false)
    }

    pub(super) fn pass_time(&mut self) {
        const DAY: i64 = 86_400_000;
        self.clock += self.rng.i64(1..600_000);
        if self.strikes(Fault::ClockForwards, 60) {
            self.clock += self.rng.i64(1..30 * DAY);
        }
        if self.strikes(Fault::ClockBackwards, 60) {
            self.clock -= self.rng.i64(1..30 * DAY);
        }
    }
}
