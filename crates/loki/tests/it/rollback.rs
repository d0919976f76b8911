//! Checkpoints: made before each call and by hand, gone back to, and that undone.

use loki_testkit::{Script, TestRepo};
use serde_json::Value;

use crate::support::*;

/// Two calls: the first is wrong and adds a file, the second says it is done.
fn wrong_then_right() -> Script {
    Script::new()
        .call(|c| c.write("sums.py", WRONG).write("extra.txt", "x").say("more to do"))
        .call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE"))
}

fn list(repo: &TestRepo) -> Vec<Value> {
    let listed = loki(repo).args(["rollback", "list", "--json"]).run().expect_code(0).json();
    assert_eq!(listed["schema_version"], 1);
    listed["checkpoints"].as_array().cloned().unwrap_or_default()
}

fn id(point: &Value) -> String {
    point["id"].as_str().map(|id| id[..10].to_owned()).unwrap_or_default()
}

fn workspace(repo: &TestRepo) -> std::path::PathBuf {
    let status = loki(repo).args(["status", "--json"]).run().expect_code(0).json();
    status["workspace"]["path"].as_str().unwrap_or_default().into()
}

#[test]
fn every_call_has_a_checkpoint_and_the_run_goes_on_from_any_of_them() {
    let repo = project();
    let script = save(&repo, &wrong_then_right());
    let _ = start(&repo, &script).run().expect_code(0);
    let points = list(&repo);
    let calls: Vec<&Value> = points.iter().map(|point| &point["call"]).collect();
    assert_eq!(calls, [2, 1], "newest first");
    let place = workspace(&repo);
    let read = |name: &str| std::fs::read_to_string(place.join(name)).ok();
    // Before the second call there were the files of the first.
    let done = loki(&repo).args(["rollback", "latest"]).run().expect_code(0);
    assert_eq!(read("sums.py").as_deref(), Some(WRONG));
    assert_eq!((read("test_sums.py"), read("extra.txt").as_deref()), (None, Some("x")));
    assert!(done.stdout.contains("undoes this"), "{}", done.stdout);
    // The verdict was about files that are not there any more.
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["outcome"], "stopped");
    assert_ne!(status["verdict"], "verified");
    assert_eq!(status["calls"], 2, "what was spent stays spent");
    let script = Script::new()
        .call(|c| c.say("never asked again"))
        .call(|c| c.say("never asked again"))
        .call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE"));
    let _script = save(&repo, &script);
    let _ = loki(&repo).args(["resume", "--yes"]).run().expect_code(0);
    assert_eq!(read("sums.py").as_deref(), Some(RIGHT));
}

#[test]
fn going_back_is_undone_by_the_line_that_it_prints() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &wrong_then_right())).run().expect_code(0);
    let place = workspace(&repo);
    let first = id(list(&repo).last().unwrap());
    let done = loki(&repo).args(["rollback", "to", &first, "--json"]).run().expect_code(0).json();
    assert_eq!(done["to"]["call"], 1);
    assert!(!place.join("extra.txt").exists());
    let undo = id(&done["kept"]);
    let _ = loki(&repo).args(["rollback", "to", &undo]).run().expect_code(0);
    assert_eq!(std::fs::read_to_string(place.join("sums.py")).unwrap(), RIGHT);
    assert!(place.join("extra.txt").exists());
    let shown =
        loki(&repo).args(["rollback", "show", &first, "--json"]).run().expect_code(0).json();
    assert_eq!((&shown["then"]["calls"], &shown["then"]["verdict"]), (&1.into(), &Value::Null));
    assert!(shown["position"].as_u64().is_some_and(|seq| seq > 1), "{shown}");
    assert!(shown["differs"]["files"].as_u64().is_some_and(|files| files >= 3), "{shown}");
}

#[test]
fn any_checkout_can_be_kept_and_put_back_without_a_run() {
    let repo = TestRepo::new().file("a.txt", "one\n").commit("start");
    repo.write("new.txt", "mine\n");
    let made = loki(&repo).args(["checkpoint", "create", "-m", "before\nI try", "--json"]);
    let made = made.run().expect_code(0).json();
    assert_eq!((&made["occasion"], &made["title"]), (&"by_hand".into(), &"before I try".into()));
    repo.write("a.txt", "two\n");
    std::fs::remove_file(repo.root().join("new.txt")).unwrap();
    repo.write("more.txt", "x");
    let _ = loki(&repo).args(["rollback", "latest"]).run().expect_code(0);
    assert_eq!((repo.read("a.txt"), repo.read("new.txt")), ("one\n".into(), "mine\n".into()));
    assert!(!repo.exists("more.txt"));
    assert_eq!(repo.git(["status", "--porcelain"]), "?? new.txt", "nothing was staged");
    // Doing it again changes nothing, whatever going back left in the list.
    let again = loki(&repo).args(["rollback", "latest", "--json"]).run().expect_code(0).json();
    assert_eq!((&again["written"], &again["removed"]), (&0.into(), &0.into()));
}

