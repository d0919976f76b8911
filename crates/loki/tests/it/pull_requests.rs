//! `loki verify --pr`, as a person would run it.

use loki_testkit::{Loki, TestRepo};

use crate::support::{RIGHT, TEST, WRONG, loki};

/// A checkout whose `origin` is a bare repository beside it, with pull requests 7 and 8.
fn repo() -> TestRepo {
    let repo = TestRepo::new().file("sums.py", RIGHT).file("test_sums.py", TEST).commit("start");
    let forge = repo.beside("forge.git");
    let forge = forge.to_string_lossy().into_owned();
    repo.git(["clone", "--quiet", "--bare", ".", &forge]);
    repo.git(["remote", "add", "origin", &forge]);
    for (path, text, name) in
        [("sums.py", WRONG, "refs/pull/7/head"), ("README.md", "# Sums\n", "refs/pull/8/head")]
    {
        repo.write(path, text);
        repo.commit_all("Propose it");
        repo.git(["push", "--quiet", "origin", &format!("HEAD:{name}")]);
        repo.git(["reset", "--quiet", "--hard", "HEAD^"]);
    }
    repo
}

fn verify(repo: &TestRepo) -> Loki {
    loki(repo).args(["verify", "--pr"])
}

#[test]
fn a_pull_request_is_judged_and_the_checkout_is_left_alone() {
    let repo = repo();
    repo.write("sums.py", "not even Python");
    let bad = verify(&repo).args(["7"]).run().expect_code(2);
    assert!(bad.stdout.contains("tests/failed"), "{}", bad.stdout);
    assert!(bad.stderr.contains("pull request 7 of `origin`"), "{}", bad.stderr);
    let good = verify(&repo).args(["8", "--remote", "origin"]).run();
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
    assert_eq!(repo.read("sums.py"), "not even Python");
    assert_eq!(repo.git(["branch", "--list"]), "* main");
    assert_eq!(repo.git(["tag", "--list"]), "");
}

#[test]
fn a_pull_request_can_be_compared_with_another_point() {
    let repo = repo();
    repo.git(["fetch", "--quiet", "origin", "refs/pull/7/head:broken"]);
    let ran = verify(&repo).args(["7", "broken^"]).run().expect_code(2);
    assert!(ran.stderr.contains("compared with broken^"), "{}", ran.stderr);
}

#[test]
fn what_is_merged_already_is_no_change_to_judge() {
    let repo = repo();
    repo.git(["push", "--quiet", "origin", "main:refs/pull/9/head"]);
    let ran = verify(&repo).args(["9"]).run().expect_code(3);
    assert!(
        ran.stderr.contains("all of pull request 9 is in `origin/main` already"),
        "{}",
        ran.stderr
    );
}

#[test]
fn each_reason_why_there_is_nothing_to_fetch_comes_with_what_to_type() {
    let repo = repo();
    let told = |repo: &TestRepo, args: &[&str], reason: &str, fix: &str| {
        let ran = verify(repo).args(args.iter().copied()).run().expect_code(3);
        assert!(ran.stderr.contains(reason) && ran.stderr.contains(fix), "{}", ran.stderr);
    };
    told(&repo, &["6"], "has no pull request 6", "try: loki verify --pr 6 --remote NAME");
    told(&repo, &["7", "--remote", "up"], "no remote `up`; there are `origin`", "git remote -v");
    told(&repo, &["7", "--head", "main"], "cannot be used with", "--head");
    told(&repo, &["0"], "invalid value", "--pr");
    repo.git(["remote", "set-url", "origin", "no/such/place"]);
    told(
        &repo,
        &["7"],
        "the remote `origin` (no/such/place) could not be read",
        "git ls-remote origin",
    );
    repo.git(["remote", "remove", "origin"]);
    told(&repo, &["7"], "no remote", "try: git remote add origin");
}
