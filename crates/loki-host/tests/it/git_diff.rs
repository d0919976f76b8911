//! Differences show every line, whatever the repository would rather hide.

use std::fs;
use std::os::unix::fs::symlink;

use loki_host::git::{ADDED_BYTES_PER_FILE_MAX, Side};
use loki_model::ChangeKind::{Added, Deleted, ModeChanged, Modified};
use loki_model::{ChangeKind, TreeId};

use crate::fixture::{Fixture, git};

type Row = (ChangeKind, String, u64, u64, bool);

fn diff(fixture: &Fixture, from: &TreeId) -> Vec<Row> {
    let changes = fixture.repo.diff(from, &fixture.snapshot()).unwrap();
    let row = |change: loki_model::FileChange| {
        let (added, deleted) = (change.lines_added, change.lines_deleted);
        (change.kind, change.path, added, deleted, change.binary)
    };
    changes.into_iter().map(row).collect()
}

fn added_lines(fixture: &Fixture, from: &TreeId) -> Vec<String> {
    let mut lines = Vec::new();
    let mut see = |path: &str, line, text: &[u8]| {
        lines.push(format!("{path}:{line}:{}", String::from_utf8_lossy(text)));
    };
    let cut = fixture.repo.added_lines(from, &fixture.snapshot(), &mut see).unwrap();
    assert_eq!(cut, Vec::<String>::new());
    lines
}

#[test]
fn every_kind_of_change_is_told() {
    let fixture = Fixture::new();
    let from = fixture.snapshot();
    fixture.write("file", "one\n2\nthree");
    fixture.write("new\n\"name\" ü", "a\nb\n");
    fixture.write("empty", "");
    fixture.write("bytes", "a\0b\n");
    fixture.chmod("program", 0o644);
    fs::remove_file(fixture.path("directory/inner")).unwrap();
    fs::remove_file(fixture.path("link")).unwrap();
    fixture.write("link", "now a file\n");
    let expected = [
        (Added, "bytes".to_owned(), 0, 0, true),
        (Deleted, "directory/inner".to_owned(), 0, 1, false),
        (Added, "empty".to_owned(), 0, 0, false),
        (Modified, "file".to_owned(), 2, 1, false),
        (ModeChanged, "link".to_owned(), 1, 1, false),
        (Added, "new\n\"name\" ü".to_owned(), 2, 0, false),
        (ModeChanged, "program".to_owned(), 0, 0, false),
    ];
    assert_eq!(diff(&fixture, &from), expected);
}

#[test]
fn equal_trees_do_not_differ() {
    let fixture = Fixture::new();
    assert_eq!(diff(&fixture, &fixture.snapshot()), []);
}

#[test]
fn added_lines_have_their_new_numbers() {
    let fixture = Fixture::new();
    fixture.write("file", "1\n2\n3\n4\n5\n6\n");
    let from = fixture.snapshot();
    fixture.write("file", "0\n1\n2\n+++ 4\n5\n\r\n6");
    symlink("else\nwhere", fixture.path("new")).unwrap();
    let expected =
        ["file:1:0", "file:4:+++ 4", "file:6:\r", "file:7:6", "new:1:else", "new:2:where"];
    assert_eq!(added_lines(&fixture, &from), expected);
}

