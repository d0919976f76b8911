use std::process::{Command, Output};

fn notes(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_notes")).args(arguments).output().unwrap()
}

fn file(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn prints_the_tally() {
    let output = notes(&["tally", &file("good.txt", "2026-04-02 heron x12 @pond\n2026-04-02 owl @barn\n")]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "   12 heron\n    1 owl\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn unreadable_files_exit_2() {
    let output = notes(&["tally", &file("bad.txt", "\nheron\n")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 2: want a day"));
}

#[test]
fn wrong_usage_exits_64() {
    assert_eq!(notes(&[]).status.code(), Some(64));
    assert_eq!(notes(&["count", "x"]).status.code(), Some(64));
}
