//! What `loki verify` itself costs, on repositories made for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::{Figure, spread};

/// How often one question is asked.
const SAME_TIMES: usize = 100;

/// Functions of one source file.
const FUNCTIONS: usize = 12;

/// A change to a repository of Python files, not committed.
struct Change {
    folder: tempfile::TempDir,
    /// Of both sides of the changed files.
    bytes: u64,
    edits: usize,
}

pub(super) fn verify(loki: &Path) -> anyhow::Result<Vec<Figure>> {
    let mut usual = Change::new(1_900, 100, 40, 10)?;
    // Gates are shown a violation once, not at every judgement.
    usual.judge(loki, &["--no-run"])?;
    let cold = usual.repeat(20, |change| {
        change.edit()?;
        Ok(change.judge(loki, &["--no-run"])?.wall)
    })?;
    let with_commands = usual.repeat(5, |change| {
        change.edit()?;
        let seen = change.judge(loki, &["--jobs", "1", "--skip", "mutants"])?;
        Ok(seen.wall.saturating_sub(seen.commands))
    })?;
    // An answer is remembered when every gate came to one.
    let only =
        ["--only", "change,secrets,runner-tampering,test-integrity,mock-integrity,substance"];
    usual.judge(loki, &only)?;
    let again = usual.repeat(20, |change| Ok(change.judge(loki, &only)?.wall))?;

    let small = Change::new(3, 3, 3, 3)?;
    let mut answers = BTreeSet::new();
    for _ in 0..SAME_TIMES {
        answers.insert(small.judge(loki, &["--fresh"])?.answer);
    }

    let huge = Change::new(4_500, 500, 4_500, 500)?;
    huge.judge(loki, &["--no-run"])?;
    let all = huge.judge(loki, &["--no-run"])?;
    let text = huge.judge(loki, &["--only", "secrets"])?;
    let rate = |seen: &Seen| {
        let megabytes = huge.bytes as f64 / 1e6;
        format!("{:.1} MB/s of {megabytes:.1} MB", megabytes / seen.cpu.as_secs_f64())
    };
    Ok(vec![
        Figure {
            what: "`loki verify --no-run`, 50 of 2,000 files changed",
            target: "≤ 300 ms",
            measured: spread(&cold),
        },
        Figure {
            what: "the same with builds and tests, one after another, their own time taken off",
            target: "",
            measured: spread(&with_commands),
        },
        Figure { what: "the same question again", target: "≤ 50 ms", measured: spread(&again) },
        Figure {
            what: "one question asked 100 times: other answers than the first (times apart)",
            target: "0",
            measured: (answers.len() - 1).to_string(),
        },
        Figure {
            what: "`loki verify --no-run`, 5,000 files changed: time",
            target: "< 10 s",
            measured: format!("{:.1} s", all.wall.as_secs_f64()),
        },
        Figure {
            what: "`loki verify --no-run`, 5,000 files changed: peak memory",
            target: "< 500 MB",
            measured: format!("{:.0} MB", all.peak_kib as f64 / 1024.0),
        },
        Figure {
            what: "all gates that only read, a core",
            target: "≥ 50 MB/s",
            measured: rate(&all),
        },
        Figure {
            what: "the search for secrets alone, a core, git's own time included",
            target: "≥ 50 MB/s",
            measured: rate(&text),
        },
    ])
}

/// What was seen of one judgement.
struct Seen {
    wall: Duration,
    /// Of the process and of the programs that it waited for.
    cpu: Duration,
    peak_kib: u64,
    /// How long the project's own commands ran.
    commands: Duration,
    /// The evidence without times.
    answer: String,
}

