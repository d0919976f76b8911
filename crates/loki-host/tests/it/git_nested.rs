//! Repositories within the work tree: their files do not vanish.

use std::fs;
use std::path::Path;

use loki_host::git::{EntryKind, GitError};

use crate::fixture::{Fixture, git, git_text};

fn init(directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    git(directory, ["init", "--quiet"]);
}

fn commit(directory: &Path) {
    git(directory, ["add", "--all"]);
    let identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"];
    git(directory, identity.into_iter().chain(["commit", "--quiet", "--allow-empty", "-mx"]));
}

/// What the snapshot has below `directory`.
fn below(fixture: &Fixture, directory: &str) -> Vec<String> {
    let paths = fixture.snapshot_paths().into_iter();
    paths.filter_map(|path| Some(path.strip_prefix(directory)?.to_owned())).collect()
}

/// Whether the snapshot has but the commit of `path`.
fn is_link(fixture: &Fixture, path: &str) -> bool {
    let tree = fixture.snapshot();
    let listing = git_text(&fixture.root, ["ls-tree", tree.as_str(), path]);
    listing.starts_with("160000 commit")
}

#[test]
fn files_of_a_repository_without_commits_are_taken() {
    let fixture = Fixture::new();
    init(&fixture.path("new"));
    fixture.write("new/file", "x");
    fixture.write("new/deep/file", "x");
    fixture.write("beside", "x");
    assert_eq!(below(&fixture, "new/"), ["deep/file", "file"]);
    assert_eq!(below(&fixture, "beside"), [""]);
}

#[test]
fn files_of_a_repository_with_commits_are_taken_as_they_are() {
    let fixture = Fixture::new();
    init(&fixture.path("new"));
    fixture.write("new/file", "x");
    commit(&fixture.path("new"));
    fixture.write("new/file", "changed");
    fixture.write("new/untracked", "x");
    assert_eq!(below(&fixture, "new/"), ["file", "untracked"]);
    let text = fixture.repo.read_file(&fixture.snapshot(), "new/file").unwrap();
    assert_eq!(text.unwrap(), b"changed");
}

#[test]
fn files_of_repositories_within_repositories_are_taken() {
    let fixture = Fixture::new();
    for (place, with_commit) in [("a", true), ("a/b", false), ("a/b/c", true), ("a/d", true)] {
        init(&fixture.path(place));
        fixture.write(&format!("{place}/file"), "x");
        if with_commit {
            commit(&fixture.path(place));
        }
    }
    assert_eq!(below(&fixture, "a/"), ["b/c/file", "b/file", "d/file", "file"]);
}

#[test]
fn pointers_to_other_repositories_are_listed_and_files_are_not() {
    let fixture = Fixture::new();
    let tree = fixture.snapshot();
    let submodules = |tree| -> Vec<String> {
        let entries = fixture.repo.list(tree).unwrap().into_iter();
        entries.filter(|e| e.kind == EntryKind::Submodule).map(|e| e.path).collect()
    };
    assert!(submodules(&tree).is_empty());
    let patch = b"diff --git a/lib/x b/lib/x\nnew file mode 160000\nindex 0000000..5f2c1e0\n--- /dev/null\n\
                  +++ b/lib/x\n@@ -0,0 +1 @@\n+Subproject commit 5f2c1e0d9b8a7f6e5d4c3b2a19087f6e5d4c3b2a\n";
    let tree = fixture.repo.apply_patch(&tree, patch).unwrap();
    assert_eq!(submodules(&tree), ["lib/x"]);
    assert!(!fixture.repo.list_files(&tree).unwrap().contains(&"lib/x".to_owned()));
}

#[test]
fn what_the_repository_or_the_one_around_it_ignores_is_left_out() {
    let fixture = Fixture::new();
    fixture.write(".git/info/exclude", "around\n");
    for (place, with_commit) in [("with", true), ("without", false)] {
        init(&fixture.path(place));
        fixture.write(&format!("{place}/.gitignore"), "own\n!kept.o\n");
        fixture.write(&format!("{place}/.git/info/exclude"), "private\n");
        for name in ["own", "private", "x.o", "kept.o", "around", "deep/x.o", "file"] {
            fixture.write(&format!("{place}/{name}"), "x");
        }
        if with_commit {
            commit(&fixture.path(place));
        }
        assert_eq!(below(&fixture, &format!("{place}/")), [".gitignore", "file", "kept.o"]);
    }
}

#[test]
fn empty_repositories_are_nothing() {
    let fixture = Fixture::new();
    let before = fixture.snapshot();
    init(&fixture.path("without"));
    init(&fixture.path("with"));
    commit(&fixture.path("with"));
    assert_eq!(fixture.snapshot(), before);
}

