//! What a run takes: from runs of this machine where there are enough, else from figures of loki's own.

use loki_model::{Basis, Complexity, Estimate, Price, Settings, Span, TokenUsage};

use super::Paid;
use super::history::Past;

/// Fewer runs than this say nothing.
const RUNS_MIN: usize = 3;

/// What a run of some complexity usually takes: the least, the likely, the most.
struct Usual {
    calls: [u64; 3],
    call_seconds: [u64; 3],
    /// Thousands of tokens of a call.
    call_tokens_k: [u64; 3],
}

/// Rough: from public reports of coding agents at work on tasks of these sizes, in which most tokens are
/// read from the cache.
const fn usual(complexity: Complexity) -> Usual {
    match complexity {
        Complexity::Simple => Usual {
            calls: [1, 1, 3],
            call_seconds: [45, 240, 900],
            call_tokens_k: [60, 400, 2_000],
        },
        Complexity::Standard => Usual {
            calls: [1, 2, 5],
            call_seconds: [120, 600, 1_500],
            call_tokens_k: [300, 2_000, 8_000],
        },
        Complexity::Complex => Usual {
            calls: [2, 4, 10],
            call_seconds: [240, 900, 2_400],
            call_tokens_k: [800, 5_000, 14_000],
        },
    }
}

/// How tokens are distributed, in hundredths: input, output, read from the cache, written to it.
const MIX: [u64; 4] = [2, 1, 92, 5];

/// Estimates a run of this complexity.
pub(crate) fn estimate(
    complexity: Complexity,
    settings: &Settings,
    paid: Paid,
    past: &[Past],
) -> Estimate {
    let alike: Vec<&Past> = past
        .iter()
        .filter(|past| past.agent == settings.provider && past.complexity == complexity)
        .collect();
    let price = settings.quote(settings.tier).price;
    let mut estimate = if alike.len() >= RUNS_MIN {
        from_history(&alike, complexity, price)
    } else {
        from_defaults(complexity, price, alike.len())
    };
    if paid == Paid::No {
        estimate.cost = Some(Span { low: 0, likely: 0, high: 0 });
    }
    capped(&mut estimate, settings);
    estimate
}

fn from_defaults(complexity: Complexity, price: Option<Price>, runs: usize) -> Estimate {
    let Usual { calls, call_seconds, call_tokens_k } = usual(complexity);
    let product = |a: [u64; 3], b: [u64; 3], unit: u64| Span {
        low: a[0] * b[0] * unit,
        likely: a[1] * b[1] * unit,
        high: a[2] * b[2] * unit,
    };
    let tokens = product(calls, call_tokens_k, 1_000);
    Estimate {
        iterations: Span { low: calls[0], likely: calls[1], high: calls[2] },
        seconds: product(calls, call_seconds, 1),
        cost: price.map(|price| priced(tokens, price)),
        tokens,
        basis: Basis::Default { runs: count(runs) },
    }
}

fn from_history(alike: &[&Past], complexity: Complexity, price: Option<Price>) -> Estimate {
    let of = |value: fn(&Past) -> Option<u64>| -> Option<Span> {
        let values: Vec<u64> = alike.iter().filter_map(|past| value(past)).collect();
        (values.len() >= RUNS_MIN).then(|| spread(values))
    };
    let usual = from_defaults(complexity, price, alike.len());
    let tokens = of(|past| past.tokens);
    let own = of(|past| past.cost);
    Estimate {
        iterations: of(|past| Some(past.iterations)).unwrap_or(usual.iterations),
        seconds: of(|past| Some(past.seconds)).unwrap_or(usual.seconds),
        cost: own.or(tokens.zip(price).map(|(tokens, price)| priced(tokens, price))).or(usual.cost),
        tokens: tokens.unwrap_or(usual.tokens),
        basis: Basis::History { runs: count(alike.len()) },
    }
}

/// From the tenth to the ninetieth of a hundred, nearest rank.
fn spread(mut values: Vec<u64>) -> Span {
    values.sort_unstable();
    let at = |percent: usize| {
        let rank = (values.len() * percent).div_ceil(100).max(1);
        values.get(rank - 1).copied().unwrap_or_default()
    };
    Span { low: at(10), likely: at(50), high: at(90) }
}

/// What so many tokens cost, in millionths of a dollar.
pub(crate) fn priced(tokens: Span, price: Price) -> Span {
    let of = |tokens: u64| {
        let part = |hundredths: u64| tokens / 100 * hundredths;
        let [input, output, cache_read, cache_write] = MIX.map(part);
        price.of(&TokenUsage { input, output, cache_read, cache_write }).0
    };
    Span { low: of(tokens.low), likely: of(tokens.likely), high: of(tokens.high) }
}

/// Limits that the run has anyway.
fn capped(estimate: &mut Estimate, settings: &Settings) {
    let cap = |span: &mut Span, most: u64| {
        for end in [&mut span.low, &mut span.likely, &mut span.high] {
            *end = (*end).min(most);
        }
    };
    cap(&mut estimate.iterations, u64::from(settings.iterations_max));
    if let (Some(cost), Some(budget)) = (&mut estimate.cost, settings.budget) {
        cap(cost, budget.0);
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
