//! A restore brings files back byte by byte, and nothing else changes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use loki_host::git::{Repo, RestoreError, Restored};
use loki_model::TreeId;
use proptest::prelude::*;

use crate::fixture::{Fixture, files, git, git_text};

fn kept(fixture: &Fixture) -> TreeId {
    fixture.repo.raw_tree(&fixture.root, &[]).unwrap()
}

fn restore(fixture: &Fixture, to: &TreeId) -> Restored {
    try_restore(fixture, to).unwrap()
}

fn try_restore(fixture: &Fixture, to: &TreeId) -> Result<Restored, RestoreError> {
    let from = fixture.repo.raw_tree_before(&fixture.root, to)?;
    fixture.repo.restore(&fixture.root, &from, to)
}

#[test]
fn everything_that_a_tree_can_hold_comes_back() {
    let fixture = Fixture::new();
    fixture.write_hard_names();
    fixture.write("deep/er/file", "x");
    symlink("no/such\nplace", fixture.path("dangling")).unwrap();
    symlink("..", fixture.path("up")).unwrap();
    let (before, tree) = (files(&fixture.root), kept(&fixture));
    for entry in fs::read_dir(&fixture.root).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name() == Some(OsStr::new(".git")) {
        } else if path.is_symlink() || path.is_file() {
            fs::remove_file(path).unwrap();
        } else {
            fs::remove_dir_all(path).unwrap();
        }
    }
    fixture.write("crlf/is/a/directory", "x");
    fixture.write("added", "x");
    fixture.write("deep", "a file");
    symlink("/", fixture.path("directory")).unwrap();
    let done = restore(&fixture, &tree);
    assert!(files(&fixture.root) == before);
    assert_eq!(done.stayed, [""; 0]);
    assert!(!fixture.path("crlf/is").exists());
    assert_eq!(kept(&fixture), tree);
}

#[test]
fn neither_index_nor_head_nor_branches_change() {
    let fixture = Fixture::new();
    let tree = kept(&fixture);
    fixture.write("staged", "staged");
    git(&fixture.root, ["add", "staged"]);
    fixture.write("committed", "x");
    git(&fixture.root, ["add", "committed"]);
    git(&fixture.root, ["commit", "--quiet", "-m", "x", "--", "committed"]);
    let state = || {
        let index = fs::read(fixture.path(".git/index")).unwrap();
        let refs = git(&fixture.root, ["for-each-ref"]);
        (index, refs, fs::read(fixture.path(".git/HEAD")).unwrap())
    };
    let before = state();
    let _ = restore(&fixture, &tree);
    assert!(before == state());
    assert!(!fixture.path("staged").exists() && !fixture.path("committed").exists());
}

#[test]
fn ignored_files_stay_also_where_the_rules_changed_in_between() {
    let fixture = Fixture::new();
    fixture.write("ignored", "mine");
    let tree = kept(&fixture);
    // What was ignored at the time of the checkpoint, and what is ignored by now.
    fixture.write(".gitignore", "later\n");
    fixture.write("ignored", "still mine");
    fixture.write("later", "x");
    fixture.write("a.o", "x");
    let done = restore(&fixture, &tree);
    assert_eq!(fs::read_to_string(fixture.path("ignored")).unwrap(), "still mine");
    assert!(fixture.path("later").exists() && fixture.path("a.o").exists());
    assert_eq!(done.stayed, ["a.o", "ignored", "later"]);
    assert_eq!(fs::read_to_string(fixture.path(".gitignore")).unwrap(), "ignored\n*.o\n");
}

