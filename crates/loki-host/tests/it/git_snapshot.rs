//! Snapshots hold exactly the files, and leave no trace.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use loki_host::git::Repo;
use loki_model::TreeId;
use proptest::prelude::*;

use crate::fixture::{Fixture, files, git, git_text};

#[test]
fn a_snapshot_has_untracked_files_and_no_ignored_ones() {
    let fixture = Fixture::new();
    fixture.write("new/file", "x");
    fixture.write("ignored", "x");
    fixture.write("directory/a.o", "x");
    fs::remove_file(fixture.path("file")).unwrap();
    let expected = [".gitignore", "directory/inner", "link", "new/file", "program"];
    assert_eq!(fixture.snapshot_paths(), expected);
}

#[test]
fn a_snapshot_before_the_first_commit_has_all_files() {
    let fixture = Fixture::unborn();
    assert_eq!(fixture.snapshot(), fixture.repo.empty_tree().unwrap());
    fixture.write("file", "x");
    assert_eq!(fixture.snapshot_paths(), ["file"]);
}

#[test]
fn a_snapshot_changes_nothing_that_the_user_sees() {
    let fixture = Fixture::new();
    fixture.write("staged", "staged");
    git(&fixture.root, ["add", "staged"]);
    fixture.write("staged", "changed again");
    fixture.write("untracked", "x");
    let state = || {
        let index = fs::read(fixture.path(".git/index")).unwrap();
        let status = git(&fixture.root, ["--no-optional-locks", "status", "--porcelain=v2"]);
        let refs = git(&fixture.root, ["for-each-ref"]);
        (index, status, refs, fs::read(fixture.path(".git/HEAD")).unwrap(), files(&fixture.root))
    };
    let before = state();
    fixture.snapshot();
    assert!(before == state());
}

#[test]
fn a_snapshot_checks_out_byte_for_byte() {
    let fixture = Fixture::new();
    fixture.write_hard_names();
    fixture.chmod("file", 0o700);
    fixture.chmod("program", 0o600);
    fs::remove_file(fixture.path("directory/inner")).unwrap();
    fs::remove_file(fixture.path("link")).unwrap();
    symlink("no/such\nplace", fixture.path("link")).unwrap();
    symlink("..", fixture.path("up")).unwrap();
    let commit = fixture.repo.commit_tree(&fixture.snapshot(), &[], "x").unwrap();
    let copy = fixture.beside("copy");
    fixture.repo.add_worktree(&copy, &commit, None).unwrap();
    assert!(files(&copy) == files(&fixture.root));
}

#[test]
fn a_file_becomes_a_directory_and_a_directory_a_file() {
    let fixture = Fixture::new();
    fs::remove_file(fixture.path("file")).unwrap();
    fs::remove_dir_all(fixture.path("directory")).unwrap();
    fixture.write("file/now/a/directory", "x");
    symlink("file", fixture.path("directory")).unwrap();
    let expected = [".gitignore", "directory", "file/now/a/directory", "link", "program"];
    assert_eq!(fixture.snapshot_paths(), expected);
}

#[test]
fn a_change_right_after_staging_is_seen_though_size_and_time_agree() {
    let fixture = Fixture::new();
    for round in 0..20 {
        fixture.write("file", format!("{round:04}"));
        git(&fixture.root, ["add", "file"]);
        let time = fs::metadata(fixture.path("file")).unwrap().modified().unwrap();
        fixture.write("file", format!("{:04}", round + 5_000));
        fs::File::open(fixture.path("file")).unwrap().set_modified(time).unwrap();
        let text = fixture.repo.read_file(&fixture.snapshot(), "file").unwrap().unwrap();
        assert_eq!(text, format!("{:04}", round + 5_000).into_bytes());
    }
}