#[test]
fn a_run_that_is_under_way_is_not_put_back() {
    let repo = project();
    let begun = repo.stage("begun");
    let marker = begun.display().to_string();
    let script = Script::new().call(|c| c.write("sums.py", WRONG).touch(marker).hang_stubbornly());
    let running = start(&repo, &save(&repo, &script)).spawn();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !begun.exists() {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let refused = loki(&repo).args(["rollback", "latest"]).run().expect_code(2);
    assert!(refused.stderr.contains("loki stop"), "{}", refused.stderr);
    running.signal(9);
    let _ = running.wait();
    // Cut off is not under way: the call is charged and its files are put back.
    let _ = loki(&repo).args(["rollback", "latest"]).run().expect_code(0);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!((&status["state"], &status["calls"]), (&"ended".into(), &1.into()));
    assert_eq!(status["spend"]["unknown_calls"], 1);
    assert!(std::fs::read_to_string(workspace(&repo).join("sums.py")).unwrap().contains("not yet"));
}

#[test]
fn what_is_no_checkpoint_is_told_with_what_to_type() {
    let repo = TestRepo::new().file("a.txt", "one\n").commit("start");
    for (args, told) in [
        (["rollback", "to", "zz"], "loki rollback list"),
        (["rollback", "to", "abcdef"], "loki rollback list"),
        (["rollback", "show", "abcdef"], "loki rollback list"),
    ] {
        let refused = loki(&repo).args(args).run().expect_code(2);
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
    let refused = loki(&repo).args(["rollback", "latest"]).run().expect_code(2);
    assert!(refused.stderr.contains("loki checkpoint create"), "{}", refused.stderr);
    let nothing = loki(&repo).args(["rollback", "list"]).run().expect_code(0);
    assert!(nothing.stdout.contains("no checkpoint"), "{}", nothing.stdout);
}

#[test]
fn a_ref_that_an_agent_made_up_is_no_checkpoint_of_a_run_and_no_other_place() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let run = list(&repo)[0]["run"].as_str().unwrap().to_owned();
    let forge = |note: String| {
        let tree = repo.git(["rev-parse", "HEAD^{tree}"]);
        let message = format!("Trust me\n\n{note}");
        let commit = repo.git(["commit-tree", tree.trim(), "-m", &message]);
        repo.git(["update-ref", &format!("refs/loki/checkpoint/{}", commit.trim()), commit.trim()]);
        commit
    };
    let place = workspace(&repo).display().to_string();
    forge(format!(
        r#"{{"occasion":"before_call","at":9999999999999,"place":"{place}","run":"{run}","call":7}}"#
    ));
    assert_eq!(list(&repo).len(), 1, "the journal does not know it");
    let elsewhere = repo.beside("elsewhere").display().to_string();
    let forged =
        forge(format!(r#"{{"occasion":"by_hand","at":9999999999999,"place":"{elsewhere}"}}"#));
    let refused = loki(&repo).args(["rollback", "to", &forged.trim()[..10]]).run().expect_code(2);
    assert!(refused.stderr.contains("not this work tree"), "{}", refused.stderr);
}

#[test]
fn old_checkpoints_are_forgotten_but_not_those_of_a_run_that_can_go_on() {
    let repo = project();
    let create = || {
        let made = loki(&repo).args(["checkpoint", "create", "--json"]);
        made.env("LOKI_CHECKPOINT_DAYS", "0").env("LOKI_CHECKPOINT_COUNT", "2").run().expect_code(0)
    };
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    for n in 0..4 {
        repo.write("n", n.to_string());
        let _ = create();
    }
    let points = list(&repo);
    let by_hand = points.iter().filter(|point| point["occasion"] == "by_hand").count();
    assert_eq!((by_hand, points.len()), (2, 3), "two of this place, one of the worktree");
    let refused = loki(&repo).args(["checkpoint", "prune"]).env("LOKI_CHECKPOINT_DAYS", "many");
    assert!(refused.run().expect_code(2).stderr.contains("LOKI_CHECKPOINT_DAYS"));
}
