//! `loki selftest`

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use loki_engine::chaos::{self, Broken, Fault, Tally};
use serde_json::{Map, Value, json};

use super::Done;
use crate::cli::SelftestArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::output;

/// A kind of fault that has not come up in so many runs does not come up.
const RUNS_FOR_ALL_FAULTS: u64 = 1_000;
/// How often is said how far it is.
const PROGRESS: Duration = Duration::from_secs(2);

pub(super) fn selftest(args: &SelftestArgs, cx: &Context) -> Done {
    let begun = Instant::now();
    let (tally, broken) = sweep(args, cx)?;
    let took = begun.elapsed();
    let never: Vec<Fault> = match args.runs >= RUNS_FOR_ALL_FAULTS && broken.is_none() {
        true => Fault::ALL.into_iter().filter(|fault| tally.of(*fault) == 0).collect(),
        false => Vec::new(),
    };
    if cx.json {
        output::json(&document(args, &tally, broken.as_ref(), &never));
    } else {
        text(args, &tally, broken.as_ref(), &never, took);
    }
    Ok(u8::from(broken.is_some() || !never.is_empty()))
}

/// On all processors; of several broken promises that of the lowest number is told.
fn sweep(args: &SelftestArgs, cx: &Context) -> Result<(Tally, Option<Broken>), CommandError> {
    let last = args.seed.checked_add(args.runs).ok_or_else(|| {
        CommandError::user("the seed is too high for so many runs").hint("a lower --seed")
    })?;
    let (next, stop) = (AtomicU64::new(args.seed), AtomicBool::new(false));
    let work = |_ended: Sender<()>| {
        let (mut tally, mut broken) = (Tally::default(), None);
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                break;
            }
            match chaos::run(seed) {
                Ok(of_run) => tally.add(&of_run),
                Err(found) => {
                    stop.store(true, Ordering::Relaxed);
                    broken = Some(*found);
                }
            }
        }
        (tally, broken)
    };
    let threads = loki_host::machine::cpus().get();
    let found = std::thread::scope(|scope| {
        // Nothing is ever sent: a worker ends with its sender, the last one ends the wait.
        let (ended, all_ended) = channel::<()>();
        let spawn = |ended| scope.spawn(move || work(ended));
        let workers: Vec<_> = (0..threads).map(|_| spawn(ended.clone())).collect();
        drop(ended);
        while all_ended.recv_timeout(PROGRESS) == Err(RecvTimeoutError::Timeout) {
            if !cx.quiet && !cx.json {
                let done = next.load(Ordering::Relaxed).min(last) - args.seed;
                output::talk(&format!("{done} of {} runs", args.runs));
            }
        }
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    let mut all = Tally::default();
    let mut broken: Option<Broken> = None;
    for worker in found {
        let (tally, of_worker) =
            worker.map_err(|_| CommandError::environment("a run of the selftest panicked"))?;
        all.add(&tally);
        broken = [broken, of_worker].into_iter().flatten().min_by_key(|found| found.seed);
    }
    Ok((all, broken))
}

fn document(args: &SelftestArgs, tally: &Tally, broken: Option<&Broken>, never: &[Fault]) -> Value {
    let faults: Map<String, Value> =
        Fault::ALL.iter().map(|fault| (fault.name().to_owned(), json!(tally.of(*fault)))).collect();
    json!({
        "schema_version": 1,
        "seed": args.seed,
        "runs": args.runs,
        "processes": tally.processes,
        "events": tally.events,
        "faults": faults,
        "never_reached": never.iter().map(|fault| fault.name()).collect::<Vec<_>>(),
        "broken": broken.map(|broken| json!({
            "seed": broken.seed,
            "what": broken.what,
            "journal": broken.journal,
        })),
    })
}

fn text(
    args: &SelftestArgs,
    tally: &Tally,
    broken: Option<&Broken>,
    never: &[Fault],
    took: Duration,
) {
    if let Some(broken) = broken {
        output::data(&format!("broken: {broken}"));
        broken.journal.iter().for_each(|kind| output::data(&format!("  {kind}")));
        output::data("next:");
        output::data(&format!("  loki selftest --chaos --seed {} --runs 1", broken.seed));
        return;
    }
    for fault in Fault::ALL {
        output::data(&format!("{:>8}  {}", tally.of(fault), fault.label()));
    }
    for fault in never {
        output::data(&format!("never happened: {}", fault.label()));
    }
    let (runs, processes, events) = (args.runs, tally.processes, tally.events);
    let seconds = took.as_secs_f64();
    output::data(&format!(
        "{runs} runs, {processes} processes, {events} events in {seconds:.1} s: every promise was kept"
    ));
}
