//! The runner of commands and the repository, with a shell in the place of loki.

use std::time::Duration;

use loki_testkit::{Loki, TestRepo, scripted_agent};

fn sh(repo: &TestRepo, script: &str) -> Loki {
    Loki::new("/bin/sh", repo).args(["-c", script])
}

#[test]
fn a_repository_with_an_odd_name_works() {
    let repo = TestRepo::named("it's a\n\"dir\" é").file("a b.txt", "x").commit("base");
    assert_eq!(repo.git(["ls-files"]), "a b.txt");
    assert_eq!(
        repo.git(["log", "--format=%an %ad", "--date=iso"]),
        "Test 2024-01-02 03:04:05 +0000"
    );
}

#[test]
fn a_command_sees_nothing_of_the_developers_environment() {
    let repo = TestRepo::new();
    let ran =
        sh(&repo, "env | cut -d= -f1 | sort | grep -v -e ^_ -e ^PWD -e ^SHLVL -e OLDPWD").run();
    let names: Vec<&str> = ran.stdout.lines().filter(|name| !name.starts_with("GIT_")).collect();
    let own = ["HOME", "LANG", "LOKI_HOME", "LOKI_SANDBOX_WRITE", "NO_COLOR", "PATH"];
    assert_eq!(names, own);
}

#[test]
fn code_outputs_and_json_lines_are_told() {
    let repo = TestRepo::new();
    let ran = sh(&repo, r#"echo '{"a":1}'; echo '{"a":2}'; echo no >&2; exit 3"#).run();
    let ran = ran.expect_code(3);
    assert_eq!(ran.stderr, "no\n");
    let values: Vec<_> = ran.json_lines().iter().map(|line| line["a"].as_i64().unwrap()).collect();
    assert_eq!(values, [1, 2]);
}

#[test]
fn a_command_in_the_background_is_heard_and_signalled() {
    let repo = TestRepo::new();
    let running =
        sh(&repo, "trap 'echo got it; exit 5' TERM; echo up >&2; while :; do sleep 0.01; done")
            .spawn();
    running.wait_for_output("up");
    running.signal(15);
    let ran = running.wait().expect_code(5);
    assert_eq!(ran.stdout, "got it\n");
}

#[test]
fn a_command_that_does_not_end_fails_its_test_and_is_killed() {
    let repo = TestRepo::new();
    let marker = repo.beside("pid");
    let script =
        format!("echo $$ > '{}'; echo stuck; while :; do sleep 0.01; done", marker.display());
    let running = sh(&repo, &script).timeout(Duration::from_millis(500)).spawn();
    running.wait_for_output("stuck");
    let pid = running.pid();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| running.wait()));
    let text = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("stuck"), "{text}");
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn the_scripted_agent_is_found_beside_the_test() {
    assert_eq!(
        scripted_agent().canonicalize().unwrap(),
        std::path::Path::new(env!("CARGO_BIN_EXE_scripted-agent")).canonicalize().unwrap()
    );
}
