//! The gate `secrets`.

use crate::fixture::{Fixture, judged, shown};

/// A token that no scanner takes this file for.
fn token() -> String {
    format!("{}{}", "ghp_", "k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe")
}

#[test]
fn an_added_secret_fails_and_is_not_repeated() {
    let line = format!("token = '{}'\n", token());
    let text = judged("secrets", &[("a", "1\n")], &[("a", "1\n"), ("b.py", &line)]);
    assert!(
        text.starts_with("fail: 1 secret in added lines\nsecrets/github-token b.py:1"),
        "{text}"
    );
    assert!(!text.contains(&token()[..8]), "{text}");
}

#[test]
fn a_secret_that_was_there_before_is_not_the_changes_fault() {
    let line = format!("token = '{}'\n", token());
    let text = judged("secrets", &[("a", &line)], &[("a", &format!("{line}more\n"))]);
    assert_eq!(text, "pass: none in 1 added lines\n");
}

#[test]
fn a_secret_is_found_wherever_it_stands_in_a_long_line() {
    for before in [64 * 1024 - 20, (1 << 20) - 20, 3 << 20] {
        let line = format!("1\n{} {} {}\n", "x".repeat(before), token(), "y".repeat(100));
        let text = judged("secrets", &[("a", "1\n")], &[("b.js", &line)]);
        assert!(text.starts_with("fail: 1 secret"), "{text}");
        assert!(text.contains("secrets/github-token b.js:2"), "{text}");
    }
}

#[test]
fn a_long_line_without_a_secret_is_searched_to_its_end() {
    let line = format!("{}\n", "x y ".repeat(1 << 19));
    let text = judged("secrets", &[("a", "1\n")], &[("b.js", &line)]);
    assert_eq!(text, "pass: none in 1 added lines\n");
}

#[test]
fn what_is_not_shown_whole_is_named() {
    let lines = format!("{}{}\n", format!("{}\n", "y".repeat(4095)).repeat(2 << 10), token());
    let text = judged("secrets", &[("a", "1\n")], &[("b.js", &lines), ("c", "1\n")]);
    assert!(text.starts_with("inconclusive: 1 file(s) with added lines not looked at"), "{text}");
    assert!(text.contains("secrets/left-out b.js"), "{text}");
}

#[test]
fn a_secret_that_was_added_and_removed_again_is_told_with_its_commit() {
    let mut fixture = Fixture::new(&[("a", "1\n")]);
    let repo = fixture.repo.clone();
    let base = repo.commit_tree(&fixture.base, &[], "base").unwrap();
    let line = format!("token = '{}'\n", token());
    let (with, _) = fixture.change(&[("b.py", &line)]);
    let with = repo.commit_tree(&with, std::slice::from_ref(&base), "with").unwrap();
    let (without, _) = fixture.change(&[("b.py", "token = None\n")]);
    let head = repo.commit_tree(&without, std::slice::from_ref(&with), "without").unwrap();
    fixture.history = Some((base, head));
    let text = shown(&fixture.judge("secrets", &[]));
    assert!(text.starts_with("fail: 1 secret in added lines"), "{text}");
    assert!(text.contains("secrets/github-token b.py:1"), "{text}");
    assert!(text.contains(&format!("commit {}", &with.as_str()[..12])), "{text}");
    assert!(!text.contains(&token()[..8]), "{text}");
}

#[test]
fn a_merge_of_the_base_brings_no_secret_of_its_own() {
    let line = format!("token = '{}'\n", token());
    let mut fixture = Fixture::new(&[("a", "1\n"), ("old.py", &line)]);
    let repo = fixture.repo.clone();
    let base = repo.commit_tree(&fixture.base, &[], "base").unwrap();
    let side = repo.commit_tree(&repo.empty_tree().unwrap(), &[], "side").unwrap();
    let (tree, _) = fixture.change(&[("b.py", "x\n")]);
    let head = repo.commit_tree(&tree, &[side, base.clone()], "merge").unwrap();
    fixture.history = Some((base, head));
    assert_eq!(shown(&fixture.judge("secrets", &[])), "pass: none in 1 added lines, 2 commits\n");
}

#[test]
fn a_secret_in_the_message_of_a_commit_is_told() {
    let mut fixture = Fixture::new(&[("a", "1\n")]);
    let repo = fixture.repo.clone();
    let base = repo.commit_tree(&fixture.base, &[], "base").unwrap();
    let (tree, _) = fixture.change(&[("b", "x\n")]);
    let message = format!("Log in\n\nTried with {}.\n", token());
    let head = repo.commit_tree(&tree, std::slice::from_ref(&base), &message).unwrap();
    fixture.history = Some((base, head.clone()));
    let text = shown(&fixture.judge("secrets", &[]));
    assert!(
        text.starts_with("fail: 1 secret in what the change adds\nsecrets/github-token"),
        "{text}"
    );
    assert!(text.contains("is in the message of a commit"), "{text}");
    assert!(text.contains(&format!("commit {}", &head.as_str()[..12])), "{text}");
    assert!(!text.contains(&token()[..8]), "{text}");
}

#[test]
fn a_secret_in_the_name_of_a_file_is_told_when_it_is_added_and_no_more() {
    let named = format!("keys/{}.txt", token());
    let mut fixture = Fixture::new(&[("a", "1\n")]);
    let repo = fixture.repo.clone();
    let base = repo.commit_tree(&fixture.base, &[], "base").unwrap();
    let (with, _) = fixture.change(&[(named.as_str(), "x\n")]);
    let text = shown(&fixture.judge("secrets", &[]));
    assert!(text.contains("secrets/github-token keys/[masked].txt"), "{text}");
    assert!(text.contains("is in the name of an added file"), "{text}");
    assert!(!text.contains(&token()[..8]), "{text}");
    let with = repo.commit_tree(&with, std::slice::from_ref(&base), "with").unwrap();
    let (without, _) = fixture.change(&[(named.as_str(), ""), ("b", "x\n")]);
    let head = repo.commit_tree(&without, std::slice::from_ref(&with), "without").unwrap();
    fixture.history = Some((base, head));
    let text = shown(&fixture.judge("secrets", &[]));
    assert!(text.contains("was in the name of a file"), "{text}");
    let before = [(named.as_str(), "x\n")];
    let text = judged("secrets", &before, &[(named.as_str(), "y\n")]);
    assert_eq!(text, "pass: none in 1 added lines\n");
}
