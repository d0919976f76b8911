//! The lock as a file: what is written is read, what is damaged says where.

use std::collections::BTreeSet;

use loki_model::RequirementId;
use proptest::prelude::*;

use crate::{Lock, LockError, read};

fn lock() -> Lock {
    let text = "# Sums\n\n- `add(a, b)` must return the \"sum\"\n  - 2 and 3 are 5\n- Colours could be kept\n";
    let mut lock = Lock::of(&[read("prd.md", text).0], None);
    let tests = BTreeSet::from(["test_sums.py > test_two".to_owned()]);
    let id = lock.requirements[0].id.clone();
    lock.tests.insert(id, tests);
    lock
}

#[test]
fn a_lock_reads_well_in_a_review() {
    insta::assert_snapshot!(lock().to_text());
}

fn error(text: &str) -> LockError {
    Lock::parse(text).unwrap_err()
}

#[test]
fn a_damaged_lock_says_its_line_and_what_to_do() {
    let text = lock().to_text();
    let damaged = [
        text.replacen("[requirement", "<<<<<<< HEAD\n[requirement", 1),
        text.replacen("priority = \"must\"", "priority = \"high\"", 1),
        text.replacen("priority = \"must\"\n", "", 1),
        text.replacen("source =", "sauce =", 1),
        text.replace("format = 1", "format = 2"),
        text.replace("format = 1\n", ""),
        format!("{text}\n{}", text.split("\n\n").last().unwrap()),
        "{\"schema_version\": 1}".to_owned(),
    ];
    let said: Vec<String> = damaged.iter().map(|text| error(text).to_string()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn two_branches_that_change_different_requirements_touch_different_lines() {
    let one = |text: &str| Lock::of(&[read("prd.md", text).0], Some(&lock())).to_text();
    let base = one("# Sums\n\n- `add(a, b)` must return the sum\n- Colours could be kept\n");
    let ours = one("# Sums\n\n- `add(a, b)` must return the exact sum\n- Colours could be kept\n");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let differing = lines(&base).iter().zip(lines(&ours)).filter(|(a, b)| *a != b).count();
    assert_eq!((lines(&base).len(), differing), (lines(&ours).len(), 1));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        text in any::<String>(),
        id in any::<String>(),
        criteria in prop::collection::vec(any::<String>(), 0..4),
    ) {
        let mut lock = lock();
        lock.requirements[0].text = text.clone();
        lock.requirements[0].acceptance = criteria;
        lock.requirements[1].id = RequirementId(format!("{id}-2"));
        lock.sources.insert(text.clone(), Default::default());
        lock.requirements.sort_by(|a, b| a.id.cmp(&b.id));
        let read = Lock::parse(&lock.to_text());
        prop_assert_eq!(read, Ok(lock));
    }

    #[test]
    fn any_text_is_a_lock_or_has_a_reason_not_to_be(text in any::<String>()) {
        if let Err(error) = Lock::parse(&text) {
            prop_assert!(error.line().is_none_or(|line| line >= 1));
        }
    }
}