#[test]
fn an_ignored_file_in_the_way_is_kept_before_it_is_replaced() {
    let fixture = Fixture::new();
    fixture.write("data", "old");
    fixture.write("directory/inner", "old");
    let tree = kept(&fixture);
    fs::remove_dir_all(fixture.path("directory")).unwrap();
    fixture.write(".gitignore", "data\ndirectory\n");
    fixture.write("data", "new");
    fixture.write("directory", "now a file");
    let from = fixture.repo.raw_tree_before(&fixture.root, &tree).unwrap();
    fixture.repo.restore(&fixture.root, &from, &tree).unwrap();
    assert_eq!(fs::read_to_string(fixture.path("data")).unwrap(), "old");
    assert_eq!(fs::read_to_string(fixture.path("directory/inner")).unwrap(), "old");
    let _ = restore(&fixture, &from);
    assert_eq!(fs::read_to_string(fixture.path("data")).unwrap(), "new");
    assert_eq!(fs::read_to_string(fixture.path("directory")).unwrap(), "now a file");
}

#[test]
fn a_directory_of_ignored_files_in_the_way_is_refused_before_anything_changes() {
    let fixture = Fixture::new();
    fixture.write("data", "old");
    let tree = kept(&fixture);
    fs::remove_file(fixture.path("data")).unwrap();
    fixture.write("data/a.o", "x");
    fixture.write("file", "changed");
    let error = try_restore(&fixture, &tree).unwrap_err();
    assert!(matches!(&error, RestoreError::InTheWay { path } if path == "data/a.o"), "{error}");
    assert_eq!(fs::read_to_string(fixture.path("file")).unwrap(), "changed");
}

#[test]
fn no_conversion_of_the_repository_changes_a_byte_and_no_filter_runs() {
    let mut fixture = Fixture::new();
    let (trap, fired) = fixture.trap();
    fixture.write("crlf", "a\r\nb\n");
    fixture.write("pointer.bin", "version https://git-lfs.github.com/spec/v1\n");
    fixture.write(".gitattributes", "* text=auto eol=crlf ident\n*.bin filter=x\n");
    fixture.write("ident", "$Id$\n");
    fixture.commit();
    for key in ["clean", "smudge", "process"] {
        git(&fixture.root, ["config", &format!("filter.x.{key}"), &trap]);
    }
    for (key, value) in [
        ("filter.x.required", "true"),
        ("core.autocrlf", "true"),
        ("core.fsmonitor", &trap),
        ("core.filemode", "false"),
        ("core.symlinks", "false"),
    ] {
        git(&fixture.root, ["config", key, value]);
    }
    let hook = fixture.path(".git/hooks/post-checkout");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(&trap, &hook).unwrap();
    // Attributes of the repository alone win over those of files.
    fixture.write(".git/info/attributes", "* text working-tree-encoding=UTF-16 filter=x\n");
    let hostile = Repo::discover(&fixture.root).unwrap();
    fixture.repo = hostile;
    let (before, tree) = (files(&fixture.root), kept(&fixture));
    assert_eq!(fixture.repo.read_file(&tree, "crlf").unwrap().unwrap(), b"a\r\nb\n");
    for path in ["crlf", "pointer.bin", "ident", "file", "program"] {
        fixture.write(path, "changed\r\n");
        fixture.chmod(path, 0o600);
    }
    let _ = restore(&fixture, &tree);
    assert!(files(&fixture.root) == before);
    assert!(!fired.exists());
}

#[test]
fn a_link_is_never_followed_out_of_the_work_tree() {
    let fixture = Fixture::new();
    let tree = kept(&fixture);
    let outside = fixture.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("inner"), "theirs").unwrap();
    fs::remove_dir_all(fixture.path("directory")).unwrap();
    symlink(&outside, fixture.path("directory")).unwrap();
    // Another name of the same file.
    fs::remove_file(fixture.path("file")).unwrap();
    fs::hard_link(outside.join("inner"), fixture.path("file")).unwrap();
    let _ = restore(&fixture, &tree);
    assert_eq!(fs::read_to_string(outside.join("inner")).unwrap(), "theirs");
    assert_eq!(fs::read_to_string(fixture.path("file")).unwrap(), "one\ntwo\n");
    assert_eq!(fs::read_to_string(fixture.path("directory/inner")).unwrap(), "inner\n");
}

