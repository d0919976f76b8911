//! The grammar of `loki selftest`.

use clap::Args;

/// Prove on this machine that a run survives what goes wrong
///
/// Runs of the real loop over a simulated machine: loki dies before, within and after every effect, writes are
/// torn, the disk is full, the clock jumps, agents hang and talk nonsense, people stop and steer. After each
/// of them: no event that was durable is lost, no call is made twice, all money is accounted for, and nothing
/// ends verified that is not good. Spends nothing, and touches nothing but a temporary directory. Exits with
/// 1 when a promise was broken, or a kind of fault never came up.
#[derive(Args, Clone, Debug)]
pub(crate) struct SelftestArgs {
    /// Let things go wrong at random
    #[arg(long, required = true)]
    pub(crate) chaos: bool,

    /// How many runs
    #[arg(long, value_name = "COUNT", default_value_t = 2_000,
          value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) runs: u64,

    /// The number that decides what happens in the first run; each further one has the next
    ///
    /// The same number has the same run, on every machine.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) seed: u64,
}
