//! What somebody who can write the repository's `.git` can not make loki see.

use std::fs;
use std::path::Path;
use std::process::Command;

use loki_host::git::Repo;
use loki_model::{CommitId, TreeId};

use crate::fixture::{Fixture, files, git, git_text};

/// Another commit, with another text in `file`.
fn another(fixture: &Fixture) -> CommitId {
    let here = git_text(&fixture.root, ["rev-parse", "HEAD"]);
    fixture.write("file", "other\n");
    let other = fixture.commit();
    git(&fixture.root, ["reset", "--quiet", "--hard", &here]);
    other
}

/// All that is seen of a commit, which must not change.
fn seen(fixture: &Fixture, commit: &CommitId) -> impl PartialEq + use<> {
    let repo = &fixture.repo;
    let tree = repo.tree_of(commit).unwrap();
    let copy = fixture.beside("copy");
    repo.export(&copy, commit).unwrap();
    let exported = files(&copy);
    loki_host::git::remove_export(&copy).unwrap();
    let changes = repo.diff(&repo.empty_tree().unwrap(), &tree).unwrap();
    let text = repo.read_file(&tree, "file").unwrap();
    (repo.snapshot(&fixture.root).unwrap(), tree, exported, format!("{changes:?}"), text)
}

#[test]
fn replaced_objects_change_nothing() {
    let fixture = Fixture::new();
    let (commit, other) = (fixture.head(), another(&fixture));
    let before = seen(&fixture, &commit);
    for kind in ["", ":file", "^{tree}"] {
        let name = |commit: &CommitId| format!("{commit}{kind}");
        git(&fixture.root, ["replace", &name(&commit), &name(&other)]);
        let shown = git_text(&fixture.root, ["show", &format!("{commit}:file")]);
        assert_eq!(shown, "other", "the attack works on plain git");
        assert!(seen(&fixture, &commit) == before, "{kind}");
        let original = git_text(&fixture.root, ["rev-parse", &name(&commit)]);
        git(&fixture.root, ["replace", "--delete", &original]);
    }
}

#[test]
fn a_forged_commit_graph_changes_nothing() {
    let fixture = Fixture::new();
    let (commit, other) = (fixture.head(), another(&fixture));
    let before = seen(&fixture, &commit);
    git(&fixture.root, ["commit-graph", "write", "--reachable"]);
    let graph = fixture.path(".git/objects/info/commit-graph");
    let tree = |commit: &CommitId| fixture.repo.tree_of(commit).unwrap();
    let forged = replace_bytes(&fs::read(&graph).unwrap(), &tree(&commit), &tree(&other));
    fixture.chmod(".git/objects/info/commit-graph", 0o600);
    fs::write(&graph, forged).unwrap();
    let log = ["log", "--format=%T", "-1", commit.as_str()];
    let plain = git_text(&fixture.root, log);
    assert_eq!(plain, tree(&other).as_str(), "the attack works on plain git");
    assert!(seen(&fixture, &commit) == before);
}

/// `bytes` with the binary name of `from` exchanged for that of `to`.
fn replace_bytes(bytes: &[u8], from: &TreeId, to: &TreeId) -> Vec<u8> {
    let binary = |id: &TreeId| -> Vec<u8> {
        let digits = id.as_str().as_bytes().chunks(2);
        digits
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    };
    let (from, to) = (binary(from), binary(to));
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], &to, &bytes[at + from.len()..]].concat()
}

#[test]
fn filters_that_the_repository_defines_are_not_run() {
    let fixture = Fixture::new();
    let (trap, fired) = fixture.trap();
    let commit = fixture.head();
    let before = seen(&fixture, &commit);
    for key in ["clean", "smudge", "process"] {
        git(&fixture.root, ["config", &format!("filter.x.{key}"), &trap]);
    }
    git(&fixture.root, ["config", "filter.x.required", "true"]);
    fixture.write(".git/info/attributes", "* filter=x\n");
    // Git looks at files again that are younger than it remembers.
    fixture.write("file", "one\ntwo\n");
    assert!(seen(&fixture, &commit) == before);
    fixture.write("file", "changed\n");
    fixture.write("new", "x\n");
    let tree = fixture.snapshot();
    assert_eq!(fixture.repo.read_file(&tree, "file").unwrap().unwrap(), b"changed\n");
    assert_eq!(fixture.repo.read_file(&tree, "new").unwrap().unwrap(), b"x\n");
    assert!(!fired.exists());
}

