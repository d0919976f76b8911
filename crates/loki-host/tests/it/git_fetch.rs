//! Pull requests of a remote.

use std::fs;
use std::path::{Path, PathBuf};

use loki_host::git::{FetchError, Repo};

use crate::fixture::{Fixture, git, git_text};

/// A repository whose `origin` has pull request 7 and, as a forge of another kind calls it, 8.
struct Forge {
    fixture: Fixture,
    remote: PathBuf,
}

impl Forge {
    fn new() -> Forge {
        let fixture = Fixture::new();
        let remote = fixture.beside("remote.git");
        let start = git_text(&fixture.root, ["rev-parse", "HEAD"]);
        let address = remote.to_str().unwrap();
        git(&fixture.root, ["clone", "--quiet", "--bare", ".", address]);
        for (text, name) in
            [("seven\n", "refs/pull/7/head"), ("eight\n", "refs/merge-requests/8/head")]
        {
            fixture.write("file", text);
            fixture.commit();
            git(&fixture.root, ["push", "--quiet", address, &format!("HEAD:{name}")]);
            git(&fixture.root, ["tag", "--force", "aside"]);
            git(&fixture.root, ["push", "--quiet", "--force", address, "refs/tags/aside"]);
            git(&fixture.root, ["reset", "--quiet", "--hard", &start]);
        }
        git(&fixture.root, ["tag", "--delete", "aside"]);
        git(&fixture.root, ["remote", "add", "origin", address]);
        // Nothing of the requests is here.
        git(&fixture.root, ["reflog", "expire", "--expire=all", "--all"]);
        git(&fixture.root, ["gc", "--quiet", "--prune=now"]);
        Forge { fixture, remote }
    }

    fn repo(&self) -> Repo {
        Repo::discover(&self.fixture.root).unwrap()
    }

    fn there(&self, name: &str) -> String {
        git_text(&self.remote, ["rev-parse", name])
    }

    /// Every ref and what git remembers of fetching.
    fn seen(&self) -> (String, bool) {
        let refs = ["for-each-ref", "--format=%(refname) %(objectname)"];
        (git_text(&self.fixture.root, refs), self.fixture.path(".git/FETCH_HEAD").exists())
    }
}

#[test]
fn a_request_comes_here_and_nothing_else_changes() {
    let forge = Forge::new();
    let (before, status) = (forge.seen(), git_text(&forge.fixture.root, ["status", "--porcelain"]));
    let request = forge.repo().fetch_request(7, None).unwrap();
    assert_eq!(request.head.as_str(), forge.there("refs/pull/7/head"));
    let (branch, tip) = request.default.clone().unwrap();
    assert_eq!((branch.as_str(), tip.as_str()), ("main", forge.there("main").as_str()));
    assert_eq!(request.kept_as(), "refs/loki/pull/origin/7");
    assert_eq!(forge.repo().read_ref(&request.kept_as()).unwrap(), Some(request.head.clone()));
    forge.repo().delete_ref(&request.kept_as()).unwrap();
    assert_eq!(forge.seen(), before);
    assert_eq!(git_text(&forge.fixture.root, ["status", "--porcelain"]), status);
    assert_eq!(
        forge.repo().read_file(&forge.repo().tree_of(&request.head).unwrap(), "file").unwrap(),
        Some(b"seven\n".to_vec())
    );
}

#[test]
fn a_merge_request_of_another_forge_is_found_by_its_number() {
    let forge = Forge::new();
    let request = forge.repo().fetch_request(8, Some("origin")).unwrap();
    assert_eq!(request.head.as_str(), forge.there("refs/merge-requests/8/head"));
}

#[test]
fn a_request_that_was_pushed_again_is_followed() {
    let forge = Forge::new();
    forge.repo().fetch_request(7, None).unwrap();
    let other = forge.there("refs/merge-requests/8/head");
    git(&forge.remote, ["update-ref", "refs/pull/7/head", &other]);
    assert_eq!(forge.repo().fetch_request(7, None).unwrap().head.as_str(), other);
}

