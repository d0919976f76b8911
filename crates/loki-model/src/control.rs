//! What someone may ask of a run while it is under way, from any terminal.

use serde::{Deserialize, Serialize};

use crate::{Offer, Usd};

/// One thing that is asked of a run. Crews keep it in their journals: only ever added to, never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Control {
    /// Do nothing further until told to continue.
    Pause {
        /// Also end the agent's call that is under way. What it did stays; it counts and is charged.
        now: bool,
    },
    /// Go on after a pause.
    Continue,
    /// Tell the agent something, from its next prompt on.
    Steer {
        /// In the user's words, at most [`STEER_BYTES_MAX`].
        text: String,
    },
    /// Ask for another model from the next call on.
    Model {
        /// A model of the active agent; nothing for what would have been asked without a switch.
        model: Option<String>,
    },
    /// Let another agent go on from the next call on.
    Agent {
        /// What it offers.
        offer: Box<Offer>,
        /// One of its models; nothing for what its tier has.
        model: Option<String>,
    },
    /// Do not wait any longer, and forgive every agent and model what it failed at.
    Retry,
    /// Allow more money, or less.
    Budget {
        /// How much.
        change: BudgetChange,
    },
}

/// Longest instruction, in bytes.
pub const STEER_BYTES_MAX: usize = 8 * 1024;
/// Most instructions of one run.
pub const STEERS_MAX: usize = 50;

/// How a budget changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetChange {
    /// So much more than before.
    Add(Usd),
    /// This much for the whole run.
    Set(Usd),
}

/// Something that was asked of a crew, as a run is told of it that does one of its tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which of all that was asked of the crew, from 1. A run follows each once.
    pub number: u32,
    /// What is asked of the run.
    pub control: Control,
    /// Who asked.
    pub by: String,
}

/// Something that the user said to the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steer {
    /// In the user's words.
    pub text: String,
    /// Who said it: a login name, as far as known.
    pub by: String,
    /// Whether a call that was told of it ended well.
    pub heard: bool,
}
