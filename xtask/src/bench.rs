//! Figures that anyone can measure again, next to their targets.

mod runs;
mod tasks;
mod verify;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};

use crate::{cargo, root, run};

struct Figure {
    what: &'static str,
    target: &'static str,
    measured: String,
}

/// What measures some of the figures.
type Part = fn(&Path) -> anyhow::Result<Vec<Figure>>;

/// In the order of the page.
const PARTS: &[(&str, Part)] = &[
    ("loki", |loki| {
        Ok(vec![start_up(loki)?, status(loki)?, plan(loki)?, first_byte(loki)?, overhead(loki)?])
    }),
    ("store", |_| store()),
    ("agents", |_| agents()),
    ("prompts", |_| prompts()),
    ("spec", |_| spec()),
    ("verify", verify::verify),
    ("tasks", tasks::tasks),
    ("supervision", supervision),
    ("runs", runs::runs),
];

/// Measures all parts, or `only` one of them; the page is written of all.
pub(crate) fn bench(write: bool, only: Option<&str>) -> anyhow::Result<()> {
    let parts: Vec<_> =
        PARTS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if parts.is_empty() || write && only.is_some() {
        bail!(
            "--only takes loki, store, agents, prompts, spec, verify, tasks, supervision or runs, and no \
             --write"
        );
    }
    run(cargo().args(["build", "--release", "--locked"]))?;
    let loki = target().join("release/loki");
    let mut figures = Vec::new();
    for (name, measure) in parts {
        eprintln!("measuring {name}");
        figures.extend(measure(&loki)?);
    }
    let table = table(&figures);
    println!("{table}");
    if write {
        fs::write(root().join("docs/benchmarks.md"), document(&table)?)?;
    }
    Ok(())
}

pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Whole process, from spawn to exit.
fn start_up(loki: &Path) -> anyhow::Result<Figure> {
    let times = repeat(200, || timed(Command::new(loki).arg("--version")))?;
    Ok(Figure { what: "`loki --version`", target: "≤ 5 ms", measured: spread(&times) })
}

fn status(loki: &Path) -> anyhow::Result<Figure> {
    let place = Place::new()?;
    place.run(loki, "true", 1)?;
    let times = repeat(50, || timed(place.loki(loki).arg("status")))?;
    Ok(Figure { what: "`loki status`", target: "≤ 30 ms", measured: spread(&times) })
}

fn plan(loki: &Path) -> anyhow::Result<Figure> {
    let place = Place::new()?;
    place.run(loki, "true", 1)?;
    timed(place.loki(loki).args(["init", "-t", "saas-starter"]))?;
    let times = repeat(50, || timed(place.loki(loki).arg("plan")))?;
    Ok(Figure { what: "`loki plan`", target: "≤ 30 ms", measured: spread(&times) })
}

/// From the spawn of `loki start` to the first instruction of the agent's own shell.
fn first_byte(loki: &Path) -> anyhow::Result<Figure> {
    let mut times = Vec::new();
    for _ in 0..20 {
        let place = Place::new()?;
        let stamp = place.folder.path().join("stage/stamp");
        let script = format!("date +%s%N > {}", stamp.display());
        let begun = SystemTime::now().duration_since(UNIX_EPOCH)?;
        place.run(loki, &script, 1)?;
        let at: u64 = fs::read_to_string(&stamp)?.trim().parse()?;
        times.push(Duration::from_nanos(at).saturating_sub(begun));
    }
    Ok(Figure {
        what: "`loki start` to the agent's first instruction",
        target: "≤ 150 ms",
        measured: spread(&times),
    })
}

/// Wall time of a run of many short calls, the agent's own time taken off, divided by the calls.
fn overhead(loki: &Path) -> anyhow::Result<Figure> {
    const CALLS: u32 = 20;
    let mut times = Vec::new();
    for _ in 0..5 {
        let place = Place::new()?;
        let begun = Instant::now();
        let script = "echo line >> notes.txt; echo LOKI: CONTINUE";
        let events = place.run(loki, script, CALLS)?;
        let whole = begun.elapsed();
        let agent: u64 = events
            .iter()
            .filter(|event| event["event"] == "agent_returned")
            .filter_map(|event| event["duration_ms"].as_u64())
            .sum();
        times.push(whole.saturating_sub(Duration::from_millis(agent)) / CALLS);
    }
    Ok(Figure {
        what: "engine's own wall time an iteration (agent excluded)",
        target: "≤ 50 ms",
        measured: spread(&times),
    })
}

