//! How a run ended.

use serde::{Deserialize, Serialize};

/// How a run ended. Only [`Outcome::Verified`] is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that had to be shown was shown.
    Verified,
    /// Nothing was found wrong, and not everything could be shown.
    VerifiedWithGaps,
    /// All agent calls were used and the change is still blocked.
    IterationsExhausted,
    /// The money was used and the change is still blocked.
    BudgetExhausted,
    /// The run kept coming back to the same findings, or to the same tree with them.
    Stagnated,
    /// A person or a signal stopped it. It can be resumed.
    Stopped,
    /// The agent can not work: not installed, not logged in, failing again and again.
    AgentUnavailable,
    /// Something under loki failed: git, the disk, the journal.
    Failed,
}

impl Outcome {
    /// All of them, in the order of their documentation.
    pub const ALL: [Outcome; 8] = [
        Outcome::Verified,
        Outcome::VerifiedWithGaps,
        Outcome::IterationsExhausted,
        Outcome::BudgetExhausted,
        Outcome::Stagnated,
        Outcome::Stopped,
        Outcome::AgentUnavailable,
        Outcome::Failed,
    ];

    /// The exit code of the process that drove the run to this end. 2 is left for usage errors,
    /// 130 is what a shell expects after an interrupt.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Verified => 0,
            Outcome::Failed => 1,
            Outcome::VerifiedWithGaps => 10,
            Outcome::IterationsExhausted => 11,
            Outcome::BudgetExhausted => 12,
            Outcome::Stagnated => 13,
            Outcome::AgentUnavailable => 14,
            Outcome::Stopped => 130,
        }
    }

    /// The outcome's name as it stands in JSON and on screens.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Verified => "verified",
            Outcome::VerifiedWithGaps => "verified_with_gaps",
            Outcome::IterationsExhausted => "iterations_exhausted",
            Outcome::BudgetExhausted => "budget_exhausted",
            Outcome::Stagnated => "stagnated",
            Outcome::Stopped => "stopped",
            Outcome::AgentUnavailable => "agent_unavailable",
            Outcome::Failed => "failed",
        }
    }

    /// One sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Outcome::Verified => "everything that had to be shown was shown",
            Outcome::VerifiedWithGaps => {
                "nothing was found wrong, but not everything could be shown"
            }
            Outcome::IterationsExhausted => "all agent calls were used and gates still fail",
            Outcome::BudgetExhausted => "the budget was used and gates still fail",
            Outcome::Stagnated => "the agent kept coming back to the same findings",
            Outcome::Stopped => "the run was stopped; it can be resumed",
            Outcome::AgentUnavailable => "the agent could not work",
            Outcome::Failed => "something under loki failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_outcome_has_its_own_exit_code_and_only_verified_is_zero() {
        let codes: BTreeSet<u8> = Outcome::ALL.iter().map(|o| o.exit_code()).collect();
        assert_eq!(codes.len(), Outcome::ALL.len());
        assert!(!codes.contains(&2), "2 means usage");
        for outcome in Outcome::ALL {
            assert_eq!(outcome.exit_code() == 0, outcome == Outcome::Verified);
        }
    }
}
