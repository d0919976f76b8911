//! Discovery, refs, commits, status.

use std::fs;
use std::path::Path;

use loki_host::git::{DiscoverError, GitError, Head, Repo, WorkStatus};

use crate::fixture::{Fixture, git, git_text};

#[test]
fn a_repository_is_found_from_a_directory_within() {
    let fixture = Fixture::new();
    let repo = Repo::discover(&fixture.path("directory")).unwrap();
    assert_eq!(repo.root(), fixture.root);
    assert_eq!(repo.common_dir(), fixture.path(".git"));
}

#[test]
fn a_repository_may_be_at_any_path() {
    for name in ["with space", "quo'te\"s", "li\nne\n", "ünï→", "-dash", "a\\b"] {
        let fixture = Fixture::named(name);
        fixture.write("file", "text");
        assert_eq!(fixture.repo.root(), fixture.root);
        assert_eq!(fixture.repo.common_dir(), fixture.path(".git"));
        let commit = fixture.repo.commit_tree(&fixture.snapshot(), &[], "x").unwrap();
        let worktree = fixture.beside(&format!("{name} copy"));
        fixture.repo.add_worktree(&worktree, &commit, None).unwrap();
        let linked = Repo::discover(&worktree).unwrap();
        assert_eq!((linked.root(), linked.common_dir()), (&*worktree, &*fixture.path(".git")));
        fixture.repo.remove_worktree(&worktree).unwrap();
        assert!(!worktree.exists());
    }
}

#[test]
fn a_plain_directory_is_not_a_repository() {
    let directory = tempfile::tempdir().unwrap();
    let error = Repo::discover(directory.path()).unwrap_err();
    assert!(matches!(error, DiscoverError::NotARepository { .. }), "{error:?}");
}

#[test]
fn the_inside_of_a_git_directory_is_not_a_repository() {
    let error = Repo::discover(&Fixture::new().path(".git")).unwrap_err();
    assert!(matches!(error, DiscoverError::NotARepository { .. }), "{error:?}");
}

#[test]
fn a_bare_repository_is_refused_as_such() {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), ["init", "--quiet", "--bare"]);
    let error = Repo::discover(directory.path()).unwrap_err();
    assert!(matches!(error, DiscoverError::Bare { .. }), "{error:?}");
}