fn store() -> anyhow::Result<Vec<Figure>> {
    let lines = example("loki-store", "bench_store")?;
    Ok(vec![
        Figure {
            what: "one durable event",
            target: "≤ 1 ms p50",
            measured: figure(&lines, "append one event")?,
        },
        Figure {
            what: "replay of 10,000 events, chain checked",
            target: "≤ 20 ms",
            measured: figure(&lines, "replay 10,000 events")?,
        },
    ])
}

fn agents() -> anyhow::Result<Vec<Figure>> {
    let lines = example("loki-agent", "bench_agents")?;
    Ok(vec![
        Figure {
            what: "a call of an agent, beyond the program itself",
            target: "≤ 5 ms",
            measured: figure(&lines, "start an agent")?,
        },
        Figure {
            what: "the same in its sandbox",
            target: "≤ 5 ms",
            measured: figure(&lines, "in its sandbox an agent")?,
        },
        Figure {
            what: "memory for each supervised agent that does nothing",
            target: "≤ 2 MB",
            measured: figure(&lines, "idle agent")?,
        },
    ])
}

fn prompts() -> anyhow::Result<Vec<Figure>> {
    let lines = example("loki-engine", "bench_prompt")?;
    Ok(vec![
        Figure {
            what: "tokens of each prompt of five calls, a spec of 20 kB",
            target: "",
            measured: figure(&lines, "tokens of each prompt: ")?,
        },
        Figure {
            what: "the same of prompts that have everything in them",
            target: "",
            measured: figure(&lines, "tokens of each naive prompt: ")?,
        },
        Figure {
            what: "all of them together",
            target: "",
            measured: figure(&lines, "tokens of all prompts: ")?,
        },
        Figure {
            what: "of later prompts the same as before, which services cache",
            target: "",
            measured: figure(&lines, "of later prompts the same as before: ")?,
        },
    ])
}

fn spec() -> anyhow::Result<Vec<Figure>> {
    let lines = example("loki-spec", "bench_spec")?;
    Ok(vec![
        Figure {
            what: "requirements found in labelled specs",
            target: "≥ 0.9 each",
            measured: figure(&lines, "labelled specs: ")?,
        },
        Figure {
            what: "the same without the generated one",
            target: "≥ 0.9 each",
            measured: figure(&lines, "labelled specs written by hand: ")?,
        },
        Figure {
            what: "1 MB of Markdown read as a spec",
            target: "< 100 ms",
            measured: figure(&lines, "1 MB of Markdown: ")?,
        },
        Figure {
            what: "1 MB of OpenAPI read and checked",
            target: "",
            measured: figure(&lines, "1 MB of OpenAPI: ")?,
        },
    ])
}

/// What an example prints that measures its own crate; lines begin with what was measured.
fn example(package: &str, name: &str) -> anyhow::Result<String> {
    let output = cargo()
        .args(["run", "--release", "--locked", "--quiet", "-p", package, "--example", name])
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn figure(lines: &str, what: &str) -> anyhow::Result<String> {
    let line = lines.lines().find_map(|line| line.strip_prefix(what));
    let figure = line.with_context(|| format!("no figure for `{what}`"))?;
    Ok(figure.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A minute of watching an agent that sleeps.
fn supervision(loki: &Path) -> anyhow::Result<Vec<Figure>> {
    const SECONDS: u64 = 60;
    let place = Place::new()?;
    let mut child = place
        .start(loki, &format!("exec sleep {}", SECONDS + 20), 1)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let pid = child.id();
    std::thread::sleep(Duration::from_secs(5));
    let (cpu, children) = (cpu_ticks(pid)?, children_of(pid)?);
    let mut seen = children.clone();
    let end = Instant::now() + Duration::from_secs(SECONDS);
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100));
        seen.extend(children_of(pid)?);
    }
    let used = cpu_ticks(pid)? - cpu;
    let resident = resident_kib(pid)?;
    let spawned = seen.difference(&children).count();
    Command::new("kill").arg(pid.to_string()).status()?;
    child.wait()?;
    let percent = used as f64 / 100.0 / SECONDS as f64 * 100.0;
    Ok(vec![
        Figure {
            what: "CPU while an agent sleeps for 60 s",
            target: "< 1 %",
            measured: format!("{percent:.2} %"),
        },
        Figure { what: "processes spawned meanwhile", target: "0", measured: spawned.to_string() },
        Figure {
            what: "resident memory meanwhile",
            target: "≤ 60 MB",
            measured: format!("{:.1} MB", resident as f64 / 1024.0),
        },
    ])
}