#[test]
fn the_address_of_a_fork_is_that_of_what_it_was_forked_from() {
    let fixture = Fixture::new();
    let none = fixture.repo.remote_address(None).unwrap_err();
    assert!(matches!(none, FetchError::NoRemote), "{none}");
    git(&fixture.root, ["remote", "add", "origin", "git@forge.example:me/shop.git"]);
    assert_eq!(fixture.repo.remote_address(None).unwrap(), "git@forge.example:me/shop.git");
    git(&fixture.root, ["remote", "add", "upstream", "https://forge.example/acme/shop"]);
    assert_eq!(fixture.repo.remote_address(None).unwrap(), "https://forge.example/acme/shop");
    let origin = fixture.repo.remote_address(Some("origin")).unwrap();
    assert_eq!(origin, "git@forge.example:me/shop.git");
}

#[test]
fn what_can_not_be_fetched_is_told_apart() {
    let forge = Forge::new();
    let repo = forge.repo();
    let missing = repo.fetch_request(9, None).unwrap_err();
    assert!(matches!(missing, FetchError::NotThere { number: 9, .. }), "{missing}");
    let unknown = repo.fetch_request(7, Some("upstream")).unwrap_err();
    assert!(matches!(unknown, FetchError::UnknownRemote { .. }), "{unknown}");
    fs::rename(&forge.remote, forge.fixture.beside("gone.git")).unwrap();
    let gone = repo.fetch_request(7, None).unwrap_err();
    assert!(matches!(gone, FetchError::Unreachable { .. }), "{gone}");
    git(&forge.fixture.root, ["remote", "rename", "origin", "one"]);
    git(&forge.fixture.root, ["remote", "add", "two", "elsewhere"]);
    let several = repo.fetch_request(7, None).unwrap_err();
    assert!(matches!(several, FetchError::Ambiguous { .. }), "{several}");
    let none = Fixture::new().repo.fetch_request(7, None).unwrap_err();
    assert!(matches!(none, FetchError::NoRemote), "{none}");
}

#[test]
fn the_remote_that_the_default_branch_follows_is_asked_where_there_is_no_origin() {
    let forge = Forge::new();
    git(&forge.fixture.root, ["remote", "rename", "origin", "central"]);
    git(&forge.fixture.root, ["remote", "add", "fork", "elsewhere"]);
    git(&forge.fixture.root, ["config", "branch.main.remote", "central"]);
    assert_eq!(forge.repo().fetch_request(7, None).unwrap().remote, "central");
}

#[test]
fn nothing_that_the_repository_configures_is_run() {
    let forge = Forge::new();
    let marker = forge.fixture.beside("marker");
    let program = program(&forge.fixture, &marker);
    for (key, value) in [
        ("remote.origin.uploadpack", program.as_str()),
        ("core.alternateRefsCommand", &program),
        ("core.sshCommand", &program),
        ("core.gitProxy", &program),
        ("core.fsmonitor", &program),
        ("credential.helper", &program),
        ("remote.origin.vcs", "ext"),
    ] {
        git(&forge.fixture.root, ["config", key, value]);
    }
    let hook = forge.fixture.path(".git/hooks/reference-transaction");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(&program, &hook).unwrap();
    forge.repo().fetch_request(7, None).unwrap();
    assert!(!marker.exists());
    for address in [format!("ext::{program}"), "ssh://localhost:1/nowhere".to_owned()] {
        git(&forge.fixture.root, ["config", "remote.origin.url", &address]);
        forge.repo().fetch_request(7, None).unwrap_err();
        assert!(!marker.exists(), "{address}");
    }
}

/// A program that leaves `marker`.
fn program(fixture: &Fixture, marker: &Path) -> String {
    let program = fixture.beside("program.sh");
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\n", marker.display())).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).unwrap();
    program.to_str().unwrap().to_owned()
}

#[test]
fn a_shallow_clone_gets_what_it_lacks() {
    let forge = Forge::new();
    let shallow = forge.fixture.beside("shallow");
    let address = format!("file://{}", forge.remote.display());
    let to = shallow.to_str().unwrap();
    git(&forge.fixture.root, ["clone", "--quiet", "--depth=1", &address, to]);
    let repo = Repo::discover(&shallow).unwrap();
    let request = repo.fetch_request(7, None).unwrap();
    let (_, tip) = request.default.unwrap();
    assert_eq!(repo.merge_base(&tip, &request.head).unwrap(), Some(tip));
}
