//! What one call of a coding agent said of itself. All of it is data, none of it is trusted.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Usd};

/// What a call is for; resolved to a model by [`choose`](crate::choose).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Thinking before doing.
    Planning,
    /// Writing code.
    #[default]
    Development,
    /// Small and cheap things.
    Fast,
}

impl Tier {
    /// All of them, the dearest first.
    pub const ALL: [Tier; 3] = [Tier::Planning, Tier::Development, Tier::Fast];

    /// As in settings and JSON.
    pub const fn label(self) -> &'static str {
        match self {
            Tier::Planning => "planning",
            Tier::Development => "development",
            Tier::Fast => "fast",
        }
    }
}

/// How one call of an agent ended. Decided from structured data and exit codes, never from prose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AgentOutcome {
    /// The agent ended its turn. Says nothing about the work.
    Completed,
    /// Too many requests; `until` when the service said so.
    RateLimited {
        /// When to try again, if told.
        until: Option<Timestamp>,
    },
    /// The service is overloaded or failing on its side.
    Overloaded,
    /// Not logged in, or the key is refused.
    Auth,
    /// The model asked for does not exist or may not be used.
    ModelNotFound,
    /// The conversation no longer fits the model.
    ContextExceeded,
    /// An allowance is used up until `until`.
    Quota {
        /// When the allowance returns, if told.
        until: Option<Timestamp>,
    },
    /// The call's own money limit was reached.
    BudgetReached,
    /// The agent was ended by a deadline.
    TimedOut {
        /// Which one.
        deadline: Deadline,
    },
    /// The agent ended with a failure that no other kind describes.
    Crashed {
        /// Its exit code, if it exited by itself.
        exit_code: Option<i32>,
        /// One line for people.
        detail: String,
    },
    /// Ended because the run was stopped.
    Cancelled,
    /// The agent ended well by its exit code but said nothing that its protocol allows.
    Garbage,
    /// The agent could not be started.
    NotStarted {
        /// Why, in one line, with the fix.
        detail: String,
    },
}

impl AgentOutcome {
    /// Whether asking the same agent again, now or later, can not help until a person acts.
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            AgentOutcome::Auth | AgentOutcome::ModelNotFound | AgentOutcome::NotStarted { .. }
        )
    }

    /// Whether the service turned the call away for now: asking again later may help.
    pub fn is_turned_away(&self) -> bool {
        matches!(
            self,
            AgentOutcome::RateLimited { .. }
                | AgentOutcome::Overloaded
                | AgentOutcome::Quota { .. }
        )
    }

    /// The moment before which another call is pointless, if the service named one.
    pub fn retry_not_before(&self) -> Option<Timestamp> {
        match self {
            AgentOutcome::RateLimited { until } | AgentOutcome::Quota { until } => *until,
            _ => None,
        }
    }

    /// One or two words for a screen.
    pub fn label(&self) -> &'static str {
        match self {
            AgentOutcome::Completed => "completed",
            AgentOutcome::RateLimited { .. } => "rate limited",
            AgentOutcome::Overloaded => "overloaded",
            AgentOutcome::Auth => "not logged in",
            AgentOutcome::ModelNotFound => "model not found",
            AgentOutcome::ContextExceeded => "context exceeded",
            AgentOutcome::Quota { .. } => "quota used up",
            AgentOutcome::BudgetReached => "budget reached",
            AgentOutcome::TimedOut { deadline: Deadline::Idle } => "timed out (idle)",
            AgentOutcome::TimedOut { deadline: Deadline::Total } => "timed out",
            AgentOutcome::Crashed { .. } => "crashed",
            AgentOutcome::Cancelled => "cancelled",
            AgentOutcome::Garbage => "unreadable output",
            AgentOutcome::NotStarted { .. } => "not started",
        }
    }
}

/// Which limit on time ended a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// No output for too long.
    Idle,
    /// Too long in all.
    Total,
}

/// What the agent wants to be judged as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// It ended its turn without saying that work is left: a request for judgement.
    Done,
    /// It said that work is left.
    Continue,
    /// The call did not end in a way that claims anything.
    None,
}

/// What a call cost. Unknown is unknown, not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cost {
    /// Told by the agent or free by its nature.
    Known {
        /// For this call alone.
        usd: Usd,
    },
    /// Not told: tokens that were told, at the price of the model that was asked.
    Computed {
        /// For this call alone.
        usd: Usd,
    },
    /// Not told.
    Unknown,
}

/// Tokens of one call, as the agent counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUsage {
    /// Read by the model and not from a cache.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Read from the prompt cache.
    pub cache_read: u64,
    /// Written to the prompt cache.
    pub cache_write: u64,
}

impl TokenUsage {
    /// Of every kind.
    pub fn total(&self) -> u64 {
        [self.input, self.output, self.cache_read, self.cache_write]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

/// What a call used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Nothing when the agent did not say.
    pub tokens: Option<TokenUsage>,
    /// For this call alone.
    pub cost: Cost,
}

impl Usage {
    /// Neither tokens nor money are known.
    pub const UNKNOWN: Usage = Usage { tokens: None, cost: Cost::Unknown };
}

/// Something the agent was seen doing, for people who watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Activity {
    /// It wrote to its user.
    Said {
        /// At most [`Activity::TEXT_CHARS_MAX`] characters.
        text: String,
    },
    /// It used a tool.
    Used {
        /// The tool's name as the agent gives it.
        tool: String,
        /// The most telling argument: a path, a command.
        detail: String,
    },
    /// A tool failed.
    ToolFailed {
        /// What it printed, shortened.
        detail: String,
    },
    /// The agent waits and tries again by itself.
    Retrying {
        /// Why, in the agent's own class.
        reason: String,
    },
}

impl Activity {
    /// Longer texts are cut.
    pub const TEXT_CHARS_MAX: usize = 400;
}

/// Everything one call of an agent reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallReport {
    /// How it ended.
    pub outcome: AgentOutcome,
    /// What the agent wants to be judged as.
    pub claim: Claim,
    /// What it used.
    pub usage: Usage,
    /// The agent's own name for the conversation, to resume it.
    pub session: Option<String>,
    /// The model that answered, when told.
    pub model: Option<String>,
    /// The agent's last words, shortened. Untrusted.
    pub final_text: String,
}
