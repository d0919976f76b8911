//! Changes behind the store's back are found where they are.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::ReadError;

const ENTRIES: u64 = 5;

/// A finished database file with two runs of [`ENTRIES`] entries each.
fn template() -> Vec<u8> {
    let home = Home::new();
    let store = home.open();
    for number in [1, 2] {
        store.create_run(&new_run(number)).unwrap();
        let lock = store.lock(&run(number)).unwrap();
        for n in 0..ENTRIES as i64 {
            store.append(&lock, &[event("Something", n)]).unwrap();
        }
    }
    drop(store);
    fs::read(home.database()).unwrap()
}

/// Does `change` to a copy of `template` and returns the store over it.
fn tampered(template: &[u8], change: impl FnOnce(&Connection)) -> (Home, Store) {
    let home = Home::new();
    fs::create_dir(&home.path).unwrap();
    fs::write(home.database(), template).unwrap();
    let sql = home.sql();
    for table in ["runs", "events", "heads"] {
        for what in ["are_not_changed", "are_not_deleted", "only_move_forward"] {
            sql.execute_batch(&format!("DROP TRIGGER IF EXISTS {table}_{what}")).unwrap();
        }
    }
    sql.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
    change(&sql);
    drop(sql);
    let store = home.open();
    (home, store)
}

fn damaged_seq(store: &Store, number: u32) -> Option<u64> {
    match store.events(&run(number), 0) {
        Ok(_) => None,
        Err(ReadError::Damaged { seq, .. }) => Some(seq),
        Err(err) => panic!("{err}"),
    }
}

