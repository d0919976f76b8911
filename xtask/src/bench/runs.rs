//! Many runs at once, and taking up a long one.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};

use super::{Figure, Place, children_of, cpu_ticks, example, figure};

/// Runs at once.
const RUNS: usize = 200;
/// Lines that each agent says, one a second.
const LINES: usize = 20;
/// Runs that begin at once: each makes a worktree.
const BEGUN_AT_ONCE: usize = 8;
/// Until all agents are there, and until all have said everything.
const PATIENCE: Duration = Duration::from_secs(600);

/// Says that it is there, waits until all are, then tells the time once a second, and stays. It starts no
/// process meanwhile: what is measured is loki.
const AGENT: &str = "\
exec 9<> <(:)
echo here
while [ ! -e \"$1/go\" ]; do read -t 0.5 -u 9; done
for n in $(seq LINES); do read -t 1 -u 9; echo \"at ${EPOCHREALTIME/./}\"; done
echo over
read -u 9
";

enum Heard {
    Here,
    /// What was said that long after it happened.
    Late(Duration),
    Over,
    Ended,
}

pub(super) fn runs(loki: &Path) -> anyhow::Result<Vec<Figure>> {
    let place = Place::new()?;
    let stage = place.folder.path().join("stage");
    let script = stage.join("agent");
    fs::write(&script, AGENT.replace("LINES", &LINES.to_string()))?;
    let provider = format!("command:bash {} {}", script.display(), stage.display());
    let (sender, heard) = mpsc::channel();
    let mut children = Vec::new();
    let begun = Instant::now();
    let mut here = 0;
    for number in 0..RUNS {
        let child = place
            .loki(loki)
            .args(["start", "--json", "--yes", "--fresh", "--max-iterations", "1"])
            .args(["--brief", &format!("Measure {number}"), "--provider", &provider])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child?;
        let events = child.stdout.take().context("standard output is piped")?;
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(events).lines().map_while(Result::ok) {
                hear(&line).into_iter().for_each(|heard| drop(sender.send(heard)));
            }
            drop(sender.send(Heard::Ended));
        });
        children.push(child);
        // Not all at once: a person would not begin them so either.
        while number + 1 - here >= BEGUN_AT_ONCE {
            wait_for(&heard, &mut here, &mut Vec::new(), |heard| matches!(heard, Heard::Here))?;
        }
    }
    let mut late = Vec::new();
    while here < RUNS {
        wait_for(&heard, &mut here, &mut late, |heard| matches!(heard, Heard::Here))?;
    }
    let all_there = begun.elapsed();
    let ticks = all_ticks(&children)?;
    let told_from = Instant::now();
    fs::write(stage.join("go"), "")?;
    let mut over = 0;
    let (mut resident, mut own) = (Vec::new(), Vec::new());
    while over < RUNS {
        wait_for(&heard, &mut over, &mut late, |heard| matches!(heard, Heard::Over))?;
        // Once half of them are done: in the middle of it.
        if over == RUNS / 2 && resident.is_empty() {
            for child in &children {
                let (rss, pss) = memory(child.id(), loki)?;
                resident.push(rss);
                own.push(pss);
            }
        }
    }
    let took = told_from.elapsed();
    let used = all_ticks(&children)? - ticks;
    let stopped = place.loki(loki).args(["stop", "--all", "--now"]).output()?;
    for mut child in children {
        let _ = child.kill();
        child.wait()?;
    }
    if !stopped.status.success() {
        bail!("loki stop: {}", String::from_utf8_lossy(&stopped.stderr));
    }
    late.sort();
    let ms = |share: usize| late[(late.len() - 1) * share / 100].as_secs_f64() * 1e3;
    let percent = used as f64 / took.as_secs_f64();
    let lines = example("loki-engine", "bench_recover")?;
    Ok(vec![
        Figure {
            what: "200 runs at once: resident memory of loki's processes, a run",
            target: "≤ 10 MB",
            measured: told_memory(&mut resident),
        },
        Figure {
            what: "the same with what processes share counted once",
            target: "",
            measured: told_memory(&mut own),
        },
        Figure {
            what: "from a line of an agent to its event on standard output, recorded, 200 lines a second",
            target: "≤ 100 ms p95",
            measured: format!(
                "{:.1} ms p50, {:.1} p95, {:.1} max (n={})",
                ms(50),
                ms(95),
                ms(100),
                late.len()
            ),
        },
        Figure {
            what: "processor time of all of loki's processes meanwhile",
            target: "",
            measured: format!("{percent:.0} % of one core"),
        },
        Figure {
            what: "until all 200 agents were working",
            target: "",
            measured: format!("{:.0} s", all_there.as_secs_f64()),
        },
        Figure {
            what: "taking up a run with 10,000 events",
            target: "≤ 50 ms p95",
            measured: figure(&lines, "take up 10,000 events")?,
        },
    ])
}

fn hear(line: &str) -> Vec<Heard> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else { return Vec::new() };
    let said = event["activities"].as_array().into_iter().flatten();
    let said = said.filter_map(|activity| activity["text"].as_str());
    said.filter_map(|text| match text {
        "here" => Some(Heard::Here),
        "over" => Some(Heard::Over),
        text => {
            let at = text.strip_prefix("at ")?.parse().ok()?;
            Some(Heard::Late(now.saturating_sub(Duration::from_micros(at))))
        }
    })
    .collect()
}

/// Takes what is heard next; counts what `is_counted`, keeps what is late.
fn wait_for(
    heard: &Receiver<Heard>,
    count: &mut usize,
    late: &mut Vec<Duration>,
    is_counted: impl Fn(&Heard) -> bool,
) -> anyhow::Result<()> {
    match heard.recv_timeout(PATIENCE).context("an agent is silent")? {
        Heard::Ended => bail!("a run ended before it was measured"),
        Heard::Late(by) => late.push(by),
        heard => *count += usize::from(is_counted(&heard)),
    }
    Ok(())
}

fn all_ticks(children: &[Child]) -> anyhow::Result<u64> {
    children.iter().map(|child| cpu_ticks(child.id())).sum()
}

/// Resident memory of loki's own processes of one run in KiB, and the same with what is shared divided
/// among those that share it.
fn memory(pid: u32, loki: &Path) -> anyhow::Result<(u64, u64)> {
    let mut pids = children_of(pid)?;
    pids.insert(pid);
    let (mut rss, mut pss) = (0, 0);
    for pid in pids {
        let is_own = fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == loki);
        if !is_own {
            continue;
        }
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let field = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
                .unwrap_or(0)
        };
        rss += field("Rss:");
        pss += field("Pss:");
    }
    Ok((rss, pss))
}

fn told_memory(kib: &mut [u64]) -> String {
    kib.sort_unstable();
    let mb = |kib: u64| kib as f64 / 1024.0;
    let last = kib.len().saturating_sub(1);
    format!("{:.1} MB median, {:.1} max (n={})", mb(kib[last / 2]), mb(kib[last]), kib.len())
}
