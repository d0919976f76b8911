//! Each rule on its own example, and all of them on statements as people write them.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Severity;

use super::*;
use crate::read;

/// Statements become list items; what is Markdown already stays.
fn document(text: &str) -> String {
    if text.lines().any(|line| line.starts_with("- ") || line.starts_with('#')) {
        return text.to_owned();
    }
    text.lines().map(|line| format!("- {line}\n")).collect()
}

fn asked(text: &str) -> Vec<Question> {
    let (spec, problems) = read("prd.md", text);
    grill(&spec, &problems)
}

fn rules_of(text: &str) -> BTreeSet<String> {
    asked(text).into_iter().map(|question| question.rule).collect()
}

#[test]
fn every_rule_finds_its_own_example_and_accepts_what_it_proposes() {
    for rule in RULES {
        assert!(rules_of(&document(rule.example)).contains(rule.id), "{}", rule.id);
        let reworded = rule.reworded.replace(" / ", "\n");
        assert!(!rules_of(&document(&reworded)).contains(rule.id), "{}", rule.id);
    }
}

#[test]
fn every_rule_says_what_it_has_to() {
    let mut ids = BTreeSet::new();
    for rule in RULES {
        assert!(ids.insert(rule.id), "{} is there twice", rule.id);
        assert!(rule.id.split('/').count() == 2, "{}", rule.id);
        for text in [rule.what, rule.why, rule.example, rule.reworded, rule.limits] {
            assert!(text.len() > 10, "{}", rule.id);
        }
    }
}

const LABELLED: &str = include_str!("../../tests/grill/labelled.txt");

/// The cases: the rules that are expected, and the document.
fn cases() -> Vec<(BTreeSet<String>, String)> {
    let text = LABELLED
        .lines()
        .filter(|line| !line.starts_with("# Statements") && !line.starts_with("# `"));
    let text: String = text.map(|line| format!("{line}\n")).collect();
    let cases = text.split("\n= ").skip(1);
    let read = |case: &str| {
        let (rules, document) = case.split_once('\n').unwrap();
        let rules = rules.split_whitespace().filter(|rule| *rule != "none").map(str::to_owned);
        (rules.collect(), document.to_owned())
    };
    cases.map(read).collect()
}

#[derive(Default)]
struct Score {
    right: u32,
    false_alarms: u32,
    missed: u32,
}

/// Goal: rules ask what a careful reader would ask, and nothing else. `--nocapture` prints the figures
/// of `docs/benchmarks.md`.
#[test]
fn the_rules_ask_what_a_careful_reader_would_ask() {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let cases = cases();
    let clean = cases.iter().filter(|(expected, _)| expected.is_empty()).count();
    let mut wrong = String::new();
    for (expected, document) in &cases {
        let found = rules_of(document);
        for rule in expected.union(&found) {
            let score = scores.entry(rule.clone()).or_default();
            match (expected.contains(rule), found.contains(rule)) {
                (true, true) => score.right += 1,
                (false, true) => {
                    score.false_alarms += 1;
                    wrong.push_str(&format!("false alarm {rule}:\n{document}\n"));
                }
                _ => {
                    score.missed += 1;
                    wrong.push_str(&format!("missed {rule}:\n{document}\n"));
                }
            }
        }
    }
    let sum = |of: fn(&Score) -> u32| f64::from(scores.values().map(of).sum::<u32>());
    let (right, alarms, missed) = (sum(|s| s.right), sum(|s| s.false_alarms), sum(|s| s.missed));
    let (precision, recall) = (right / (right + alarms), right / (right + missed));
    println!("{} cases, {clean} of them without a question", cases.len());
    println!("precision {precision:.3}, recall {recall:.3}");
    for (rule, Score { right, false_alarms, missed }) in &scores {
        println!("{rule:<24} {right:>3} right {false_alarms:>3} false alarms {missed:>3} missed");
    }
    println!("{wrong}");
    let every_rule: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert!(every_rule.iter().all(|rule| scores.contains_key(*rule)), "a rule has no case");
    assert!(precision >= 0.95 && recall >= 0.9, "precision {precision}, recall {recall}\n{wrong}");
}

#[test]
fn questions_keep_their_names_when_requirements_move() {
    let ids = |text: &str| -> BTreeSet<String> { asked(text).into_iter().map(|q| q.id).collect() };
    let one = "- The search must be fast.\n- The API must be secure.\n";
    let other = "- Tasks can be added.\n- The API must be secure.\n- The search must be fast.\n";
    assert_eq!(ids(one).len(), 2);
    assert_eq!(ids(one), ids(other));
}

#[test]
fn contradictions_come_first_and_name_both_places() {
    let text = "- The search must be fast.\n- Notes are public.\n- Notes are private.\n";
    let questions = asked(text);
    let first = &questions[0];
    assert!(first.is_contradiction());
    assert_eq!(first.origin.line, Some(2));
    assert_eq!(first.against.as_ref().unwrap().origin.line, Some(3));
    assert_eq!(questions[1].rule, "vague/no-limit");
}

#[test]
fn what_is_only_welcome_is_asked_about_as_a_note() {
    let questions = asked("- The search could be fast.\n");
    assert_eq!(questions[0].severity, Severity::Note);
    assert!(!questions[0].is_serious());
}

#[test]
fn a_rewording_keeps_the_rest_of_the_statement() {
    let questions = asked("- Größe: the **search** must be fast on `index`.\n");
    assert_eq!(
        questions[0].rewording.as_deref(),
        Some("Größe: the search must take at most ⟨200 ms⟩ for ⟨1,000 items⟩ on `index`.")
    );
}

#[test]
fn a_thousand_requirements_are_looked_through_and_the_questions_are_bounded() {
    let text: String = (0..1_000)
        .map(|n| format!("- Item {n} must be fast and keep at most {n} rows.\n"))
        .collect();
    assert!(asked(&text).len() <= QUESTIONS_MAX);
}

proptest::proptest! {
    /// Goal: no text makes a rule fail, and places of rewordings are never within a character.
    #[test]
    fn any_text_can_be_asked_about(text in "(- )?[ -~àß≤“”`\n]{0,200}") {
        let _ = asked(&text);
    }
}
