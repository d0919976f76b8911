//! How well requirements are found, on specs that were labelled by hand.

#[path = "../../tests/labelled/score.rs"]
mod score;

use score::{Score, scores, sixty_pages, totals};

/// Less than this of what was read, or of what is there, is not good enough.
const GOAL: f64 = 0.9;

#[test]
fn requirements_are_found_and_little_else_is() {
    let scores = scores();
    assert!(scores.len() >= 28 && scores.iter().all(|score| !score.name.is_empty()));
    let (precision, recall) = totals(scores.iter());
    let flawed: Vec<&Score> =
        scores.iter().filter(|it| !it.wrong.is_empty() || !it.missing.is_empty()).collect();
    assert!(precision >= GOAL && recall >= GOAL, "{precision:.3} {recall:.3}\n{flawed:#?}");
}

#[test]
fn the_long_document_has_about_sixty_pages() {
    let (text, labels) = sixty_pages();
    let words = text.split_whitespace().count();
    assert!((20_000..40_000).contains(&words), "{words}");
    assert_eq!(labels.len(), 60 * 5 + 20);
}
