//! Files are read one by one out of the object database.

use std::fs;

use loki_host::git::Entry;

use crate::fixture::Fixture;

/// The entry at `path` of what is there now.
fn entry(fixture: &Fixture, path: &str) -> Entry {
    let tree = fixture.snapshot();
    fixture.repo.list(&tree).unwrap().into_iter().find(|entry| entry.path == path).unwrap()
}

#[test]
fn an_object_of_a_tree_holds_what_the_file_held() {
    let fixture = Fixture::new();
    fixture.write("a/b", "one\n");
    let (id, tree) = (entry(&fixture, "a/b").id, fixture.snapshot());
    fixture.write("a/b", "two\n");
    let reader = fixture.repo.reader(1024);
    assert_eq!(reader.read_object(&id).as_deref(), Some(b"one\n".as_slice()));
    assert_eq!(reader.read(&tree, "a/b").as_deref(), Some(b"one\n".as_slice()));
    assert_eq!(reader.read(&tree, "a/c"), None);
}

#[test]
fn an_object_that_was_read_is_kept_and_one_that_is_too_large_is_none() {
    let fixture = Fixture::new();
    fixture.write("small", "12345678");
    fixture.write("large", "123456789");
    let (small, large) = (entry(&fixture, "small").id, entry(&fixture, "large").id);
    let reader = fixture.repo.reader(8);
    let first = reader.read_object(&small);
    assert_eq!(reader.read_object(&large), None);
    // Only what is kept can still be read.
    fs::remove_dir_all(fixture.path(".git/objects")).unwrap();
    assert_eq!(first.as_deref(), Some(b"12345678".as_slice()));
    assert_eq!(reader.read_object(&small), first);
}
