//! What was written by every version stays readable.

use std::fs;

use super::*;

/// A store of format 1.0, as SQL.
const FORMAT_1: &str = include_str!("../../tests/format-1.sql");

/// The store that [`FORMAT_1`] was made from.
fn example(home: &Home) {
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let lock = store.lock(&run(1)).unwrap();
    let digest = store.put_blob(b"kept as it is").unwrap();
    let named = NewEvent { payload: format!(r#"{{"blob":"{digest}"}}"#), ..event("Said", 2) };
    store.append(&lock, &[event("RunStarted", 1), named]).unwrap();
    store.append(&lock, &[event("Größe", -3)]).unwrap();
    store.create_run(&NewRun { repo: PathBuf::from("/src/größe"), ..new_run(2) }).unwrap();
}

/// The tables and rows of a database, as SQL that makes them again.
fn dump(sql: &Connection) -> String {
    let mut text = String::new();
    for pragma in ["application_id", "user_version"] {
        let value: i64 = sql.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
        writeln!(text, "PRAGMA {pragma} = {value};").unwrap();
    }
    let lines = |query: &str| -> Vec<String> {
        let mut select = sql.prepare(query).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let made = "FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, rowid";
    for line in lines(&format!("SELECT sql {made}")) {
        writeln!(text, "{line};").unwrap();
    }
    for (table, columns) in [
        ("runs", "quote(run) || ', ' || quote(repo) || ', ' || created_at"),
        (
            "events",
            "quote(run) || ', ' || seq || ', ' || recorded_at || ', ' || quote(kind) || ', ' \
             || quote(payload) || ', ' || quote(hash)",
        ),
        ("heads", "quote(run) || ', ' || seq || ', ' || quote(hash)"),
        (
            "blobs",
            "id || ', ' || quote(digest) || ', ' || encoding || ', ' || size || ', ' \
             || quote(content)",
        ),
    ] {
        for row in lines(&format!("SELECT {columns} FROM {table} ORDER BY 1")) {
            writeln!(text, "INSERT INTO {table} VALUES ({row});").unwrap();
        }
    }
    text
}

#[test]
fn what_is_written_today_is_format_1() {
    assert_eq!(crate::Format::CURRENT.user_version(), 1_000);
    let home = Home::new();
    example(&home);
    let written = dump(&home.sql());
    let mode: String = home.sql().pragma_query_value(None, "journal_mode", |r| r.get(0)).unwrap();
    assert_eq!(mode, "wal");
    assert!(written == FORMAT_1, "the stored format changed:\n{written}");
}

#[test]
fn format_1_is_readable_and_writable() {
    let home = Home::new();
    fs::create_dir(&home.path).unwrap();
    home.sql().execute_batch(FORMAT_1).unwrap();
    let (here, blob) = (home.open(), Digest::of(b"kept as it is"));
    let there = Home::new();
    example(&there);
    assert_eq!(describe(&here), describe(&there.open()));
    assert_eq!(here.get_blob(&blob).unwrap().as_deref(), Some(&b"kept as it is"[..]));
    let lock = here.lock(&run(1)).unwrap();
    assert_eq!(here.append(&lock, &[event("More", 4)]).unwrap()[0].seq, 4);
    assert_eq!(here.events(&run(1), 0).unwrap().len(), 4);
}

/// The bytes were made by another implementation of zlib: 400 times `a`.
#[test]
fn a_blob_that_another_zlib_compressed_is_readable() {
    let home = Home::new();
    drop(home.open());
    let digest = Digest::of(&[b'a'; 400]);
    home.sql()
        .execute(
            "INSERT INTO blobs (digest, encoding, size, content) VALUES
             (?1, 1, 400, X'78DA4B4C1C0583090000BCC29791')",
            [digest.as_str()],
        )
        .unwrap();
    assert_eq!(home.open().get_blob(&digest).unwrap(), Some(vec![b'a'; 400]));
}
