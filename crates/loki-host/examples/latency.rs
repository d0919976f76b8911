//! Measures what the machine layer itself costs, in median milliseconds.
//!
//! `cargo run --release -p loki-host --example latency`
#![expect(clippy::disallowed_types, reason = "a test drives real programs")]
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people to run")]

use std::time::{Duration, Instant};

use loki_host::git::{Repo, remove_export};
use loki_host::process::{Cancel, CommandSpec, run};
use loki_host::sandbox::{Means, Network, Sandbox};

const ROUNDS: usize = 101;

fn main() {
    let cancel = Cancel::new().unwrap();
    let spec = CommandSpec::new("/bin/true", "/");
    median("run /bin/true", || drop(run(&spec, &cancel, &mut |_, _| {}).unwrap()));
    let means = Means::here();
    for (name, means) in [
        ("in a sandbox of all layers", means),
        ("of Landlock alone", Means { network: false, mounts: false, processes: false, ..means }),
    ] {
        let room = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new(room.path(), Network::OwnLoopback).with_means(means);
        let spec = spec.clone().within(sandbox);
        median(name, || drop(run(&spec, &cancel, &mut |_, _| {}).unwrap()));
    }
    median("the same by the standard library", || {
        drop(std::process::Command::new("/bin/true").output().unwrap());
    });
    repository(100);
    repository(2_000);
    repository(5_000);
}

/// One iteration's calls on a repository of `count` files, one of which changes each time.
fn repository(count: usize) {
    println!("{count} files");
    let directory = tempfile::tempdir().unwrap();
    let repo = Repo::init(directory.path()).unwrap();
    for file in 0..count {
        let parent = directory.path().join(format!("directory-{}", file % 50));
        std::fs::create_dir_all(&parent).unwrap();
        std::fs::write(parent.join(format!("file-{file}")), format!("{file}\n").repeat(100))
            .unwrap();
    }
    let started_at = Instant::now();
    let tree = repo.snapshot(repo.root()).unwrap();
    println!("{:>9.3} ms  first snapshot", started_at.elapsed().as_secs_f64() * 1e3);
    let first = repo.commit_tree(&tree, &[], "first").unwrap();
    let place = tempfile::tempdir().unwrap();
    let worktree = place.path().join("worktree");
    let started_at = Instant::now();
    repo.add_worktree(&worktree, &first, Some("loki/latency")).unwrap();
    println!("{:>9.3} ms  add_worktree", started_at.elapsed().as_secs_f64() * 1e3);
    let copy = place.path().join("copy");
    let started_at = Instant::now();
    repo.export(&copy, &first).unwrap();
    println!("{:>9.3} ms  export", started_at.elapsed().as_secs_f64() * 1e3);
    let started_at = Instant::now();
    remove_export(&copy).unwrap();
    println!("{:>9.3} ms  remove_export", started_at.elapsed().as_secs_f64() * 1e3);
    // Files as old as the index, in whole seconds, are read again until the index is written anew.
    median("snapshot in the second of the checkout", || drop(repo.snapshot(&worktree).unwrap()));
    repo.remove_worktree(&worktree).unwrap();
    repo.add_worktree(&worktree, &first, Some("loki/latency")).unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    repo.advance_worktree(&worktree, &first).unwrap();
    let mut round = 0;
    let mut commit = first.clone();
    let mut edit = || {
        round += 1;
        std::fs::write(worktree.join("directory-1/file-1"), format!("{round}\n")).unwrap();
    };
    median("discover", || drop(Repo::discover(&worktree).unwrap()));
    median("head", || drop(repo.head().unwrap()));
    median("snapshot", || {
        edit();
        repo.snapshot(&worktree).unwrap();
    });
    median("a checkpoint: raw_tree + commit_tree + set_ref", || {
        edit();
        let tree = repo.raw_tree(&worktree, &[]).unwrap();
        let commit = repo.commit_tree(&tree, &[], "x").unwrap();
        repo.set_ref(&format!("refs/loki/checkpoint/{commit}"), &commit, None).unwrap();
    });
    let kept = repo.raw_tree(&worktree, &[]).unwrap();
    median("going back: raw_tree_before + restore of one file", || {
        edit();
        let from = repo.raw_tree_before(&worktree, &kept).unwrap();
        repo.restore(&worktree, &from, &kept).unwrap();
    });
    let old_tree = repo.tree_of(&first).unwrap();
    let tree = repo.snapshot(&worktree).unwrap();
    median("commit_tree", || drop(repo.commit_tree(&tree, &[], "x").unwrap()));
    median("set_ref", || repo.set_ref("refs/loki/latency", &first, None).unwrap());
    median("diff", || drop(repo.diff(&old_tree, &tree).unwrap()));
    let there = Repo::discover(&worktree).unwrap();
    median("status", || assert!(!there.status().unwrap().is_clean()));
    median("snapshot + commit_tree + set_ref + advance_worktree", || {
        edit();
        let tree = repo.snapshot(&worktree).unwrap();
        commit = repo.commit_tree(&tree, std::slice::from_ref(&commit), "x").unwrap();
        repo.set_ref("refs/loki/latency", &commit, None).unwrap();
        repo.advance_worktree(&worktree, &commit).unwrap();
    });
    let started_at = Instant::now();
    repo.remove_worktree(&worktree).unwrap();
    println!("{:>9.3} ms  remove_worktree", started_at.elapsed().as_secs_f64() * 1e3);
}

fn median(what: &str, mut work: impl FnMut()) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started_at = Instant::now();
            work();
            started_at.elapsed()
        })
        .collect();
    times.sort();
    println!("{:>9.3} ms  {what}", times[ROUNDS / 2].as_secs_f64() * 1e3);
}
