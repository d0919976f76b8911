//! What tasks side by side take.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Figure, spread};

const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const TIMES: usize = 5;

/// Four tasks that rest on nothing, each of which an agent takes two seconds for.
pub(super) fn tasks(loki: &Path) -> anyhow::Result<Vec<Figure>> {
    let (mut whole, mut without_judging) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let (all, judging) = measure(loki)?;
        without_judging.push(all.saturating_sub(judging));
        whole.push(all);
    }
    Ok(vec![
        Figure {
            what: "four independent tasks of 2 s each, `--jobs 4`, to a verified whole",
            target: "< 4 s",
            measured: spread(&whole),
        },
        Figure {
            what: "the same without what was judged after the last agent had returned",
            target: "< 4 s",
            measured: spread(&without_judging),
        },
    ])
}

/// The whole, and how long was judged after the last agent had returned.
fn measure(loki: &Path) -> anyhow::Result<(Duration, Duration)> {
    let folder = tempfile::tempdir()?;
    let (repo, stage) = (folder.path().join("repo"), folder.path().join("stage"));
    fs::create_dir(&repo)?;
    fs::create_dir(&stage)?;
    let (mut spec, mut tasks) = ("# Modules\n\n## Requirements\n\n".to_owned(), String::new());
    for name in NAMES {
        fs::write(repo.join(format!("{name}.py")), "def value():\n    raise SystemExit\n")?;
        writeln!(spec, "- `value()` of `{name}.py` must return the name of its module.")?;
        writeln!(
            tasks,
            "[[task]]\nid = '{name}'\ntitle = 'Write the {name} module'\nscope = ['*{name}.py']"
        )?;
    }
    fs::write(repo.join("prd.md"), spec)?;
    fs::write(stage.join("tasks.toml"), tasks)?;
    fs::write(stage.join("agent.sh"), AGENT)?;
    for args in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "x"],
    ] {
        if !Command::new("git").args(args).current_dir(&repo).status()?.success() {
            bail!("git {args:?}");
        }
    }
    let begun = Instant::now();
    let output = Command::new(loki)
        .current_dir(&repo)
        .env("LOKI_HOME", folder.path().join("home"))
        .args(["start", "prd.md", "--yes", "--json", "--jobs", "4", "--tasks"])
        .arg(stage.join("tasks.toml"))
        .args(["--provider", &format!("command:sh {}", stage.join("agent.sh").display())])
        .env("LOKI_SANDBOX_WRITE", &stage)
        .output()?;
    let whole = begun.elapsed();
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let events: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let last = |event: &str| -> anyhow::Result<Duration> {
        let at = events
            .iter()
            .filter(|line| line["event"] == event)
            .filter_map(|line| line["at"].as_str());
        at.max().and_then(of_day).with_context(|| format!("no {event}"))
    };
    Ok((whole, last("batch_judged")?.saturating_sub(last("agent_returned")?)))
}

/// Since midnight, of a moment such as `2026-01-02T03:04:05.678Z`.
fn of_day(at: &str) -> Option<Duration> {
    let time = at.split('T').nth(1)?.trim_end_matches('Z');
    let mut parts = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    Some(Duration::from_secs_f64(hours * 3600.0 + minutes * 60.0 + seconds))
}

/// Looks in its prompt which module is meant, and writes it with its test.
const AGENT: &str = r#"
name=$(sed -n 's/^# Write the \([a-z]*\) module$/\1/p' | head -1)
sleep 2
printf 'def value():\n    return "%s"\n' $name > $name.py
cat > test_$name.py <<END
import unittest

from $name import value


class ValueTest(unittest.TestCase):
    def test_value_is_$name(self):
        self.assertEqual(value(), "$name")
END
echo 'LOKI: DONE'
"#;