#[test]
fn a_forged_tree_can_not_write_into_git_directories_or_above() {
    let fixture = Fixture::new();
    let blob = git_text(&fixture.root, ["hash-object", "-w", "file"]);
    for name in [".git", "..", ".GIT"] {
        let inner = mktree(&fixture, format!("100644 blob {blob}\thook\n"));
        let tree = mktree(&fixture, format!("040000 tree {inner}\t{name}\n"));
        let _ = try_restore(&fixture, &TreeId::try_from(tree).unwrap()).unwrap_err();
        assert!(fixture.path("file").exists(), "{name}");
        assert!(!fixture.path(".git/hook").exists() && !fixture.beside("hook").exists());
    }
}

fn mktree(fixture: &Fixture, line: String) -> String {
    let list = fixture.beside("list");
    fs::write(&list, line).unwrap();
    let output = std::process::Command::new("git")
        .arg("mktree")
        .current_dir(&fixture.root)
        .stdin(fs::File::open(&list).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_a_cut_off_restore_left_is_finished_by_the_next_one() {
    let fixture = Fixture::new();
    let (before, tree) = (files(&fixture.root), kept(&fixture));
    fixture.write("file", "changed");
    fixture.write("directory/.loki-restore-4711", "half a fi");
    fs::remove_file(fixture.path("program")).unwrap();
    let _ = restore(&fixture, &tree);
    assert!(files(&fixture.root) == before);
}

#[test]
fn directories_and_files_that_may_not_be_written_are_put_back_too() {
    let fixture = Fixture::new();
    let (before, tree) = (files(&fixture.root), kept(&fixture));
    fixture.write("directory/more", "x");
    fixture.chmod("file", 0o400);
    fixture.chmod("directory", 0o500);
    let _ = restore(&fixture, &tree);
    assert!(files(&fixture.root) == before);
    let mode = fs::metadata(fixture.path("file")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400, "who may read it is not git's matter");
}

#[test]
fn the_pin_of_a_submodule_without_files_comes_back() {
    let fixture = Fixture::new();
    let (one, two) = ("1".repeat(40), "2".repeat(40));
    let pin = |id: &str| {
        git(&fixture.root, ["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")])
    };
    fs::create_dir(fixture.path("sub")).unwrap();
    fixture.write(".gitmodules", "[submodule \"sub\"]\n\tpath = sub\n\turl = ../sub\n");
    let _ = pin(&one);
    let tree = kept(&fixture);
    let _ = pin(&two);
    assert_ne!(kept(&fixture), tree);
    let _ = restore(&fixture, &tree);
    assert_eq!(kept(&fixture), tree);
    assert!(git_text(&fixture.root, ["ls-files", "-s", "sub"]).contains(&one));
    git(&fixture.root, ["update-index", "--force-remove", "sub"]);
    let without = kept(&fixture);
    let _ = restore(&fixture, &tree);
    assert_eq!(kept(&fixture), tree);
    let _ = restore(&fixture, &without);
    assert_eq!(kept(&fixture), without);
}

#[test]
fn a_submodule_with_files_is_not_entered_and_told() {
    let fixture = Fixture::new();
    let other = Fixture::new();
    let url = other.root.to_str().unwrap();
    git(
        &fixture.root,
        ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "sub"],
    );
    fixture.commit();
    let tree = kept(&fixture);
    let sub = fixture.path("sub");
    let who = ["-c", "user.name=x", "-c", "user.email=x@localhost"];
    git(&sub, [&who[..], &["commit", "--quiet", "--allow-empty", "-m", "x"]].concat());
    let done = restore(&fixture, &tree);
    assert_eq!(done.submodules, ["sub"]);
    assert!(sub.join("file").exists());
}

/// One edit of a work tree, by whoever may write it.
#[derive(Clone, Debug)]
enum Edit {
    Write(usize, Vec<u8>),
    Link(usize, usize),
    Remove(usize),
    Program(usize, bool),
    Stage,
    Commit,
    Unstage(usize),
}

/// Names that are files at one time and directories at another, and hard ones.
const NAMES: [&[u8]; 12] = [
    b"a",
    b"a/b",
    b"a/b/c",
    b"a/b/d e",
    b"directory",
    b"directory/inner",
    b"not \xff utf-8",
    b"not \xff utf-8/\xfe",
    b"li\nne",
    b"-d",
    b"file",
    b"x.git/config",
];

