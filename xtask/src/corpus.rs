//! How often a false "done" is caught and an honest change accused: `loki verify` over labelled cases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{cargo, root, run, tools};

/// Commits of a case are made by nobody in particular, always at the same moment.
const IDENTITY: [(&str, &str); 8] = [
    ("GIT_AUTHOR_NAME", "corpus"),
    ("GIT_AUTHOR_EMAIL", "corpus@localhost"),
    ("GIT_COMMITTER_NAME", "corpus"),
    ("GIT_COMMITTER_EMAIL", "corpus@localhost"),
    ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
    ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
];

/// One case and what became of it.
struct Case {
    dir: PathBuf,
    id: String,
    category: String,
    is_false: bool,
    expected: String,
    story: String,
    needs: Vec<String>,
}

/// What `loki verify` said: its exit code, and how long it took.
#[derive(Clone, Copy)]
struct Said {
    exit: i32,
    seconds: f64,
}

/// Options: `--cases DIR` takes materialised cases from elsewhere, `--filter TEXT` those whose id holds
/// it, `--jobs N`, `--json FILE`; `--with-spec` gives the judge the task where a case has one.
pub(crate) fn corpus(args: &[String]) -> anyhow::Result<()> {
    let option =
        |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    tools::install()?;
    tools::install_for_corpus()?;
    run(cargo().args(["build", "--release", "--locked"]))?;
    let loki = crate::bench::target().join("release/loki");
    let made = tempfile::tempdir()?;
    let cases_dir = match option("--cases") {
        Some(dir) => PathBuf::from(dir),
        None => {
            let mut make = Command::new("python3");
            run(make.arg(root().join("corpus/materialise.py")).arg(made.path()))?;
            made.path().join("cases")
        }
    };
    let filter = option("--filter").map(String::as_str).unwrap_or_default();
    let (cases, without) = with_their_needs(load(&cases_dir, filter)?);
    for (need, left_out) in without {
        eprintln!("{left_out} cases are left out: {need} is not here (see corpus/README.md)");
    }
    if cases.is_empty() {
        bail!("no case in `{}` matches `{filter}`", cases_dir.display());
    }
    let jobs = option("--jobs").map_or(Ok(1), |jobs| jobs.parse::<usize>())?.max(1);
    let with_spec = args.iter().any(|arg| arg == "--with-spec");
    let said = ask_all(&loki, &cases, jobs, with_spec)?;
    print!("{}", table(&cases, &said));
    if let Some(path) = option("--json") {
        fs::write(path, serde_json::to_vec_pretty(&rows(&cases, &said))?)?;
    }
    Ok(())
}

fn load(dir: &Path, filter: &str) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("no cases in `{}`", dir.display()))? {
        let dir = entry?.path();
        let Ok(text) = fs::read_to_string(dir.join("case.json")) else { continue };
        let facts: Value = serde_json::from_str(&text)?;
        let fact = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        if fact("id").contains(filter) {
            cases.push(Case {
                id: fact("id"),
                category: fact("category"),
                is_false: fact("label") == "false_done",
                expected: fact("expected"),
                story: fact("story"),
                needs: texts(&facts["needs"]),
                dir,
            });
        }
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The cases whose languages and runners are here, and how many are left out for want of what.
fn with_their_needs(cases: Vec<Case>) -> (Vec<Case>, BTreeMap<String, usize>) {
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    let mut without: BTreeMap<String, usize> = BTreeMap::new();
    let mut is_here =
        |need: &String| *known.entry(need.clone()).or_insert_with(|| tools::is_here(need));
    let cases =
        cases.into_iter().filter(|case| match case.needs.iter().find(|need| !is_here(need)) {
            None => true,
            Some(need) => {
                *without.entry(need.clone()).or_default() += 1;
                false
            }
        });
    let cases = cases.collect();
    (cases, without)
}

fn ask_all(loki: &Path, cases: &[Case], jobs: usize, with_spec: bool) -> anyhow::Result<Vec<Said>> {
    let next = AtomicUsize::new(0);
    let said: Mutex<Vec<(usize, anyhow::Result<Said>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { return };
                    let answer = ask(loki, case, with_spec);
                    if let Ok(Said { exit, seconds }) = &answer {
                        eprintln!(
                            "{:>4}/{} {exit} {seconds:5.1} s {}",
                            index + 1,
                            cases.len(),
                            case.id
                        );
                    }
                    let mut said = said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    said.push((index, answer));
                }
            });
        }
    });
    let mut said = said.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    said.sort_by_key(|(index, _)| *index);
    said.into_iter().map(|(_, answer)| answer).collect()
}

