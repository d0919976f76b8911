//! Entries go in and come out.

use std::thread;
use std::time::Duration;

use super::*;
use crate::{AppendError, BATCH_EVENTS_MAX, KIND_BYTES_MAX, PAYLOAD_BYTES_MAX, ReadError};

#[test]
fn what_was_appended_is_read_back_after_reopening() {
    let home = Home::new();
    let stored = {
        let store = home.open();
        store.create_run(&new_run(1)).unwrap();
        let lock = store.lock(&run(1)).unwrap();
        let mut stored = store.append(&lock, &[event("RunStarted", 1)]).unwrap();
        stored.extend(store.append(&lock, &[event("ActBegan", 2), event("ActEnded", 3)]).unwrap());
        stored
    };
    assert_eq!(stored.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(stored[2].kind, "ActEnded");
    assert_eq!(stored[2].payload, r#"{"number":3}"#);
    assert_eq!(home.open().events(&run(1), 0).unwrap(), stored);
    assert_eq!(Store::open_read_only(&home.path).unwrap().events(&run(1), 0).unwrap(), stored);
}

#[test]
fn reading_takes_up_after_any_entry_and_beyond_the_last() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    let all = store.append(&lock, &[event("A", 1), event("B", 2), event("C", 3)]).unwrap();
    for after in 0..=3 {
        assert_eq!(store.events(&run(1), after).unwrap(), all[after as usize..], "after {after}");
    }
    for after in [4, 5, i64::MAX as u64, u64::MAX] {
        assert_eq!(store.events(&run(1), after).unwrap(), [], "after {after}");
    }
}

#[test]
fn a_run_without_entries_reads_as_empty_and_an_unknown_run_is_said_so() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    assert_eq!(store.events(&run(1), 0).unwrap(), []);
    for after in [0, 1] {
        let err = store.events(&run(2), after).unwrap_err();
        assert!(matches!(err, ReadError::UnknownRun { .. }), "{err}");
    }
    let lock = store.lock(&run(2)).unwrap();
    let err = store.append(&lock, &[event("A", 1)]).unwrap_err();
    assert!(matches!(err, AppendError::UnknownRun { .. }), "{err}");
}

#[test]
fn any_text_survives_as_a_payload() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    for text in ["", "not json", "nul \0 inside", "über 🐺 \u{202e}", "'; DROP TABLE events; --"]
    {
        let payload = text.to_owned();
        let entry = NewEvent { kind: "Said", recorded_at: Timestamp(i64::MIN), payload };
        let stored = store.append(&lock, &[entry]).unwrap();
        let read = store.events(&run(1), stored[0].seq - 1).unwrap();
        assert_eq!(read, stored);
        assert_eq!(read[0].payload, text);
    }
}

#[test]
fn a_batch_over_a_limit_is_refused_whole() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    let long_kind = "k".repeat(KIND_BYTES_MAX + 1);
    let wide = NewEvent { payload: "x".repeat(PAYLOAD_BYTES_MAX + 1), ..event("A", 1) };
    let over = [
        vec![event("A", 1), NewEvent { kind: &long_kind, ..event("A", 1) }],
        vec![event("A", 1), wide],
        vec![event("A", 1); BATCH_EVENTS_MAX + 1],
    ];
    for batch in over {
        let err = store.append(&lock, &batch).unwrap_err();
        let refused = matches!(err, AppendError::TooBig { .. } | AppendError::TooMany { .. });
        assert!(refused, "{err}");
    }
    assert_eq!(store.events(&run(1), 0).unwrap(), []);
    assert_eq!(store.append(&lock, &[]).unwrap(), []);
}

#[test]
fn a_lock_from_another_home_does_not_open_this_one() {
    let (here, there) = (Home::new(), Home::new());
    let store = here.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = there.open().lock(&run(1)).unwrap();
    let err = store.append(&lock, &[event("A", 1)]).unwrap_err();
    assert!(matches!(err, AppendError::ForeignLock { .. }), "{err}");
}

