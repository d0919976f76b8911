//! A run, recorded and played again.

use loki_testkit::Script;

use crate::support::*;

fn refused_then_right() -> Script {
    Script::new()
        .call(|c| {
            c.write("sums.py", WRONG)
                .write("test_sums.py", TEST)
                .write("late.txt", "x")
                .say("LOKI: DONE")
        })
        .call(|c| c.write("sums.py", RIGHT).delete("late.txt").say("Mended.\nLOKI: DONE"))
}

#[test]
fn a_recorded_run_leads_to_the_same_tree_when_it_is_played() {
    let repo = project();
    let script = save(&repo, &refused_then_right());
    let _ = start(&repo, &script).run().expect_code(0);
    let file = repo.beside("recording.toml");
    let recorded = loki(&repo)
        .args(["record", "--json", "--out"])
        .args([file.as_os_str()])
        .run()
        .expect_code(0)
        .json();
    assert_eq!((&recorded["calls"], &recorded["left_out"]), (&2.into(), &serde_json::json!([])));
    let tree = |run: &serde_json::Value| {
        let branch = format!("loki/{}^{{tree}}", run.as_str().unwrap());
        repo.git(["rev-parse", &branch])
    };
    let first = tree(&recorded["run"]);
    let provider = format!("replay:{}", file.display());
    let played = loki(&repo).args(["start", "prd.md", "--provider", &provider]);
    let _ = played.run().expect_code(0);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["calls"], 2);
    assert_ne!(status["run"], recorded["run"]);
    assert_eq!(tree(&status["run"]), first);
}

#[test]
fn what_a_recording_can_not_hold_is_told() {
    let repo = project();
    let script = Script::new()
        .call(|c| c.shell("ln -s sums.py link.py && printf '\\377' > bytes").say("LOKI: CONTINUE"));
    let script = save(&repo, &script);
    let _ = start(&repo, &script).args(["--max-iterations", "1"]).run();
    let recorded = loki(&repo).args(["record", "--json"]).run().expect_code(0).json();
    let left_out = recorded["left_out"].to_string();
    assert!(left_out.contains("`bytes` is no text") && left_out.contains("links"), "{left_out}");
    assert!(recorded["recording"].as_str().unwrap().starts_with("format = 1"));
}

#[test]
fn without_a_run_there_is_nothing_to_record() {
    let repo = project();
    let _ = loki(&repo).args(["record"]).run().expect_code(2);
}
