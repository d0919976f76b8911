//! What can go wrong.

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The process dies before an effect has begun.
    DeathBefore,
    /// The process dies in the middle of an effect.
    DeathWithin,
    /// The process dies after an effect, before its result is recorded.
    DeathAfter,
    /// The process dies while it records; what it records may be there or not.
    DeathRecording,
    /// A loss of power leaves a part of what was being written.
    TornWrite,
    /// A loss of power leaves nonsense where something was being written.
    GarbledWrite,
    /// The disk is full.
    DiskFull,
    /// The file system can only be read.
    DiskReadOnly,
    /// The clock jumps forwards.
    ClockForwards,
    /// The clock jumps backwards.
    ClockBackwards,
    /// The agent says nothing more.
    AgentHangs,
    /// The agent's output means nothing.
    AgentGarbage,
    /// The agent dies.
    AgentCrashes,
    /// The agent's service turns calls away.
    AgentTurnedAway,
    /// The agent needs a person.
    AgentUnusable,
    /// Someone stops the run.
    Stop,
    /// Someone pauses the run, or ends a call.
    Pause,
    /// Someone says something else to the run.
    Request,
    /// A result arrives a second time, or late.
    StaleResult,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 19] = [
        Fault::DeathBefore,
        Fault::DeathWithin,
        Fault::DeathAfter,
        Fault::DeathRecording,
        Fault::TornWrite,
        Fault::GarbledWrite,
        Fault::DiskFull,
        Fault::DiskReadOnly,
        Fault::ClockForwards,
        Fault::ClockBackwards,
        Fault::AgentHangs,
        Fault::AgentGarbage,
        Fault::AgentCrashes,
        Fault::AgentTurnedAway,
        Fault::AgentUnusable,
        Fault::Stop,
        Fault::Pause,
        Fault::Request,
        Fault::StaleResult,
    ];

    /// A few words for people.
    pub const fn label(self) -> &'static str {
        match self {
            Fault::DeathBefore => "loki dies before an effect",
            Fault::DeathWithin => "loki dies within an effect",
            Fault::DeathAfter => "loki dies after an effect",
            Fault::DeathRecording => "loki dies while it records",
            Fault::TornWrite => "a write is cut off",
            Fault::GarbledWrite => "a write is garbled",
            Fault::DiskFull => "the disk is full",
            Fault::DiskReadOnly => "the disk can only be read",
            Fault::ClockForwards => "the clock jumps forwards",
            Fault::ClockBackwards => "the clock jumps backwards",
            Fault::AgentHangs => "the agent hangs",
            Fault::AgentGarbage => "the agent talks nonsense",
            Fault::AgentCrashes => "the agent crashes",
            Fault::AgentTurnedAway => "the agent is turned away",
            Fault::AgentUnusable => "the agent needs a person",
            Fault::Stop => "the run is stopped",
            Fault::Pause => "the run is paused",
            Fault::Request => "the run is told something",
            Fault::StaleResult => "a result comes twice",
        }
    }

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::DeathBefore => "death_before",
            Fault::DeathWithin => "death_within",
            Fault::DeathAfter => "death_after",
            Fault::DeathRecording => "death_recording",
            Fault::TornWrite => "torn_write",
            Fault::GarbledWrite => "garbled_write",
            Fault::DiskFull => "disk_full",
            Fault::DiskReadOnly => "disk_read_only",
            Fault::ClockForwards => "clock_forwards",
            Fault::ClockBackwards => "clock_backwards",
            Fault::AgentHangs => "agent_hangs",
            Fault::AgentGarbage => "agent_garbage",
            Fault::AgentCrashes => "agent_crashes",
            Fault::AgentTurnedAway => "agent_turned_away",
            Fault::AgentUnusable => "agent_unusable",
            Fault::Stop => "stop",
            Fault::Pause => "pause",
            Fault::Request => "request",
            Fault::StaleResult => "stale_result",
        }
    }
}

/// How often each happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: std::collections::BTreeMap<Fault, u64>,
    /// Events that were recorded.
    pub events: u64,
    /// Processes that worked on the runs.
    pub processes: u64,
}

impl Tally {
    pub(super) fn count(&mut self, fault: Fault) {
        *self.counts.entry(fault).or_default() += 1;
    }

    /// How often `fault` happened.
    pub fn of(&self, fault: Fault) -> u64 {
        self.counts.get(&fault).copied().unwrap_or_default()
    }

    /// Adds what happened in another run.
    pub fn add(&mut self, other: &Tally) {
        for (fault, count) in &other.counts {
            *self.counts.entry(*fault).or_default() += count;
        }
        self.events += other.events;
        self.processes += other.processes;
    }
}