#[test]
fn neither_attributes_nor_settings_hide_a_line() {
    let fixture = Fixture::new();
    let from = fixture.snapshot();
    fixture.write(".gitattributes", "* -diff\n* binary\n* linguist-generated\n* -text\n");
    fixture.write(".git/info/attributes", "* -diff\n* diff=x\n");
    for (key, value) in [
        ("diff.x.binary", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.orderFile", "/dev/null"),
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.suppressBlankEmpty", "true"),
        ("color.diff", "always"),
        ("core.quotePath", "true"),
        ("core.attributesFile", "/dev/null"),
    ] {
        git(&fixture.root, ["config", key, value]);
    }
    fixture.write("file", "one\n\ntwo\nthree\n");
    let rows = diff(&fixture, &from);
    assert!(rows.contains(&(Modified, "file".to_owned(), 2, 0, false)), "{rows:?}");
    let lines = added_lines(&fixture, &from);
    assert!(lines.ends_with(&["file:2:".to_owned(), "file:4:three".to_owned()]), "{lines:?}");
}

#[test]
fn what_is_too_much_to_show_is_named() {
    let fixture = Fixture::new();
    let from = fixture.snapshot();
    let line = "x".repeat(1023) + "\n";
    fixture.write("large", line.repeat(ADDED_BYTES_PER_FILE_MAX / line.len() + 10));
    fixture.write("small", line);
    let mut shown = std::collections::BTreeMap::<String, usize>::new();
    let mut see =
        |path: &str, _, text: &[u8]| *shown.entry(path.to_owned()).or_default() += text.len() + 1;
    let cut = fixture.repo.added_lines(&from, &fixture.snapshot(), &mut see).unwrap();
    assert_eq!(cut, ["large"]);
    assert_eq!(shown["large"], ADDED_BYTES_PER_FILE_MAX);
    assert_eq!(shown["small"], 1024);
}

#[test]
fn both_sides_of_what_differs_are_read_by_what_they_hold() {
    let fixture = Fixture::new();
    let from = fixture.snapshot();
    fixture.write("file", "one\n2\n");
    fixture.write("li\nne", "new\n");
    fixture.write("large", "x".repeat(100));
    let shown = fixture.repo.diff_shown(&from, &fixture.snapshot()).unwrap();
    let paths: Vec<&str> = shown.iter().map(|(change, _)| change.path.as_str()).collect();
    assert_eq!(paths, ["file", "large", "li\nne"]);
    let lines: Vec<&[u32]> = shown.iter().map(|(_, shown)| &shown.new_lines[..]).collect();
    assert_eq!(lines, [&[2_u32] as &[u32], &[1], &[1]]);
    let wanted: Vec<_> =
        shown.iter().flat_map(|(_, shown)| [(shown, Side::Before), (shown, Side::After)]).collect();
    let mut found = Vec::new();
    let mut see = |index: usize, bytes: Option<&[u8]>| {
        found.push((index, bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())));
    };
    fixture.repo.read_sides(&wanted, 50, &mut see).unwrap();
    let some = |text: &str| Some(text.to_owned());
    let texts = [some("one\ntwo\n"), some("one\n2\n"), None, None, None, some("new\n")];
    assert_eq!(found, texts.into_iter().enumerate().collect::<Vec<_>>());
}

#[test]
fn lines_are_whole_unless_something_of_them_is_missing() {
    let fixture = Fixture::new();
    let from = fixture.snapshot();
    fixture.write("long", "x".repeat(2 << 20));
    fixture.write("large", ("x".repeat(1023) + "\n").repeat(ADDED_BYTES_PER_FILE_MAX / 1024 + 1));
    fixture.write("bytes", "a\0b\n");
    let shown = fixture.repo.diff_shown(&from, &fixture.snapshot()).unwrap();
    let whole: Vec<(&str, bool)> =
        shown.iter().map(|(change, shown)| (change.path.as_str(), shown.is_whole)).collect();
    assert_eq!(whole, [("bytes", true), ("large", false), ("long", false)]);
}

/// A file of a gigabyte makes git give up the whole patch.
#[test]
fn a_huge_file_is_told_and_hides_no_other() {
    let fixture = Fixture::new();
    let from = fixture.snapshot();
    fixture.write("directory/b", "new\n");
    fixture.write("directory/[huge]", "");
    let huge = fs::File::create(fixture.path("directory/[huge]")).unwrap();
    huge.set_len((128 << 20) + 1).unwrap();
    let to = fixture.snapshot();
    let mut lines = Vec::new();
    let mut see = |path: &str, line, _: &[u8]| lines.push(format!("{path}:{line}"));
    let cut = fixture.repo.added_lines(&from, &to, &mut see).unwrap();
    assert_eq!(
        (lines, cut),
        (vec!["directory/b:1".to_owned()], vec!["directory/[huge]".to_owned()])
    );
    let changes = fixture.repo.diff_shown(&from, &to).unwrap();
    let told = changes.iter().map(|(change, shown)| {
        (change.path.as_str(), change.lines_added, change.binary, shown.is_whole)
    });
    let expected = [("directory/[huge]", 0, true, false), ("directory/b", 1, false, true)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
