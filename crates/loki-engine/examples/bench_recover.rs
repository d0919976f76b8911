//! Measures how long it takes to go on with a long run:
//! `cargo run --release -p loki-engine --example bench_recover`.
//!
//! Opens the store, takes the lock, reads 10,000 events with their chain, folds them, and asks what is to be
//! done: everything that stands between the death of a process and the first step of the next one.
#![expect(clippy::print_stdout, reason = "its figures are its output")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loki_engine::{Journal, Ledger as _};
use loki_model::{
    Activity, Digest, Event, NewRun, RunId, Settings, SpecPin, Timestamp, create, pending,
};
use loki_store::{NewRun as NewRow, Store};

/// Events of the run.
const EVENTS: usize = 10_000;
/// How often it is taken up.
const TIMES: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let parent = std::env::args_os().nth(1).map(PathBuf::from);
    let home = parent.as_deref().unwrap_or(temporary.path()).join("bench-home");
    let run = long_run(&home)?;
    let mut took = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        let store = Store::open(&home)?;
        let journal = Journal::take_up(&store, &run)?;
        let next = pending(journal.run());
        took.push(begun.elapsed());
        assert!(next.is_some(), "it goes on");
    }
    took.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (p50, p95) = (took[TIMES / 2], took[TIMES * 95 / 100]);
    println!("take up 10,000 events p50 {:.3} ms p95 {:.3} ms", ms(p50), ms(p95));
    Ok(())
}

/// A run that was cut off while its agent was saying very much.
fn long_run(home: &Path) -> Result<RunId, Box<dyn Error>> {
    let store = Store::open(home)?;
    let id = RunId::from_bits(1);
    let digest = Digest::of(b"spec");
    let spec = SpecPin {
        digest: digest.clone(),
        blob: digest.clone(),
        title: "Long".to_owned(),
        source: "prd.md".to_owned(),
        requirements: 1,
    };
    let (at, repo) = (Timestamp(0), "/src/bench".to_owned());
    let settings = Settings::new("agent", 10);
    let created =
        create(NewRun { id: id.clone(), at, repo: repo.clone(), spec, settings, plan: None });
    store.create_run(&NewRow { id: id.clone(), repo: repo.into(), created_at: at })?;
    let lock = store.lock(&id)?;
    let (mut journal, _) = Journal::begin(&store, lock, &created, at)?;
    journal.record(&[Event::IterationStarted { iteration: 1 }], at)?;
    let composed = Event::PromptComposed { iteration: 1, prompt: digest, bytes: 1 };
    let called = Event::AgentCalled { call: 1, choice: None, resumed: false };
    journal.record(&[composed, called], at)?;
    let said = |n: usize| Event::AgentActed {
        activities: vec![Activity::Said { text: format!("{n}: {}", "x".repeat(230)) }],
    };
    for first in (4..EVENTS).step_by(1_000) {
        let events: Vec<Event> = (first..EVENTS.min(first + 1_000)).map(said).collect();
        journal.record(&events, at)?;
    }
    Ok(id)
}
