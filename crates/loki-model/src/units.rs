//! Quantities with a unit.

use std::fmt;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to `self`; zero when the clock went backwards.
    pub fn millis_since(self, earlier: Timestamp) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// An amount of money in millionths of a US dollar.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Usd(pub u64);

impl Usd {
    /// Nothing.
    pub const ZERO: Usd = Usd(0);

    /// Reads dollars, rounding up to the next millionth; nothing for a negative or absurd number.
    ///
    /// What is less than half a billionth is the noise of a sum of fractions, and is dropped.
    pub fn from_dollars(dollars: f64) -> Option<Usd> {
        let micros = ((dollars * 1e9).round() / 1e3).ceil();
        // f64 holds integers exactly up to 2^53, which is nine billion dollars.
        (micros.is_finite() && (0.0..=9_007_199_254_740_992.0).contains(&micros))
            .then_some(Usd(micros as u64))
    }

    /// As dollars, for formats that want a decimal number.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// What is left of `self` after `spent`.
    #[must_use]
    pub fn minus(self, spent: Usd) -> Usd {
        Usd(self.0.saturating_sub(spent.0))
    }
}

impl Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        *self = *self + other;
    }
}

impl fmt::Display for Usd {
    /// Dollars and cents, or as many decimals more as keep a small amount from reading `$0.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.dollars();
        match self.0 {
            0 | 10_000.. => write!(f, "${dollars:.2}"),
            100.. => write!(f, "${dollars:.4}"),
            _ => write!(f, "${dollars:.6}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_rounded_up_and_shown_without_hiding_small_amounts() {
        assert_eq!(Usd::from_dollars(0.013_890_1), Some(Usd(13_891)));
        assert_eq!(Usd::from_dollars(0.013_890_000_000_000_002), Some(Usd(13_890)));
        assert_eq!(Usd(13_891).to_string(), "$0.01");
        assert_eq!(Usd(139).to_string(), "$0.0001");
        assert_eq!(Usd(7).to_string(), "$0.000007");
        assert_eq!(Usd::ZERO.to_string(), "$0.00");
    }

    #[test]
    fn money_that_is_not_an_amount_is_refused() {
        for dollars in [-0.01, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Usd::from_dollars(dollars), None, "{dollars}");
        }
    }

    #[test]
    fn a_clock_that_went_backwards_measures_zero() {
        assert_eq!(Timestamp(5).millis_since(Timestamp(9)), 0);
    }
}
