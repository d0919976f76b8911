//! A copy that was used becomes one of another commit, and nothing that was done in it stays.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use loki_host::git::{GitError, Written};
use loki_model::CommitId;

use crate::fixture::{Fixture, files, git, git_text};

/// A repository with two commits, and a copy of the first.
struct Used {
    fixture: Fixture,
    second: CommitId,
    copy: PathBuf,
    written: Written,
}

impl Used {
    fn new() -> Used {
        let fixture = Fixture::new();
        fixture.write_hard_names();
        fixture.write("deep/er/same", "same\n");
        fixture.write("deep/other", "first\n");
        fixture.write("gone/only", "first\n");
        let first = fixture.commit();
        fixture.write("deep/other", "second\n");
        fixture.write("new/file", "second\n");
        fs::remove_dir_all(fixture.path("gone")).unwrap();
        let second = fixture.commit();
        let copy = fixture.beside("copies/copy");
        let written = fixture.repo.export_seen(&copy, &first).unwrap().unwrap();
        Used { fixture, second, copy, written }
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.copy.join(path), text).unwrap();
    }

    /// Makes it a copy of the second commit, which has to be like a fresh one.
    #[track_caller]
    fn becomes_like_a_fresh_one(&self) -> Written {
        let Used { fixture, second, copy, written } = self;
        let again = fixture.repo.export_over(copy, second, written).unwrap().unwrap();
        let fresh = fixture.beside("fresh");
        fixture.repo.export(&fresh, second).unwrap();
        assert!(files(copy) == files(&fresh));
        assert_eq!(modes(copy), modes(&fresh));
        assert_eq!(git_text(copy, ["status", "--porcelain", "--ignored"]), "");
        assert_eq!(git_text(copy, ["rev-parse", "HEAD"]), second.as_str());
        loki_host::git::remove_export(&fresh).unwrap();
        again
    }
}

/// Every directory and file but the repository's, with its mode.
fn modes(root: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap().flatten() {
            let meta = entry.metadata().unwrap();
            let path = entry.path().strip_prefix(root).unwrap().to_owned();
            if path == Path::new(".git") {
                continue;
            }
            found.push((path, meta.mode()));
            if meta.is_dir() {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

#[test]
fn files_that_do_not_differ_are_the_same_files() {
    let used = Used::new();
    let (same, other) = (used.copy.join("deep/er/same"), used.copy.join("deep/other"));
    let before = (inode(&same), inode(&used.copy.join("deep/er")));
    used.becomes_like_a_fresh_one();
    assert_eq!((inode(&same), inode(&used.copy.join("deep/er"))), before);
    assert_eq!(fs::read(other).unwrap(), b"second\n");
}

#[test]
fn a_file_that_was_written_to_is_written_anew_whatever_its_times_say() {
    let used = Used::new();
    let path = used.copy.join("deep/er/same");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    used.write("deep/er/same", "evil\n");
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    used.becomes_like_a_fresh_one();
    assert_eq!(fs::read(path).unwrap(), b"same\n");
}

#[test]
fn what_was_left_made_or_taken_away_is_put_right() {
    let used = Used::new();
    let copy = &used.copy;
    used.write("leftover", "x");
    used.write("ignored", "x");
    fs::create_dir_all(copy.join("build/deep")).unwrap();
    used.write("build/deep/a.o", "x");
    fs::remove_file(copy.join("file")).unwrap();
    fs::create_dir(copy.join("file")).unwrap();
    used.write("file/within", "x");
    fs::remove_file(copy.join("link")).unwrap();
    symlink("/etc/passwd", copy.join("link")).unwrap();
    fs::remove_dir_all(copy.join("gone")).unwrap();
    git(copy, ["init", "--quiet", "nested"]);
    used.becomes_like_a_fresh_one();
}

#[test]
fn a_directory_that_became_a_link_leads_nowhere() {
    let used = Used::new();
    let outside = used.fixture.beside("outside");
    fs::create_dir_all(outside.join("er")).unwrap();
    fs::write(outside.join("er/same"), "same\n").unwrap();
    fs::write(outside.join("other"), "first\n").unwrap();
    fs::remove_dir_all(used.copy.join("deep")).unwrap();
    symlink(&outside, used.copy.join("deep")).unwrap();
    used.becomes_like_a_fresh_one();
    assert_eq!(fs::read(outside.join("other")).unwrap(), b"first\n");
}

#[test]
fn modes_and_other_names_of_files_do_not_stay() {
    let used = Used::new();
    let elsewhere = used.fixture.beside("elsewhere");
    fs::hard_link(used.copy.join("deep/er/same"), &elsewhere).unwrap();
    for (path, mode) in
        [("program", 0o700), ("empty", 0o000), ("directory", 0o500), ("deep", 0o777)]
    {
        fs::set_permissions(used.copy.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    used.becomes_like_a_fresh_one();
    fs::write(&elsewhere, "evil\n").unwrap();
    assert_eq!(fs::read(used.copy.join("deep/er/same")).unwrap(), b"same\n");
}

#[test]
fn nothing_of_the_copys_own_repository_stays() {
    let used = Used::new();
    let copy = &used.copy;
    git(copy, ["config", "core.fsmonitor", "touch /tmp/never"]);
    git(copy, ["config", "filter.evil.smudge", "echo evil"]);
    git(copy, ["update-index", "--assume-unchanged", "deep/er/same"]);
    git(copy, ["update-ref", "refs/heads/other", "HEAD"]);
    fs::create_dir_all(copy.join(".git/info")).unwrap();
    used.write(".git/info/attributes", "* filter=evil\n");
    used.write("deep/er/same", "evil\n");
    used.becomes_like_a_fresh_one();
    assert_eq!(git_text(copy, ["for-each-ref"]), "");
    assert!(!fs::read_to_string(copy.join(".git/config")).unwrap_or_default().contains("evil"));
}

#[test]
fn it_can_be_used_again_and_again() {
    let used = Used::new();
    let written = used.becomes_like_a_fresh_one();
    used.write("deep/other", "evil\n");
    let used = Used { written, ..used };
    used.becomes_like_a_fresh_one();
}

#[test]
fn a_root_that_is_another_directory_is_refused() {
    let used = Used::new();
    let other = used.fixture.beside("copies/other");
    fs::rename(&used.copy, &other).unwrap();
    fs::create_dir(&used.copy).unwrap();
    used.write("mine", "x");
    let error = used.fixture.repo.export_over(&used.copy, &used.second, &used.written).unwrap_err();
    assert!(matches!(error, GitError::File { .. }), "{error}");
    assert!(used.copy.join("mine").exists());
}
