//! `loki verify --watch`: a real process, driven by edits and by what it writes.

use loki_testkit::{Loki, Running, TestRepo};

use crate::support::{RIGHT, TEST, WRONG, loki};

/// The signal of Ctrl-C.
const SIGINT: i32 = 2;

/// A test that does not end by itself.
const ENDLESS: &str = "\
import threading
import unittest


class EndlessTest(unittest.TestCase):
    def test_waits(self):
        self.assertTrue(threading.Event().wait())
";

/// A repository with a change that holds.
fn repo() -> TestRepo {
    let repo = TestRepo::new()
        .file("sums.py", RIGHT)
        .file("test_sums.py", TEST)
        .file(".gitignore", "*.log\nbuild/\n")
        .commit("start");
    repo.write("README.md", "# Sums\n");
    repo
}

fn verify(repo: &TestRepo) -> Loki {
    loki(repo).args(["verify", "--watch"])
}

fn ended(watch: Running) -> loki_testkit::Ran {
    watch.signal(SIGINT);
    watch.wait()
}

#[test]
fn each_change_gets_a_verdict_and_what_was_judged_before_is_remembered() {
    let repo = repo();
    let watch = verify(&repo).spawn();
    watch.wait_for_output("judgement 1: VERIFIED");
    repo.write("sums.py", WRONG);
    watch.wait_for_output("judgement 2: BLOCKED");
    repo.write("sums.py", RIGHT);
    watch.wait_for_output("judgement 3: VERIFIED as before");
    let ran = ended(watch);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("✓ change").count(), 3, "{}", ran.stdout);
}

#[test]
fn the_exit_code_is_that_of_the_last_verdict_also_when_another_one_is_under_way() {
    let repo = repo();
    repo.write("sums.py", WRONG);
    let watch = verify(&repo).spawn();
    watch.wait_for_output("judgement 1: BLOCKED");
    repo.write("test_endless.py", ENDLESS);
    watch.wait_for_output("✓ change   3 files");
    assert_eq!(ended(watch).code, Some(2));
}

#[test]
fn a_change_that_comes_while_judging_starts_over() {
    let repo = repo();
    repo.write("test_endless.py", ENDLESS);
    let watch = verify(&repo).spawn();
    watch.wait_for_output("judging");
    std::fs::remove_file(repo.root().join("test_endless.py")).unwrap();
    watch.wait_for_output("changed meanwhile");
    watch.wait_for_output("judgement 1: VERIFIED");
    assert_eq!(ended(watch).code, Some(0));
}

#[test]
fn new_directories_and_new_commits_are_noticed_and_ignored_files_are_not() {
    let repo = repo();
    let watch = verify(&repo).spawn();
    watch.wait_for_output("judgement 1: VERIFIED");
    repo.write("noise.log", "x");
    repo.write("build/out", "x");
    repo.write("docs/deep/page.md", "# One\n");
    watch.wait_for_output("judgement 2: VERIFIED");
    repo.write("docs/deep/page.md", "# One\n\n[gone](gone.md)\n");
    watch.wait_for_output("judgement 3: CONCERNS");
    repo.commit_all("Describe it");
    // On the branch that others are merged into, nothing is left to judge then.
    watch.wait_for_output("judgement 4: BLOCKED");
    assert_eq!(ended(watch).code, Some(2));
}

#[test]
fn programs_get_one_document_a_line() {
    let repo = repo();
    let watch = verify(&repo).args(["--json"]).spawn();
    watch.wait_for_output("\"verdict\":\"verified\"");
    repo.write("sums.py", WRONG);
    watch.wait_for_output("\"verdict\":\"blocked\"");
    let ran = ended(watch);
    assert_eq!(ran.code, Some(2));
    let verdicts: Vec<serde_json::Value> =
        ran.json_lines().into_iter().map(|document| document["verdict"].clone()).collect();
    assert_eq!(verdicts, ["verified", "blocked"]);
}

#[test]
fn what_does_not_change_with_the_checkout_is_not_watched() {
    let repo = repo();
    for (args, reason) in [
        (vec!["--pr", "7"], "a pull request does not change"),
        (vec!["--head", "main"], "a commit never changes"),
        (vec!["--patch", "x.patch"], "a patch does not change"),
        (vec!["--staged"], "what is staged does not change"),
        (vec!["--explain"], "an explanation is of one judgement"),
        (vec!["--out", "results"], "would be a change to judge"),
        (vec!["--sarif", "found.sarif"], "would be a change to judge"),
    ] {
        let ran = verify(&repo).args(&args).run();
        assert_eq!(ran.code, Some(3), "{args:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(reason), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn documents_can_go_where_git_does_not_look() {
    let repo = repo();
    let watch = verify(&repo).args(["--out", "build/loki"]).spawn();
    watch.wait_for_output("judgement 1: VERIFIED");
    assert!(repo.exists("build/loki/evidence.json"));
    assert_eq!(ended(watch).code, Some(0));
}