/// User and system time in hundredths of a second (the kernel's `USER_HZ`).
fn cpu_ticks(pid: u32) -> anyhow::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(')').context("/proc/PID/stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}

fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

/// Direct children, and theirs.
fn children_of(pid: u32) -> anyhow::Result<BTreeSet<u32>> {
    let mut all = BTreeSet::new();
    let mut open = vec![pid];
    while let Some(pid) = open.pop() {
        for task in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
            let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            let children = text.split_whitespace().filter_map(|word| word.parse::<u32>().ok());
            open.extend(children.clone());
            all.extend(children);
        }
    }
    Ok(all)
}

/// A repository and a state directory of their own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> anyhow::Result<Place> {
        let folder = tempfile::tempdir()?;
        let repo = folder.path().join("repo");
        fs::create_dir(&repo)?;
        fs::create_dir(folder.path().join("stage"))?;
        fs::write(repo.join("README.md"), "# Bench\n")?;
        for args in [
            &["init", "-q"][..],
            &["add", "-A"],
            &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "x"],
        ] {
            if !Command::new("git").args(args).current_dir(&repo).status()?.success() {
                bail!("git {args:?}");
            }
        }
        Ok(Place { folder })
    }

    fn loki(&self, loki: &Path) -> Command {
        let mut command = Command::new(loki);
        command
            .current_dir(self.folder.path().join("repo"))
            .env("LOKI_SANDBOX_WRITE", self.folder.path().join("stage"))
            .env("LOKI_HOME", self.folder.path().join("home"));
        command
    }

    fn start(&self, loki: &Path, script: &str, calls: u32) -> Command {
        let mut command = self.loki(loki);
        command
            .args(["start", "--json", "--yes", "--brief", "Measure", "--max-iterations"])
            .arg(calls.to_string())
            .args(["--provider", &format!("command:sh -c '{script}'")]);
        command
    }

    /// Runs to the end and gives back the events.
    fn run(&self, loki: &Path, script: &str, calls: u32) -> anyhow::Result<Vec<serde_json::Value>> {
        let output = self.start(loki, script, calls).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let events: Vec<_> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if events.is_empty() {
            bail!("no events: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(events)
    }
}

fn timed(command: &mut Command) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let output = command.output()?;
    let took = begun.elapsed();
    if output.status.success() { Ok(took) } else { bail!("{command:?}: {}", output.status) }
}

fn repeat(
    times: usize,
    mut measure: impl FnMut() -> anyhow::Result<Duration>,
) -> anyhow::Result<Vec<Duration>> {
    measure()?;
    (0..times).map(|_| measure()).collect()
}

fn spread(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort();
    let ms = |index: usize| sorted[index].as_secs_f64() * 1000.0;
    let last = sorted.len() - 1;
    format!(
        "{:.1} ms median ({:.1} min, {:.1} p95, n={})",
        ms(last / 2),
        ms(0),
        ms(last * 95 / 100),
        sorted.len()
    )
}

fn table(figures: &[Figure]) -> String {
    let mut text = String::from("| what | target | measured |\n|---|---|---|\n");
    for figure in figures {
        let _ = writeln!(text, "| {} | {} | {} |", figure.what, figure.target, figure.measured);
    }
    text
}

fn document(table: &str) -> anyhow::Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism()?;
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel: Vec<&str> = release.trim().split('.').take(2).collect();
    let rustc = Command::new("rustc").arg("--version").output()?;
    Ok(format!(
        "# Benchmarks\n\nMeasured with `cargo xtask bench --write` on {cores} cores of {model}, Linux {}, \
         {}. Times are wall time of whole processes unless said otherwise.\n\n{table}",
        kernel.join("."),
        String::from_utf8_lossy(&rustc.stdout).trim()
    ))
}
