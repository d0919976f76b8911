//! The `scripted-agent` program, run as loki would.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use loki_testkit::{Call, Script, TestRepo};

fn start(script: &Path, repo: &TestRepo, prompt: &str) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scripted-agent"))
        .env("SCRIPTED_AGENT", script)
        .current_dir(repo.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(prompt.as_bytes()).unwrap();
    child
}

fn run(script: &Path, repo: &TestRepo, prompt: &str) -> Output {
    start(script, repo, prompt).wait_with_output().unwrap()
}

#[test]
fn each_call_takes_the_next_entry_and_the_last_one_repeats() {
    let repo = TestRepo::new();
    let script = Script::new()
        .call(|c| c.write("deep/a.txt", "one").say("first"))
        .call(|c| c.append("deep/a.txt", "two").say("second"));
    let file = script.save(repo.beside("script.toml"));
    let said: Vec<_> = ["p1", "p2", "p3"]
        .iter()
        .map(|prompt| String::from_utf8(run(file.path(), &repo, prompt).stdout).unwrap())
        .collect();
    assert_eq!(said, ["first\n", "second\n", "second\n"]);
    assert_eq!(repo.read("deep/a.txt"), "onetwotwo");
    assert_eq!(file.prompts(), ["p1", "p2", "p3"]);
}

#[test]
fn a_call_ends_with_the_code_it_was_given() {
    let repo = TestRepo::new();
    let file = Script::new().call(|c| c.err("oh").exit(3).say("never")).save(repo.beside("s"));
    let output = run(file.path(), &repo, "");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stderr, b"oh\n");
    assert_eq!(output.stdout, b"");
}

#[test]
fn a_call_ends_by_the_signal_it_was_given() {
    let repo = TestRepo::new();
    fs::write(repo.beside("s"), "[[call]]\n[[call.step]]\nsignal_self = 9\n").unwrap();
    let output = run(&repo.beside("s"), &repo, "");
    assert_eq!(output.status.signal(), Some(9));
}

#[test]
fn garbage_and_floods_reach_standard_output_whole() {
    let repo = TestRepo::new();
    let steps =
        "[[call]]\n[[call.step]]\nbytes_hex = 'ff000a'\n[[call.step]]\nflood_bytes = 1001\n";
    fs::write(repo.beside("s"), steps).unwrap();
    let output = run(&repo.beside("s"), &repo, "");
    assert_eq!(output.stdout.len(), 3 + 1001);
    assert_eq!(output.stdout[..3], [0xff, 0, 0x0a]);
}

#[test]
fn files_are_changed_and_committed() {
    let repo = TestRepo::new().file("gone.txt", "x").commit("base");
    let steps = r#"
        [[call]]
        step = [
          { delete = "gone.txt" }, { delete = "never-there" }, { mkdir = "a/b" },
          { write = { path = "run.sh", content = "exit 0\n" } },
          { chmod = { path = "run.sh", mode = 0o755 } },
          { symlink = { path = "link", target = "run.sh" } },
          { shell = "echo shell > shell.txt; exit 4" },
          { git = ["add", "--all"] }, { git = ["commit", "-qm", "x"] },
        ]
    "#;
    fs::write(repo.beside("s"), steps).unwrap();
    let output = run(&repo.beside("s"), &repo, "");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        repo.git(["ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD"]),
        "120000 link\n100755 run.sh\n100644 shell.txt"
    );
}

#[test]
fn a_script_that_makes_no_sense_is_told_apart_from_a_failing_agent() {
    let repo = TestRepo::new();
    fs::write(repo.beside("s"), "[[call]]\n[[call.step]]\nsey = 'x'\n").unwrap();
    let output = run(&repo.beside("s"), &repo, "");
    assert_eq!(output.status.code(), Some(97));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("unknown field `sey`"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_stubborn_agent_outlives_a_polite_signal() {
    let repo = TestRepo::new();
    let file = Script::new().call(Call::hang_stubbornly).save(repo.beside("s"));
    let mut child = start(file.path(), &repo, "");
    // SIGTERM is sent once the kernel shows that it is caught: bit 14 of SigCgt.
    let status = Command::new("/bin/sh")
        .args(["-c", "until grep -q '^SigCgt:.*[4-7c-f]...$' /proc/$0/status; do :; done; kill $0"])
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

#[test]
fn a_detached_process_outlives_the_call_and_holds_its_output_open() {
    let repo = TestRepo::new();
    let marker = repo.beside("go");
    let wait = format!("until [ -e '{}' ]; do sleep 0.01; done; echo late", marker.display());
    let file = Script::new().call(|c| c.spawn_detached(wait).say("now")).save(repo.beside("s"));
    let mut child = start(file.path(), &repo, "");
    assert!(child.wait().unwrap().success());
    fs::write(marker, "").unwrap();
    let mut all = String::new();
    child.stdout.take().unwrap().read_to_string(&mut all).unwrap();
    assert_eq!(all, "now\nlate\n");
}

#[test]
fn an_agent_waits_for_a_file_and_tells_by_another() {
    let repo = TestRepo::new();
    let (go, done) = (repo.beside("go"), repo.beside("done"));
    let file = Script::new()
        .call(|c: Call| c.wait_for_file(go.to_str().unwrap()).touch(done.to_str().unwrap()))
        .save(repo.beside("s"));
    let mut child = start(file.path(), &repo, "");
    assert!(!done.exists());
    fs::write(go, "").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(done.exists());
}
