//! A store that is damaged, full, or can not be written.

use std::fs;

use loki_testkit::{Loki, TestRepo, require_tool};

use crate::support::*;

/// A verified run whose last event is not what was recorded any more.
fn damaged() -> (TestRepo, String) {
    let repo = project();
    let script = right().save(repo.stage("script.toml"));
    let _ = start(&repo, &script).run().expect_code(0);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    let database = repo.loki_home().join("loki.db");
    let mut bytes = fs::read(&database).unwrap();
    let word = b"every required gate passed";
    let places: Vec<usize> = bytes
        .windows(word.len())
        .enumerate()
        .filter(|(_, w)| w == word)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the end is in the journal");
    places.iter().for_each(|at| bytes[*at] = b'E');
    fs::write(&database, bytes).unwrap();
    (repo, status["run"].as_str().unwrap().to_owned())
}

#[test]
fn a_damaged_journal_is_told_and_repaired_to_the_newest_consistent_point_and_the_run_goes_on() {
    let (repo, run) = damaged();
    let told = loki(&repo).args(["status"]).run().expect_code(1);
    assert!(told.stderr.contains("loki doctor --repair"), "{}", told.stderr);
    let repaired = loki(&repo).args(["doctor", "--repair"]).run().expect_code(1);
    assert!(repaired.stdout.contains(&format!("loki resume {run}")), "{}", repaired.stdout);
    assert!(repo.loki_home().join("damaged-1/loki.db").is_file());
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["state"], "interrupted");
    let _ = loki(&repo).args(["resume", "--yes"]).run().expect_code(0);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!((&status["outcome"], &status["calls"]), (&"verified".into(), &1.into()));
    let whole = loki(&repo).args(["doctor", "--repair", "--json"]).run().expect_code(0).json();
    assert_eq!(whole["damaged"], false);
}

/// Runs `commands` as root of a place of its own, where file systems can be mounted. Nothing where the
/// system does not allow that.
fn in_a_place_of_its_own(repo: &TestRepo, commands: &str) -> Option<Loki> {
    let unshare = require_tool("unshare")?;
    let args = |command: &str| ["-r", "-m", "sh", "-c", command].map(str::to_owned);
    let can = Loki::new(&unshare, repo).args(args("mount -t tmpfs none /mnt")).run();
    if can.code != Some(0) {
        return None;
    }
    Some(Loki::new(&unshare, repo).args(args(commands)))
}

/// Goal: a full disk is an error that names it, never a broken store. Method: the state on disks of every
/// size, from too small for anything to large enough, and then as large as needed.
#[test]
fn a_disk_that_is_full_at_any_moment_is_told_and_the_run_goes_on_once_there_is_room() {
    let loki = env!("CARGO_BIN_EXE_loki");
    let mut full = 0;
    for kilobytes in (48..=400).step_by(32) {
        let repo = project();
        let script = right().save(repo.stage("script.toml"));
        let provider = script.provider().replace('\'', "'\\''");
        let start = format!("'{loki}' start prd.md --yes --provider '{provider}'");
        let commands = format!(
            "mkdir -p \"$LOKI_HOME\" && mount -t tmpfs -o size={kilobytes}k none \"$LOKI_HOME\" || exit 99
             {start}; echo \"first: $?\"
             mount -o remount,size=64m \"$LOKI_HOME\" || exit 99
             {start} || '{loki}' show >/dev/null; echo \"then: $?\""
        );
        let Some(ran) = in_a_place_of_its_own(&repo, &commands) else { return };
        let ran = ran.run().expect_code(0);
        assert!(ran.stdout.contains("then: 0"), "{kilobytes} kB: {}{}", ran.stdout, ran.stderr);
        if !ran.stdout.contains("first: 0") {
            let told = ran.stderr.contains("is full") || ran.stderr.contains("No space left");
            assert!(told, "{kilobytes} kB: {}", ran.stderr);
            full += 1;
        }
    }
    assert!(full >= 2, "the disk was full {full} times");
}

#[test]
fn a_state_directory_that_can_only_be_read_is_told_and_can_be_read() {
    let loki = env!("CARGO_BIN_EXE_loki");
    let repo = project();
    let script = right().save(repo.stage("script.toml"));
    let _ = start(&repo, &script).run().expect_code(0);
    let commands = format!(
        "mount --bind \"$LOKI_HOME\" \"$LOKI_HOME\" && mount -o remount,bind,ro \"$LOKI_HOME\" || exit 99
         '{loki}' status; echo \"status: $?\"
         '{loki}' start 'another thing' --yes --provider 'command:true'; echo \"start: $?\""
    );
    let Some(ran) = in_a_place_of_its_own(&repo, &commands) else { return };
    let ran = ran.run().expect_code(0);
    assert!(ran.stdout.contains("status: 0"), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("start: 1"), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("writ"), "{}", ran.stderr);
}