#[test]
fn a_worktree_of_a_bare_repository_works() {
    let fixture = Fixture::new();
    let bare = fixture.beside("bare");
    git(&fixture.root, ["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let worktree = fixture.beside("tree");
    git(&bare, ["worktree", "add", "--quiet", worktree.to_str().unwrap(), "main"]);
    let repo = Repo::discover(&worktree).unwrap();
    fs::write(worktree.join("new"), "new").unwrap();
    let tree = repo.snapshot(&worktree).unwrap();
    assert!(repo.list_files(&tree).unwrap().contains(&"new".to_owned()));
    assert!(matches!(repo.head().unwrap(), Head::Branch { name, .. } if name == "main"));
}

#[test]
fn a_new_repository_is_made_and_making_it_again_is_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let first = Repo::init(directory.path()).unwrap();
    assert!(matches!(first.head().unwrap(), Head::Unborn { .. }));
    let tree = first.empty_tree().unwrap();
    let commit = first.commit_tree(&tree, &[], "first").unwrap();
    first.set_ref("refs/heads/kept", &commit, None).unwrap();
    let again = Repo::init(directory.path()).unwrap();
    assert_eq!(again.read_ref("refs/heads/kept").unwrap(), Some(commit));
}

#[test]
fn the_head_is_a_branch_a_commit_or_not_born_yet() {
    let fixture = Fixture::unborn();
    assert_eq!(fixture.repo.head().unwrap(), Head::Unborn { branch: "main".into() });
    fixture.write("file", "x");
    let commit = fixture.commit();
    let expected = Head::Branch { name: "main".into(), commit: commit.clone() };
    assert_eq!(fixture.repo.head().unwrap(), expected);
    git(&fixture.root, ["checkout", "--quiet", "--detach"]);
    assert_eq!(fixture.repo.head().unwrap(), Head::Detached { commit });
}

#[test]
fn the_status_counts_each_kind_of_difference() {
    let fixture = Fixture::new();
    assert!(fixture.repo.status().unwrap().is_clean());
    fixture.write("staged", "new");
    git(&fixture.root, ["add", "staged"]);
    fixture.write("file", "changed");
    fs::remove_file(fixture.path("link")).unwrap();
    fixture.write("untracked\nname", "x");
    fixture.write("ignored", "x");
    let expected = WorkStatus { staged: 1, unstaged: 2, untracked: 1, conflicted: 0 };
    assert_eq!(fixture.repo.status().unwrap(), expected);
}

#[test]
fn the_status_counts_conflicts() {
    let fixture = Fixture::new();
    git(&fixture.root, ["checkout", "--quiet", "-b", "other"]);
    fixture.write("file", "other\n");
    fixture.commit();
    git(&fixture.root, ["checkout", "--quiet", "main"]);
    fixture.write("file", "main\n");
    fixture.commit();
    let merge = std::process::Command::new("git")
        .args(["merge", "--quiet", "other"])
        .current_dir(&fixture.root)
        .output();
    assert!(!merge.unwrap().status.success());
    assert_eq!(fixture.repo.status().unwrap().conflicted, 1);
    // A snapshot takes the files as they are.
    let merged = fixture.repo.read_file(&fixture.snapshot(), "file").unwrap().unwrap();
    assert!(merged.starts_with(b"<<<<<<<"));
}

#[test]
fn a_ref_moves_only_from_where_it_is_expected() {
    let fixture = Fixture::new();
    let repo = &fixture.repo;
    let (first, second) = (fixture.head(), fixture.commit());
    let name = "refs/loki/kkkkkkkk/1";
    assert_eq!(repo.read_ref(name).unwrap(), None);
    repo.set_ref(name, &first, None).unwrap();
    assert!(matches!(repo.set_ref(name, &second, Some(&second)), Err(GitError::Failed { .. })));
    assert_eq!(repo.read_ref(name).unwrap(), Some(first.clone()));
    repo.set_ref(name, &second, Some(&first)).unwrap();
    assert_eq!(repo.read_ref(name).unwrap(), Some(second));
    repo.delete_ref(name).unwrap();
    repo.delete_ref(name).unwrap();
    assert_eq!(repo.read_ref(name).unwrap(), None);
}

#[test]
fn a_lock_that_a_crash_left_is_cleared_and_a_fresh_one_respected() {
    let fixture = Fixture::new();
    let lock = fixture.path(".git/refs/loki/x.lock");
    fixture.write(".git/refs/loki/x.lock", "");
    fixture.repo.set_ref("refs/loki/x", &fixture.head(), None).unwrap_err();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
    fs::File::options().write(true).open(&lock).unwrap().set_modified(long_ago).unwrap();
    fixture.repo.set_ref("refs/loki/x", &fixture.head(), None).unwrap();
    assert_eq!(fixture.repo.read_ref("refs/loki/x").unwrap(), Some(fixture.head()));
}

#[test]
fn only_full_names_of_refs_are_taken() {
    let fixture = Fixture::new();
    for name in ["HEAD", "main", "-d", "refs", "", "refs/a\0b"] {
        let error = fixture.repo.set_ref(name, &fixture.head(), None).unwrap_err();
        assert!(matches!(error, GitError::NotARef { .. }), "{name}: {error}");
    }
}

#[test]
fn a_commit_has_its_tree_its_parents_and_its_message() {
    let fixture = Fixture::new();
    let head = fixture.head();
    let tree = fixture.repo.tree_of(&head).unwrap();
    let message = "-m subject\n\nbody \0 ünï\n";
    let commit = fixture.repo.commit_tree(&tree, std::slice::from_ref(&head), message).unwrap();
    assert_eq!(fixture.repo.tree_of(&commit).unwrap(), tree);
    let shown = git_text(&fixture.root, ["log", "-1", "--format=%P|%an|%B", commit.as_str()]);
    assert_eq!(shown, format!("{head}|Somebody|-m subject\n\nbody   ünï"));
    assert_eq!(fixture.head(), head);
}

#[test]
fn loki_commits_as_itself_where_nobody_is_configured() {
    let home = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "git::helper_that_commits", "--nocapture"])
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("LOKI_TEST_REPOSITORY", home.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("by loki <loki@localhost>"), "{text}");
}

/// Does nothing unless another test starts it as a process of its own.
#[test]
fn helper_that_commits() {
    let Some(path) = std::env::var_os("LOKI_TEST_REPOSITORY") else { return };
    let repo = Repo::init(Path::new(&path)).unwrap();
    for _ in 0..2 {
        let commit = repo.commit_tree(&repo.empty_tree().unwrap(), &[], "x").unwrap();
        let by = git_text(repo.root(), ["log", "-1", "--format=by %an <%ae>", commit.as_str()]);
        println!("{by}");
    }
}

#[test]
fn files_are_read_and_listed_by_their_paths() {
    let fixture = Fixture::new();
    fixture.write("we\"ird\n[*]?", "weird");
    fixture.write("empty", "");
    let tree = fixture.snapshot();
    let read = |path: &str| fixture.repo.read_file(&tree, path).unwrap();
    assert_eq!(read("file").as_deref(), Some(&b"one\ntwo\n"[..]));
    assert_eq!(read("directory/inner").as_deref(), Some(&b"inner\n"[..]));
    assert_eq!(read("we\"ird\n[*]?").as_deref(), Some(&b"weird"[..]));
    assert_eq!(read("link").as_deref(), Some(&b"file"[..]));
    assert_eq!(read("empty").as_deref(), Some(&b""[..]));
    for absent in ["nothing", "directory", "", "./file", "../file", "directory/../file", "/file"] {
        assert_eq!(read(absent), None, "{absent}");
    }
    let expected =
        [".gitignore", "directory/inner", "empty", "file", "link", "program", "we\"ird\n[*]?"];
    assert_eq!(fixture.repo.list_files(&tree).unwrap(), expected);
}

#[test]
fn a_tree_that_is_not_there_is_an_error() {
    let fixture = Fixture::new();
    let tree = loki_model::TreeId::try_from("ab".repeat(20)).unwrap();
    assert!(fixture.repo.read_file(&tree, "file").is_err());
    assert!(fixture.repo.list_files(&tree).is_err());
    assert!(fixture.repo.diff(&tree, &tree).is_err());
}
