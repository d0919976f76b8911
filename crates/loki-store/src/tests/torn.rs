//! Goal: a loss of power in the middle of a write leaves whole batches. Method: the write-ahead
//! log of a scenario, cut or damaged at every place that matters.

use std::fs;

use super::kill::{STEPS, states};
use super::*;

/// Bytes before the first frame of a write-ahead log, and of each frame's own header.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const PAGE: usize = 4096;

/// The database and its log as they are on the disk while a process is at work.
fn files_at_work() -> (Vec<u8>, Vec<u8>) {
    let home = Home::new();
    let store = home.open();
    for step in STEPS {
        step(&store);
    }
    let log = fs::read(home.path.join("loki.db-wal")).unwrap();
    (fs::read(home.database()).unwrap(), log)
}

fn state_with(database: &[u8], log: &[u8]) -> String {
    let home = Home::new();
    fs::create_dir(&home.path).unwrap();
    fs::write(home.database(), database).unwrap();
    fs::write(home.path.join("loki.db-wal"), log).unwrap();
    // Not made yet, as far as the log goes.
    let Ok(store) = Store::open_read_only(&home.path) else { return String::new() };
    describe(&store)
}

fn frames(log: &[u8]) -> impl Iterator<Item = usize> {
    (LOG_HEADER..log.len()).step_by(FRAME_HEADER + PAGE)
}

#[test]
fn a_log_that_is_cut_anywhere_holds_whole_batches() {
    let states = states();
    let (database, log) = files_at_work();
    let mut seen = 0;
    for frame in frames(&log) {
        for cut in [frame, frame + 1, frame + FRAME_HEADER, frame + FRAME_HEADER + PAGE - 1] {
            let state = state_with(&database, &log[..cut.min(log.len())]);
            let index = states.iter().position(|known| *known == state);
            let index = index.unwrap_or_else(|| panic!("cut at {cut}: {state}"));
            assert!(index >= seen, "more of the log holds no less");
            seen = index;
        }
    }
    assert_eq!(state_with(&database, &log), states[states.len() - 1]);
    assert!(seen >= states.len() - 2, "the last cut lost the last step only");
}

#[test]
fn a_damaged_place_in_the_log_ends_it_before_that_batch() {
    let states = states();
    let (database, log) = files_at_work();
    for frame in frames(&log) {
        for place in [frame, frame + 9, frame + 17, frame + FRAME_HEADER + PAGE / 2] {
            let mut log = log.clone();
            log[place] ^= 0x40;
            let state = state_with(&database, &log);
            assert!(states.contains(&state), "damaged at {place}: {state}");
            assert_ne!(state, states[states.len() - 1], "damaged at {place}");
        }
    }
}

#[test]
fn a_checkpoint_that_is_cut_off_changes_nothing() {
    let states = states();
    let home = Home::new();
    let store = home.open();
    for step in STEPS {
        step(&store);
    }
    let before = fs::read(home.database()).unwrap();
    let log = fs::read(home.path.join("loki.db-wal")).unwrap();
    store.conn().query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    let after = fs::read(home.database()).unwrap();
    assert_ne!(before, after);
    for written in (0..=after.len()).step_by(PAGE / 2) {
        let rest = before.get(written..).unwrap_or_default();
        let mixed = [&after[..written], rest].concat();
        assert_eq!(state_with(&mixed, &log), states[states.len() - 1], "cut at {written}");
    }
}