#[test]
fn no_mark_in_the_index_hides_a_file() {
    for version in ["2", "3", "4"] {
        let fixture = Fixture::new();
        git(&fixture.root, ["update-index", "--index-version", version]);
        git(&fixture.root, ["update-index", "--assume-unchanged", "file", "link"]);
        git(&fixture.root, ["update-index", "--skip-worktree", "program", "directory/inner"]);
        fixture.write("file", "hidden");
        fixture.write("program", "hidden");
        fs::remove_file(fixture.path("link")).unwrap();
        // A file that is skipped and not there is not deleted: so a sparse checkout works.
        fs::remove_file(fixture.path("directory/inner")).unwrap();
        let tree = fixture.snapshot();
        for path in ["file", "program"] {
            let text = fixture.repo.read_file(&tree, path).unwrap();
            assert_eq!(text.as_deref(), Some(&b"hidden"[..]), "{path} in version {version}");
        }
        let expected = [".gitignore", "directory/inner", "file", "program"];
        assert_eq!(fixture.repo.list_files(&tree).unwrap(), expected);
    }
}

#[test]
fn a_damaged_index_is_done_without() {
    let fixture = Fixture::new();
    fixture.write("ignored", "tracked all the same");
    git(&fixture.root, ["add", "--force", "ignored"]);
    fixture.commit();
    fixture.write("new", "x");
    let expected = fixture.snapshot();
    for damage in [&b"nonsense"[..], b"", b"DIRC\0\0\0\x02\0\0\xff\xff"] {
        fs::write(fixture.path(".git/index"), damage).unwrap();
        assert_eq!(fixture.snapshot(), expected);
    }
    fs::remove_file(fixture.path(".git/index")).unwrap();
    assert_eq!(fixture.snapshot(), expected);
}

#[test]
fn a_stale_lock_of_the_index_is_no_obstacle() {
    let fixture = Fixture::new();
    fixture.write(".git/index.lock", "");
    fixture.snapshot();
    assert!(fixture.path(".git/index.lock").exists());
}

#[test]
fn a_split_index_is_done_without() {
    let fixture = Fixture::new();
    git(&fixture.root, ["update-index", "--split-index"]);
    git(&fixture.root, ["update-index", "--assume-unchanged", "file"]);
    fixture.write("new", "x");
    fixture.write("file", "changed");
    let tree = fixture.snapshot();
    for (path, text) in [("new", "x"), ("file", "changed")] {
        assert_eq!(fixture.repo.read_file(&tree, path).unwrap().unwrap(), text.as_bytes());
    }
}

#[test]
fn what_a_sparse_checkout_left_out_stays() {
    for index in ["--no-sparse-index", "--sparse-index"] {
        let fixture = Fixture::new();
        fixture.write("elsewhere/deep/file", "x");
        fixture.commit();
        git(&fixture.root, ["sparse-checkout", "set", "--cone", index, "directory"]);
        assert!(!fixture.path("elsewhere").exists());
        fixture.write("directory/inner", "changed");
        let tree = fixture.snapshot();
        assert!(fixture.repo.read_file(&tree, "elsewhere/deep/file").unwrap().is_some(), "{index}");
        let text = fixture.repo.read_file(&tree, "directory/inner").unwrap().unwrap();
        assert_eq!(text, b"changed", "{index}");
    }
}

#[test]
fn what_the_user_ignores_privately_is_ignored() {
    let fixture = Fixture::new();
    fixture.write(".git/info/exclude", "private\n");
    let list = fixture.beside("list");
    fs::write(&list, "listed\n").unwrap();
    git(&fixture.root, [OsStr::new("config"), OsStr::new("core.excludesFile"), list.as_os_str()]);
    for name in ["private", "listed", "new"] {
        fixture.write(name, "x");
    }
    let repo = Repo::discover(&fixture.root).unwrap();
    let paths = repo.list_files(&repo.snapshot(&fixture.root).unwrap()).unwrap();
    assert!(paths.contains(&"new".to_owned()));
    assert!(!paths.iter().any(|path| path == "private" || path == "listed"), "{paths:?}");
}

