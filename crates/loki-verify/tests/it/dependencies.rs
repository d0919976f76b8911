//! The gate `dependencies`.

use crate::fixture::judged;

const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";

#[test]
fn a_dependency_that_the_lock_lacks_blocks() {
    let base = [("Cargo.toml", "[dependencies]\na = \"1\"\n"), ("Cargo.lock", LOCK)];
    let change = [("Cargo.toml", "[dependencies]\na = \"1\"\nb = \"2\"\n")];
    let text = judged("dependencies", &base, &change);
    assert!(text.starts_with("fail: `b` is declared and `Cargo.lock` does not hold it"), "{text}");
    assert!(text.contains("dependencies/lock-not-in-step Cargo.toml:3"), "{text}");
}

#[test]
fn a_change_of_sources_alone_is_not_judged() {
    let text = judged("dependencies", &[("a.py", "1\n")], &[("a.py", "2\n")]);
    assert!(text.starts_with("n/a"), "{text}");
}
