//! Runs of the real loop over a simulated machine that fails: processes die, disks fill up, clocks jump,
//! agents hang and talk nonsense.
//!
//! One number decides everything that happens in a run, so that a run that broke a promise can be had
//! again. Most runs keep their journal in memory; every tenth has a real store, whose files are torn as a loss
//! of power tears them.

mod fault;
mod host;
mod ledger;
mod promises;
mod world;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loki_model::{
    BudgetChange, Event, NewLimits, NewRun, Offer, OnQuota, Outcome, Rejected, Run, RunId,
    Settings, SpecPin, Timestamp, UnknownCost, Usd, create,
};

pub use self::fault::{Fault, Tally};
use self::host::Host;
use self::ledger::SimLedger;
use self::world::SimWorld;
use crate::drive::{DriveError, Mailbox, Observer, drive, resume};
use crate::journal::{Ledger, Recorded};

/// Processes that may work on one run; more than faults there are.
const PROCESSES_MAX: u32 = 60;
/// Every so many runs have a real store.
const REAL_STORE_EVERY: u64 = 10;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Of which run: the same number has the same run.
    pub seed: u64,
    /// What was promised, and what was so instead.
    pub what: String,
    /// The kinds of the events up to there.
    pub journal: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.what)
    }
}

/// One run from its creation to its end, through as many processes as it takes.
///
/// `Err` when a promise was broken. I/O errors of the real store's own files are such, too.
pub fn run(seed: u64) -> Result<Tally, Box<Broken>> {
    let host = Arc::new(Mutex::new(Host::new(seed)));
    let lived = live(seed, &host);
    let host = locked(&host);
    lived.map(|()| host.tally.clone()).map_err(|what| {
        let journal = host.acknowledged.iter().map(|event| event.kind().to_owned()).collect();
        Box::new(Broken { seed, what, journal })
    })
}

fn live(seed: u64, host: &Arc<Mutex<Host>>) -> Result<(), String> {
    let created = created(&mut locked(host));
    let real = seed.is_multiple_of(REAL_STORE_EVERY);
    let mut ledger = SimLedger::begin(host, created, real).map_err(|err| err.to_string())?;
    let mut first = true;
    for _ in 0..PROCESSES_MAX {
        let mailbox = Mailbox::new();
        let mut world = SimWorld::new(host, mailbox.slot());
        let taken_up = if first {
            Ok(())
        } else {
            resume(&mut ledger, &world, &mut Nobody, NewLimits::default())
        };
        first = false;
        let driven = taken_up.and_then(|()| drive(&mut ledger, &mut world, &mut Nobody, &mailbox));
        let run = ledger.run().clone();
        promises::after_process(&run, &mut locked(host))?;
        match driven {
            // What a dead process knew is gone: only its files are left.
            Err(DriveError::Journal(_)) => {}
            Err(DriveError::Rejected(Rejected::CallsUsed | Rejected::Used { .. })) => return Ok(()),
            Err(err) => return Err(format!("the loop gave up: {err}")),
            Ok(()) => match run.ended.as_ref().map(|ending| ending.outcome) {
                Some(Outcome::Stopped) => {}
                Some(_) => return promises::at_the_end(&run, &locked(host)),
                None => return Err("the loop left a run that has not ended".to_owned()),
            },
        }
        ledger = ledger.after_death().map_err(|err| format!("the journal: {err}"))?;
        promises::after_recovery(ledger.run(), &locked(host))?;
        // The process died once the end was durable.
        if ledger.run().ended.as_ref().is_some_and(|ending| ending.outcome != Outcome::Stopped) {
            return promises::at_the_end(ledger.run(), &locked(host));
        }
    }
    Err(format!("{PROCESSES_MAX} processes did not bring the run to its end"))
}

/// A run with limits that are sometimes reached.
fn created(host: &mut Host) -> Event {
    let rng = &mut host.rng;
    let mut settings = Settings::new("agent", rng.u32(1..12));
    let quotas = [OnQuota::Failover, OnQuota::Wait, OnQuota::Ask, OnQuota::Stop];
    settings.on_quota = quotas[rng.usize(0..quotas.len())];
    settings.budget = rng.bool().then(|| Usd(rng.u64(1_000_000..20_000_000)));
    settings.tokens_max = (rng.u32(0..4) == 0).then(|| rng.u64(10_000..200_000));
    settings.time_max_ms = (rng.u32(0..4) == 0).then(|| rng.u64(1_000_000..100_000_000));
    let unknown = [UnknownCost::Estimate, UnknownCost::Deny, UnknownCost::Allow];
    settings.unknown_cost = unknown[rng.usize(0..unknown.len())];
    let agents = rng.u32(1..4);
    settings.agents = (0..agents).map(|n| Offer::unknown(&format!("agent-{n}"))).collect();
    let digest = loki_model::Digest::of(b"spec");
    let spec = SpecPin {
        digest: digest.clone(),
        blob: digest,
        title: "Todo".to_owned(),
        source: "prd.md".to_owned(),
        requirements: 3,
    };
    let (id, at, repo) = (RunId::from_bits(7), Timestamp(host.clock), "/repo".to_owned());
    create(NewRun { id, at, repo, spec, settings, plan: None })
}

struct Nobody;

impl Observer for Nobody {
    fn on_event(&mut self, _: &Run, _: &Recorded) {}
}

fn locked(host: &Mutex<Host>) -> MutexGuard<'_, Host> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What raises a budget in the middle of a run.
const RAISE: BudgetChange = BudgetChange::Add(Usd(500_000));

#[cfg(test)]
mod tests;