#[test]
fn line_ends_are_converted_as_was_set_when_the_repository_was_found() {
    let fixture = Fixture::new();
    git(&fixture.root, ["config", "core.autocrlf", "input"]);
    fixture.write("file", "one\r\n");
    let repo = Repo::discover(&fixture.root).unwrap();
    let text = |repo: &Repo| {
        repo.read_file(&repo.snapshot(&fixture.root).unwrap(), "file").unwrap().unwrap()
    };
    assert_eq!(text(&repo), b"one\n");
    assert_eq!(text(&fixture.repo), b"one\r\n");
}

#[test]
fn a_file_that_can_not_be_read_is_an_error_and_not_a_gap() {
    let fixture = Fixture::new();
    fixture.write("secret", "x");
    fixture.chmod("secret", 0o000);
    if fs::read(fixture.path("secret")).is_ok() {
        return; // Nothing is unreadable to the superuser.
    }
    assert!(fixture.repo.snapshot(&fixture.root).is_err());
}

#[test]
fn nothing_that_the_repository_configures_is_run() {
    let fixture = Fixture::new();
    let trap = fixture.beside("trap");
    let fired = fixture.beside("fired");
    fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\n", fired.display())).unwrap();
    make_executable(&trap);
    let trap = trap.to_str().unwrap();
    for key in ["core.fsmonitor", "core.pager", "core.editor", "diff.external", "diff.x.textconv"] {
        git(&fixture.root, ["config", key, trap]);
    }
    git(&fixture.root, ["config", "diff.x.command", trap]);
    for hook in ["pre-commit", "post-index-change", "post-checkout", "reference-transaction"] {
        fixture.write(&format!(".git/hooks/{hook}"), fs::read(trap).unwrap());
        fixture.chmod(&format!(".git/hooks/{hook}"), 0o755);
    }
    let from = fixture.repo.tree_of(&fixture.head()).unwrap();
    fixture.write(".gitattributes", "* diff=x\n");
    fixture.write("file", "changed");
    let (repo, tree) = (&fixture.repo, fixture.snapshot());
    let commit = repo.commit_tree(&tree, &[], "x").unwrap();
    repo.set_ref("refs/loki/x", &commit, None).unwrap();
    repo.diff(&from, &tree).unwrap();
    repo.status().unwrap();
    let worktree = fixture.beside("worktree");
    repo.add_worktree(&worktree, &commit, Some("loki/x")).unwrap();
    repo.advance_worktree(&worktree, &commit).unwrap();
    repo.remove_worktree(&worktree).unwrap();
    assert!(!fired.exists());
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn snapshots_may_be_taken_at_the_same_time() {
    let fixture = Fixture::new();
    fixture.write("new", "x");
    let expected = fixture.snapshot();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| assert_eq!(fixture.snapshot(), expected)));
        }
    });
}

#[test]
fn a_worktree_whose_git_file_was_replaced_is_still_seen() {
    let fixture = Fixture::new();
    let worktree = fixture.beside("worktree");
    fixture.repo.add_worktree(&worktree, &fixture.head(), None).unwrap();
    fs::write(worktree.join("new"), "x").unwrap();
    let expected = fixture.repo.snapshot(&worktree).unwrap();
    fs::remove_file(worktree.join(".git")).unwrap();
    assert_eq!(fixture.repo.snapshot(&worktree).unwrap(), expected);
    git(&worktree, ["init", "--quiet"]);
    assert_eq!(fixture.repo.snapshot(&worktree).unwrap(), expected);
}

#[test]
fn a_repository_with_longer_object_names_works() {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), ["init", "--quiet", "--object-format=sha256"]);
    let repo = Repo::discover(directory.path()).unwrap();
    fs::write(directory.path().join("file"), "x").unwrap();
    git(directory.path(), ["add", "file"]);
    git(directory.path(), ["update-index", "--assume-unchanged", "file"]);
    fs::write(directory.path().join("file"), "changed").unwrap();
    let tree = repo.snapshot(directory.path()).unwrap();
    assert_eq!(tree.as_str().len(), 64);
    assert_eq!(repo.read_file(&tree, "file").unwrap().unwrap(), b"changed");
    assert_eq!(repo.diff(&repo.empty_tree().unwrap(), &tree).unwrap().len(), 1);
}

