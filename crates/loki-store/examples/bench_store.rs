//! Measures what the store costs: `cargo run --release -p loki-store --example bench_store`.
//!
//! Prints the median and the 95th percentile of each figure. Takes a directory to measure in as
//! its argument, or a temporary one: what a durable write costs is a property of the disk.
#![expect(clippy::print_stdout, reason = "its figures are its output")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loki_model::{Digest, RunId, Timestamp};
use loki_store::{NewEvent, NewRun, RunFilter, RunLock, Store};

/// Entries of the run that is replayed.
const REPLAYED: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let parent = std::env::args_os().nth(1).map(PathBuf::from);
    let home = parent.as_deref().unwrap_or(temporary.path()).join("bench-home");
    let store = Store::open(&home)?;
    let (single, batch) = (locked_run(&store, 1)?, locked_run(&store, 2)?);

    measure("append one event", 1_000, |n| {
        store.append(&single, &[event(n)]).map(drop).map_err(Into::into)
    })?;
    measure("append ten events", 300, |n| {
        let ten: Vec<_> = (0..10).map(|i| event(10 * n + i)).collect();
        store.append(&batch, &ten).map(drop).map_err(Into::into)
    })?;
    let texts: Vec<_> = (0..300).map(|n| text(n, 50_000)).collect();
    measure("put a blob of 50 kB", texts.len(), |n| {
        store.put_blob(&texts[n]).map(drop).map_err(Into::into)
    })?;
    measure("put the same blob again", texts.len(), |n| {
        store.put_blob(&texts[n]).map(drop).map_err(Into::into)
    })?;
    measure("get a blob of 50 kB", texts.len(), |n| {
        store.get_blob(&Digest::of(&texts[n])).map(drop).map_err(Into::into)
    })?;
    replay(&store)?;
    measure("list runs", 300, |_| store.runs(RunFilter::default()).map(drop).map_err(Into::into))?;
    measure("open and close", 100, |_| open(&home))?;
    measure("open and close for reading", 100, |_| {
        Store::open_read_only(&home).map(drop).map_err(Into::into)
    })
}

fn replay(store: &Store) -> Result<(), Box<dyn Error>> {
    let long = locked_run(store, 3)?;
    for first in (0..REPLAYED).step_by(1_000) {
        let events: Vec<_> = (first..first + 1_000).map(event).collect();
        store.append(&long, &events)?;
    }
    measure("replay 10,000 events", 50, |_| {
        let events = store.events(long.run(), 0)?;
        assert_eq!(events.len(), REPLAYED);
        Ok(())
    })
}

fn open(home: &Path) -> Result<(), Box<dyn Error>> {
    Store::open(home).map(drop).map_err(Into::into)
}

fn locked_run(store: &Store, number: u32) -> Result<RunLock, Box<dyn Error>> {
    let id = RunId::from_bits(number);
    let repo = PathBuf::from("/src/bench");
    store.create_run(&NewRun { id: id.clone(), repo, created_at: Timestamp(0) })?;
    Ok(store.lock(&id)?)
}

/// An entry with a payload of 300 bytes, about what a real one has.
fn event(n: usize) -> NewEvent<'static> {
    let payload = format!(r#"{{"number":{n},"text":"{}"}}"#, "x".repeat(270));
    NewEvent { kind: "Something", recorded_at: Timestamp(n as i64), payload }
}

/// Text that compresses about as well as the output of a test runner.
fn text(seed: usize, bytes: usize) -> Vec<u8> {
    let line = |n: usize| format!("test case_{:x} ... ok\n", n.wrapping_mul(2_654_435_761));
    (seed * bytes..).map(line).flat_map(String::into_bytes).take(bytes).collect()
}

fn measure(
    what: &str,
    times: usize,
    mut act: impl FnMut(usize) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut took = Vec::with_capacity(times);
    for n in 0..times {
        let start = Instant::now();
        act(n)?;
        took.push(start.elapsed());
    }
    took.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (p50, p95) = (took[times / 2], took[times * 95 / 100]);
    println!("{what:<28} p50 {:>8.3} ms   p95 {:>8.3} ms", ms(p50), ms(p95));
    Ok(())
}
