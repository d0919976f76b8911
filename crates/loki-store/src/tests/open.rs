//! What is found on the disk when a store is opened.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use super::*;
use crate::{AppendError, OpenError};

#[test]
fn a_new_home_is_for_its_owner_only() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    drop(store.lock(&run(1)).unwrap());
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (file, expected) in [
        ("", 0o700),
        ("locks", 0o700),
        ("loki.db", 0o600),
        ("loki.db-wal", 0o600),
        ("loki.db-shm", 0o600),
        (&format!("locks/{}.lock", run(1)), 0o600),
    ] {
        assert_eq!(mode(home.path.join(file)), expected, "{file}");
    }
}

#[test]
fn a_home_may_have_any_name() {
    let dir = tempfile::tempdir().unwrap();
    for name in [&b"with space"[..], "größe 🐺".as_bytes(), b"100%3f?#&", b"not utf-8 \xff\xfe"]
    {
        let home = dir.path().join(OsStr::from_bytes(name)).join("below");
        Store::open(&home).unwrap().create_run(&new_run(1)).unwrap();
        let store = Store::open_read_only(&home).unwrap();
        assert_eq!(store.runs(RunFilter::default()).unwrap().len(), 1, "{name:?}");
    }
}

#[test]
fn reading_makes_nothing() {
    let home = Home::new();
    let not_there = || {
        let err = Store::open_read_only(&home.path).unwrap_err();
        assert!(matches!(err, OpenError::NotThere { .. }), "{err}");
    };
    not_there();
    assert!(!home.path.exists());
    fs::create_dir(&home.path).unwrap();
    not_there();
    fs::write(home.database(), "").unwrap();
    not_there();
    assert_eq!(fs::read_dir(&home.path).unwrap().count(), 1);
}

#[test]
fn a_store_for_reading_refuses_to_write() {
    let home = Home::new();
    home.open().create_run(&new_run(1)).unwrap();
    let store = Store::open_read_only(&home.path).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    for err in [
        store.create_run(&new_run(2)).unwrap_err(),
        store.append(&lock, &[event("A", 1)]).unwrap_err(),
        store.put_blob(b"blob").unwrap_err(),
    ] {
        assert!(matches!(err, AppendError::ReadOnly { .. }), "{err}");
    }
}

#[test]
fn a_reader_sees_what_a_living_writer_appends() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    let reader = Store::open_read_only(&home.path).unwrap();
    let stored = store.append(&lock, &[event("A", 1)]).unwrap();
    assert_eq!(reader.events(&run(1), 0).unwrap(), stored);
}

#[test]
fn a_newer_format_is_never_written_and_is_read_while_it_only_adds() {
    let home = Home::new();
    home.open().create_run(&new_run(1)).unwrap();
    let check = |version: u32, readable: bool| {
        home.sql().pragma_update(None, "user_version", version).unwrap();
        let err = Store::open(&home.path).unwrap_err();
        assert!(matches!(err, OpenError::TooNew { .. }), "{version}: {err}");
        let read = Store::open_read_only(&home.path);
        assert_eq!(read.is_ok(), readable, "{version}: {read:?}");
        err.to_string()
    };
    let message = check(1_001, true);
    assert_eq!(
        message.split_once("` ").unwrap().1,
        "has format 1.1, newer than 1.0, the newest this loki writes; \
         use the loki that wrote it, or name another home directory"
    );
    check(2_000, false);
    home.sql().pragma_update(None, "user_version", 1_000).unwrap();
    assert!(Store::open(&home.path).is_ok());
}

#[test]
fn a_home_that_cannot_be_made_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let below = Store::open(&file.join("home")).unwrap_err();
    let itself = Store::open(&file).unwrap_err();
    for err in [below, itself] {
        assert!(matches!(err, OpenError::Unwritable { .. }), "{err}");
        assert!(err.to_string().contains("make it writable"), "{err}");
    }
    let home = dir.path().join("home");
    fs::create_dir_all(home.join("loki.db")).unwrap();
    let err = Store::open(&home).unwrap_err();
    assert!(matches!(err, OpenError::Unwritable { .. }), "{err}");
}

#[test]
fn something_else_in_place_of_the_database_is_left_alone() {
    for content in [&b"x"[..], b"not a database at all", &[0; 100], &[0xff; 10_000]] {
        let home = Home::new();
        fs::create_dir(&home.path).unwrap();
        fs::write(home.database(), content).unwrap();
        for err in
            [Store::open(&home.path).unwrap_err(), Store::open_read_only(&home.path).unwrap_err()]
        {
            assert!(matches!(err, OpenError::NotADatabase { .. }), "{err}");
        }
        assert_eq!(fs::read(home.database()).unwrap(), content);
    }
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    for sql in ["CREATE TABLE notes (text)", "PRAGMA application_id = 7", "PRAGMA user_version = 9"]
    {
        let home = Home::new();
        fs::create_dir(&home.path).unwrap();
        home.sql().execute_batch(sql).unwrap();
        let before = fs::read(home.database()).unwrap();
        for err in
            [Store::open(&home.path).unwrap_err(), Store::open_read_only(&home.path).unwrap_err()]
        {
            assert!(matches!(err, OpenError::NotADatabase { .. }), "{sql}: {err}");
        }
        assert_eq!(fs::read(home.database()).unwrap(), before);
    }
}

#[test]
fn many_may_make_the_same_home_at_once() {
    for _ in 0..5 {
        let home = Home::new();
        thread::scope(|scope| {
            for number in 0..6 {
                let home = &home;
                scope.spawn(move || home.open().create_run(&new_run(number)).unwrap());
            }
        });
        assert_eq!(home.open().runs(RunFilter::default()).unwrap().len(), 6);
    }
}
