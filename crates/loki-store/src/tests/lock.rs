//! One writer at a time.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::Barrier;
use std::thread;

use super::*;
use crate::{LockError, Owner};

#[test]
fn a_run_is_locked_once_and_others_are_told_by_whom() {
    let home = Home::new();
    let (store, other) = (home.open(), home.open());
    assert_eq!(store.owner(&run(1)), None);
    let lock = store.lock(&run(1)).unwrap();
    for store in [&store, &other] {
        match store.lock(&run(1)) {
            Err(LockError::Held { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
            answer => panic!("{answer:?}"),
        }
        assert_eq!(store.owner(&run(1)), Some(Owner { pid: Some(std::process::id()) }));
    }
    assert!(store.lock(&run(2)).is_ok(), "another run is free");
    drop(lock);
    assert_eq!(other.owner(&run(1)), None);
    assert!(other.lock(&run(1)).is_ok());
}

#[test]
fn a_lock_ends_with_a_process_that_is_killed() {
    const NAME: &str = "tests::lock::a_lock_ends_with_a_process_that_is_killed";
    if let Some(home) = child_home() {
        let _lock = Store::open(&home).unwrap().lock(&run(1)).unwrap();
        io::stdout().write_all(b"\nlocked\n").unwrap();
        loop {
            thread::park();
        }
    }
    let home = Home::new();
    let store = home.open();
    let mut holder = child(NAME, &home.path).stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(holder.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap() == "locked"));
    match store.lock(&run(1)) {
        Err(LockError::Held { pid, .. }) => assert_eq!(pid, Some(holder.id())),
        answer => panic!("{answer:?}"),
    }
    assert_eq!(store.owner(&run(1)), Some(Owner { pid: Some(holder.id()) }));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(store.owner(&run(1)), None);
    assert!(store.lock(&run(1)).is_ok());
}

#[test]
fn a_lock_that_a_dead_process_has_handed_on_for_a_moment_is_waited_for() {
    // More than any system gives to a process.
    const NOBODY: &str = "   4194305\n";
    let home = Home::new();
    let (store, other) = (home.open(), home.open());
    let ways: [fn(&Store) -> bool; 2] =
        [|store| store.owner(&run(1)).is_none(), |store| store.lock(&run(1)).is_ok()];
    for is_free in ways {
        let lock = store.lock(&run(1)).unwrap();
        std::fs::write(home.path.join(format!("locks/{}.lock", run(1))), NOBODY).unwrap();
        let looking = Barrier::new(2);
        thread::scope(|scope| {
            let waits = scope.spawn(|| {
                looking.wait();
                is_free(&other)
            });
            looking.wait();
            drop(lock);
            assert!(waits.join().unwrap());
        });
    }
}

#[test]
fn looking_who_owns_a_run_never_makes_it_look_taken() {
    let home = Home::new();
    let (store, other) = (home.open(), home.open());
    drop(store.lock(&run(1)).unwrap());
    thread::scope(|scope| {
        let looking = scope.spawn(|| {
            for _ in 0..2_000 {
                let _ = other.owner(&run(1));
            }
        });
        while !looking.is_finished() {
            drop(store.lock(&run(1)).unwrap());
        }
    });
}

#[test]
fn a_lock_file_that_cannot_be_made_is_an_error_of_its_own() {
    let home = Home::new();
    let store = home.open();
    std::fs::create_dir(home.path.join(format!("locks/{}.lock", run(1)))).unwrap();
    let err = store.lock(&run(1)).unwrap_err();
    assert!(matches!(err, LockError::Unusable { .. }), "{err}");
}

#[test]
fn a_child_process_does_not_keep_the_lock_of_its_parent() {
    let home = Home::new();
    let store = home.open();
    let lock = store.lock(&run(1)).unwrap();
    let mut child =
        Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    drop(lock);
    let again = store.lock(&run(1));
    drop(child.stdin.take());
    child.wait().unwrap();
    assert!(again.is_ok(), "{again:?}");
}
