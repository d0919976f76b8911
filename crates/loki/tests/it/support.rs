//! What the scenarios share.

use std::time::{Duration, Instant};

use loki_testkit::{Loki, Script, ScriptFile, TestRepo};

/// A Python project whose one function is not written yet.
pub(crate) fn project() -> TestRepo {
    TestRepo::new()
        .file("sums.py", "def add(a, b):\n    raise SystemExit('not yet')\n")
        .file("prd.md", PRD)
        .commit("start")
}

pub(crate) const PRD: &str = "\
# Sums

## Requirements

- `add(a, b)` must return the sum of two numbers.
- There must be a unit test for it.
";

/// A spec that leaves three things open.
pub(crate) const VAGUE: &str = "\
# Notes

## Requirements

- The search must be fast.
- Notes are public.
- Notes are private.
- Members can upload a picture.
";

/// A repository with such a spec.
pub(crate) fn vague() -> TestRepo {
    TestRepo::new().file("prd.md", VAGUE).commit("start")
}

pub(crate) const RIGHT: &str = "def add(a, b):\n    return a + b\n";
pub(crate) const WRONG: &str = "def add(a, b):\n    return a - b\n";
pub(crate) const TEST: &str = "\
import unittest

from sums import add


class AddTest(unittest.TestCase):
    def test_two_and_three_are_five(self):
        self.assertEqual(add(2, 3), 5)


if __name__ == \"__main__\":
    unittest.main()
";

/// The real binary in `repo`.
pub(crate) fn loki(repo: &TestRepo) -> Loki {
    Loki::new(env!("CARGO_BIN_EXE_loki"), repo)
}

/// `loki start prd.md --yes` with a scripted agent.
pub(crate) fn start(repo: &TestRepo, script: &ScriptFile) -> Loki {
    loki(repo).args(["start", "prd.md", "--yes", "--provider"]).args([script.provider()])
}

pub(crate) fn save(repo: &TestRepo, script: &Script) -> ScriptFile {
    script.save(repo.stage("script.toml"))
}

/// An agent that does it right the first time.
pub(crate) fn right() -> Script {
    Script::new().call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE"))
}

/// The branch of the only run.
pub(crate) fn run_branch(repo: &TestRepo) -> String {
    repo.git(["for-each-ref", "--format=%(refname:short)", "refs/heads/loki/"])
}

/// Whether any process on this machine was started with `text` among its arguments.
pub(crate) fn some_process_mentions(text: &str) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else { return false };
    entries
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .any(|cmdline| String::from_utf8_lossy(&cmdline).contains(text))
}

/// Waits for what another process does and tells nobody: looked at every few milliseconds.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
