//! What a run takes for granted, and what it must not begin with.

use loki_model::{Assumption, Digest, Spec, Standing};

use super::Question;

/// What is taken for granted, and what stands in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// In the order of importance; at most [`ASSUMPTIONS_MAX`].
    pub assumptions: Vec<Assumption>,
    /// Contradictions that nobody accepted: nothing should be spent before they are answered.
    pub blocking: Vec<Question>,
    /// Waivers of what is no contradiction here.
    pub unknown: Vec<String>,
}

/// Most assumptions that a run carries along.
pub const ASSUMPTIONS_MAX: usize = 100;

/// Makes the ledger of `spec`: what it says that it assumes, and what its open `questions` leave to
/// whoever builds it. `waivers` are names of contradictions, each with the reason to accept it.
pub fn ledger(spec: &Spec, questions: &[Question], waivers: &[(String, String)]) -> Ledger {
    let mut ledger = Ledger::default();
    let waived = |id: &str| waivers.iter().find(|(waived, _)| waived == id);
    for question in questions.iter().filter(|question| question.is_serious()) {
        let standing = match (question.is_contradiction(), waived(&question.id)) {
            (_, Some((_, reason))) => Standing::Waived { reason: reason.clone() },
            (false, None) => Standing::Assumed,
            (true, None) => {
                ledger.blocking.push(question.clone());
                continue;
            }
        };
        ledger.assumptions.push(Assumption {
            id: question.id.clone(),
            about: about(question),
            assumed: question.assumption.clone(),
            origin: Some(question.origin.clone()),
            standing,
        });
    }
    ledger.assumptions.extend(spec.assumptions.iter().map(|note| Assumption {
        id: format!("A-{}", &Digest::of(note.text.as_bytes()).as_str()[..4]),
        about: "as the spec says".to_owned(),
        assumed: note.text.clone(),
        origin: Some(note.origin.clone()),
        standing: Standing::Assumed,
    }));
    ledger.assumptions.truncate(ASSUMPTIONS_MAX);
    let unknown = waivers.iter().filter(|(id, _)| !questions.iter().any(|q| q.id == *id));
    ledger.unknown = unknown.map(|(id, _)| id.clone()).collect();
    ledger
}

/// Longest sentence about what is open, in characters.
const ABOUT_CHARS_MAX: usize = 200;

fn about(question: &Question) -> String {
    let statement = question.statement.trim_end_matches('.');
    let about = match statement {
        "" => question.message.clone(),
        _ => format!("{statement}: {}", question.message),
    };
    about.chars().take(ABOUT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{grill, read};

    const SPEC: &str = "- The search must be fast.\n- Notes are public.\n- Notes are private.\n";

    fn of(waivers: &[(String, String)]) -> (Ledger, Vec<Question>) {
        let (spec, problems) = read("prd.md", SPEC);
        let questions = grill(&spec, &problems);
        (ledger(&spec, &questions, waivers), questions)
    }

    #[test]
    fn a_contradiction_blocks_and_a_vague_word_is_assumed() {
        let (ledger, questions) = of(&[]);
        assert_eq!(ledger.blocking, questions[..1]);
        assert_eq!(ledger.assumptions.len(), 1);
        assert_eq!(ledger.assumptions[0].standing, Standing::Assumed);
    }

    #[test]
    fn a_waived_contradiction_is_an_assumption_with_its_reason() {
        let (_, questions) = of(&[]);
        let waiver = (questions[0].id.clone(), "the second is old".to_owned());
        let (ledger, _) = of(&[waiver]);
        assert!(ledger.blocking.is_empty() && ledger.unknown.is_empty());
        let reason = "the second is old".to_owned();
        assert_eq!(ledger.assumptions[0].standing, Standing::Waived { reason });
    }

    #[test]
    fn a_waiver_of_nothing_is_told() {
        let (ledger, _) = of(&[("Q-0000".to_owned(), "why not".to_owned())]);
        assert_eq!(ledger.unknown, ["Q-0000"]);
        assert_eq!(ledger.blocking.len(), 1);
    }
}
