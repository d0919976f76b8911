use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chordline"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/songs"))
        .args(arguments)
        .output()
        .unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn transposes_a_file() {
    let done = run(&["transpose", "-2", "low_tide.txt"]);
    assert!(done.status.success());
    assert!(out(&done).starts_with("title: Low Tide\nkey: F\n\n[F]Down by the [A#]harbour"));
}

#[test]
fn lists_chords() {
    assert_eq!(
        out(&run(&["chords", "low_tide.txt"])),
        "G C D7 Em C/E D Am7\n"
    );
}

#[test]
fn checks_a_file() {
    assert_eq!(run(&["check", "low_tide.txt"]).status.code(), Some(0));
    let broken = run(&["check", "broken.txt"]);
    assert_eq!(broken.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&broken.stderr),
        "chordline: broken.txt: line 4: \"H\" is not a chord\n"
    );
}

#[test]
fn wrong_arguments() {
    for arguments in [&["transpose", "two", "low_tide.txt"][..], &["sing"], &[]] {
        assert_eq!(run(arguments).status.code(), Some(2));
    }
}
