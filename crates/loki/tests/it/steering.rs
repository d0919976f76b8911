//! Pausing, steering and changing a run from another terminal.

use std::time::{Duration, Instant};

use loki_testkit::{Script, ScriptFile, TestRepo};
use serde_json::Value;

use crate::support::*;

/// What anything asked of a run may take to hold.
const ASK_MAX: Duration = Duration::from_secs(1);

/// An agent whose first call works until it is ended or `go` exists, and whose second one finishes.
fn patient(repo: &TestRepo) -> ScriptFile {
    let (begun, go) = (repo.stage("begun"), repo.stage("go"));
    save(
        repo,
        &Script::new()
            .call(|c| {
                c.write("sums.py", RIGHT)
                    .touch(begun.display().to_string())
                    .wait_for_file(go.display().to_string())
                    .say("LOKI: CONTINUE")
            })
            .call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE")),
    )
}

fn begun(repo: &TestRepo) {
    let path = repo.stage("begun");
    wait_until("the agent begins", || path.exists());
}

fn status(repo: &TestRepo) -> Value {
    loki(repo).args(["status", "--json"]).run().expect_code(0).json()
}

fn events(repo: &TestRepo) -> Vec<String> {
    let lines = loki(repo).args(["logs", "--json"]).run().expect_code(0).json_lines();
    lines.iter().filter_map(|line| Some(line["event"].as_str()?.to_owned())).collect()
}

#[test]
fn a_pause_lets_the_call_finish_and_resume_goes_on_in_the_same_process() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).spawn();
    begun(&repo);
    let asked = Instant::now();
    let paused = loki(&repo).args(["pause"]).run().expect_code(0);
    assert!(asked.elapsed() < ASK_MAX, "{:?}", asked.elapsed());
    assert!(paused.stdout.contains("loki resume"), "{}", paused.stdout);
    assert_eq!(status(&repo)["state"], "paused");
    std::fs::write(repo.stage("go"), "").unwrap();
    wait_until("the call ends", || events(&repo).iter().any(|event| event == "agent_returned"));
    assert!(!events(&repo).iter().any(|event| event == "snapshot_taken"), "nothing further");
    let resumed = loki(&repo).args(["resume"]).run().expect_code(0);
    assert!(resumed.stdout.contains("goes on"), "{}", resumed.stdout);
    let _ = running.wait().expect_code(0);
    assert_eq!(script.prompts().len(), 2);
}

#[test]
fn a_pause_at_once_ends_the_call_and_the_next_prompt_says_so() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).spawn();
    begun(&repo);
    let _ = loki(&repo).args(["pause", "--now"]).run().expect_code(0);
    wait_until("the call ends", || events(&repo).iter().any(|event| event == "agent_returned"));
    let _ = loki(&repo).args(["resume"]).run().expect_code(0);
    let _ = running.wait().expect_code(0);
    assert!(script.prompts()[1].contains("interrupted the last call"), "{}", script.prompts()[1]);
}

#[test]
fn what_the_user_says_reaches_the_next_prompt_and_names_who_said_it() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).spawn();
    begun(&repo);
    let asked = Instant::now();
    let _ =
        loki(&repo).args(["steer", "use", "no floats"]).env("USER", "anna").run().expect_code(0);
    assert!(asked.elapsed() < ASK_MAX, "{:?}", asked.elapsed());
    assert_eq!(status(&repo)["steers"][0]["text"], "use no floats");
    assert_eq!(status(&repo)["steers"][0]["heard"], false);
    std::fs::write(repo.stage("go"), "").unwrap();
    let _ = running.wait().expect_code(0);
    let prompts = script.prompts();
    assert!(!prompts[0].contains("use no floats"));
    assert!(prompts[1].contains("(new) use no floats"), "{}", prompts[1]);
    assert_eq!(status(&repo)["steers"][0]["heard"], true);
}

