//! Goal: a process that is killed at any point of any write loses at most what it was writing.
//! Method: a child does a scenario and kills itself at the first failpoint, another one at the
//! second, and so on until one survives.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;

use super::*;
use crate::{OpenError, failpoint};

/// What a child tells of itself: one byte for each step that returned.
const ACKNOWLEDGED: &str = "acknowledged";
/// At which failpoint a child ends.
const CHILD_POINT: &str = "LOKI_STORE_TEST_POINT";

/// The steps that each leave something behind.
pub(super) const STEPS: [fn(&Store); 9] = [
    |store| store.create_run(&new_run(1)).unwrap(),
    |store| append(store, 1, &[event("A", 1)]),
    |store| append(store, 1, &[event("B", 2), event("C", 3), event("D", 4)]),
    |store| drop(store.put_blob(&[b'p'; 20_000]).unwrap()),
    |store| append(store, 1, &[event("E", 5), event("F", 6)]),
    |store| store.create_run(&new_run(2)).unwrap(),
    |store| append(store, 2, &[event("A", 7)]),
    |store| drop(store.put_blob(b"small").unwrap()),
    |store| append(store, 1, &[event("G", 8)]),
];

fn append(store: &Store, number: u32, events: &[NewEvent<'_>]) {
    let lock = store.lock(&run(number)).unwrap();
    store.append(&lock, events).unwrap();
}

/// What a store holds after no step, one step, and so on.
pub(super) fn states() -> Vec<String> {
    let home = Home::new();
    let store = home.open();
    let mut states = vec![describe(&store)];
    states.extend(STEPS.iter().map(|step| {
        step(&store);
        describe(&store)
    }));
    states
}

#[test]
fn a_kill_at_any_point_of_any_write_loses_at_most_that_write() {
    const NAME: &str = "tests::kill::a_kill_at_any_point_of_any_write_loses_at_most_that_write";
    if let Some(home) = child_home() {
        return scenario(&home);
    }
    let states = states();
    let mut point = 0;
    loop {
        point += 1;
        let home = Home::new();
        let status = child(NAME, &home.path).env(CHILD_POINT, point.to_string()).status().unwrap();
        if status.success() {
            break;
        }
        assert_eq!(status.signal(), Some(9), "at point {point}");
        check_and_finish(&home, &states, point);
    }
    // Four or more points in each of ten writes; fewer would mean that the child was not armed.
    assert!(point > 45, "{point} points");
}

fn scenario(home: &Path) {
    let mut acknowledged = acknowledged(home);
    failpoint::arm(std::env::var(CHILD_POINT).unwrap().parse().unwrap());
    let store = Store::open(home).unwrap();
    for step in STEPS {
        step(&store);
        acknowledged.write_all(b".").unwrap();
    }
}

fn acknowledged(home: &Path) -> File {
    let path = home.with_file_name(ACKNOWLEDGED);
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}

/// What a killed child left is a whole number of steps, and the steps that are left lead to the
/// same end.
fn check_and_finish(home: &Home, states: &[String], point: u32) {
    let returned = acknowledged(&home.path).metadata().unwrap().len() as usize;
    // Whoever comes first may be a reader, which has to see the same.
    match Store::open_read_only(&home.path) {
        Ok(reader) => {
            let seen = describe(&reader);
            assert!(states[returned..].contains(&seen), "at point {point}: {seen}");
        }
        Err(err) => assert!(
            returned == 0 && matches!(err, OpenError::NotThere { .. }),
            "at point {point}: {err}"
        ),
    }
    let store = home.open();
    let found = describe(&store);
    let done = if found == states[returned] { returned } else { returned + 1 };
    assert_eq!(found, states[done], "at point {point}, {returned} steps returned");
    for step in &STEPS[done..] {
        step(&store);
    }
    assert_eq!(&describe(&store), states.last().unwrap(), "resumed from point {point}");
}
