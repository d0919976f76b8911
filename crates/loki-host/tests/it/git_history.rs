//! The commits of a branch.

use loki_model::CommitId;

use crate::fixture::Fixture;

fn commit(fixture: &Fixture, parents: &[CommitId], text: &str) -> CommitId {
    fixture.write("file", text);
    fixture.repo.commit_tree(&fixture.snapshot(), parents, text).unwrap()
}

#[test]
fn commits_come_newest_first_with_their_trees_and_parents() {
    let fixture = Fixture::new();
    let base = commit(&fixture, &[], "base");
    let left = commit(&fixture, std::slice::from_ref(&base), "left");
    let right = commit(&fixture, std::slice::from_ref(&base), "right");
    let head = commit(&fixture, &[left.clone(), right.clone()], "head");
    let history = fixture.repo.history(&base, &head, 10).unwrap();
    assert!(!history.is_cut);
    assert_eq!(history.commits.len(), 3);
    assert_eq!(history.commits[0].commit, head);
    assert_eq!(history.commits[0].parents, [left, right]);
    assert_eq!(history.commits[0].tree, fixture.repo.tree_of(&head).unwrap());
    assert!(fixture.repo.history(&head, &head, 10).unwrap().commits.is_empty());
}

#[test]
fn what_is_beyond_the_limit_is_said() {
    let fixture = Fixture::new();
    let base = commit(&fixture, &[], "base");
    let one = commit(&fixture, std::slice::from_ref(&base), "one");
    let two = commit(&fixture, &[one], "two");
    let history = fixture.repo.history(&base, &two, 1).unwrap();
    assert!(history.is_cut);
    assert_eq!(history.commits.len(), 1);
    assert_eq!(history.commits[0].commit, two);
}

#[test]
fn a_change_that_takes_a_commit_back_to_the_letter_is_told_and_any_other_is_not() {
    let fixture = Fixture::new();
    let lines = |of: &[&str]| of.join("\n") + "\n";
    let numbers: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    let mut text: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let commit_all = |parents: &[CommitId], message: &str| {
        fixture.repo.commit_tree(&fixture.snapshot(), parents, message).unwrap()
    };
    fixture.write("file", lines(&text));
    let first = commit_all(&[], "first");
    text.insert(30, "    more");
    fixture.write("file", lines(&text));
    fixture.write("other", "new\n");
    let more = commit_all(&[first], "more");
    text.insert(3, "elsewhere");
    fixture.write("file", lines(&text));
    let base = commit_all(std::slice::from_ref(&more), "elsewhere");
    let before = fixture.snapshot();
    let inverted = |text: &[&str], other: &str| {
        fixture.write("file", lines(text));
        if other.is_empty() {
            std::fs::remove_file(fixture.repo.root().join("other")).unwrap();
        } else {
            fixture.write("other", other);
        }
        fixture.repo.inverted_by(&base, &before, &fixture.snapshot()).unwrap()
    };
    let kept = text.clone();
    text.retain(|line| *line != "    more");
    assert_eq!(inverted(&text, "new\n"), None, "a half of it");
    let mut beside = text.clone();
    beside.retain(|line| *line != "12");
    assert_eq!(inverted(&beside, ""), None, "with something beside it");
    let spaced: Vec<&str> = kept.iter().map(|line| line.trim_start()).collect();
    assert_eq!(inverted(&spaced, "new\n"), None, "another change");
    assert_eq!(inverted(&text, ""), Some(more));
    assert_eq!(inverted(&kept, "new\n"), None, "nothing at all");
}
