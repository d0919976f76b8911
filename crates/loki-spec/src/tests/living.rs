//! What a requirement is called stays, whatever happens to the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use loki_model::{Origin, Priority, Requirement, RequirementId, Spec};
use proptest::prelude::*;

use crate::{Delta, Drift, Kind, Lock, PartKind, drift, matching, read, word_diff};

fn spec(text: &str) -> Spec {
    read("prd.md", text).0
}

fn locked(text: &str) -> Lock {
    Lock::of(&[spec(text)], None)
}

/// A line for everything that is not as it was.
fn shown(drift: &Drift) -> String {
    let mut out = String::new();
    for entry in &drift.entries {
        let text = |side: &Option<Requirement>| {
            side.as_ref().map_or("-".to_owned(), |side| side.text.clone())
        };
        write!(out, "{}: {} => {}", entry.kind.label(), text(&entry.old), text(&entry.new))
            .unwrap();
        let signs = [("+", &entry.differs.criteria_added), ("-", &entry.differs.criteria_removed)];
        for (sign, items) in signs {
            items.iter().for_each(|item| write!(out, " [{sign} {item}]").unwrap());
        }
        out.push('\n');
    }
    out
}

fn told(old: &str, new: &str) -> String {
    shown(&drift(&locked(old), &[spec(new)]))
}

const OLD: &str = "# Notes\n\n- [ ] Notes are saved when the window closes\n- [ ] The list shows the newest note first\n\
                   - [ ] A note can be deleted\n";

#[test]
fn a_reworded_requirement_is_the_same_one() {
    let new = OLD.replace("newest note first", "newest ten notes first");
    assert_eq!(
        told(OLD, &new),
        "reworded: The list shows the newest note first => The list shows the newest ten notes first\n"
    );
    let lock = locked(OLD);
    let ids = |lock: &Lock| lock.requirements.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    let after = Lock::of(&[spec(&new)], Some(&lock));
    assert_eq!(ids(&lock), ids(&after));
    assert_ne!(spec(&new).requirements, lock.name(spec(&new)).requirements);
}

#[test]
fn what_is_new_and_what_is_gone_is_told() {
    let new = OLD.replace("A note can be deleted", "Search looks through titles");
    assert_eq!(
        told(OLD, &new),
        "added: - => Search looks through titles\nremoved: A note can be deleted => -\n"
    );
}

#[test]
fn another_priority_and_other_criteria_are_a_change_of_that_requirement_only() {
    let old = "# A\n\n- Notes are saved\n  - within a second\n- Notes are listed\n";
    let new = "# A\n\n- Notes are saved\n  - within two minutes\n- Notes are listed\n";
    assert_eq!(
        told(old, new),
        "changed: Notes are saved => Notes are saved [+ within two minutes] [- within a second]\n"
    );
    let should = old.replace("Notes are listed", "Notes should be listed");
    assert!(told(old, &should).starts_with("reworded"), "{}", told(old, &should));
}

#[test]
fn a_new_checkbox_marks_itself_and_none_of_what_is_above_it() {
    let old = "# App\n\n## Notes\n\n### Saving\n\n- [ ] Notes are saved\n- [ ] Notes are kept\n";
    let new = format!("{old}- [ ] Everything is synced at night\n");
    assert_eq!(told(old, &new), "added: - => Everything is synced at night\n");
    let nested = old.replace("saved\n", "saved\n  - [ ] also when offline\n");
    assert_eq!(
        told(old, &nested),
        "changed: Notes are saved => Notes are saved [+ also when offline]\n"
    );
}

#[test]
fn a_ticked_box_other_spelling_and_another_order_are_no_drift() {
    let new = "# Notes\n\n- [x] A note can be **deleted**.\n- [ ] the list shows the newest note first\n\
               - [X] Notes are saved when the window closes\n";
    let drift = drift(&locked(OLD), &[spec(new)]);
    assert_eq!((drift.entries.len(), drift.unchanged), (0, 3));
    assert!(drift.is_none());
}

