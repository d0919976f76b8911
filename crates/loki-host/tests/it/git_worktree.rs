//! Worktrees come, move on and go, however often it is asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use loki_host::git::{GitError, Head, Repo};

use crate::fixture::{Fixture, files, git, git_text};

const BRANCH: Option<&str> = Some("loki/kkkkkkkk");

#[test]
fn a_worktree_is_a_clean_copy_on_its_own_branch() {
    let fixture = Fixture::new();
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    let worktree = Repo::discover(&path).unwrap();
    let head = Head::Branch { name: "loki/kkkkkkkk".into(), commit: fixture.head() };
    assert_eq!(worktree.head().unwrap(), head);
    assert!(worktree.status().unwrap().is_clean());
    assert_eq!(worktree.common_dir(), fixture.repo.common_dir());
    assert!(files(&path) == files(&fixture.root));
}

#[test]
fn several_can_be_made_and_removed_at_the_same_time() {
    let fixture = Fixture::new();
    let (repo, head) = (&fixture.repo, fixture.head());
    let places: Vec<_> = (0..8).map(|n| fixture.beside(&format!("worktree{n}"))).collect();
    std::thread::scope(|scope| {
        for (n, path) in places.iter().enumerate() {
            let head = &head;
            scope.spawn(move || {
                repo.add_worktree(path, head, Some(&format!("loki/many{n}"))).unwrap();
                if n.is_multiple_of(2) {
                    repo.remove_worktree(path).unwrap();
                }
            });
        }
    });
    let there: Vec<bool> = places.iter().map(|path| path.join(".git").exists()).collect();
    assert_eq!(there, [false, true, false, true, false, true, false, true]);
}

#[test]
fn adding_it_again_changes_nothing() {
    for branch in [BRANCH, None] {
        let fixture = Fixture::new();
        let path = fixture.beside("worktree");
        fixture.repo.add_worktree(&path, &fixture.head(), branch).unwrap();
        fs::write(path.join("work"), "in progress").unwrap();
        fixture.repo.add_worktree(&path, &fixture.head(), branch).unwrap();
        assert_eq!(fs::read(path.join("work")).unwrap(), b"in progress");
    }
}

#[test]
fn a_place_that_is_taken_is_refused() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.head(), fixture.commit());
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &first, BRANCH).unwrap();
    fixture.repo.add_worktree(&path, &second, BRANCH).unwrap_err();
    fixture.repo.add_worktree(&path, &first, None).unwrap_err();
    let other = fixture.beside("other");
    fixture.repo.add_worktree(&other, &second, BRANCH).unwrap_err();
    let full = fixture.beside("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("file"), "x").unwrap();
    fixture.repo.add_worktree(&full, &first, None).unwrap_err();
    assert_eq!(fs::read(full.join("file")).unwrap(), b"x");
}

#[test]
fn a_branch_that_is_checked_out_elsewhere_is_not_shared() {
    let fixture = Fixture::new();
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &fixture.head(), Some("main")).unwrap_err();
}

#[test]
fn a_worktree_that_was_not_finished_is_made_anew() {
    let fixture = Fixture::new();
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    let admin = fixture.path(".git/worktrees/worktree");
    fs::write(admin.join("locked"), "initializing\n").unwrap();
    fs::remove_file(admin.join("index")).unwrap();
    fs::remove_file(path.join("file")).unwrap();
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    assert!(files(&path) == files(&fixture.root));
    assert!(!admin.join("locked").exists());
}

#[test]
fn a_worktree_whose_files_vanished_is_made_anew() {
    let fixture = Fixture::new();
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    fs::remove_dir_all(&path).unwrap();
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    assert!(files(&path) == files(&fixture.root));
}

#[test]
fn removing_leaves_nothing_and_can_be_repeated() {
    let fixture = Fixture::new();
    let path = fixture.beside("worktree");
    fixture.repo.remove_worktree(&path).unwrap();
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    fs::write(path.join("untracked"), "x").unwrap();
    fs::create_dir_all(path.join("cache/module")).unwrap();
    fs::write(path.join("cache/module/file"), "x").unwrap();
    fs::set_permissions(path.join("cache/module"), fs::Permissions::from_mode(0o500)).unwrap();
    fixture.repo.remove_worktree(&path).unwrap();
    fixture.repo.remove_worktree(&path).unwrap();
    assert!(!path.exists());
    let list = git_text(&fixture.root, ["worktree", "list", "--porcelain"]);
    assert_eq!(list.matches("worktree ").count(), 1, "{list}");
    assert_eq!(fixture.repo.read_ref("refs/heads/loki/kkkkkkkk").unwrap(), Some(fixture.head()));
}

