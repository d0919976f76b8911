//! What the store promises, tried on real files.
#![expect(clippy::disallowed_types, reason = "a test drives real programs")]

mod append;
mod blobs;
mod format;
mod kill;
mod lock;
mod open;
mod repair;
mod runs;
mod tamper;
mod torn;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use loki_model::{Digest, RunId, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{NewEvent, NewRun, RunFilter, Store};

/// A home directory that does not exist yet, within one that goes away with the test.
struct Home {
    _dir: TempDir,
    path: PathBuf,
}

impl Home {
    fn new() -> Home {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("home");
        Home { _dir: dir, path }
    }

    fn open(&self) -> Store {
        Store::open(&self.path).unwrap()
    }

    fn database(&self) -> PathBuf {
        self.path.join("loki.db")
    }

    /// A way around the store, for tests that do what it never would.
    fn sql(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }
}

fn run(number: u32) -> RunId {
    RunId::from_bits(number)
}

fn new_run(number: u32) -> NewRun {
    let created_at = Timestamp(1_700_000_000_000 + i64::from(number));
    NewRun { id: run(number), repo: PathBuf::from("/src/todo"), created_at }
}

fn event(kind: &'static str, number: i64) -> NewEvent<'static> {
    let payload = format!(r#"{{"number":{number}}}"#);
    NewEvent { kind, recorded_at: Timestamp(1_700_000_100_000 + number), payload }
}

/// Everything in a store, one line per thing.
fn describe(store: &Store) -> String {
    let mut text = String::new();
    for row in store.runs(RunFilter::default()).unwrap() {
        writeln!(text, "run {} {}", row.id, row.events).unwrap();
        for entry in store.events(&row.id, 0).unwrap() {
            let crate::StoredEvent { seq, kind, payload, hash, .. } = entry;
            writeln!(text, "  {seq} {kind} {payload} {hash}").unwrap();
        }
    }
    for digest in blob_digests(store) {
        let bytes = store.get_blob(&digest).unwrap().unwrap();
        writeln!(text, "blob {} {}", digest.short(), bytes.len()).unwrap();
    }
    text
}

fn blob_digests(store: &Store) -> Vec<Digest> {
    let conn = store.conn();
    let mut select = conn.prepare("SELECT digest FROM blobs ORDER BY digest").unwrap();
    let digests = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    digests.map(|digest| Digest::try_from(digest.unwrap()).unwrap()).collect()
}

/// This test program again, to run the one test `name` in a process of its own, told by
/// variables that it is the child.
fn child(name: &str, home: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD_HOME, home)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Where a child finds its home directory. Not set in a parent.
const CHILD_HOME: &str = "LOKI_STORE_TEST_CHILD_HOME";

fn child_home() -> Option<PathBuf> {
    std::env::var_os(CHILD_HOME).map(PathBuf::from)
}
