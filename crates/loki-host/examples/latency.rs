//! Measures what the machine layer itself costs, in median milliseconds.
//!
//! `cargo run --release -p loki-host --example latency`
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people to run")]

use std::time::{Duration, Instant};

use loki_host::process::{Cancel, CommandSpec, run};

const ROUNDS: usize = 101;

fn main() {
    let cancel = Cancel::new().unwrap();
    let spec = CommandSpec::new("/bin/true", "/");
    median("run /bin/true", || drop(run(&spec, &cancel, &mut |_, _| {}).unwrap()));
    median("the same by the standard library", || {
        drop(std::process::Command::new("/bin/true").output().unwrap());
    });
}

fn median(what: &str, mut work: impl FnMut()) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started_at = Instant::now();
            work();
            started_at.elapsed()
        })
        .collect();
    times.sort();
    println!("{:>9.3} ms  {what}", times[ROUNDS / 2].as_secs_f64() * 1e3);
}