/// What somebody may do to a work tree between two snapshots.
#[derive(Clone, Debug)]
enum Edit {
    Write(usize, String),
    Remove(usize),
    Link(usize, usize),
    ToggleExecutable(usize),
    Stage(usize),
    Unstage(usize),
    Commit,
    Snapshot,
}

const PATHS: [&str; 7] = ["a", "b", "d/a", "d/e/b", "a.o", "we\"ird\n", "ignored"];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let path = 0..PATHS.len();
    let edit = prop_oneof![
        4 => (path.clone(), "[xy]{1,2}").prop_map(|(path, text)| Edit::Write(path, text)),
        2 => path.clone().prop_map(Edit::Remove),
        1 => (path.clone(), path.clone()).prop_map(|(path, to)| Edit::Link(path, to)),
        1 => path.clone().prop_map(Edit::ToggleExecutable),
        1 => path.clone().prop_map(Edit::Stage),
        1 => path.prop_map(Edit::Unstage),
        1 => Just(Edit::Commit),
        2 => Just(Edit::Snapshot),
    ];
    prop::collection::vec(edit, 1..12)
}

fn apply(fixture: &Fixture, edit: &Edit) {
    use std::os::unix::fs::PermissionsExt;
    let place = |path: usize| fixture.path(PATHS[path]);
    match edit {
        Edit::Write(path, text) => {
            let _ = fs::remove_file(place(*path));
            fixture.write(PATHS[*path], text);
        }
        Edit::Remove(path) => drop(fs::remove_file(place(*path))),
        Edit::Link(path, to) => drop(symlink(PATHS[*to], place(*path))),
        Edit::ToggleExecutable(path) => {
            if let Ok(metadata) = fs::symlink_metadata(place(*path))
                && metadata.is_file()
            {
                let mode = metadata.permissions().mode() ^ 0o100;
                fs::set_permissions(place(*path), fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        Edit::Stage(path) => {
            if fs::symlink_metadata(place(*path)).is_ok() {
                git(&fixture.root, ["add", "--force", PATHS[*path]]);
            }
        }
        Edit::Unstage(path) => {
            git(
                &fixture.root,
                ["rm", "-r", "--cached", "--quiet", "--ignore-unmatch", PATHS[*path]],
            );
        }
        Edit::Commit => {
            git(&fixture.root, ["commit", "--quiet", "--allow-empty", "--message=x"]);
        }
        Edit::Snapshot => drop(fixture.snapshot()),
    }
}

/// What plain git makes of a full copy of the work tree and its index.
fn by_plain_git(fixture: &Fixture) -> TreeId {
    let copy = fixture.beside("copy");
    let _ = fs::remove_dir_all(&copy);
    let status = std::process::Command::new("cp").arg("-a").args([&fixture.root, &copy]).status();
    assert!(status.unwrap().success());
    // The copied files have other inodes, so that git reads them all.
    git(&copy, ["add", "--all"]);
    TreeId::try_from(git_text(&copy, ["write-tree"])).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_snapshot_is_what_plain_git_would_add(edits in edits()) {
        let fixture = Fixture::new();
        for edit in &edits {
            apply(&fixture, edit);
        }
        prop_assert_eq!(fixture.snapshot(), by_plain_git(&fixture));
    }
}

#[test]
fn attributes_that_can_not_be_followed_are_not() {
    let fixture = Fixture::new();
    fixture.write(".gitattributes", "*.txt working-tree-encoding=UTF-16\n");
    fixture.write("plain.txt", "no byte order mark\n");
    let tree = fixture.repo.snapshot(&fixture.root).unwrap();
    let kept = fixture.repo.read_file(&tree, "plain.txt").unwrap();
    assert_eq!(kept.as_deref(), Some(&b"no byte order mark\n"[..]));
}
