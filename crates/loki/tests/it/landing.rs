//! What a run made is looked at, taken, or thrown away and brought back.

use loki_testkit::{Script, TestRepo};

use crate::support::*;

fn verified() -> TestRepo {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    repo
}

/// A run whose one call is wrong.
fn refused() -> TestRepo {
    let repo = project();
    let lie = Script::new()
        .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"));
    let _ = start(&repo, &save(&repo, &lie)).args(["--max-iterations", "1"]).run().expect_code(11);
    repo
}

#[test]
fn a_diff_can_be_applied_by_git_and_is_told_in_figures() {
    let repo = verified();
    let diff = loki(&repo).args(["diff"]).run().expect_code(0).stdout;
    assert!(diff.contains("+    return a + b") && !diff.contains('\u{1b}'), "{diff}");
    let patch = repo.beside("patch");
    std::fs::write(&patch, &diff).unwrap();
    repo.git(["apply", patch.to_str().unwrap()]);
    assert_eq!(repo.read("sums.py"), RIGHT);
    let stat = loki(&repo).args(["diff", "--stat"]).run().expect_code(0).stdout;
    assert!(stat.contains("sums.py") && stat.contains("2 files changed"), "{stat}");
    let json = loki(&repo).args(["diff", "--json"]).run().expect_code(0).json();
    assert_eq!((&json["schema_version"], &json["total"]["files"]), (&1.into(), &2.into()));
}

#[test]
fn a_verified_run_moves_the_branch_on_and_leaves_other_changes_alone() {
    let repo = verified();
    repo.write("notes.txt", "mine");
    repo.write("prd.md", "changed by me\n");
    let dry = loki(&repo).args(["apply", "--dry-run", "--json"]).run().expect_code(0).json();
    assert_eq!((&dry["how"], &dry["commit"]), (&"fast_forward".into(), &serde_json::Value::Null));
    assert!(!repo.exists("test_sums.py"));
    let before = repo.git(["rev-parse", "HEAD"]);
    let done = loki(&repo).args(["apply"]).run().expect_code(0).stdout;
    assert_eq!((repo.read("sums.py"), repo.read("test_sums.py")), (RIGHT.into(), TEST.into()));
    assert_eq!(repo.git(["rev-parse", "HEAD"]), repo.git(["rev-parse", &run_branch(&repo)]));
    let status = repo.git(["status", "--porcelain"]);
    let mut changed: Vec<&str> = status.lines().map(str::trim).collect();
    changed.sort_unstable();
    assert_eq!(changed, ["?? notes.txt", "M prd.md"], "{status}");
    let undo = done.lines().find(|line| line.contains("undoes this")).unwrap();
    assert!(undo.contains(&before[..10]), "{undo}");
    let again = loki(&repo).args(["apply"]).run().expect_code(0).stdout;
    assert!(again.contains("has everything"), "{again}");
}

