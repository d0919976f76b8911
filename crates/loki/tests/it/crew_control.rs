//! What is asked of all tasks at once from another terminal: real processes, and kills at the worst moment.

use std::time::{Duration, Instant};

use loki_testkit::{Loki, Ran, TestRepo};
use serde_json::Value;

use crate::support::*;
use crate::tasks::*;

/// What anything asked of them may take to hold.
const ASK_MAX: Duration = Duration::from_secs(1);

/// Keeps its prompt, and goes on once `go` or `go-NAME` is there.
const PATIENT: &str = "\
n=0; while [ -e $stage/prompt-$name-$n ]; do n=$((n + 1)); done
printf '%s' \"$prompt\" > $stage/prompt-$name-$n
touch $stage/begun-$name
while [ ! -e $stage/go ] && [ ! -e $stage/go-$name ]; do sleep 0.02; done
";

/// These tasks, nothing written down of any but its name, and an agent for them.
fn patient(names: &[&str]) -> (TestRepo, String) {
    let repo = modules(names);
    tasks(&repo, names, &|_| String::new());
    let agent = agent(&repo, &format!("{PATIENT}{WRITE}"));
    (repo, agent)
}

fn begun(repo: &TestRepo, names: &[&str]) {
    wait_until("they begin", || {
        names.iter().all(|name| repo.stage(&format!("begun-{name}")).exists())
    });
}

fn go(repo: &TestRepo) {
    std::fs::write(repo.stage("go"), "").unwrap();
}

/// Asks for something, which is recorded everywhere when this returns.
fn ask(repo: &TestRepo, args: &[&str]) -> Ran {
    asking(repo, args).run().expect_code(0)
}

/// The same, and soon.
fn ask_promptly(repo: &TestRepo, args: &[&str]) -> Ran {
    let asked = Instant::now();
    let ran = ask(repo, args);
    assert!(asked.elapsed() < ASK_MAX, "{args:?}: {:?}", asked.elapsed());
    ran
}

fn asking(repo: &TestRepo, args: &[&str]) -> Loki {
    loki(repo).args(args.iter().copied()).env("USER", "anna")
}

/// The status of the run that does task `index`.
fn part(repo: &TestRepo, index: usize) -> Value {
    let run = status(repo)["tasks"][index]["run"].as_str().unwrap().to_owned();
    loki(repo).args(["status", run.as_str(), "--json"]).run().expect_code(0).json()
}

fn has_event(repo: &TestRepo, index: usize, event: &str) -> bool {
    let run = status(repo)["tasks"][index]["run"].as_str().unwrap().to_owned();
    let lines = loki(repo).args(["logs", run.as_str(), "--json"]).run().expect_code(0).json_lines();
    lines.iter().any(|line| line["event"] == event)
}

/// How often prompt `n` of `name` has `text`; nothing when there is no such prompt.
fn told(repo: &TestRepo, name: &str, n: u32, text: &str) -> Option<usize> {
    let prompt = std::fs::read_to_string(repo.stage(&format!("prompt-{name}-{n}"))).ok()?;
    Some(prompt.matches(text).count())
}

#[test]
fn a_pause_and_what_is_said_reach_every_task_and_resume_goes_on_in_the_same_process() {
    let names = ["alpha", "beta", "gamma"];
    let (repo, agent) = patient(&names);
    let running = start_tasks(&repo, &agent, "2").env("USER", "anna").spawn();
    begun(&repo, &["alpha", "beta"]);
    let _ = ask_promptly(&repo, &["steer", "use", "no floats"]);
    let paused = ask_promptly(&repo, &["pause", "--now"]);
    assert!(paused.stdout.contains("loki resume"), "{}", paused.stdout);
    assert_eq!(status(&repo)["state"], "paused");
    assert_eq!(status(&repo)["steers"][0]["text"], "use no floats");
    for index in [0, 1] {
        assert_eq!(part(&repo, index)["state"], "paused");
        wait_until("the call ends", || has_event(&repo, index, "agent_returned"));
        assert!(!has_event(&repo, index, "snapshot_taken"), "nothing further");
    }
    assert_eq!(
        status(&repo)["spend"]["unknown_calls"],
        2,
        "what runs under way have spent is told"
    );
    assert_eq!(states(&status(&repo))[2].1, "waiting");
    go(&repo);
    let resumed = ask(&repo, &["resume"]);
    assert!(resumed.stdout.contains("goes on"), "{}", resumed.stdout);
    let _ = running.wait().expect_code(0);
    expect_everything(&repo, &names);
    for (name, n) in [("alpha", 1), ("beta", 1), ("gamma", 0)] {
        assert_eq!(told(&repo, name, n, "use no floats"), Some(1), "{name}");
    }
    assert_eq!(told(&repo, "alpha", 0, "use no floats"), Some(0));
    assert_eq!(told(&repo, "alpha", 1, "interrupted the last call"), Some(1));
    let gamma = part(&repo, 2);
    assert_eq!(
        (&gamma["steers"][0]["by"], &gamma["steers"][0]["heard"]),
        (&"anna".into(), &true.into())
    );
    let logs = loki(&repo).args(["logs"]).run().expect_code(0);
    assert!(logs.stdout.contains("anna says to all tasks: use no floats"), "{}", logs.stdout);
}