#[test]
fn a_name_that_people_gave_leads_before_what_is_said() {
    let old = "# A\n\n- FR-1: The list must show open tasks.\n- FR-2: Colours must be kept.\n";
    let new = "# A\n\n- FR1: A report about last week is mailed on Mondays.\n- FR-2: Colours must be kept.\n";
    assert_eq!(
        told(old, new),
        "reworded: FR-1: The list must show open tasks. => FR1: A report about last week is mailed on \
         Mondays.\n"
    );
}

fn operation(id: &str, text: &str, pointer: &str) -> Requirement {
    let origin =
        Origin { source: "api.yaml".to_owned(), line: None, pointer: Some(pointer.to_owned()) };
    let (id, text) = (RequirementId(id.to_owned()), text.to_owned());
    Requirement { id, text, priority: Priority::Must, acceptance: Vec::new(), origin }
}

#[test]
fn an_operation_is_known_by_its_name_and_by_its_place() {
    let lists = operation("listPets", "GET /pets", "/paths/~1pets/get");
    let renamed = operation("allPets", "GET /pets", "/paths/~1pets/get");
    let found = crate::changes(std::slice::from_ref(&lists), &[renamed]);
    assert_eq!(found.entries[0].kind, Kind::Renamed);
    assert_eq!(found.entries[0].differs.name, Some(RequirementId("allPets".to_owned())));
    let moved = operation("listPets", "GET /pets", "/paths/~1v2~1pets/get");
    let found = crate::changes(std::slice::from_ref(&lists), &[moved]);
    assert_eq!(found.entries[0].kind, Kind::Moved);
    assert!(found.is_none());
    let said = operation("R-1234", "Something else entirely", "/paths/~1pets/get");
    assert_eq!(matching(&[lists], &[said]).pairs[0].by, crate::By::Place);
    // A place in a list is no place: what comes before moves it.
    let item = |text: &str, at: u8| operation("R-0000", text, &format!("/features/{at}/text"));
    let found = matching(&[item("a b c", 1)], &[item("x y z", 1), item("a b c", 2)]);
    assert_eq!((found.pairs.len(), found.pairs[0].new), (1, 1));
}

#[test]
fn a_statement_in_two_sources_is_there_once() {
    let other = Spec { source: "b.md".to_owned(), ..spec(OLD) };
    let lock = Lock::of(&[spec(OLD), other], None);
    assert_eq!((lock.requirements.len(), lock.sources.len()), (3, 2));
}

#[test]
fn a_name_that_is_taken_is_not_given_again() {
    let lock = locked("# A\n\n- The list shows the newest note first\n");
    let reworded = "# A\n\n- The list shows the newest ten notes first\n";
    let lock = Lock::of(&[spec(reworded)], Some(&lock));
    // The old words come back beside the new ones, and would have the same name.
    let both = format!("{reworded}- The list shows the newest note first\n");
    let lock = Lock::of(&[spec(&both)], Some(&lock));
    let ids: BTreeSet<_> = lock.requirements.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), 2, "{lock:?}");
}

#[test]
fn a_delta_approves_what_it_says_and_nothing_else() {
    let new = OLD.replace("newest note first", "newest ten notes first");
    let change = drift(&locked(OLD), &[spec(&new)]);
    let delta = Delta::of(&change, "2026-01-02T03:04:05Z", "Ada <ada@example.org>", Some("asked"));
    assert_eq!(Delta::parse(&delta.to_text()), Ok(delta.clone()));
    assert!(change.entries.iter().all(|entry| delta.approves(entry)));
    let more = OLD.replace("newest note first", "newest fifty notes first");
    let other = drift(&locked(OLD), &[spec(&more)]);
    assert!(!other.entries.iter().any(|entry| delta.approves(entry)));
    let removed = drift(&locked(OLD), &[spec("# Notes\n\n- A note can be deleted\n")]);
    assert!(!removed.entries.iter().any(|entry| delta.approves(entry)));
    assert!(delta.file_name().starts_with("20260102030405-"), "{}", delta.file_name());
    insta::assert_snapshot!(delta.to_text());
}