#[test]
fn a_branch_with_commits_of_its_own_is_merged() {
    let repo = verified();
    repo.write("other.txt", "mine\n");
    let mine = repo.commit_all("mine");
    let done = loki(&repo).args(["apply", "--json"]).run().expect_code(0).json();
    assert_eq!(done["how"], "merge");
    assert_eq!((repo.read("sums.py"), repo.read("other.txt")), (RIGHT.into(), "mine\n".into()));
    let parents = repo.git(["log", "-1", "--format=%P"]);
    assert!(parents.starts_with(mine.trim()) && parents.split(' ').count() == 2, "{parents}");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn what_is_not_committed_is_never_overwritten() {
    let repo = verified();
    for (path, text) in [("sums.py", "mine\n"), ("test_sums.py", "mine\n")] {
        let before = repo.git(["rev-parse", "HEAD"]);
        let old = std::fs::read(repo.root().join(path)).ok();
        repo.write(path, text);
        let refused = loki(&repo).args(["apply"]).run().expect_code(2);
        assert!(refused.stderr.contains(path), "{}", refused.stderr);
        assert!(refused.stderr.contains("git stash"), "{}", refused.stderr);
        assert_eq!((repo.read(path), repo.git(["rev-parse", "HEAD"])), (text.into(), before));
        match old {
            Some(old) => std::fs::write(repo.root().join(path), old).unwrap(),
            None => std::fs::remove_file(repo.root().join(path)).unwrap(),
        }
    }
    std::fs::write(repo.root().join(".git/info/exclude"), "test_sums.py\n").unwrap();
    repo.write("test_sums.py", "ignored and mine\n");
    let refused = loki(&repo).args(["apply"]).run().expect_code(2);
    assert!(refused.stderr.contains("test_sums.py"), "{}", refused.stderr);
    assert_eq!(repo.read("test_sums.py"), "ignored and mine\n");
}

#[test]
fn conflicts_are_told_and_no_marker_is_written() {
    let repo = verified();
    repo.write("sums.py", "def add(a, b):\n    return b + a\n");
    let mine = repo.commit_all("mine");
    let refused = loki(&repo).args(["apply"]).run().expect_code(2);
    assert!(refused.stderr.contains("sums.py"), "{}", refused.stderr);
    assert!(refused.stderr.contains("git merge loki/"), "{}", refused.stderr);
    assert_eq!(repo.git(["rev-parse", "HEAD"]).trim(), mine.trim());
    assert!(!repo.read("sums.py").contains("<<<<"));
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn only_what_was_verified_is_taken_unless_told_otherwise() {
    let repo = refused();
    let told = loki(&repo).args(["apply"]).run().expect_code(2);
    assert!(told.stderr.contains("--unverified"), "{}", told.stderr);
    assert!(!repo.exists("test_sums.py"));
    let _ = loki(&repo).args(["apply", "--unverified"]).run().expect_code(0);
    assert_eq!(repo.read("sums.py"), WRONG);
    // A branch that somebody moved after the verdict is not what was verified.
    let repo = verified();
    let place = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    let place = place["workspace"]["path"].as_str().unwrap().to_owned();
    std::fs::write(std::path::Path::new(&place).join("sums.py"), WRONG).unwrap();
    repo.git(["-C", &place, "commit", "--quiet", "-am", "later"]);
    let told = loki(&repo).args(["apply"]).run().expect_code(2);
    assert!(told.stderr.contains("changed after it was verified"), "{}", told.stderr);
}

#[test]
fn merge_drivers_and_filters_of_the_repository_do_not_run() {
    let repo = verified();
    let fired = repo.beside("fired");
    let trap = format!("touch '{}'; cat", fired.display());
    for key in ["filter.x.smudge", "filter.x.clean", "merge.x.driver", "core.fsmonitor"] {
        repo.git(["config", key, &trap]);
    }
    std::fs::write(repo.root().join(".git/info/attributes"), "* filter=x merge=x\n").unwrap();
    let hook = repo.root().join(".git/hooks/post-checkout");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(hook, format!("#!/bin/sh\n{trap}\n")).unwrap();
    let _ = loki(&repo).args(["apply", "--quiet"]).run().expect_code(0);
    assert_eq!(repo.read("sums.py"), RIGHT);
    assert!(!fired.exists());
}

#[test]
fn a_discarded_run_is_gone_and_comes_back_with_everything() {
    let repo = verified();
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    let place = std::path::PathBuf::from(status["workspace"]["path"].as_str().unwrap());
    let branch = run_branch(&repo);
    let tip = repo.git(["rev-parse", &branch]);
    std::fs::write(place.join("note.txt"), "not committed").unwrap();
    let done = loki(&repo).args(["discard", "--json"]).run().expect_code(0).json();
    assert!(!place.exists() && run_branch(&repo).is_empty());
    let kept = done["kept"]["id"].as_str().unwrap()[..10].to_owned();
    for command in ["apply", "diff", "discard"] {
        let refused = loki(&repo).args([command]).run().expect_code(2);
        assert!(refused.stderr.contains(&format!("loki rollback to {kept}")), "{}", refused.stderr);
    }
    assert!(loki(&repo).args(["why"]).run().expect_code(0).stdout.contains("discarded"));
    assert!(loki(&repo).args(["logs"]).run().expect_code(0).stdout.contains("VERIFIED"));
    let _ = loki(&repo).args(["rollback", "to", &kept]).run().expect_code(0);
    assert_eq!(std::fs::read_to_string(place.join("note.txt")).unwrap(), "not committed");
    assert_eq!(std::fs::read_to_string(place.join("sums.py")).unwrap(), RIGHT);
    assert_eq!(repo.git(["rev-parse", &branch]), tip);
    let _ = loki(&repo).args(["diff", "--stat"]).run().expect_code(0);
}

#[test]
fn a_run_in_place_has_nothing_to_take_and_is_undone_by_going_back() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).args(["--in-place"]).run().expect_code(0);
    let refused = loki(&repo).args(["apply"]).run().expect_code(2);
    assert!(refused.stderr.contains("loki diff"), "{}", refused.stderr);
    let diff = loki(&repo).args(["diff", "--stat"]).run().expect_code(0).stdout;
    assert!(diff.contains("test_sums.py"), "{diff}");
    let refused = loki(&repo).args(["discard"]).run().expect_code(2);
    assert!(refused.stderr.contains("loki rollback list"), "{}", refused.stderr);
    let _ = loki(&repo).args(["rollback", "latest"]).run().expect_code(0);
    assert!(!repo.exists("test_sums.py") && repo.read("sums.py").contains("not yet"));
}
