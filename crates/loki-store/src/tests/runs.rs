//! Runs are listed and found.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::*;
use crate::{AppendError, ResolveError, RunRow};

#[test]
fn runs_are_listed_newest_first_with_their_last_entry() {
    let home = Home::new();
    let store = home.open();
    for number in [2, 3, 1] {
        store.create_run(&new_run(number)).unwrap();
    }
    let lock = store.lock(&run(2)).unwrap();
    store.append(&lock, &[event("A", 1), event("B", 2)]).unwrap();
    let runs = store.runs(RunFilter::default()).unwrap();
    assert_eq!(runs.iter().map(|row| &row.id).collect::<Vec<_>>(), [&run(3), &run(2), &run(1)]);
    let NewRun { id, repo, created_at } = new_run(2);
    let last_event_at = Some(Timestamp(1_700_000_100_002));
    let (first_kind, last_kind) = (Some("A".to_owned()), Some("B".to_owned()));
    let row = RunRow { id, repo, created_at, last_event_at, events: 2, first_kind, last_kind };
    assert_eq!(runs[1], row);
    assert_eq!((runs[0].events, runs[0].last_event_at), (0, None));
}

#[test]
fn runs_are_filtered_by_repository_whatever_bytes_its_path_has() {
    let home = Home::new();
    let store = home.open();
    let odd = PathBuf::from(OsStr::from_bytes(b"/src/\xff odd"));
    store.create_run(&new_run(1)).unwrap();
    store.create_run(&NewRun { repo: odd.clone(), ..new_run(2) }).unwrap();
    let runs = store.runs(RunFilter { repo: Some(&odd) }).unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].repo, odd);
    assert_eq!(store.runs(RunFilter { repo: Some(Path::new("/src")) }).unwrap(), []);
}

#[test]
fn a_taken_id_is_refused_and_its_run_is_untouched() {
    let home = Home::new();
    let store = home.open();
    store.create_run(&new_run(1)).unwrap();
    let again = NewRun { repo: PathBuf::from("/elsewhere"), ..new_run(1) };
    let err = store.create_run(&again).unwrap_err();
    assert!(matches!(err, AppendError::RunExists { .. }), "{err}");
    assert_eq!(store.runs(RunFilter::default()).unwrap()[0].repo, new_run(1).repo);
}

#[test]
fn a_prefix_names_the_one_run_that_begins_with_it() {
    let home = Home::new();
    let store = home.open();
    let ids = ["kkkkkkkk", "kkklkkkk", "zzzzzzzz"];
    for id in ids {
        let id = RunId::try_from(id.to_owned()).unwrap();
        store.create_run(&NewRun { id, ..new_run(0) }).unwrap();
    }
    for (prefix, expected) in
        [("z", "zzzzzzzz"), ("zzzzzzzz", "zzzzzzzz"), ("kkkk", "kkkkkkkk"), ("kkkl", "kkklkkkk")]
    {
        assert_eq!(store.resolve(prefix).unwrap().as_str(), expected, "{prefix}");
    }
    for prefix in ["", "y", "zzzzzzzzz", "K", "%", "k%", "k_", "k\0", "🐺"] {
        let answer = store.resolve(prefix);
        assert!(matches!(answer, Err(ResolveError::NotFound { .. })), "{prefix}: {answer:?}");
    }
    let err = store.resolve("kkk").unwrap_err();
    assert_eq!(err.to_string(), "`kkk` could be `kkkkkkkk`, `kkklkkkk`; give more letters");
}
