//! Measures what loki adds to an agent: `cargo run --release -p loki-agent --example bench_agents`.
//!
//! Prints one figure a line: what a call costs beyond the program itself, and how much memory
//! loki holds for each agent that it supervises and that does nothing.
#![expect(clippy::print_stdout, reason = "its figures are its output")]
#![expect(
    clippy::disallowed_types,
    reason = "the same program without loki is what it is compared to"
)]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use loki_agent::{Agent, CallSpec, CommandAgent, Hold, SandboxSettings, UNHELD};
use loki_host::process::{Cancel, Limits};
use loki_host::sandbox::Network;
use loki_model::{SandboxLevel, Tier};

/// Calls that are timed.
const CALLS: usize = 200;
/// Agents that are supervised at the same time.
const AGENTS: usize = 20;
/// Until all of them have started.
const SETTLED: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (worktree, held) = (folder.path().join("worktree"), held(folder.path()));
    fs::create_dir_all(worktree.join(".git/objects"))?;
    let with = median(|| call("true", &[], folder.path(), &UNHELD, &Cancel::new()?))?;
    let boxed = median(|| call("true", &[], &worktree, &held, &Cancel::new()?))?;
    let without = median(|| {
        Command::new("true").current_dir(folder.path()).output()?;
        Ok(())
    })?;
    let own = with.saturating_sub(without).as_secs_f64() * 1000.0;
    let whole = with.as_secs_f64() * 1000.0;
    println!("start an agent {own:.1} ms median (whole call {whole:.1} ms, n={CALLS})");
    let own = boxed.saturating_sub(without).as_secs_f64() * 1000.0;
    println!(
        "in its sandbox an agent {own:.1} ms median (layers: {:?})",
        held.confinement().active
    );
    let kib = idle_kib(folder.path())?;
    println!("idle agent {:.2} MB (n={AGENTS})", kib as f64 / 1024.0 / AGENTS as f64);
    Ok(())
}

/// As a run holds its agents.
fn held(folder: &Path) -> Hold {
    Hold {
        level: SandboxLevel::Standard,
        network: Network::OwnLoopback,
        hidden: vec![folder.join("state")],
        work: Some(folder.join("work")),
        git: Some(folder.join("worktree/.git")),
        settings: SandboxSettings::NONE,
    }
}

fn call(
    program: &str,
    args: &[&str],
    cwd: &Path,
    hold: &Hold,
    cancel: &Cancel,
) -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    let agent = CommandAgent::new("command:bench", program, &args);
    let spec = CallSpec {
        cwd,
        prompt: "Measure.",
        call: 1,
        tier: Tier::Development,
        model: None,
        price: None,
        effort: None,
        fallback_model: None,
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits: Limits::default(),
        hold,
    };
    agent.call(&spec, cancel, &mut |_| {});
    Ok(())
}

fn median(mut act: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let begun = Instant::now();
        act()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times[CALLS / 2])
}

/// Memory of this process and of what it keeps for its agents, all agents idle, less what it had
/// without them.
fn idle_kib(cwd: &Path) -> Result<u64, Box<dyn Error>> {
    let cancel = Cancel::new()?;
    let before = own_kib()?;
    thread::scope(|scope| {
        for _ in 0..AGENTS {
            let cancel = &cancel;
            scope.spawn(move || {
                // How a call ends that is cancelled is of no interest here.
                let _ = call("sleep", &["600"], cwd, &UNHELD, cancel);
            });
        }
        thread::sleep(SETTLED);
        let after = own_kib();
        cancel.pull();
        Ok(after?.saturating_sub(before))
    })
}

/// Proportional memory of all processes that run this program: shared pages count by their share.
fn own_kib() -> Result<u64, Box<dyn Error>> {
    let program = fs::read_link("/proc/self/exe")?;
    let mut sum = 0;
    for entry in fs::read_dir("/proc")?.flatten() {
        if fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program) {
            let text = fs::read_to_string(entry.path().join("smaps_rollup")).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0 kB");
            sum += line.trim().trim_end_matches(" kB").trim().parse::<u64>()?;
        }
    }
    Ok(sum)
}
