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