#[test]
fn filters_of_the_user_are_run_and_know_where_large_files_are() {
    let fixture = Fixture::new();
    fixture.write(".gitattributes", "large filter=large\n");
    fixture.write("large", "text\n");
    let home = fixture.beside("home");
    fs::create_dir(&home).unwrap();
    let filter = "git config lfs.storage >> ~/storage\nexec tr \"$1\" \"$2\"\n";
    fs::write(home.join("filter"), filter).unwrap();
    for (key, command) in [("clean", "sh ~/filter a-z A-Z"), ("smudge", "sh ~/filter A-Z a-z")] {
        let file = home.join(".gitconfig");
        let key = format!("filter.large.{key}");
        git(&home, ["config", "--file", file.to_str().unwrap(), &key, command]);
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "git_trust::helper_with_filters", "--nocapture"])
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .env("LOKI_TEST_REPOSITORY", &fixture.root)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("kept TEXT, checked out text"), "{text}");
    // Git may filter a young file twice.
    let seen = fs::read_to_string(home.join("storage")).unwrap();
    assert!(seen.lines().all(|line| Path::new(line) == fixture.path(".git/lfs")), "{seen}");
}

/// Does nothing unless another test starts it as a process of its own.
#[test]
fn helper_with_filters() {
    let Some(path) = std::env::var_os("LOKI_TEST_REPOSITORY") else { return };
    let repo = Repo::discover(Path::new(&path)).unwrap();
    let tree = repo.snapshot(repo.root()).unwrap();
    let kept = String::from_utf8(repo.read_file(&tree, "large").unwrap().unwrap()).unwrap();
    let copy = repo.root().with_file_name("copy");
    repo.export(&copy, &repo.commit_tree(&tree, &[], "x").unwrap()).unwrap();
    let checked_out = fs::read_to_string(copy.join("large")).unwrap();
    println!("kept {}, checked out {}", kept.trim(), checked_out.trim());
}

#[test]
fn settings_written_later_change_nothing() {
    let fixture = Fixture::new();
    fixture.write("crlf", "a\r\nb\n");
    let commit = fixture.commit();
    let before = seen(&fixture, &commit);
    let (list, settings) =
        (fixture.beside("list"), ["autocrlf true", "eol crlf", "symlinks false"]);
    fs::write(&list, "*\n").unwrap();
    for (key, value) in settings.iter().filter_map(|setting| setting.split_once(' ')) {
        git(&fixture.root, ["config", &format!("core.{key}"), value]);
    }
    git(&fixture.root, ["config", "core.fileMode", "false"]);
    git(&fixture.root, ["config", "core.sparseCheckout", "true"]);
    git(&fixture.root, ["config", "core.excludesFile", list.to_str().unwrap()]);
    git(&fixture.root, ["config", "core.attributesFile", list.to_str().unwrap()]);
    fs::write(&list, "* text eol=crlf ident working-tree-encoding=UTF-16\n").unwrap();
    fixture.write(".git/info/sparse-checkout", "/program\n");
    fixture.write(".git/info/attributes", "* text eol=crlf\n");
    assert!(seen(&fixture, &commit) == before);
}

#[test]
fn a_missing_object_starts_no_program_that_the_repository_names() {
    let fixture = Fixture::new();
    let (trap, fired) = fixture.trap();
    let tree = fixture.repo.tree_of(&fixture.head()).unwrap();
    let blob = git_text(&fixture.root, ["rev-parse", "HEAD:file"]);
    let (directory, name) = blob.split_at(2);
    fs::remove_file(fixture.path(".git/objects").join(directory).join(name)).unwrap();
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", fixture.root.to_str().unwrap()),
        ("remote.origin.uploadpack", &trap),
    ] {
        git(&fixture.root, ["config", key, value]);
    }
    assert!(fixture.repo.read_file(&tree, "file").is_err());
    assert!(fixture.repo.export(&fixture.beside("copy"), &fixture.head()).is_err());
    assert!(!fixture.beside("copy").exists());
    assert!(!fired.exists());
}

#[test]
fn pipes_in_the_place_of_files_of_git_do_not_hold_a_snapshot() {
    let fixture = Fixture::new();
    let expected = fixture.snapshot();
    for file in [".git/info/exclude", ".git/shallow", ".git/index"] {
        let _ = fs::remove_file(fixture.path(file));
        fs::create_dir_all(fixture.path(".git/info")).unwrap();
        assert!(Command::new("mkfifo").arg(fixture.path(file)).status().unwrap().success());
        assert_eq!(fixture.snapshot(), expected);
        fs::remove_file(fixture.path(file)).unwrap();
    }
}

#[test]
fn grafts_of_parents_change_nothing() {
    let fixture = Fixture::new();
    let (commit, other) = (fixture.head(), another(&fixture));
    let before = seen(&fixture, &commit);
    fixture.write(".git/info/grafts", format!("{commit} {other}\n"));
    assert!(seen(&fixture, &commit) == before);
}
