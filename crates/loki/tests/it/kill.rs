//! Goal: the death of loki at any moment costs at most one call. Method: SIGKILL after each event of a run of
//! two iterations, and a little later, so that it falls into what follows the event; then the run is started
//! again and has to come to the same end. 230 kills and more, over the five tests.

use std::time::Duration;

use loki_testkit::{Loki, Script, ScriptFile, TestRepo};

use crate::support::*;

/// Refused once, then right. A kill may fall between two writes of a call, so each call after it does the
/// whole work.
fn script(repo: &TestRepo) -> ScriptFile {
    let whole = |sums: &'static str| {
        move |call: loki_testkit::Call| {
            call.write("sums.py", sums).write("test_sums.py", TEST).say("LOKI: DONE")
        }
    };
    save(repo, &Script::new().call(whole(WRONG)).call(whole(RIGHT)).call(whole(RIGHT)))
}

fn run(repo: &TestRepo, script: &ScriptFile) -> Loki {
    start(repo, script).args(["--json"])
}

/// How many events a run has that nobody kills.
fn events() -> usize {
    let repo = project();
    run(&repo, &script(&repo)).run().expect_code(0).json_lines().len()
}

fn sweep(later: Duration) {
    let events = events();
    assert!(events >= 40, "{events} events");
    for seq in 1..=events {
        let repo = project();
        let script = script(&repo);
        let running = run(&repo, &script).spawn();
        running.wait_for_output(&format!("\"seq\":{seq},"));
        // Waits for nothing: the moment itself is what differs.
        std::thread::sleep(later);
        running.kill();
        let _ = running.wait();
        let status = || loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
        if status()["outcome"] != "verified" {
            let _ = start(&repo, &script).run().expect_code(0);
        }
        let (status, branch) = (status(), run_branch(&repo));
        let told = format!("killed {later:?} after event {seq}: {status}");
        assert_eq!(status["outcome"], "verified", "{told}");
        assert_eq!(branch.lines().count(), 1, "{told}");
        assert_eq!(repo.git(["show", &format!("{branch}:sums.py")]), RIGHT.trim_end(), "{told}");
        let calls = status["calls"].as_u64().unwrap();
        assert!(calls <= 3 && script.prompts().len() as u64 <= calls, "{told}");
        assert_eq!(status["spend"]["unknown_calls"], calls, "each call is charged once: {told}");
        let agent = format!("scripted-agent\0{}", script.path().display());
        assert!(!some_process_mentions(&agent), "{told}");
    }
}

#[test]
fn a_kill_right_after_any_event_costs_at_most_one_call() {
    sweep(Duration::ZERO);
}

#[test]
fn a_kill_a_millisecond_after_any_event_costs_at_most_one_call() {
    sweep(Duration::from_millis(1));
}

#[test]
fn a_kill_three_milliseconds_after_any_event_costs_at_most_one_call() {
    sweep(Duration::from_millis(3));
}

#[test]
fn a_kill_ten_milliseconds_after_any_event_costs_at_most_one_call() {
    sweep(Duration::from_millis(10));
}

#[test]
fn a_kill_thirty_milliseconds_after_any_event_costs_at_most_one_call() {
    sweep(Duration::from_millis(30));
}
