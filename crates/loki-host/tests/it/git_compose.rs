//! Trees out of trees, commits by name, files in bulk.

use std::fs;

use loki_host::git::Edit;

use crate::fixture::{Fixture, git};

#[test]
fn a_tree_is_put_together_from_others_and_from_texts() {
    let fixture = Fixture::new();
    let old = fixture.snapshot();
    fixture.write("file", "changed\n");
    fixture.write("directory/inner", "changed\n");
    fixture.write("added ü", "added\n");
    let new = fixture.snapshot();
    let edits = [
        Edit::Take { path: "directory/inner", from: &old },
        Edit::Take { path: "program", from: &old },
        Edit::Take { path: "not there", from: &old },
        Edit::Write { path: "written/deep", content: b"written\n" },
        Edit::Remove { path: "added ü" },
        Edit::Remove { path: "never was" },
    ];
    let made = fixture.repo.compose(&new, &edits).unwrap();
    let read = |path: &str| {
        let bytes = fixture.repo.read_file(&made, path).unwrap();
        bytes.map(|bytes| String::from_utf8(bytes).unwrap())
    };
    assert_eq!(read("file").as_deref(), Some("changed\n"));
    assert_eq!(read("directory/inner").as_deref(), Some("inner\n"));
    assert_eq!(read("written/deep").as_deref(), Some("written\n"));
    assert_eq!(read("added ü"), None);
    let kinds = fixture.repo.diff(&old, &made).unwrap();
    let paths: Vec<&str> = kinds.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["file", "written/deep"]);
    assert_eq!(fixture.repo.compose(&new, &[]).unwrap(), new);
}

#[test]
fn a_file_that_is_altered_keeps_its_mode() {
    let fixture = Fixture::new();
    let tree = fixture.snapshot();
    let alter = |path| Edit::Alter { path, content: b"other\n" };
    let edits = ["program", "file", "not there"].map(alter);
    let made = fixture.repo.compose(&tree, &edits).unwrap();
    let said = git(&fixture.root, ["ls-tree", "-r", made.as_str(), "program", "file", "not there"]);
    let said = String::from_utf8(said).unwrap();
    let modes: Vec<&str> = said.lines().map(|line| &line[..6]).collect();
    assert_eq!(modes, ["100644", "100644", "100755"], "{said}");
}

#[test]
fn a_tree_never_gets_a_path_that_leads_out_of_it() {
    let fixture = Fixture::new();
    let tree = fixture.snapshot();
    for path in ["../x", ".git/config", "a/../b", "/x", ""] {
        let made = fixture.repo.compose(&tree, &[Edit::Write { path, content: b"x" }]);
        // Git may also leave it out.
        assert!(made.is_err() || made.as_ref().unwrap() == &tree, "{path}");
    }
}

#[test]
fn a_patch_makes_a_tree_and_leaves_the_work_tree_alone() {
    let fixture = Fixture::new();
    let base = fixture.snapshot();
    fixture.write("file", "one\nTWO\n");
    let patch = git(&fixture.root, ["diff"]);
    let wanted = fixture.snapshot();
    fixture.write("file", "untouched\n");
    let made = fixture.repo.apply_patch(&base, &patch).unwrap();
    assert_eq!(made, wanted);
    assert_eq!(fs::read_to_string(fixture.path("file")).unwrap(), "untouched\n");
    assert!(fixture.repo.apply_patch(&base, b"no patch at all").is_err());
}

#[test]
fn commits_are_found_by_what_people_call_them() {
    let fixture = Fixture::new();
    let first = fixture.head();
    git(&fixture.root, ["checkout", "--quiet", "-b", "topic"]);
    fixture.write("file", "topic\n");
    let topic = fixture.commit();
    let find = |name: &str| fixture.repo.resolve(name).unwrap();
    assert_eq!(find("main"), Some(first.clone()));
    assert_eq!(find("HEAD~1"), Some(first.clone()));
    assert_eq!(find(topic.as_str()), Some(topic.clone()));
    for name in ["", "nothing", "--help", "HEAD:file", "HEAD~9"] {
        assert_eq!(find(name), None, "{name}");
    }
    assert_eq!(fixture.repo.merge_base(&first, &topic).unwrap(), Some(first.clone()));
    assert_eq!(fixture.repo.subjects(Some(&first), &topic, 10).unwrap(), ["x"]);
    git(&fixture.root, ["checkout", "--quiet", "--orphan", "alone"]);
    let alone = fixture.commit();
    assert_eq!(fixture.repo.merge_base(&first, &alone).unwrap(), None);
}

#[test]
fn the_default_branch_is_what_the_remote_calls_it_or_has_a_usual_name() {
    let fixture = Fixture::new();
    let first = fixture.head();
    let default = || fixture.repo.default_branch().unwrap();
    let branch = |name: &str| Some((name.to_owned(), first.clone()));
    assert_eq!(default(), branch("refs/heads/main"));
    let head = "refs/remotes/origin/HEAD";
    git(&fixture.root, ["symbolic-ref", head, "refs/remotes/origin/devel"]);
    assert_eq!(default(), branch("refs/heads/main"), "nobody has fetched it");
    git(&fixture.root, ["update-ref", "refs/remotes/origin/devel", first.as_str()]);
    assert_eq!(default(), branch("refs/remotes/origin/devel"));
    git(&fixture.root, ["symbolic-ref", "--delete", head]);
    git(&fixture.root, ["update-ref", "refs/remotes/origin/master", first.as_str()]);
    assert_eq!(default(), branch("refs/remotes/origin/master"), "others merge there");
    git(&fixture.root, ["checkout", "--quiet", "-b", "topic"]);
    for gone in ["refs/heads/main", "refs/remotes/origin/master"] {
        git(&fixture.root, ["update-ref", "-d", gone]);
    }
    assert_eq!(default(), None);
}

#[test]
fn many_files_are_read_in_the_order_in_which_they_are_asked_for() {
    let fixture = Fixture::new();
    fixture.write("line\nend", "odd name\n");
    fixture.write("large", "x".repeat(100));
    let tree = fixture.snapshot();
    let wanted = ["file", "gone", "line\nend", "large", "directory", "program"];
    let wanted: Vec<_> = wanted.iter().map(|path| (&tree, *path)).collect();
    let mut found = vec![None; wanted.len()];
    let mut see = |index: usize, bytes: Option<&[u8]>| found[index] = bytes.map(<[u8]>::to_vec);
    fixture.repo.read_files(&wanted, 50, &mut see).unwrap();
    let text = |bytes: &Option<Vec<u8>>| {
        bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let found: Vec<Option<String>> = found.iter().map(text).collect();
    let some = |text: &str| Some(text.to_owned());
    let expected = [some("one\ntwo\n"), None, some("odd name\n"), None, None, some("#!/bin/sh\n")];
    assert_eq!(found, expected);
}
