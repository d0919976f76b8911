//! Clean copies are repositories of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use loki_host::git::{GitError, Repo, remove_export};

use crate::fixture::{Fixture, files, git, git_text};

fn export(fixture: &Fixture) -> PathBuf {
    let copy = fixture.beside("copies/copy");
    fixture.repo.export(&copy, &fixture.head()).unwrap();
    copy
}

/// What the user's repository remembers, but for objects.
fn remembered(fixture: &Fixture) -> impl PartialEq + use<> {
    let read = |name: &str| fs::read(fixture.path(".git").join(name)).ok();
    let refs = git(&fixture.root, ["for-each-ref"]);
    let admin = fixture.path(".git/worktrees").exists();
    (refs, ["HEAD", "config", "index", "packed-refs", "logs/HEAD"].map(read), admin)
}

#[test]
fn a_copy_has_exactly_the_files_of_the_commit() {
    let fixture = Fixture::new();
    fixture.write("crlf", "a\r\nb\n");
    fixture.write("ünï", "x");
    fixture.commit();
    let expected = files(&fixture.root);
    fixture.write("untracked", "x");
    fixture.write("file", "changed");
    let copy = export(&fixture);
    assert!(files(&copy) == expected);
    assert_eq!(git_text(&copy, ["status", "--porcelain"]), "");
    assert_eq!(git_text(&copy, ["rev-parse", "HEAD"]), fixture.head().as_str());
}

#[test]
fn nothing_of_the_repository_changes() {
    let fixture = Fixture::new();
    let before = remembered(&fixture);
    remove_export(&export(&fixture)).unwrap();
    assert!(remembered(&fixture) == before);
}

#[test]
fn what_happens_in_a_copy_stays_there() {
    let fixture = Fixture::new();
    fixture.write("file", "second");
    let second = fixture.commit();
    let before = remembered(&fixture);
    let copy = export(&fixture);
    fs::write(copy.join("file"), "third").unwrap();
    let identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"];
    git(&copy, identity.into_iter().chain(["commit", "--quiet", "--all", "--message=x"]));
    git(&copy, ["update-ref", "refs/heads/main", "HEAD"]);
    git(&copy, ["update-ref", "refs/heads/other", second.as_str()]);
    git(&copy, ["config", "core.hooksPath", "elsewhere"]);
    git(&copy, ["tag", "v1"]);
    git(&copy, ["worktree", "add", "--quiet", "--detach", "within"]);
    git(&copy, ["stash", "list"]);
    git(&copy, ["gc", "--quiet", "--prune=now"]);
    assert!(remembered(&fixture) == before);
    git(&fixture.root, ["fsck", "--strict"]);
}

#[test]
fn history_and_history_cut_short_can_be_read_in_a_copy() {
    let fixture = Fixture::new();
    fixture.write("file", "second");
    fixture.commit();
    let copy = export(&fixture);
    assert_eq!(git_text(&copy, ["rev-list", "--count", "HEAD"]), "2");
    let (clone, url) = (fixture.beside("clone"), format!("file://{}", fixture.root.display()));
    git(&fixture.root, ["clone", "--quiet", "--depth=1", &url, clone.to_str().unwrap()]);
    let repo = Repo::discover(&clone).unwrap();
    let copy = fixture.beside("copy of clone");
    repo.export(&copy, &fixture.head()).unwrap();
    assert_eq!(git_text(&copy, ["rev-list", "--count", "HEAD"]), "1");
}

#[test]
fn copies_are_made_at_and_from_any_path() {
    for name in ["with space", "quo'te\"s", "li\nne\n", "ünï→", "-dash", "a\\b", "#"] {
        let fixture = Fixture::named(name);
        fixture.write("file", "text");
        let commit = fixture.commit();
        let copy = fixture.beside(&format!("{name} copy"));
        fixture.repo.export(&copy, &commit).unwrap();
        assert_eq!(fs::read(copy.join("file")).unwrap(), b"text");
        assert_eq!(git_text(&copy, ["rev-parse", "HEAD"]), commit.as_str());
    }
}

#[test]
fn a_copy_with_longer_object_names_works() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("repo");
    fs::create_dir(&root).unwrap();
    git(&root, ["init", "--quiet", "--object-format=sha256"]);
    fs::write(root.join("file"), "x").unwrap();
    let repo = Repo::discover(&root).unwrap();
    let commit = repo.commit_tree(&repo.snapshot(&root).unwrap(), &[], "x").unwrap();
    let copy = directory.path().join("copy");
    repo.export(&copy, &commit).unwrap();
    assert_eq!(git_text(&copy, ["rev-parse", "HEAD"]), commit.as_str());
    assert!(files(&copy) == files(&root));
}

#[test]
fn a_place_that_is_taken_is_refused_and_left_alone() {
    let fixture = Fixture::new();
    let copy = fixture.beside("copy");
    fs::create_dir(&copy).unwrap();
    fs::write(copy.join("mine"), "x").unwrap();
    let error = fixture.repo.export(&copy, &fixture.head()).unwrap_err();
    assert!(matches!(error, GitError::File { .. }), "{error}");
    assert!(copy.join("mine").exists());
}

#[test]
fn a_commit_that_is_not_there_leaves_nothing() {
    let fixture = Fixture::new();
    let commit = loki_model::CommitId::try_from("1".repeat(40)).unwrap();
    assert!(fixture.repo.export(&fixture.beside("copy"), &commit).is_err());
    assert!(!fixture.beside("copy").exists());
}

#[test]
fn removing_a_copy_can_be_repeated_and_takes_what_is_read_only() {
    let fixture = Fixture::new();
    let copy = export(&fixture);
    let outside = fixture.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("kept"), "x").unwrap();
    std::os::unix::fs::symlink(&outside, copy.join("directory/link")).unwrap();
    for directory in ["directory", "."] {
        fs::set_permissions(copy.join(directory), fs::Permissions::from_mode(0o500)).unwrap();
    }
    remove_export(&copy).unwrap();
    remove_export(&copy).unwrap();
    assert!(!copy.exists() && outside.join("kept").exists());
    assert!(Path::new(&fixture.root).exists());
}

#[test]
fn copies_may_be_made_at_the_same_time() {
    let fixture = Fixture::new();
    let (expected, head) = (files(&fixture.root), fixture.head());
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (fixture, expected, head) = (&fixture, &expected, &head);
            scope.spawn(move || {
                let copy = fixture.beside(&format!("copies/{number}"));
                fixture.repo.export(&copy, head).unwrap();
                assert!(files(&copy) == *expected);
            });
        }
    });
}
