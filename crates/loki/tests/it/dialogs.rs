//! Questions on a terminal, and what becomes of the answers.

use loki_testkit::{Script, TestRepo};

use crate::support::*;

#[test]
fn questions_are_answered_one_after_the_other_and_enter_leaves_one_open() {
    let repo = vague();
    let grill = loki(&repo).args(["grill", "prd.md", "--answer"]);
    let ran = grill.run_typing("only public ones\n\nfour megabytes at most\n").expect_code(1);
    for part in ["(1 of 3)", "(3 of 3)", "answer (Enter leaves it open)", "2 answered, 1 open"] {
        assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
    }
    let text = repo.read("prd.md");
    assert!(text.contains("  - only public ones <!-- Q-"), "{text}");
    assert!(text.contains("  - four megabytes at most <!-- Q-"), "{text}");
    let rest = grill.run_typing("within 200 ms\n").expect_code(0);
    assert!(rest.stdout.contains("(1 of 1)"), "{}", rest.stdout);
}

#[test]
fn the_end_of_the_input_leaves_what_follows_open() {
    let repo = vague();
    let grill = loki(&repo).args(["grill", "prd.md", "--answer"]);
    let ran = grill.run_typing("only public ones\n\x04").expect_code(1);
    assert!(ran.stdout.contains("prd.md: 1 answered, 2 open"), "{}", ran.stdout);
    let none = grill.run_typing("\x04").expect_code(1);
    assert!(none.stdout.contains("prd.md: 0 answered, 2 open"), "{}", none.stdout);
}

#[test]
fn a_template_is_chosen_by_number_by_name_or_by_enter() {
    let repo = TestRepo::new().file("a", "1\n").commit("start");
    let by = |name: &str, keys: &str| {
        let ran = loki(&repo).args(["init", name]).run_typing(keys);
        assert!(ran.stdout.contains("which one (number or name, Enter for 1)?"), "{}", ran.stdout);
        (ran.code, std::fs::read_to_string(repo.root().join(name).join("prd.md")).ok())
    };
    let (first, second) = (by("one", "\n"), by("two", "2\n"));
    assert_eq!((first.0, second.0), (Some(0), Some(0)));
    assert_ne!(first.1, second.1);
    assert_eq!(by("named", "simple-todo-app\n").0, Some(0));
    for (name, keys) in [("zero", "0\n"), ("many", "99\n"), ("none", "nothing-like-it\n")] {
        assert_eq!(by(name, keys), (Some(2), None), "{keys}");
    }
}

#[test]
fn of_several_specs_the_one_with_the_number_is_built() {
    let repo = project();
    repo.write("spec.yaml", "title: Other sums\nrequirements:\n  - add must be exact\n");
    let script = save(&repo, &right());
    let start = loki(&repo).args(["start", "--yes", "--provider", &script.provider()]);
    let ran = start.run_typing("2\n");
    assert!(ran.stdout.contains("Number: "), "{}", ran.stdout);
    assert!(script.prompts()[0].contains("add must be exact"), "{}", script.prompts()[0]);
    let asked = script.prompts().len();
    let none = start.run_typing("3\n").expect_code(2);
    assert!(none.stdout.contains("spec.yaml"), "{}", none.stdout);
    assert_eq!(script.prompts().len(), asked);
}

#[test]
fn nothing_that_may_cost_is_done_without_a_yes() {
    let repo = project();
    let script = save(&repo, &Script::new().call(|c| c.say("{\"questions\": []}")));
    let grill =
        loki(&repo).args(["grill", "prd.md", "--with-agent", "--provider", &script.provider()]);
    let refused = grill.run_typing("\n").expect_code(2);
    assert!(refused.stdout.contains("Go ahead? [y/N]"), "{}", refused.stdout);
    assert_eq!(script.prompts().len(), 0);
    let agreed = grill.run_typing("y\n").expect_code(0);
    assert!(agreed.stdout.contains("asked 0"), "{}", agreed.stdout);
    assert_eq!(script.prompts().len(), 1);
}

#[test]
fn enter_all_the_way_through_quickstart_proposes_the_sample() {
    let repo = TestRepo::new().file("a", "1\n").commit("start");
    let ran = loki(&repo).args(["quickstart", "--dry-run"]).run_typing("\n\n\n").expect_code(0);
    for part in
        ["1/4 Which agent?", "2/4 What shall it be?", "3/4 Which template?", "simple-todo-app"]
    {
        assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
    }
}