#[test]
fn a_full_disk_is_said_so_and_leaves_no_part_of_the_batch() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    store.append(&lock, &[event("A", 1)]).unwrap();
    let pages: u32 = store.conn().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |pages: u32| {
        store.conn().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(pages);
    let large = NewEvent { payload: "x".repeat(100_000), ..event("B", 2) };
    let err = store.append(&lock, &[event("B", 2), large]).unwrap_err();
    assert!(matches!(err, AppendError::Full { .. }), "{err}");
    let noise: Vec<u8> = (0..100_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
    let err = store.put_blob(&noise).unwrap_err();
    assert!(matches!(err, AppendError::Full { .. }), "{err}");
    assert_eq!(store.events(&run(1), 0).unwrap().len(), 1);
    limit(pages + 1_000);
    assert_eq!(store.append(&lock, &[event("B", 2)]).unwrap()[0].seq, 2);
    assert_eq!(store.events(&run(1), 0).unwrap().len(), 2);
}

#[test]
fn threads_with_one_store_and_threads_with_their_own_write_different_runs_at_once() {
    const EACH: i64 = 15;
    let home = Home::new();
    let shared = home.open();
    let write = |store: &Store, number: u32| {
        store.create_run(&new_run(number)).unwrap();
        let lock = store.lock(&run(number)).unwrap();
        for n in 0..EACH {
            store.put_blob(format!("{number} {n}").as_bytes()).unwrap();
            store.append(&lock, &[event("A", n), event("B", n)]).unwrap();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| write(&shared, 1));
        scope.spawn(|| write(&shared, 2));
        scope.spawn(|| write(&home.open(), 3));
        scope.spawn(|| write(&home.open(), 4));
    });
    for number in 1..=4 {
        assert_eq!(shared.events(&run(number), 0).unwrap().len(), 2 * EACH as usize);
    }
    assert_eq!(blob_digests(&shared).len(), 4 * EACH as usize);
}

#[test]
fn processes_write_different_runs_at_once() {
    if let Some(home) = child_home() {
        let number = std::env::var("LOKI_STORE_TEST_RUN").unwrap().parse().unwrap();
        let store = Store::open(&home).unwrap();
        store.create_run(&new_run(number)).unwrap();
        let lock = store.lock(&run(number)).unwrap();
        for n in 0..15 {
            store.append(&lock, &[event("A", n)]).unwrap();
        }
        return;
    }
    let home = Home::new();
    let spawn = |number: u32| {
        child("tests::append::processes_write_different_runs_at_once", &home.path)
            .env("LOKI_STORE_TEST_RUN", number.to_string())
            .spawn()
            .unwrap()
    };
    // Both also race to make the home directory.
    for mut child in [spawn(1), spawn(2), spawn(3)] {
        assert!(child.wait().unwrap().success());
    }
    let store = Store::open_read_only(&home.path).unwrap();
    for number in 1..=3 {
        assert_eq!(store.events(&run(number), 0).unwrap().len(), 15);
    }
}

#[test]
fn a_database_that_another_process_keeps_busy_is_said_so() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    store.conn().busy_timeout(Duration::ZERO).unwrap();
    let other = home.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for err in [
        store.append(&lock, &[event("A", 1)]).unwrap_err(),
        store.create_run(&new_run(2)).unwrap_err(),
        store.put_blob(b"blob").unwrap_err(),
    ] {
        assert!(matches!(err, AppendError::Busy { .. }), "{err}");
    }
    assert_eq!(store.events(&run(1), 0).unwrap(), [], "readers do not wait for writers");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(store.append(&lock, &[event("A", 1)]).is_ok());
}

#[test]
fn a_store_may_be_shared_between_threads() {
    fn shareable<T: Send + Sync>() {}
    shareable::<Store>();
    shareable::<crate::RunLock>();
}