#[test]
fn removing_goes_on_where_it_was_cut_short() {
    let fixture = Fixture::new();
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &fixture.head(), BRANCH).unwrap();
    fs::remove_file(path.join(".git")).unwrap();
    fixture.repo.remove_worktree(&path).unwrap();
    assert!(!path.exists() && !fixture.path(".git/worktrees/worktree").exists());
}

#[test]
fn nothing_but_a_worktree_is_removed() {
    let fixture = Fixture::new();
    let strange = fixture.beside("strange");
    fs::create_dir(&strange).unwrap();
    for path in [&fixture.root, &strange, &fixture.path(".git"), &fixture.path("file")] {
        let error = fixture.repo.remove_worktree(path).unwrap_err();
        assert!(matches!(error, GitError::NotAWorktree { .. }), "{error}");
        assert!(path.exists());
    }
}

/// A worktree with a change, and the commit of that change.
fn changed(fixture: &Fixture, branch: Option<&str>) -> (std::path::PathBuf, loki_model::CommitId) {
    let path = fixture.beside("worktree");
    fixture.repo.add_worktree(&path, &fixture.head(), branch).unwrap();
    fs::write(path.join("file"), "changed").unwrap();
    fs::write(path.join("new"), "new").unwrap();
    let tree = fixture.repo.snapshot(&path).unwrap();
    let commit = fixture.repo.commit_tree(&tree, &[fixture.head()], "x").unwrap();
    (path, commit)
}

#[test]
fn advancing_moves_head_and_index_and_no_file() {
    for branch in [BRANCH, None] {
        let fixture = Fixture::new();
        let (path, commit) = changed(&fixture, branch);
        let (before, main) = (files(&path), fixture.head());
        for _ in 0..2 {
            fixture.repo.advance_worktree(&path, &commit).unwrap();
            let worktree = Repo::discover(&path).unwrap();
            assert_eq!(worktree.head().unwrap().commit(), Some(&commit));
            assert!(worktree.status().unwrap().is_clean());
        }
        assert!(files(&path) == before);
        assert_eq!(fixture.head(), main);
    }
}

#[test]
fn advancing_ignores_the_branch_that_the_workspace_switched_to() {
    for branch in [BRANCH, None] {
        let fixture = Fixture::new();
        let main = fixture.head();
        git(&fixture.root, ["branch", "precious"]);
        let (path, commit) = changed(&fixture, branch);
        git(&path, ["switch", "--quiet", "precious"]);
        fixture.repo.advance_worktree(&path, &commit).unwrap();
        assert_eq!(fixture.repo.read_ref("refs/heads/precious").unwrap(), Some(main));
        assert_eq!(Repo::discover(&path).unwrap().head().unwrap().commit(), Some(&commit));
    }
}

#[test]
fn advancing_clears_the_locks_of_programs_that_were_killed() {
    let fixture = Fixture::new();
    let (path, commit) = changed(&fixture, BRANCH);
    for lock in ["worktrees/worktree/index.lock", "refs/heads/loki/kkkkkkkk.lock"] {
        fixture.write(&format!(".git/{lock}"), "");
    }
    fixture.repo.advance_worktree(&path, &commit).unwrap();
    assert_eq!(Repo::discover(&path).unwrap().head().unwrap().commit(), Some(&commit));
}

#[test]
fn only_worktrees_that_loki_made_are_advanced() {
    let fixture = Fixture::new();
    let theirs = fixture.beside("theirs");
    git(&fixture.root, ["worktree", "add", "--quiet", "--detach", theirs.to_str().unwrap()]);
    for path in [&fixture.root, &theirs] {
        let error = fixture.repo.advance_worktree(path, &fixture.head()).unwrap_err();
        assert!(matches!(error, GitError::NotAWorktree { .. }), "{error}");
    }
}

#[test]
fn a_worktree_may_lie_within_the_work_tree() {
    let fixture = Fixture::new();
    let path = fixture.path("ignored");
    fixture.repo.add_worktree(&path, &fixture.head(), None).unwrap();
    fs::write(path.join("new"), "x").unwrap();
    let tree = fixture.repo.snapshot(&path).unwrap();
    assert!(fixture.repo.read_file(&tree, "new").unwrap().is_some());
    assert_eq!(fixture.repo.read_file(&fixture.snapshot(), "ignored/new").unwrap(), None);
}