#[test]
fn a_damaged_delta_says_its_line() {
    let text = "format = 1\napproved_at = \"x\"\napproved_by = 3\n";
    assert_eq!(Delta::parse(text).unwrap_err().line, 3);
    assert_eq!(Delta::parse("format = 1\n<<<<<<< ours\n").unwrap_err().line, 2);
}

#[test]
fn words_that_differ_are_told_apart() {
    let parts = word_diff("at most 200 ms", "at most 500 ms");
    let shown: String = parts
        .iter()
        .map(|part| match part.kind {
            PartKind::Same => part.text.clone(),
            PartKind::Removed => format!("[-{}-]", part.text),
            PartKind::Added => format!("{{+{}+}}", part.text),
        })
        .collect();
    assert_eq!(shown, "at most [-200-]{+500+} ms");
}

/// Statements that share some words.
fn statement() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "list", "notes", "must", "show", "save", "every", "user", "2", "3", "seconds",
            "export", "csv", "when", "closed", "delete", "undo",
        ]),
        3..9,
    )
    .prop_map(|words| words.join(" "))
}

fn document(statements: &[String]) -> String {
    let items: String = statements.iter().map(|one| format!("- {one}\n")).collect();
    format!("# A\n\n## Features\n\n{items}")
}

fn named(lock: &Lock) -> BTreeMap<String, String> {
    lock.requirements.iter().map(|one| (one.text.clone(), one.id.0.clone())).collect()
}

proptest! {
    #[test]
    fn the_order_of_requirements_changes_nothing(
        old in prop::collection::btree_set(statement(), 1..12),
        new in prop::collection::btree_set(statement(), 1..12),
        seed in any::<u64>(),
    ) {
        let old: Vec<String> = old.into_iter().collect();
        let new: Vec<String> = new.into_iter().collect();
        let mut turned = new.clone();
        turned.rotate_left(seed as usize % new.len());
        turned.reverse();
        let lock = locked(&document(&old));
        let one = Lock::of(&[spec(&document(&new))], Some(&lock));
        let other = Lock::of(&[spec(&document(&turned))], Some(&lock));
        prop_assert_eq!(named(&one), named(&other));
        let mut old_turned = old.clone();
        old_turned.reverse();
        let pairs = |old: &[String], new: &[String]| -> BTreeSet<(String, String)> {
            let (old, new) = (spec(&document(old)).requirements, spec(&document(new)).requirements);
            let found = matching(&old, &new).pairs;
            found.iter().map(|p| (old[p.old].text.clone(), new[p.new].text.clone())).collect()
        };
        prop_assert_eq!(pairs(&old, &new), pairs(&old_turned, &turned));
    }

    #[test]
    fn rewording_one_leaves_the_names_of_all_others(
        statements in prop::collection::btree_set(statement(), 2..12),
        at in any::<prop::sample::Index>(),
        word in "[a-z]{5}[0-9]",
    ) {
        let old: Vec<String> = statements.into_iter().collect();
        let at = at.index(old.len());
        let lock = locked(&document(&old));
        let mut new = old.clone();
        new[at] = format!("{} {word}", old[at]);
        let names = named(&Lock::of(&[spec(&document(&new))], Some(&lock)));
        for (index, text) in new.iter().enumerate() {
            prop_assert_eq!(&names[text], &named(&lock)[&old[index]]);
        }
    }

    #[test]
    fn everything_is_paired_once_or_told(
        old in prop::collection::btree_set(statement(), 0..12),
        new in prop::collection::btree_set(statement(), 0..12),
    ) {
        let read = |items: &BTreeSet<String>| {
            spec(&document(&items.iter().cloned().collect::<Vec<_>>())).requirements
        };
        let (old, new) = (read(&old), read(&new));
        let found = matching(&old, &new);
        let mut olds: Vec<usize> = found.pairs.iter().map(|pair| pair.old).collect();
        let mut news: Vec<usize> = found.pairs.iter().map(|pair| pair.new).collect();
        olds.extend(&found.removed);
        news.extend(&found.added);
        olds.sort_unstable();
        news.sort_unstable();
        prop_assert_eq!(olds, (0..old.len()).collect::<Vec<_>>());
        prop_assert_eq!(news, (0..new.len()).collect::<Vec<_>>());
    }
}
