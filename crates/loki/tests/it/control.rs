//! Stopping, dying, going on, and two at once.

use std::time::{Duration, Instant};

use loki_testkit::{Script, ScriptFile, TestRepo};

use crate::support::*;

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;
/// What a stop may take.
const STOP_MAX: Duration = Duration::from_secs(2);

/// An agent that does half of the work and then waits for ever; its second call finishes.
fn half_then_whole(repo: &TestRepo) -> ScriptFile {
    let begun = repo.stage("begun").display().to_string();
    save(
        repo,
        &Script::new()
            .call(|c| c.write("sums.py", RIGHT).touch(begun).hang_stubbornly())
            .call(|c| c.write("test_sums.py", TEST).say("LOKI: DONE")),
    )
}

fn wait_for(path: &std::path::Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn no_agent_runs(script: &ScriptFile) -> bool {
    // Loki names both in one argument, the agent's own process has them in two.
    !some_process_mentions(&format!("scripted-agent\0{}", script.path().display()))
}

#[test]
fn a_signal_ends_the_agent_within_two_seconds_and_start_goes_on_from_there() {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let repo = project();
        let script = half_then_whole(&repo);
        let running = start(&repo, &script).spawn();
        wait_for(&repo.stage("begun"));
        let asked = Instant::now();
        running.signal(signal);
        let ran = running.wait().expect_code(130);
        assert!(asked.elapsed() < STOP_MAX, "{:?}", asked.elapsed());
        assert!(no_agent_runs(&script));
        assert!(ran.stdout.contains("loki resume"), "{}", ran.stdout);
        let again = start(&repo, &script).run().expect_code(0);
        assert!(again.stderr.contains("goes on"), "{}", again.stderr);
        assert_eq!(script.prompts().len(), 2);
        assert_eq!(run_branch(&repo).lines().count(), 1, "the same run went on");
    }
}

#[test]
fn a_killed_run_leaves_no_agent_and_goes_on_where_it_was() {
    let repo = project();
    let script = half_then_whole(&repo);
    let running = start(&repo, &script).spawn();
    wait_for(&repo.stage("begun"));
    running.signal(SIGKILL);
    let _ = running.wait();
    let deadline = Instant::now() + STOP_MAX;
    while !no_agent_runs(&script) {
        assert!(Instant::now() < deadline, "the agent outlived loki");
        std::thread::sleep(Duration::from_millis(5));
    }
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["state"], "interrupted");
    let _ = loki(&repo).args(["resume", "--yes"]).run().expect_code(0);
    assert!(script.prompts()[1].contains("cut off"), "{}", script.prompts()[1]);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["outcome"], "verified");
    assert_eq!(status["calls"], 2);
    assert_eq!(status["spend"]["unknown_calls"], 2, "the lost call is charged");
}

#[test]
fn loki_stop_ends_a_run_of_another_process() {
    let repo = project();
    let script = half_then_whole(&repo);
    let running = start(&repo, &script).spawn();
    wait_for(&repo.stage("begun"));
    let asked = Instant::now();
    let stopped = loki(&repo).args(["stop"]).run().expect_code(0);
    assert!(asked.elapsed() < STOP_MAX + Duration::from_secs(1), "{:?}", asked.elapsed());
    assert!(stopped.stdout.contains("loki resume"), "{}", stopped.stdout);
    let _ = running.wait().expect_code(130);
    let nothing = loki(&repo).args(["stop"]).run().expect_code(0);
    assert!(nothing.stdout.contains("no run is under way"));
}

#[test]
fn two_starts_work_side_by_side_and_one_run_is_never_driven_twice() {
    let repo = project();
    let script = half_then_whole(&repo);
    let first = start(&repo, &script).spawn();
    wait_for(&repo.stage("begun"));
    let other = right().save(repo.stage("other.toml"));
    let _ = start(&repo, &other).run().expect_code(0);
    assert_eq!(run_branch(&repo).lines().count(), 2);
    let runs = loki(&repo).args(["runs", "--json"]).run().expect_code(0).json();
    let busy = runs["runs"].as_array().unwrap().iter().find(|run| run["state"] == "running");
    let busy = busy.unwrap()["run"].as_str().unwrap();
    let refused = loki(&repo).args(["resume", busy, "--yes"]).run().expect_code(2);
    assert!(refused.stderr.contains("in use"), "{}", refused.stderr);
    first.signal(SIGTERM);
    let _ = first.wait();
}

#[test]
fn an_exhausted_run_goes_on_with_a_higher_limit() {
    let repo = project();
    let script = save(
        &repo,
        &Script::new()
            .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"))
            .call(|c| c.write("sums.py", RIGHT).say("LOKI: DONE")),
    );
    let _ = start(&repo, &script).args(["--max-iterations", "1"]).run().expect_code(11);
    let refused = loki(&repo).args(["resume", "--yes"]).run().expect_code(2);
    assert!(refused.stderr.contains("--max-iterations"), "{}", refused.stderr);
    let _ = loki(&repo).args(["resume", "--yes", "--max-iterations", "2"]).run().expect_code(0);
    assert_eq!(script.prompts().len(), 2);
}

#[test]
fn one_checkout_has_room_for_one_run_in_place() {
    let repo = project();
    let script = half_then_whole(&repo);
    let first = start(&repo, &script).args(["--in-place"]).spawn();
    wait_for(&repo.stage("begun"));
    let other = right().save(repo.stage("other.toml"));
    let refused = start(&repo, &other).args(["--in-place"]).run().expect_code(2);
    assert!(refused.stderr.contains("another run works in this checkout"), "{}", refused.stderr);
    assert_eq!(other.prompts().len(), 0);
    first.signal(SIGTERM);
    let _ = first.wait();
}

#[test]
fn a_kept_limit_is_not_changed_by_starting_again() {
    let repo = project();
    let script = half_then_whole(&repo);
    let running = start(&repo, &script).args(["--max-iterations", "2"]).spawn();
    wait_for(&repo.stage("begun"));
    running.signal(SIGINT);
    let _ = running.wait();
    let _ = start(&repo, &script).run().expect_code(0);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["iterations_max"], 2);
}
