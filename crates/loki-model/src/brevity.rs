//! How few words an agent is asked to spend on people.

use serde::{Deserialize, Serialize};

use crate::Run;

/// How few words an agent is asked to spend on people. What it writes into files is not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brevity {
    /// As it likes.
    Off,
    /// No plans, no retelling of code that it wrote.
    Brief,
    /// Hardly a word but the summary at the end.
    Terse,
}

impl Brevity {
    /// All of them, the wordiest first.
    pub const ALL: [Brevity; 3] = [Brevity::Off, Brevity::Brief, Brevity::Terse];

    /// As in settings and JSON.
    pub const fn label(self) -> &'static str {
        match self {
            Brevity::Off => "off",
            Brevity::Brief => "brief",
            Brevity::Terse => "terse",
        }
    }
}

impl Run {
    /// What the next call is asked for: what the user set; else terse once less than a quarter of a budget is
    /// left, brief before that, and nothing where money has no limit.
    pub fn brevity(&self) -> Brevity {
        if let Some(set) = self.settings.brevity {
            return set;
        }
        match (self.budget_left(), self.settings.budget) {
            (Some(left), Some(budget)) if left.0 < budget.0 / 4 => Brevity::Terse,
            (Some(_), _) => Brevity::Brief,
            (None, _) => Brevity::Off,
        }
    }
}