#[test]
fn a_pause_can_be_stopped_and_what_was_under_way_goes_on_later() {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let running = start_tasks(&repo, &agent, "1").spawn();
    begun(&repo, &["alpha"]);
    let _ = ask(&repo, &["pause"]);
    go(&repo);
    wait_until("the call ends", || has_event(&repo, 0, "agent_returned"));
    let _ = loki(&repo).args(["stop"]).run().expect_code(0);
    let _ = running.wait().expect_code(130);
    let stood: Vec<String> =
        states(&status(&repo)).into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(stood, ["stopped", "waiting"]);
    let refused = loki(&repo).args(["pause"]).run().expect_code(2);
    assert!(refused.stderr.contains("has ended"), "{}", refused.stderr);
    let _ = resume_to_the_end(&repo);
    expect_everything(&repo, &names);
    assert_eq!(calls(&repo), names, "the call that had finished is not made again");
}

#[test]
fn a_stop_is_heard_in_a_pause_while_nothing_is_under_way() {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let running = start_tasks(&repo, &agent, "1").spawn();
    begun(&repo, &["alpha"]);
    let _ = ask(&repo, &["pause"]);
    let alpha = part(&repo, 0)["run"].as_str().unwrap().to_owned();
    let _ = ask(&repo, &["resume", &alpha]);
    go(&repo);
    wait_until("alpha is done", || states(&status(&repo))[0].1 == "queued");
    assert_eq!(status(&repo)["state"], "paused");
    let _ = loki(&repo).args(["stop"]).run().expect_code(0);
    let _ = running.wait().expect_code(130);
    assert_eq!(states(&status(&repo))[1].1, "waiting", "nothing was begun in the pause");
    let _ = resume_to_the_end(&repo);
    expect_everything(&repo, &names);
}

/// A test that fails.
const BROKEN: &str = "printf 'import unittest\\n\\n\\nclass T(unittest.TestCase):\\n    def test_t(self):\\n        \
    self.fail()\\n' > test_alpha.py;";

#[test]
fn a_retry_begins_a_task_again_that_failed_while_others_go_on() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(
        &repo,
        &format!(
            "if [ $name = alpha ]; then\n\
             [ -e $stage/fixed ] || {{ {BROKEN} echo 'LOKI: DONE'; exit 0; }}\n\
             else\n{PATIENT}fi\n{WRITE}"
        ),
    );
    let running = start_tasks(&repo, &agent, "2").args(["--max-iterations", "1"]).spawn();
    begun(&repo, &["beta"]);
    wait_until("alpha fails", || states(&status(&repo))[0].1 == "failed");
    std::fs::write(repo.stage("fixed"), "").unwrap();
    let _ = ask(&repo, &["retry"]);
    wait_until("alpha is merged", || states(&status(&repo))[0].1 == "merged");
    go(&repo);
    let _ = running.wait().expect_code(0);
    expect_everything(&repo, &names);
    let attempts: Vec<u64> = states(&status(&repo)).into_iter().map(|(.., n)| n).collect();
    assert_eq!(attempts, [2, 1]);
}

#[test]
fn a_task_that_was_paused_alone_goes_on_alone() {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let running = start_tasks(&repo, &agent, "2").spawn();
    begun(&repo, &names);
    let alpha = part(&repo, 0)["run"].as_str().unwrap().to_owned();
    let _ = ask(&repo, &["pause", "--run", &alpha]);
    assert_eq!(
        (&status(&repo)["state"], &part(&repo, 0)["state"]),
        (&"running".into(), &"paused".into())
    );
    assert_eq!(part(&repo, 1)["state"], "running");
    go(&repo);
    wait_until("beta is merged", || states(&status(&repo))[1].1 == "merged");
    let _ = ask(&repo, &["resume", &alpha]);
    let _ = running.wait().expect_code(0);
    expect_everything(&repo, &names);
}