#[test]
fn a_repository_may_have_any_name_and_any_kind() {
    let fixture = Fixture::new();
    for name in ["-dash", "qu\"ote", "li\nne", ":(top)x", "[a]*", "ünï"] {
        init(&fixture.path(name));
        fixture.write(&format!("{name}/file"), "x");
    }
    fs::create_dir(fixture.path("long")).unwrap();
    git(&fixture.path("long"), ["init", "--quiet", "--object-format=sha256"]);
    fixture.write("long/file", "x");
    commit(&fixture.path("long"));
    fixture.write("broken/.git", "gitdir: /nonexistent\n");
    fixture.write("broken/file", "x");
    let paths = fixture.snapshot_paths();
    for name in ["-dash", "qu\"ote", "li\nne", ":(top)x", "[a]*", "ünï", "long", "broken"] {
        assert!(paths.contains(&format!("{name}/file")), "{name}: {paths:?}");
    }
    assert_eq!(paths.len(), 5 + 8);
}

#[test]
fn a_work_tree_of_the_same_repository_is_a_directory_like_any_other() {
    let fixture = Fixture::new();
    let path = fixture.path("tree");
    fixture.repo.add_worktree(&path, &fixture.head(), None).unwrap();
    assert_eq!(below(&fixture, "tree/").len(), 5);
}

#[test]
fn a_directory_that_is_tracked_stays_so_when_it_becomes_a_repository() {
    let fixture = Fixture::new();
    init(&fixture.path("directory"));
    commit(&fixture.path("directory"));
    fixture.write("directory/new", "x");
    assert_eq!(below(&fixture, "directory/"), ["inner", "new"]);
}

/// With a submodule as `git submodule add` leaves it, and whether that was committed.
fn with_submodule(committed: bool) -> Fixture {
    let fixture = Fixture::new();
    let origin = fixture.beside("origin");
    init(&origin);
    fs::write(origin.join("file"), "x").unwrap();
    commit(&origin);
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"];
    let origin = origin.to_str().unwrap().to_owned();
    git(&fixture.root, add.into_iter().chain([origin.as_str(), "sub"]));
    if committed {
        fixture.commit();
    }
    fixture
}

#[test]
fn submodules_stay_submodules() {
    for committed in [true, false] {
        let fixture = with_submodule(committed);
        fixture.write("sub/new", "x");
        assert!(is_link(&fixture, "sub"), "{committed}");
    }
}

#[test]
fn a_submodule_stays_one_without_index_and_when_it_was_only_unstaged() {
    let fixture = with_submodule(true);
    git(&fixture.root, ["rm", "--quiet", "--cached", "sub"]);
    assert!(is_link(&fixture, "sub"));
    fs::remove_file(fixture.path(".git/index")).unwrap();
    assert!(is_link(&fixture, "sub"));
}

#[test]
fn a_submodule_that_is_not_there_stays() {
    let fixture = with_submodule(true);
    git(&fixture.root, ["submodule", "--quiet", "deinit", "--force", "sub"]);
    assert!(is_link(&fixture, "sub"));
    let copy = fixture.beside("copy");
    fixture.repo.export(&copy, &fixture.head()).unwrap();
    assert!(is_link(&fixture, "sub") && copy.join("sub").is_dir());
}

#[test]
fn a_repository_is_no_submodule_because_it_was_staged_or_committed() {
    let fixture = Fixture::new();
    init(&fixture.path("new"));
    fixture.write("new/file", "x");
    commit(&fixture.path("new"));
    git(&fixture.root, ["-c", "advice.addEmbeddedRepo=false", "add", "new"]);
    assert_eq!(below(&fixture, "new/"), ["file"]);
    fixture.commit();
    assert_eq!(below(&fixture, "new/"), ["file"]);
    fs::remove_dir_all(fixture.path("new/.git")).unwrap();
    assert_eq!(below(&fixture, "new/"), ["file"]);
}

#[test]
fn a_repository_is_no_submodule_because_a_file_says_so() {
    let fixture = Fixture::new();
    init(&fixture.path("new"));
    fixture.write("new/file", "x");
    commit(&fixture.path("new"));
    fixture.write(".gitmodules", "[submodule \"new\"]\n\tpath = new\n\turl = ./new\n");
    assert_eq!(below(&fixture, "new/"), ["file"]);
}

#[test]
fn repositories_too_deep_within_one_another_are_an_error_that_names_one() {
    let fixture = Fixture::new();
    let mut place = fixture.path("x");
    for _ in 0..12 {
        init(&place);
        fs::write(place.join("file"), "x").unwrap();
        place = place.join("x");
    }
    let error = fixture.repo.snapshot(&fixture.root).unwrap_err();
    let GitError::Nested { path, .. } = &error else { panic!("{error}") };
    assert_eq!(path.to_str(), Some("x/x/x/x/x/x/x/x/x"));
}

#[test]
fn filters_and_hooks_of_a_repository_within_are_not_run() {
    let fixture = Fixture::new();
    let (trap, fired) = fixture.trap();
    for (place, with_commit) in [("with", true), ("without", false)] {
        init(&fixture.path(place));
        fixture.write(&format!("{place}/file"), "x");
        if with_commit {
            commit(&fixture.path(place));
        }
        git(&fixture.path(place), ["config", "filter.x.clean", &trap]);
        git(&fixture.path(place), ["config", "core.fsmonitor", &trap]);
        fixture.write(&format!("{place}/.gitattributes"), "* filter=x\n");
    }
    assert_eq!(
        below(&fixture, "with"),
        ["/.gitattributes", "/file", "out/.gitattributes", "out/file"]
    );
    assert!(!fired.exists());
}