/// Flips bits of one byte of what `column` holds in the row that `filter` picks.
fn flip(sql: &Connection, column: &str, table: &str, filter: &str, byte: usize, mask: u8) {
    let select = format!("SELECT typeof({column}), CAST({column} AS BLOB) FROM {table} {filter}");
    let (kind, mut bytes) = sql
        .query_row(&select, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .unwrap();
    if kind == "integer" {
        let update = format!("UPDATE {table} SET {column} = ({column} | ?1) - ({column} & ?1)");
        let mask = i64::from(mask) << (8 * (byte % 8));
        sql.execute(&format!("{update} {filter}"), [mask]).unwrap();
    } else {
        let index = byte % bytes.len();
        bytes[index] ^= mask;
        let update = format!("UPDATE {table} SET {column} = CAST(?1 AS {kind}) {filter}");
        sql.execute(&update, [bytes]).unwrap();
    }
}

#[test]
fn a_flipped_byte_in_any_column_of_an_entry_is_found_at_that_entry() {
    let template = template();
    let whole = tampered(&template, |_| ()).1.events(&run(1), 0).unwrap();
    let columns = prop::sample::select(vec!["seq", "recorded_at", "kind", "payload", "hash"]);
    let config = ProptestConfig::with_cases(150);
    proptest!(config, |(seq in 1..=ENTRIES, column in columns, byte in 0_usize..64, mask in 1_u8..)| {
        // A position that is taken cannot be given to a second entry.
        prop_assume!(column != "seq" || byte % 8 != 0 || mask >= 8);
        let filter = format!("WHERE run = '{}' AND seq = {seq}", run(1));
        let (_home, store) =
            tampered(&template, |sql| flip(sql, column, "events", &filter, byte, mask));
        prop_assert_eq!(damaged_seq(&store, 1), Some(seq));
        let intact = store.events_before_damage(&run(1)).unwrap();
        prop_assert_eq!(&intact.events, &whole[..seq as usize - 1]);
        prop_assert_eq!(intact.damaged_seq, Some(seq));
        prop_assert_eq!(damaged_seq(&store, 2), None);
    });
}

#[test]
fn a_flipped_byte_in_the_record_of_a_run_is_found_at_its_first_entry() {
    let template = template();
    let columns = prop::sample::select(vec!["repo", "created_at"]);
    let config = ProptestConfig::with_cases(30);
    proptest!(config, |(column in columns, byte in 0_usize..64, mask in 1_u8..)| {
        let filter = format!("WHERE run = '{}'", run(1));
        let (_home, store) =
            tampered(&template, |sql| flip(sql, column, "runs", &filter, byte, mask));
        prop_assert_eq!(damaged_seq(&store, 1), Some(1));
    });
}

#[test]
fn a_flipped_byte_in_the_head_of_a_run_is_found_and_costs_at_most_the_last_entry() {
    let template = template();
    let columns = prop::sample::select(vec!["seq", "hash"]);
    let config = ProptestConfig::with_cases(60);
    proptest!(config, |(column in columns, byte in 0_usize..64, mask in 1_u8..)| {
        let filter = format!("WHERE run = '{}'", run(1));
        let (_home, store) =
            tampered(&template, |sql| flip(sql, column, "heads", &filter, byte, mask));
        prop_assert!(damaged_seq(&store, 1).is_some());
        prop_assert_eq!(damaged_seq(&store, 2), None);
    });
}

#[test]
fn an_entry_that_is_missing_moved_or_inserted_is_found() {
    let template = template();
    let (one, two) = (run(1), run(2));
    for (change, expected) in [
        (format!("DELETE FROM events WHERE run = '{one}' AND seq = 5"), 5),
        (format!("DELETE FROM events WHERE run = '{one}' AND seq >= 2"), 2),
        (format!("DELETE FROM events WHERE run = '{one}' AND seq = 1"), 1),
        (format!("DELETE FROM events WHERE run = '{one}'"), 1),
        (format!("UPDATE events SET run = 'kkkkkkkz' WHERE run = '{one}' AND seq = 5"), 5),
        (format!("UPDATE events SET seq = 9 WHERE run = '{one}' AND seq = 3"), 3),
        (
            format!(
                "INSERT INTO events SELECT run, 6, recorded_at, kind, payload, hash FROM events
                 WHERE run = '{one}' AND seq = 5"
            ),
            6,
        ),
        (
            format!(
                "DELETE FROM events WHERE run = '{one}' AND seq = 2;
                 INSERT INTO events SELECT '{one}', seq, recorded_at, kind, payload, hash
                 FROM events WHERE run = '{two}' AND seq = 2"
            ),
            2,
        ),
        (format!("DELETE FROM runs WHERE run = '{one}'"), 1),
        (format!("DELETE FROM heads WHERE run = '{one}'"), 1),
    ] {
        let (_home, store) = tampered(&template, |sql| sql.execute_batch(&change).unwrap());
        assert_eq!(damaged_seq(&store, 1), Some(expected), "{change}");
        assert_eq!(damaged_seq(&store, 2), None, "{change}");
    }
}

#[test]
fn the_database_itself_refuses_to_change_what_was_recorded() {
    let home = Home::new();
    fs::create_dir(&home.path).unwrap();
    fs::write(home.database(), template()).unwrap();
    for change in [
        "UPDATE events SET payload = '{}'",
        "DELETE FROM events",
        "UPDATE runs SET created_at = 0",
        "DELETE FROM runs",
        "UPDATE heads SET seq = 1",
        "DELETE FROM heads",
    ] {
        let err = home.sql().execute_batch(change).unwrap_err();
        assert!(err.to_string().contains("the journal only grows"), "{change}: {err}");
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_file_never_yields_what_was_not_appended() {
    let template = template();
    let whole = tampered(&template, |_| ()).1.events(&run(1), 0).unwrap();
    let config = ProptestConfig::with_cases(300);
    proptest!(config, |(place in 0..template.len(), mask in 1_u8..)| {
        let home = Home::new();
        fs::create_dir(&home.path).unwrap();
        let mut bytes = template.clone();
        bytes[place] ^= mask;
        fs::write(home.database(), bytes).unwrap();
        // Whether it is refused, and where, depends on the place.
        let Ok(store) = Store::open_read_only(&home.path) else { return Ok(()) };
        if let Ok(events) = store.events(&run(1), 0) {
            prop_assert_eq!(&events, &whole);
        }
        if let Ok(intact) = store.events_before_damage(&run(1)) {
            prop_assert!(whole.starts_with(&intact.events));
            prop_assert_eq!(intact.damaged_seq.is_none(), intact.events.len() == whole.len());
        }
        let _ = (store.runs(RunFilter::default()), store.resolve("k"));
    });
}
