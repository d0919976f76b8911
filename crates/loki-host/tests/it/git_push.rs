//! Branches of a remote.

use std::path::PathBuf;

use loki_host::git::{FetchError, Pushed, Repo};
use loki_model::CommitId;

use crate::fixture::{Fixture, git, git_text};

/// A repository with a bare `origin` that has its `main`.
fn stage() -> (Fixture, PathBuf, CommitId) {
    let fixture = Fixture::new();
    let remote = fixture.beside("remote.git");
    let address = remote.to_str().unwrap().to_owned();
    git(&fixture.root, ["clone", "--quiet", "--bare", ".", &address]);
    git(&fixture.root, ["remote", "add", "origin", &address]);
    fixture.write("file", "new\n");
    fixture.commit();
    let tip = CommitId::try_from(git_text(&fixture.root, ["rev-parse", "HEAD"])).unwrap();
    (fixture, remote, tip)
}

#[test]
fn a_branch_is_made_and_moved_on_and_nothing_here_changes() {
    let (fixture, remote, tip) = stage();
    let repo = Repo::discover(&fixture.root).unwrap();
    let refs = || git_text(&fixture.root, ["for-each-ref", "--format=%(refname) %(objectname)"]);
    let before = refs();
    let seen = repo.remote_branch(None, "loki/x").unwrap();
    assert_eq!((seen.commit, seen.remote.as_str()), (None, "origin"));
    assert!(seen.default.is_some());
    let base = CommitId::try_from(git_text(&fixture.root, ["rev-parse", "HEAD~1"])).unwrap();
    assert_eq!(repo.push("origin", "loki/x", &base, None).unwrap(), Pushed::Done);
    assert_eq!(repo.push("origin", "loki/x", &tip, Some(&base)).unwrap(), Pushed::Done);
    assert_eq!(repo.remote_branch(Some("origin"), "loki/x").unwrap().commit, Some(tip.clone()));
    assert_eq!(git_text(&remote, ["rev-parse", "refs/heads/loki/x"]), tip.as_str());
    assert_eq!(refs(), before);
}

#[test]
fn what_others_pushed_is_not_overwritten() {
    let (fixture, remote, tip) = stage();
    let repo = Repo::discover(&fixture.root).unwrap();
    let base = git_text(&fixture.root, ["rev-parse", "HEAD~1"]);
    git(&remote, ["update-ref", "refs/heads/loki/x", &base]);
    let other = CommitId::try_from("1".repeat(40)).unwrap();
    for expected in [None, Some(&other)] {
        let refused = repo.push("origin", "loki/x", &tip, expected).unwrap();
        let Pushed::Refused { reason } = refused else { panic!("it was pushed") };
        assert!(reason.contains("stale info"), "{reason}");
    }
    assert_eq!(git_text(&remote, ["rev-parse", "refs/heads/loki/x"]), base);
}

#[test]
fn a_hook_of_the_remote_has_a_say_and_one_of_the_repository_does_not() {
    let (fixture, remote, tip) = stage();
    let repo = Repo::discover(&fixture.root).unwrap();
    let hook = |path: PathBuf| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "#!/bin/sh\necho no >&2\nexit 1\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
    };
    hook(fixture.path(".git/hooks/pre-push"));
    assert_eq!(repo.push("origin", "loki/x", &tip, None).unwrap(), Pushed::Done);
    hook(remote.join("hooks/pre-receive"));
    git(&fixture.root, ["config", "push.followTags", "true"]);
    let refused = repo.push("origin", "loki/y", &tip, None).unwrap();
    let Pushed::Refused { reason } = refused else { panic!("it was pushed") };
    assert!(reason.contains("pre-receive hook declined"), "{reason}");
}

#[test]
fn a_push_goes_to_where_the_remote_is_pushed_to_and_runs_no_program() {
    let (fixture, remote, tip) = stage();
    let address = remote.to_str().unwrap();
    git(&fixture.root, ["remote", "set-url", "origin", "https://forge.invalid/a/b.git"]);
    git(&fixture.root, ["config", "remote.origin.pushurl", address]);
    let repo = Repo::discover(&fixture.root).unwrap();
    assert_eq!(repo.push("origin", "loki/x", &tip, None).unwrap(), Pushed::Done);
    git(&fixture.root, ["config", "remote.origin.pushurl", "ext::sh -c touch% /tmp/x"]);
    let refused = repo.push("origin", "loki/x", &tip, None).unwrap_err();
    assert!(matches!(refused, FetchError::Helper { .. }), "{refused}");
}

#[test]
fn a_remote_that_is_not_there_is_told_without_its_password() {
    let (fixture, _, tip) = stage();
    let address = "http://me:s3cret@127.0.0.1:1/a/b.git";
    git(&fixture.root, ["config", "remote.origin.pushurl", address]);
    let repo = Repo::discover(&fixture.root).unwrap();
    for failed in [
        repo.push("origin", "loki/x", &tip, None).unwrap_err(),
        repo.remote_branch(None, "loki/x").unwrap_err(),
    ] {
        assert!(matches!(failed, FetchError::Unreachable { .. }), "{failed}");
        assert!(!failed.to_string().contains("s3cret"), "{failed}");
    }
}
