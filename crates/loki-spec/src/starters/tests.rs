use std::collections::BTreeSet;

use super::*;
use crate::{Question, grill, read};

fn serious(text: &str) -> Vec<Question> {
    let (spec, problems) = read("prd.md", text);
    grill(&spec, &problems).into_iter().filter(Question::is_serious).collect()
}

#[test]
fn every_starter_reads_and_has_a_name_of_its_own() {
    let starters = starters();
    assert_eq!(starters.len(), FILES.len());
    assert!(starters.len() >= 21);
    let names: BTreeSet<&str> = starters.iter().map(|starter| starter.name).collect();
    assert_eq!(names.len(), starters.len());
    assert!(names.contains(STARTER_DEFAULT));
    for starter in &starters {
        assert!(["simple", "standard", "complex"].contains(&starter.group), "{}", starter.name);
        assert!(!starter.summary.is_empty() && starter.summary.len() < 80, "{}", starter.name);
    }
}

#[test]
fn no_starter_leaves_a_question_open() {
    for starter in starters() {
        let questions = serious(&starter.document());
        let told: Vec<String> = questions
            .iter()
            .map(|q| format!("{}: {}: {} ({})", starter.name, q.rule, q.statement, q.message))
            .collect();
        assert!(questions.is_empty(), "{}", told.join("\n"));
    }
}

#[test]
fn every_starter_has_numbered_requirements_with_criteria_and_no_place_holder() {
    for starter in starters() {
        let text = starter.document();
        assert!(
            !text.contains(['{', '}']) || text.contains("`{") || text.contains("/{"),
            "{}",
            starter.name
        );
        assert!(!text.contains("{thing") && !text.contains("{Thing"), "{}", starter.name);
        let (spec, _) = read("prd.md", &text);
        let numbered = spec.requirements.iter().filter(|r| r.text.starts_with("FR-")).count();
        let with_criteria = spec.requirements.iter().filter(|r| !r.acceptance.is_empty()).count();
        assert!(numbered >= 8, "{}: {numbered}", starter.name);
        assert!(with_criteria * 2 >= numbered, "{}: {with_criteria} of {numbered}", starter.name);
    }
}

#[test]
fn an_idea_chooses_its_starter() {
    for (idea, expected) in [
        ("", "simple-todo-app"),
        ("something else entirely", "simple-todo-app"),
        ("a shop for handmade soap with a cart and checkout", "e-commerce"),
        ("a bot for our discord server", "discord-bot"),
        ("a command line tool that renames photos", "cli-tool"),
        ("a REST API with a database", "rest-api"),
        ("an iOS and Android app for plants", "mobile-app"),
        ("a game like pong", "game"),
        ("scrape prices once a day", "web-scraper"),
    ] {
        assert_eq!(shaped(idea, None).0.name, expected, "{idea}");
    }
}

#[test]
fn enter_all_the_way_is_the_sample() {
    let (starter, text) = shaped("", None);
    assert_eq!(text, starter.document());
    assert!(text.starts_with("# Todo list\n"), "{text}");
}

#[test]
fn an_idea_is_the_title_the_first_requirements_and_what_it_is_about() {
    let (_, text) =
        shaped("Build a todo list for books, with ratings, a wish list and a search", None);
    let head: String = text.lines().take(16).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(head);
    assert!(text.contains("add a book by typing") && !text.contains("task"), "{text}");
    let (spec, _) = read("prd.md", &text);
    let own: BTreeSet<&str> =
        spec.requirements.iter().filter_map(|r| r.text.split(':').next()).collect();
    assert_eq!(own.len(), spec.requirements.len(), "numbers are unique");
}

#[test]
fn different_ideas_make_different_specs() {
    let ideas = ["an expense tracker", "a recipe collection", "a list of movies", "plants"];
    let texts: BTreeSet<String> = ideas.iter().map(|idea| shaped(idea, None).1).collect();
    assert_eq!(texts.len(), ideas.len());
}

proptest::proptest! {
    /// Goal: any idea makes a document, and its own words are in it.
    #[test]
    fn any_idea_makes_a_document(idea in "[ -~àß日\n]{1,300}") {
        let (_, text) = shaped(&idea, None);
        let (spec, _) = read("prd.md", &text);
        proptest::prop_assert!(spec.requirements.len() >= 8);
    }
}
