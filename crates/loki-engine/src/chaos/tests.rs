//! The sweep that every change has to pass, and that it can fail.

use super::*;

/// Enough for every kind of fault many times over; `loki selftest --chaos` runs as many as one likes.
fn sweep(seeds: std::ops::Range<u64>) {
    let mut tally = Tally::default();
    for seed in seeds {
        match run(seed) {
            Ok(of_run) => tally.add(&of_run),
            Err(broken) => panic!("{broken}\n{}", broken.journal.join("\n")),
        }
    }
    for fault in Fault::ALL {
        assert!(tally.of(fault) >= 20, "{}: {}", fault.label(), tally.of(fault));
    }
}

#[test]
fn no_promise_is_broken_in_five_thousand_runs_and_every_kind_of_fault_happens() {
    sweep(0..5_000);
}

#[test]
fn no_promise_is_broken_in_five_thousand_further_runs_and_every_kind_of_fault_happens() {
    sweep(5_000..10_000);
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..100 {
        assert_eq!(run(seed), run(seed));
    }
}
