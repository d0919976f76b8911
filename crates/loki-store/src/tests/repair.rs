//! What is left of a damaged store, and that nothing of it is thrown away.

use std::fs;

use super::*;
use crate::{OpenError, RepairError, SavedRun, repair};

const ENTRIES: u64 = 40;

/// Two runs with entries large enough to fill pages of their own, and a blob.
fn home() -> Home {
    let home = Home::new();
    let store = home.open();
    for number in [1, 2] {
        store.create_run(&new_run(number)).unwrap();
        let lock = store.lock(&run(number)).unwrap();
        for n in 0..ENTRIES {
            let payload = format!("{{\"n\":{n},\"text\":\"{}\"}}", "x".repeat(500));
            let new = NewEvent { kind: "Something", recorded_at: Timestamp(5), payload };
            store.append(&lock, &[new]).unwrap();
        }
    }
    store.put_blob(b"a blob").unwrap();
    home
}

fn damage(home: &Home, change: &str) {
    let sql = home.sql();
    sql.execute_batch(
        "DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_deleted;
         DROP TRIGGER blobs_are_not_changed; PRAGMA foreign_keys = OFF",
    )
    .unwrap();
    sql.execute_batch(change).unwrap();
}

fn saved(number: u32, events: u64, lost: Option<u64>) -> SavedRun {
    SavedRun { run: run(number), events, lost }
}

#[test]
fn a_whole_store_is_left_alone() {
    let home = home();
    let before = fs::read(home.database()).unwrap();
    assert_eq!(repair(&home.path).unwrap(), None);
    assert_eq!(fs::read(home.database()).unwrap(), before);
    assert!(matches!(repair(Path::new("/nowhere")), Err(RepairError::Open(_))));
}

#[test]
fn a_run_is_kept_up_to_its_first_damaged_entry_and_others_are_kept_whole() {
    let home = home();
    let second = run(2);
    damage(
        &home,
        &format!("UPDATE events SET payload = '{{}}' WHERE run = '{second}' AND seq = 11"),
    );
    let repaired = repair(&home.path).unwrap().unwrap();
    let mut expected = vec![saved(1, ENTRIES, Some(0)), saved(2, 10, Some(ENTRIES - 10))];
    expected.sort_by(|a, b| a.run.cmp(&b.run));
    assert_eq!(repaired.runs, expected);
    assert_eq!((repaired.runs_lost, repaired.blobs, repaired.blobs_lost), (0, 1, 0));
    let store = home.open();
    assert_eq!(store.events(&second, 0).unwrap().len(), 10);
    assert_eq!(store.get_blob(&Digest::of(b"a blob")).unwrap().unwrap(), b"a blob");
    let lock = store.lock(&second).unwrap();
    store.append(&lock, &[event("Something", 1)]).unwrap();
    drop((store, lock));
    assert_eq!(repair(&home.path).unwrap(), None, "what was repaired is whole");
}

#[test]
fn the_damaged_files_are_kept_as_they_were_each_time() {
    let home = home();
    for n in 1..=2 {
        damage_again(&home);
        let before = fs::read(home.database()).unwrap();
        let repaired = repair(&home.path).unwrap().unwrap();
        assert_eq!(repaired.damaged, home.path.join(format!("damaged-{n}")));
        assert_eq!(fs::read(repaired.damaged.join("loki.db")).unwrap(), before);
    }
}

fn damage_again(home: &Home) {
    let first = run(1);
    damage(
        home,
        &format!(
            "DELETE FROM events WHERE run = '{first}'
             AND seq > (SELECT max(seq) FROM events WHERE run = '{first}') - 5"
        ),
    );
    let sql = home.sql();
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

#[test]
fn pages_of_nonsense_cost_what_is_on_them() {
    let home = home();
    let mut bytes = fs::read(home.database()).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xAB);
    fs::write(home.database(), &bytes).unwrap();
    let repaired = repair(&home.path).unwrap().unwrap();
    let kept: u64 = repaired.runs.iter().map(|run| run.events).sum();
    assert!((ENTRIES..2 * ENTRIES).contains(&kept), "{repaired:?}");
    let store = home.open();
    for saved in &repaired.runs {
        assert_eq!(store.events(&saved.run, 0).unwrap().len() as u64, saved.events);
    }
}

#[test]
fn a_file_of_which_nothing_can_be_read_makes_room_for_an_empty_store() {
    let home = home();
    let len = fs::metadata(home.database()).unwrap().len();
    fs::write(home.database(), vec![0xAB; usize::try_from(len).unwrap()]).unwrap();
    assert!(Store::open(&home.path).is_err());
    let repaired = repair(&home.path).unwrap().unwrap();
    assert_eq!((repaired.runs.len(), repaired.blobs), (0, 0));
    assert!(home.open().runs(RunFilter::default()).unwrap().is_empty());
}

#[test]
fn a_store_that_someone_works_with_is_not_repaired() {
    let home = home();
    damage_again(&home);
    let store = home.open();
    let _lock = store.lock(&run(2)).unwrap();
    let refused = repair(&home.path);
    assert!(matches!(refused, Err(RepairError::InUse { run: busy }) if busy == run(2).as_str()));
}

/// Goal: dying in a repair loses nothing. Method: the files as they are at each step of the exchange.
#[test]
fn an_interrupted_repair_is_finished_by_the_next_one_and_nothing_is_written_in_between() {
    for step in 0..4 {
        let home = home();
        damage_again(&home);
        let before = fs::read(home.database()).unwrap();
        let _ = repair(&home.path).unwrap().unwrap();
        let whole = fs::read(home.database()).unwrap();
        let (made, damaged) = (home.path.join("repaired"), home.path.join("damaged-1"));
        fs::create_dir(&made).unwrap();
        fs::write(made.join("damaged"), "damaged-1").unwrap();
        match step {
            // The new store is whole, nothing is exchanged yet.
            0 => {
                fs::remove_dir_all(&damaged).unwrap();
                fs::remove_file(made.join("damaged")).unwrap();
                fs::write(made.join("loki.db"), &whole).unwrap();
                fs::write(home.database(), &before).unwrap();
            }
            // The damaged files are kept, the new store is not there yet.
            1 => {
                fs::write(made.join("loki.db"), &whole).unwrap();
                fs::write(home.database(), &before).unwrap();
            }
            // Half of a copy.
            2 => {
                fs::remove_file(damaged.join("loki.db")).unwrap();
                fs::write(damaged.join("half"), &before[..100]).unwrap();
                fs::write(made.join("loki.db"), &whole).unwrap();
                fs::write(home.database(), &before).unwrap();
            }
            // All but the tidying up.
            _ => {}
        }
        assert!(matches!(Store::open(&home.path), Err(OpenError::HalfRepaired { .. })));
        assert!(matches!(Store::open_read_only(&home.path), Err(OpenError::HalfRepaired { .. })));
        let repaired = repair(&home.path).unwrap().unwrap();
        assert_eq!(repaired.damaged, damaged, "step {step}");
        assert_eq!(fs::read(damaged.join("loki.db")).unwrap(), before, "step {step}");
        assert_eq!(fs::read(home.database()).unwrap(), whole, "step {step}");
        assert_eq!(home.open().events(&run(2), 0).unwrap().len() as u64, ENTRIES);
    }
}