fn edit() -> impl Strategy<Value = Edit> {
    let name = 0..NAMES.len();
    let bytes = prop_oneof![
        Just(Vec::new()),
        Just(b"a\r\nb\n".to_vec()),
        Just(b"\0\xff".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop_oneof![
        6 => (name.clone(), bytes).prop_map(|(name, bytes)| Edit::Write(name, bytes)),
        2 => (name.clone(), name.clone()).prop_map(|(name, to)| Edit::Link(name, to)),
        3 => name.clone().prop_map(Edit::Remove),
        2 => (name.clone(), any::<bool>()).prop_map(|(name, on)| Edit::Program(name, on)),
        1 => Just(Edit::Stage),
        1 => Just(Edit::Commit),
        1 => name.prop_map(Edit::Unstage),
    ]
}

fn carry_out(fixture: &Fixture, edit: &Edit) {
    let at = |name: &usize| fixture.root.join(OsStr::from_bytes(NAMES[*name]));
    let make_room = |path: &Path| {
        let above = path.parent().unwrap();
        for part in above.ancestors().take_while(|part| *part != fixture.root) {
            if part.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
                fs::remove_file(part).unwrap();
            }
        }
        fs::create_dir_all(above).unwrap();
        remove(path);
    };
    match edit {
        Edit::Write(name, bytes) => {
            make_room(&at(name));
            fs::write(at(name), bytes).unwrap();
        }
        Edit::Link(name, to) => {
            make_room(&at(name));
            symlink(OsStr::from_bytes(NAMES[*to]), at(name)).unwrap();
        }
        Edit::Remove(name) => remove(&at(name)),
        Edit::Program(name, on) => {
            let path = at(name);
            let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
            let within = path
                .parent()
                .unwrap()
                .canonicalize()
                .is_ok_and(|above| above == path.parent().unwrap());
            if is_file && within {
                let mode = if *on { 0o755 } else { 0o644 };
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        Edit::Stage => drop(git(&fixture.root, ["add", "--all"])),
        Edit::Commit => {
            git(&fixture.root, ["add", "--all"]);
            git(&fixture.root, ["commit", "--quiet", "--allow-empty", "--message=x"]);
        }
        Edit::Unstage(name) => {
            let name = OsStr::from_bytes(NAMES[*name]);
            let args = ["rm", "-r", "--quiet", "--cached", "--ignore-unmatch", "--"];
            git(&fixture.root, args.into_iter().map(OsStr::new).chain([name]));
        }
    }
}

/// Never what a link leads to.
fn remove(path: &Path) {
    let linked = path.ancestors().skip(1).any(|part| part.is_symlink());
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() && !linked => fs::remove_dir_all(path).unwrap(),
        Ok(_) if !linked => fs::remove_file(path).unwrap(),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]

    /// Any number of edits, with checkpoints in between; every one of them comes back, in any order, and
    /// so does what was there before going back.
    #[test]
    fn whatever_was_edited_every_checkpoint_comes_back(
        parts in prop::collection::vec(prop::collection::vec(edit(), 1..8), 2..5),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let fixture = Fixture::new();
        let mut points = vec![(kept(&fixture), files(&fixture.root))];
        for edits in &parts {
            edits.iter().for_each(|edit| carry_out(&fixture, edit));
            points.push((kept(&fixture), files(&fixture.root)));
        }
        for index in order {
            let (tree, expected) = index.get(&points);
            let before = files(&fixture.root);
            let from = fixture.repo.raw_tree_before(&fixture.root, tree).unwrap();
            fixture.repo.restore(&fixture.root, &from, tree).unwrap();
            prop_assert_eq!(&kept(&fixture), tree);
            prop_assert!(files(&fixture.root) == *expected);
            let _ = restore(&fixture, &from);
            prop_assert!(files(&fixture.root) == before, "going back is undone");
            let _ = restore(&fixture, tree);
        }
    }
}