#[test]
fn what_was_recorded_before_its_process_died_is_not_recorded_twice() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).args(["--budget", "3", "--json"]).spawn();
    begun(&repo);
    let asker = loki(&repo).args(["budget", "+4"]).spawn();
    running.wait_for_output("\"event\":\"budget_changed\"");
    running.kill();
    let _ = running.wait();
    let _ = asker.wait().expect_code(0);
    assert_eq!(status(&repo)["spend"]["budget_usd"], 7.0);
}

#[test]
fn what_is_said_to_a_stopped_run_holds_once_it_is_resumed() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).spawn();
    begun(&repo);
    let _ = loki(&repo).args(["stop"]).run().expect_code(0);
    let _ = running.wait().expect_code(130);
    let _ = loki(&repo).args(["steer", "use no floats"]).run().expect_code(0);
    let _ = loki(&repo).args(["budget", "7"]).run().expect_code(0);
    let refused = loki(&repo).args(["pause"]).run().expect_code(2);
    assert!(refused.stderr.contains("has ended"), "{}", refused.stderr);
    let _ = loki(&repo).args(["resume", "--yes"]).run().expect_code(0);
    assert!(script.prompts()[1].contains("use no floats"), "{}", script.prompts()[1]);
    assert_eq!(status(&repo)["spend"]["budget_usd"], 7.0);
}

#[test]
fn a_budget_is_raised_while_the_run_is_under_way() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).args(["--budget", "3"]).spawn();
    begun(&repo);
    let shown = loki(&repo).args(["budget", "+2.50", "--json"]).run().expect_code(0).json();
    assert_eq!(shown["budget_usd"], 5.5);
    assert_eq!(status(&repo)["spend"]["budget_usd"], 5.5);
    std::fs::write(repo.stage("go"), "").unwrap();
    let _ = running.wait().expect_code(0);
    let text = loki(&repo).args(["budget"]).run().expect_code(0).stdout;
    assert!(text.contains("$4.00 of $5.50 charged"), "{text}");
}

#[test]
fn another_agent_takes_over_at_the_next_call() {
    let repo = project();
    let script = patient(&repo);
    let other = right().save(repo.stage("other.toml"));
    let running = start(&repo, &script).spawn();
    begun(&repo);
    let args = ["model", "--agent", &other.provider(), "--yes", "--json"];
    let next = loki(&repo).args(args).run().expect_code(0).json();
    assert_eq!(next["next"]["agent"], other.provider());
    std::fs::write(repo.stage("go"), "").unwrap();
    let _ = running.wait().expect_code(0);
    assert_eq!((script.prompts().len(), other.prompts().len()), (1, 1));
    assert!(other.prompts()[0].contains("Another agent"), "{}", other.prompts()[0]);
}

#[test]
fn an_agent_has_no_say_in_its_own_run() {
    let repo = project();
    let program = env!("CARGO_BIN_EXE_loki");
    let home = repo.beside("loki-home").display().to_string();
    let said = repo.beside("said").display().to_string();
    let command = format!(
        "LOKI_HOME='{home}' '{program}' -C '{}' budget 100 >'{said}' 2>&1; true",
        repo.root().display()
    );
    let script = save(
        &repo,
        &Script::new().call(|c| {
            c.shell(command).write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE")
        }),
    );
    let _ = start(&repo, &script).args(["--sandbox", "off"]).run().expect_code(0);
    let said = std::fs::read_to_string(repo.beside("said")).unwrap();
    assert!(said.contains("has no say in it"), "{said}");
    assert_eq!(status(&repo)["spend"]["budget_usd"], Value::Null);
}

#[test]
fn a_run_that_is_killed_at_once_can_be_resumed() {
    let repo = project();
    let script = patient(&repo);
    let running = start(&repo, &script).spawn();
    begun(&repo);
    let _ = loki(&repo).args(["stop", "--now"]).run().expect_code(0);
    let _ = running.wait();
    assert_eq!(status(&repo)["state"], "interrupted");
    let _ = loki(&repo).args(["resume", "--yes"]).run().expect_code(0);
    assert_eq!(status(&repo)["outcome"], "verified");
}
