//! The grammar of what a run may use, besides calls and money.

use clap::Args;
use loki_model::{NewLimits, UnknownCost, Usd};

/// Tokens and time.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct LimitArgs {
    /// Use at most this many tokens of every kind, such as 500000, 500k or 2m; for the whole run
    #[arg(long, value_name = "COUNT", value_parser = tokens)]
    pub(crate) max_tokens: Option<u64>,

    /// End the run after this much time, such as 90m or 2h30m, waits included; pauses, and time in which
    /// nobody drove the run, do not count
    #[arg(long, value_name = "TIME", value_parser = millis)]
    pub(crate) max_time: Option<u64>,
}

impl LimitArgs {
    /// These, and limits of calls and money.
    pub(crate) fn over(self, iterations_max: Option<u32>, budget: Option<Usd>) -> NewLimits {
        let (tokens_max, time_max_ms) = (self.max_tokens, self.max_time);
        NewLimits { iterations_max, budget, tokens_max, time_max_ms }
    }
}

/// What a call that does not tell its cost counts against the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum UnknownCostChoice {
    /// $2.00
    Estimate,
    /// The run ends, and `loki resume` goes on
    Deny,
    /// Nothing
    Allow,
}

impl From<UnknownCostChoice> for UnknownCost {
    fn from(choice: UnknownCostChoice) -> UnknownCost {
        match choice {
            UnknownCostChoice::Estimate => UnknownCost::Estimate,
            UnknownCostChoice::Deny => UnknownCost::Deny,
            UnknownCostChoice::Allow => UnknownCost::Allow,
        }
    }
}

fn tokens(text: &str) -> Result<u64, String> {
    let text = text.to_ascii_lowercase();
    let (digits, unit) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => text.strip_suffix('m').map_or((text.as_str(), 1), |digits| (digits, 1_000_000)),
    };
    let count = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    count.filter(|count| *count > 0).ok_or_else(|| "not a count, such as 500000 or 500k".to_owned())
}

fn millis(text: &str) -> Result<u64, String> {
    let wrong = || "not a time, such as 90m or 2h30m".to_owned();
    let time: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    u64::try_from(time.as_millis()).ok().filter(|millis| *millis > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_in_ones_thousands_or_millions() {
        for (text, count) in [("7", 7), ("500k", 500_000), ("2M", 2_000_000)] {
            assert_eq!(tokens(text), Ok(count), "{text}");
        }
        for text in ["0", "-1", "", "k", "1.5m", "99999999999999999999", "9999999999999999m"] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, count) in [("90s", 90_000), ("2h30m", 9_000_000), ("1h 5m", 3_900_000)] {
            assert_eq!(millis(text), Ok(count), "{text}");
        }
        for text in ["0s", "-5m", "soon", "", "5"] {
            assert!(millis(text).is_err(), "{text}");
        }
    }
}
