//! Calls of git end when nobody waits for them any more.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use loki_host::git::{GitError, Repo};
use loki_host::process::Cancel;

use crate::fixture::{Fixture, git};

#[test]
fn a_cancelled_repository_asks_nothing_and_the_original_goes_on() {
    let fixture = Fixture::new();
    let cancel = Cancel::new().unwrap();
    let repo = fixture.repo.with_cancel(&cancel);
    assert_eq!(repo.head().unwrap(), fixture.repo.head().unwrap());
    let head = fixture.head();
    cancel.pull();
    let copy = fixture.beside("copy");
    let outcomes = [
        repo.head().map(drop),
        repo.snapshot(&fixture.root).map(drop),
        repo.export(&copy, &head),
        repo.add_worktree(&copy, &head, None),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(GitError::Cancelled { .. })), "{outcome:?}");
    }
    assert!(!copy.exists());
    assert!(fixture.repo.snapshot(&fixture.root).is_ok());
}

#[test]
fn a_pull_ends_a_call_that_would_take_for_ever() {
    let fixture = Fixture::new();
    fixture.write(".gitattributes", "slow filter=slow\n");
    fixture.write("slow", "x");
    let home = fixture.beside("home");
    fs::create_dir(&home).unwrap();
    let (started, slow) = (home.join("started"), home.join("slow"));
    assert!(Command::new("mkfifo").arg(&started).status().unwrap().success());
    fs::write(&slow, "echo started > \"$HOME/started\"\nexec tail -f /dev/null\n").unwrap();
    let config = home.join(".gitconfig");
    git(&home, ["config", "--file", config.to_str().unwrap(), "filter.slow.clean", "sh ~/slow"]);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "git_cancel::helper_that_is_cancelled", "--nocapture"])
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .env("LOKI_TEST_REPOSITORY", &fixture.root)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("cancelled in time"), "{text}");
}

/// Does nothing unless another test starts it as a process of its own.
#[test]
fn helper_that_is_cancelled() {
    let Some(path) = std::env::var_os("LOKI_TEST_REPOSITORY") else { return };
    let home = std::env::var_os("HOME").unwrap();
    let cancel = Cancel::new().unwrap();
    let repo = Repo::discover(Path::new(&path)).unwrap().with_cancel(&cancel);
    let (outcome, took) = std::thread::scope(|scope| {
        let snapshot = scope.spawn(|| repo.snapshot(repo.root()));
        // Comes to an end when the filter runs.
        fs::read(Path::new(&home).join("started")).unwrap();
        let pulled = Instant::now();
        cancel.pull();
        (snapshot.join().unwrap(), pulled.elapsed())
    });
    assert!(matches!(outcome, Err(GitError::Cancelled { .. })), "{outcome:?}");
    // Milliseconds, but for a machine with other things to do.
    assert!(took < Duration::from_secs(5), "{took:?}");
    println!("cancelled in time");
}