#[test]
fn more_money_for_all_is_more_for_each_that_is_under_way() {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let running = start_tasks(&repo, &agent, "2").args(["--budget", "8"]).spawn();
    begun(&repo, &names);
    assert_eq!(part(&repo, 0)["spend"]["budget_usd"], 4.0);
    let _ = ask(&repo, &["budget", "+4"]);
    let all = status(&repo);
    assert_eq!(all["spend"]["budget_usd"], 12.0);
    let told = ask(&repo, &["budget", "--json"]).json();
    assert_eq!(told["budget_usd"], 12.0);
    for index in [0, 1] {
        assert_eq!(all["tasks"][index]["budget_usd"], 6.0);
        assert_eq!(part(&repo, index)["spend"]["budget_usd"], 6.0);
    }
    go(&repo);
    let _ = running.wait().expect_code(0);
}

#[test]
fn another_agent_takes_over_from_the_next_call_of_each_task_on() {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let other = agent_called(&repo, "other.sh", &format!("touch $stage/by-other-$name\n{WRITE}"));
    let running = start_tasks(&repo, &agent, "1").spawn();
    begun(&repo, &["alpha"]);
    let refused = loki(&repo).args(["model", "fast"]).run().expect_code(2);
    assert!(refused.stderr.contains("can not be told which model"), "{}", refused.stderr);
    let _ = ask(&repo, &["model", "--agent", &other, "--yes"]);
    go(&repo);
    let _ = running.wait().expect_code(0);
    let by_other = |name: &str| repo.stage(&format!("by-other-{name}")).exists();
    assert_eq!((by_other("alpha"), by_other("beta")), (false, true));
}

#[test]
fn time_is_one_for_all_tasks_and_tokens_are_shared() {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let limits = ["--max-time", "3s", "--max-tokens", "1000"];
    let ran = start_tasks(&repo, &agent, "2").args(limits).run().expect_code(12);
    assert!(ran.stdout.contains("used of 3 s"), "{}", ran.stdout);
    let all = status(&repo);
    assert_eq!(all["outcome"], "budget_exhausted");
    assert!(ran.stderr.contains("all tasks together have used 2 s of 3 s"), "{}", ran.stderr);
    assert_eq!(all["tasks"][0]["tokens_max"], 500);
    assert_eq!(part(&repo, 1)["spend"]["tokens_max"], 500);
    go(&repo);
    let _ = loki(&repo).args(["resume", "--yes", "--max-time", "5m"]).run().expect_code(0);
    expect_everything(&repo, &names);
}

/// SIGKILL after the first of `event` once `args` were asked; what `loki resume` makes of it.
fn kill_once_asked(args: &[&str], event: &str) -> TestRepo {
    let names = ["alpha", "beta"];
    let (repo, agent) = patient(&names);
    let running = start_tasks(&repo, &agent, "2").args(["--budget", "20", "--json"]).spawn();
    begun(&repo, &names);
    let asker = asking(&repo, args).spawn();
    running.wait_for_output(&format!("\"event\":\"{event}\""));
    running.kill();
    let _ = running.wait();
    // It has an answer, or hears that nobody drives the run any more.
    let _ = asker.wait();
    go(&repo);
    let _ = resume_to_the_end(&repo);
    expect_everything(&repo, &names);
    let status = status(&repo);
    assert_eq!(status["outcome"], "verified", "{args:?} {event}");
    let attempts: u64 = states(&status).iter().map(|(.., attempt)| attempt).sum();
    assert_eq!(attempts, 2, "no task began again from nothing: {args:?} {event}");
    assert_eq!(calls(&repo).len(), 4, "each call that was cut off is made once more: {args:?}");
    repo
}

#[test]
fn a_kill_once_a_pause_was_asked_for_ends_the_pause() {
    for event in ["crew_asked", "run_paused", "crew_followed"] {
        let _ = kill_once_asked(&["pause"], event);
    }
}

#[test]
fn a_kill_once_something_was_said_has_it_in_every_later_prompt_once() {
    for event in ["crew_asked", "steered", "crew_followed"] {
        let repo = kill_once_asked(&["steer", "use no floats"], event);
        for name in ["alpha", "beta"] {
            assert_eq!(told(&repo, name, 0, "use no floats"), Some(0), "{event}");
            assert_eq!(told(&repo, name, 1, "use no floats"), Some(1), "{event}");
        }
        for index in [0, 1] {
            assert_eq!(part(&repo, index)["steers"].as_array().unwrap().len(), 1, "{event}");
        }
    }
}

#[test]
fn a_kill_once_the_budget_was_changed_keeps_the_new_one() {
    for event in ["crew_asked", "task_share_changed", "budget_changed"] {
        let repo = kill_once_asked(&["budget", "+4"], event);
        let all = status(&repo);
        assert_eq!(all["spend"]["budget_usd"], 24.0, "{event}");
        for index in [0, 1] {
            assert_eq!(part(&repo, index)["spend"]["budget_usd"], 12.0, "{event}");
        }
    }
}
