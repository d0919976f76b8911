//! Specs to begin with, and the way from an idea to a run.

use loki_testkit::{Script, TestRepo};

use crate::support::*;

fn read(repo: &TestRepo, path: &str) -> String {
    std::fs::read_to_string(repo.root().join(path)).unwrap_or_default()
}

#[test]
fn every_template_of_the_list_can_be_written_and_leaves_nothing_to_ask() {
    let repo = TestRepo::new();
    let list = loki(&repo).args(["init", "--list", "--json"]).run().expect_code(0).json();
    let templates = list["templates"].as_array().unwrap();
    assert!(templates.len() >= 21);
    for template in templates.iter().filter_map(|t| t["name"].as_str()) {
        let _ = loki(&repo).args(["init", template, "-t", template]).run().expect_code(0);
        let _ = loki(&repo).args(["-C", template, "grill"]).run().expect_code(0);
    }
}

#[test]
fn small_templates_are_planned_as_small_and_large_ones_are_not() {
    let repo = TestRepo::new();
    let list = loki(&repo).args(["init", "--list", "--json"]).run().expect_code(0).json();
    let mut table = String::new();
    for template in list["templates"].as_array().unwrap() {
        let name = template["name"].as_str().unwrap();
        let _ = loki(&repo).args(["init", name, "-t", name]).run().expect_code(0);
        let plan = loki(&repo).args(["-C", name, "plan", "--json"]).run().expect_code(0).json();
        let team: Vec<&str> =
            plan["team"].as_array().unwrap().iter().filter_map(|m| m["role"].as_str()).collect();
        let complexity = plan["complexity"].as_str().unwrap();
        match template["group"].as_str().unwrap() {
            "simple" => assert_eq!(complexity, "simple", "{name}"),
            "complex" => assert_ne!(complexity, "simple", "{name}"),
            _ => {}
        }
        table.push_str(&format!("{name:<20} {complexity:<9} {}\n", team.join(" ")));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_is_there_is_never_overwritten() {
    let repo = TestRepo::new().file("prd.md", "mine");
    let ran = loki(&repo).args(["init", "-t", "game"]).run().expect_code(2);
    assert!(ran.stderr.contains("left alone"), "{}", ran.stderr);
    assert_eq!(read(&repo, "prd.md"), "mine");
    let _ = loki(&repo).args(["init", "new", "-t", "game"]).run().expect_code(0);
    let _ = loki(&repo).args(["init", "new", "-t", "game"]).run().expect_code(2);
    let _ = loki(&repo).args(["init", "other", "-t", "nothing"]).run().expect_code(2);
    assert!(!repo.root().join("other").exists());
}

#[test]
fn without_a_terminal_the_template_has_to_be_named() {
    let repo = TestRepo::new();
    let ran = loki(&repo).args(["init"]).run().expect_code(2);
    assert!(ran.stderr.contains("--list"), "{}", ran.stderr);
}

#[test]
fn a_new_directory_is_a_repository_that_a_run_can_begin_in() {
    let repo = TestRepo::new();
    let outside = |args: &[&str]| {
        loki(&repo).cwd(repo.root().parent().unwrap()).args(args).run().expect_code(0)
    };
    outside(&["init", "shop", "-t", "e-commerce"]);
    let plan = outside(&["-C", "shop", "plan", "--json"]).json();
    assert_ne!(plan["complexity"], "simple", "{plan}");
    assert_eq!(repo.git(["-C", "../shop", "log", "--format=%s"]), "The spec");
}

#[test]
fn a_new_directory_within_a_repository_belongs_to_it() {
    let repo = TestRepo::new();
    loki(&repo).args(["init", "shop", "-t", "e-commerce"]).run().expect_code(0);
    assert!(repo.exists("shop/prd.md") && !repo.exists("shop/.git"));
}

#[test]
fn a_dry_run_shows_spec_and_plan_and_writes_nothing() {
    let repo = TestRepo::new();
    let args = ["quickstart", "a list of books with ratings", "--dry-run", "--provider", "claude"];
    let ran = loki(&repo).args(args).run().expect_code(0);
    for told in
        ["# List of books", "FR-2: It has this: ratings.", "add a book", "estimate", "claude"]
    {
        assert!(ran.stdout.contains(told), "`{told}` is missing in:\n{}", ran.stdout);
    }
    assert!(!repo.root().join("prd.md").exists());
    let json = loki(&repo).args(args).args(["--json"]).run().expect_code(0).json();
    assert_eq!((&json["schema_version"], &json["dry_run"]), (&1.into(), &true.into()));
    assert!(json["plan"]["estimate"]["iterations"]["high"].is_u64(), "{json}");
}

#[test]
fn the_estimate_is_shown_before_the_agent_is_called_and_the_sample_is_built() {
    let repo = TestRepo::unversioned("new");
    let script = Script::new().call(|c| c.write("notes.txt", "built").say("LOKI: DONE"));
    let script = save(&repo, &script);
    let ran =
        loki(&repo).args(["quickstart", "--yes", "--provider"]).args([script.provider()]).run();
    assert!(!matches!(ran.code, Some(1 | 2)), "{:?}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    let estimate = ran.stderr.find("estimate (").unwrap();
    let works = ran.stderr.find("works").unwrap();
    assert!(estimate < works, "{}", ran.stderr);
    assert!(read(&repo, "prd.md").starts_with("# Todo list"));
}

#[test]
fn nobody_to_ask_is_told_and_nothing_is_written() {
    let repo = TestRepo::new();
    let ran = loki(&repo).args(["quickstart", "a game"]).run().expect_code(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert!(!repo.root().join("prd.md").exists());
}
