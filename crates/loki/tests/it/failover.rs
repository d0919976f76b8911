//! An agent that can not go on, and the one that takes over in the same worktree.

use loki_testkit::{Loki, TestRepo};

use crate::support::*;

/// A recording beside the repository, as a provider.
fn recording(repo: &TestRepo, name: &str, calls: &str) -> String {
    let path = repo.stage(name);
    let text = format!("format = 1\nname = \"{name}\"\nspeed = \"instant\"\n{calls}");
    assert!(std::fs::write(&path, text).is_ok(), "{}", path.display());
    format!("replay:{}", path.display())
}

fn ends(outcome: &str) -> String {
    format!("[[call]]\n[call.result]\noutcome = \"{outcome}\"\n")
}

/// A call that writes the function, or its test too, and ends with `outcome`.
fn writes(files: &[(&str, &str)], outcome: &str) -> String {
    let mut text = "[[call]]\n".to_owned();
    for (path, content) in files {
        text += &format!("[[call.step]]\nwrite = \"{path}\"\ncontent = '''\n{content}'''\n");
    }
    text + &format!("[call.result]\ntext = \"LOKI: DONE\"\noutcome = \"{outcome}\"\n")
}

fn start_chain(repo: &TestRepo, first: &str, second: &str) -> Loki {
    loki(repo)
        .args(["start", "prd.md", "--yes", "--json", "--provider", first])
        .env("LOKI_FAILOVER", "true")
        .env("LOKI_FAILOVER_CHAIN", second)
}

/// The lines of a run's journal with this event.
fn events(stdout: &str, kind: &str) -> Vec<serde_json::Value> {
    let lines = stdout.lines().filter_map(|line| serde_json::from_str(line).ok());
    lines.filter(|line: &serde_json::Value| line["event"] == kind).collect()
}

#[test]
fn work_goes_on_with_the_next_agent_where_the_first_one_had_to_stop() {
    let repo = project();
    let first = recording(&repo, "first.toml", &writes(&[("sums.py", RIGHT)], "quota"));
    let second = ends("garbage") + &writes(&[("test_sums.py", TEST)], "completed");
    let second = recording(&repo, "second.toml", &second);
    let ran = start_chain(&repo, &first, &second).run().expect_code(0);
    let called = events(&ran.stdout, "agent_called");
    let agents: Vec<&str> = called.iter().filter_map(|c| c["choice"]["agent"].as_str()).collect();
    assert_eq!(agents, [first.as_str(), second.as_str()]);
    let switched = events(&ran.stdout, "agent_switched");
    assert_eq!(switched.len(), 1);
    assert_eq!(switched[0]["reason"], "quota used up");
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["agent"], second.as_str());
    assert_eq!(status["left"][0]["agent"], first.as_str());
}

#[test]
fn without_a_chain_an_agent_that_needs_a_person_ends_the_run() {
    let repo = project();
    let first = recording(&repo, "first.toml", &ends("auth"));
    let second = recording(&repo, "second.toml", &ends("completed"));
    let start = start_chain(&repo, &first, &second).env("LOKI_FAILOVER", "false");
    let ran = start.run().expect_code(14);
    assert_eq!(events(&ran.stdout, "agent_called").len(), 1);
}

#[test]
fn with_everybody_in_need_of_a_person_the_end_names_them_all() {
    let repo = project();
    let first = recording(&repo, "first.toml", &ends("auth"));
    let second = recording(&repo, "second.toml", &(ends("auth") + &ends("auth")));
    let ran = start_chain(&repo, &first, &second).run().expect_code(14);
    let ended = events(&ran.stdout, "run_ended");
    let reason = ended[0]["reason"].as_str().unwrap();
    assert!(reason.contains("first.toml") && reason.contains("second.toml"), "{reason}");
}
