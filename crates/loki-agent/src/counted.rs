//! What agents count of themselves, added up and priced.

use loki_model::{Cost, Price, TokenUsage, Usage, Usd};

/// Both together.
pub(crate) fn sum(a: TokenUsage, b: TokenUsage) -> TokenUsage {
    TokenUsage {
        input: a.input.saturating_add(b.input),
        output: a.output.saturating_add(b.output),
        cache_read: a.cache_read.saturating_add(b.cache_read),
        cache_write: a.cache_write.saturating_add(b.cache_write),
    }
}

/// The usage of an agent that says that it cost nothing also where it knows no price.
///
/// `dollars` is believed when it is more than nothing; else the tokens are priced with `price`; else
/// the cost is unknown, unless nothing was used.
pub(crate) fn usage_of(tokens: Option<TokenUsage>, dollars: f64, price: Option<Price>) -> Usage {
    let Some(counted) = tokens else { return Usage::UNKNOWN };
    let told = Usd::from_dollars(dollars).filter(|usd| *usd > Usd::ZERO);
    let usd = told.or_else(|| price.map(|price| price.of(&counted)));
    let nothing = (counted == TokenUsage::default()).then_some(Usd::ZERO);
    let cost = usd.or(nothing).map_or(Cost::Unknown, |usd| Cost::Known { usd });
    Usage { tokens, cost }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_of_nothing_is_unknown_when_something_was_used() {
        let tokens = Some(TokenUsage { input: 1_000_000, ..TokenUsage::default() });
        assert_eq!(usage_of(tokens, 0.0, None).cost, Cost::Unknown);
        assert_eq!(usage_of(tokens, 0.25, None).cost, Cost::Known { usd: Usd(250_000) });
        let price =
            Price { input: Usd(9), output: Usd(0), cache_read: Usd(0), cache_write: Usd(0) };
        assert_eq!(usage_of(tokens, 0.0, Some(price)).cost, Cost::Known { usd: Usd(9) });
        let nothing = Some(TokenUsage::default());
        assert_eq!(usage_of(nothing, 0.0, None).cost, Cost::Known { usd: Usd::ZERO });
        assert_eq!(usage_of(None, 0.0, None), Usage::UNKNOWN);
    }
}