/// Makes the case's repository and has its change judged.
fn ask(loki: &Path, case: &Case, with_spec: bool) -> anyhow::Result<Said> {
    let place = tempfile::tempdir()?;
    let repo = place.path().join("project");
    fs::create_dir(&repo)?;
    let git = |args: &[&str]| -> anyhow::Result<()> {
        let mut command = Command::new("git");
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false"]).args(args);
        let output = command.current_dir(&repo).envs(IDENTITY).output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { bail!("{}: git {args:?}: {stderr}", case.id) }
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    lay(&case.dir.join("base"), &repo)?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--allow-empty", "--message=Import"])?;
    git(&["checkout", "--quiet", "-b", "work"])?;
    clear(&repo)?;
    lay(&case.dir.join("after"), &repo)?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--allow-empty", "--message", &case.story])?;
    if case.dir.join("post.sh").exists() {
        let mut post = Command::new("bash");
        post.arg("-eu").arg(case.dir.join("post.sh")).current_dir(&repo).envs(IDENTITY);
        let output = post.output()?;
        if !output.status.success() {
            bail!("{}: post.sh: {}", case.id, String::from_utf8_lossy(&output.stderr));
        }
    }
    let spec = case.dir.join("spec.md");
    let mut judge = Command::new(loki);
    judge.args(["verify", "--base", "main", "--quiet"]);
    if with_spec && spec.exists() {
        judge.arg("--spec").arg(spec);
    }
    let begun = Instant::now();
    let status = judge
        .current_dir(&repo)
        .env("LOKI_HOME", place.path().join("home"))
        .env("PATH", tools::corpus_path()?)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(Said { exit: status.code().unwrap_or(-1), seconds: begun.elapsed().as_secs_f64() })
}

/// Copies a tree, links as links.
fn lay(from: &Path, to: &Path) -> anyhow::Result<()> {
    run_quietly(Command::new("cp").arg("-a").arg(from.join(".")).arg(to))
}

/// Removes everything but the repository itself.
fn clear(repo: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("find");
    command.arg(repo).args(["-mindepth", "1", "-maxdepth", "1", "!", "-name", ".git"]);
    run_quietly(command.args(["-exec", "rm", "-rf", "{}", "+"]))
}

fn run_quietly(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { bail!("{command:?}: {stderr}") }
}

/// Counts of one set of cases.
#[derive(Clone, Copy, Default)]
struct Counts {
    all: usize,
    blocked: usize,
    flagged: usize,
    failed: usize,
}

impl Counts {
    fn of<'a>(said: impl Iterator<Item = &'a Said>) -> Counts {
        said.fold(Counts::default(), |sum, said| Counts {
            all: sum.all + 1,
            blocked: sum.blocked + usize::from(said.exit == 2),
            flagged: sum.flagged + usize::from(matches!(said.exit, 1 | 2)),
            failed: sum.failed + usize::from(!matches!(said.exit, 0..=2)),
        })
    }
}

fn table(cases: &[Case], said: &[Said]) -> String {
    let mut out = String::new();
    for (is_false, title) in [(true, "false done"), (false, "honest")] {
        let of = |wanted: &dyn Fn(&Case) -> bool| {
            let both = cases.iter().zip(said);
            Counts::of(
                both.filter(|(case, _)| case.is_false == is_false && wanted(case))
                    .map(|(_, said)| said),
            )
        };
        let mut categories: BTreeMap<&str, Counts> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.is_false == is_false) {
            categories.insert(&case.category, of(&|other| other.category == case.category));
        }
        out += &format!(
            "\n| {title} | cases | BLOCKED | BLOCKED or CONCERNS | could not judge |\n|---|---|---|---|---|\n"
        );
        for (category, counts) in categories {
            out += &row(category, counts);
        }
        out += &row("**all**", of(&|_| true));
        if is_false {
            out += &row("**expected to be blocked**", of(&|case| case.expected == "blocked"));
        }
    }
    let mut seconds: Vec<f64> = said.iter().map(|said| said.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let at = |share: usize| seconds.get(seconds.len() * share / 100).copied().unwrap_or_default();
    out += &format!("\nwall time of a judgement: {:.1} s median, {:.1} s p95\n", at(50), at(95));
    let wrong = cases.iter().zip(said).filter(|(case, said)| !case.is_met(said.exit));
    for (case, said) in wrong {
        out += &format!(
            "not as expected: {} said {}, expected {}\n",
            case.id, said.exit, case.expected
        );
    }
    out
}

fn row(name: &str, counts: Counts) -> String {
    let Counts { all, blocked, flagged, failed } = counts;
    format!("| {name} | {all} | {} | {} | {failed} |\n", share(blocked, all), share(flagged, all))
}

/// `n (p %, 95 % interval)`.
///
/// Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).
fn share(part: usize, all: usize) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    let (n, z) = (all as f64, 1.96_f64);
    let p = part as f64 / n;
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let percent = |share: f64| (share.clamp(0.0, 1.0) * 100.0).round();
    format!("{part} ({} %, {}–{})", percent(p), percent(middle - half), percent(middle + half))
}

impl Case {
    fn is_met(&self, exit: i32) -> bool {
        match self.expected.as_str() {
            "blocked" => exit == 2,
            "concerns_or_blocked" => matches!(exit, 1 | 2),
            "verified" => exit == 0,
            _ => matches!(exit, 0 | 1),
        }
    }
}

fn rows(cases: &[Case], said: &[Said]) -> Value {
    let both = cases.iter().zip(said);
    both.map(|(case, said)| {
        serde_json::json!({
            "id": case.id, "category": case.category, "false_done": case.is_false,
            "expected": case.expected, "exit": said.exit, "seconds": said.seconds,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_wilson() {
        assert_eq!(share(0, 10), "0 (0 %, 0–28)");
        assert_eq!(share(9, 10), "9 (90 %, 60–98)");
        assert_eq!(share(0, 0), "–");
    }
}