impl Change {
    /// `sources` and `tests` are files of the base; so many of each are changed.
    fn new(
        sources: usize,
        tests: usize,
        changed_sources: usize,
        changed_tests: usize,
    ) -> anyhow::Result<Change> {
        let folder = tempfile::tempdir()?;
        let repo = folder.path().join("repo");
        let mut bytes = 0;
        for number in 0..sources {
            bytes +=
                write(&repo, &source_path(number), &source(number, 0), number < changed_sources)?;
        }
        for number in 0..tests {
            bytes +=
                write(&repo, &test_path(number), &test(number, false), number < changed_tests)?;
        }
        for (path, text) in [("pkg/__init__.py", ""), ("tests/__init__.py", "")] {
            write(&repo, path, text, false)?;
        }
        for number in 0..sources.div_ceil(FILES_A_FOLDER) {
            write(&repo, &format!("pkg/m{number}/__init__.py"), "", false)?;
        }
        for args in [
            &["init", "-q"][..],
            &["add", "-A"],
            &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "x"],
        ] {
            if !Command::new("git").args(args).current_dir(&repo).status()?.success() {
                bail!("git {args:?}");
            }
        }
        for number in 0..changed_sources {
            bytes += write(&repo, &source_path(number), &source(number, 1), true)?;
        }
        for number in 0..changed_tests {
            bytes += write(&repo, &test_path(number), &test(number, true), true)?;
        }
        Ok(Change { folder, bytes, edits: 1 })
    }

    /// Makes another change out of it, so that no answer to it is known.
    fn edit(&mut self) -> anyhow::Result<()> {
        self.edits += 1;
        let repo = self.folder.path().join("repo");
        write(&repo, &source_path(0), &source(0, self.edits), false).map(drop)
    }

    fn repeat(
        &mut self,
        times: usize,
        mut measure: impl FnMut(&mut Change) -> anyhow::Result<Duration>,
    ) -> anyhow::Result<Vec<Duration>> {
        measure(self)?;
        (0..times).map(|_| measure(self)).collect()
    }

    /// Judges, and watches the process meanwhile.
    fn judge(&self, loki: &Path, args: &[&str]) -> anyhow::Result<Seen> {
        let answer = self.folder.path().join("answer.json");
        let begun = Instant::now();
        let mut child = Command::new(loki)
            .args(["verify", "--json"])
            .args(args)
            .current_dir(self.folder.path().join("repo"))
            .env("LOKI_HOME", self.folder.path().join("home"))
            .stdout(fs::File::create(&answer)?)
            .stderr(Stdio::null())
            .spawn()?;
        let pid = child.id();
        let (mut peak_kib, mut ticks) = (0, 0);
        let status = loop {
            // Before it is waited for, a process that has ended still tells what it used.
            let (peak, used) = (peak_kib_of(pid), all_ticks_of(pid));
            peak_kib = peak_kib.max(peak.unwrap_or_default());
            ticks = ticks.max(used.unwrap_or_default());
            if is_over(pid) {
                break child.wait()?;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let wall = begun.elapsed();
        let mut evidence: serde_json::Value = serde_json::from_slice(&fs::read(&answer)?)
            .with_context(|| format!("loki verify {args:?}: {status}"))?;
        let mut runs = BTreeSet::new();
        add_runs(&evidence["gates"], &mut runs);
        let commands = runs.iter().map(|(_, duration_ms)| duration_ms).sum();
        let cpu = Duration::from_millis(ticks * 10);
        take_times_out(&mut evidence);
        let (commands, answer) = (Duration::from_millis(commands), evidence.to_string());
        Ok(Seen { wall, cpu, peak_kib, commands, answer })
    }
}

/// Every command of the evidence, as JSON and with how long it ran; several gates may show the same one.
fn add_runs(value: &serde_json::Value, runs: &mut BTreeSet<(String, u64)>) {
    match value {
        serde_json::Value::Object(fields) => {
            if fields.get("kind").is_some_and(|kind| kind == "command") {
                let duration_ms = fields["run"]["duration_ms"].as_u64().unwrap_or(0);
                runs.insert((value.to_string(), duration_ms));
            }
            fields.values().for_each(|value| add_runs(value, runs));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| add_runs(value, runs)),
        _ => {}
    }
}

/// Times, and what holds some: digests of outputs, the commit made for a checkout, totals of runners.
fn take_times_out(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            let is_time = ["duration_ms", "judged_at", "stdout", "stderr", "commit"];
            fields.retain(|name, _| !is_time.contains(&name.as_str()));
            fields.values_mut().for_each(take_times_out);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(take_times_out),
        _ => {}
    }
}

/// Whether a process has ended and nobody has waited for it.
fn is_over(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

fn peak_kib_of(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse().ok()
}

/// User and system time of a process and of those it has waited for, in hundredths of a second.
fn all_ticks_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    fields.get(11..15)?.iter().map(|field| field.parse::<u64>().ok()).sum()
}

/// Writes a file; gives back its size if it `counts`.
fn write(repo: &Path, path: &str, text: &str, counts: bool) -> anyhow::Result<u64> {
    let path = repo.join(path);
    fs::create_dir_all(path.parent().context("a file in a folder")?)?;
    fs::write(path, text)?;
    Ok(if counts { text.len() as u64 } else { 0 })
}

const FILES_A_FOLDER: usize = 50;

fn source_path(number: usize) -> String {
    format!("pkg/m{}/f{}.py", number / FILES_A_FOLDER, number % FILES_A_FOLDER)
}

fn test_path(number: usize) -> String {
    format!("tests/test_f{number}.py")
}

fn source(number: usize, edition: usize) -> String {
    let mut text = format!("\"\"\"Part {number}.\"\"\"\n\n");
    for at in 0..FUNCTIONS {
        let _ = write!(
            text,
            "\ndef scale_{at}(value):\n    \"\"\"Scales by {} and moves by {number}.\"\"\"\n    \
             if value < {at}:\n        return value\n    return value * {} + {number}\n\n",
            at + 2,
            at + 2
        );
    }
    if edition > 0 {
        let _ = write!(
            text,
            "\ndef moved(value):\n    \"\"\"Moves by {0}.\"\"\"\n    return value + {0}\n",
            number + edition
        );
    }
    text
}

fn test(number: usize, is_new: bool) -> String {
    let module = format!("pkg.m{}.f{}", number / FILES_A_FOLDER, number % FILES_A_FOLDER);
    let scaled = 5 * 3 + number;
    let mut text = format!(
        "import unittest\n\nfrom {module} import scale_1\n\n\nclass Scale(unittest.TestCase):\n    \
         def test_scales(self):\n        self.assertEqual(scale_1(5), {scaled})\n"
    );
    if is_new {
        text.push_str(
            "\n    def test_keeps_small_values(self):\n        self.assertEqual(scale_1(0), 0)\n",
        );
    }
    text
}
