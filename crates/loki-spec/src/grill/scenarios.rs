//! The form of scenarios: given, when, then.

pub(crate) mod no_then;
pub(crate) mod no_when;
pub(crate) mod several_whens;

use super::sentence::{Cx, Sentence};

/// A scenario, in one sentence or in several criteria that follow each other.
pub(crate) struct Scenario<'a, 'b> {
    pub(crate) sentences: Vec<&'b Sentence<'a>>,
}

/// Where a scenario begins; nothing for what only begins like one.
fn begins(sentence: &Sentence<'_>) -> bool {
    let first = sentence.word(0);
    let given = first == "given" || first == "scenario" && sentence.has(&["given"]);
    // `Given its size, the list must be paged` is a requirement.
    given && !sentence.has(&["must", "shall", "should"])
}

fn goes_on(sentence: &Sentence<'_>) -> bool {
    matches!(sentence.word(0), "when" | "then" | "and" | "but")
}

/// All scenarios of a spec.
pub(crate) fn all<'a, 'b>(cx: &'b Cx<'a>) -> Vec<Scenario<'a, 'b>> {
    let mut scenarios: Vec<Scenario<'a, 'b>> = Vec::new();
    let mut open = false;
    for sentence in &cx.sentences {
        if begins(sentence) {
            scenarios.push(Scenario { sentences: vec![sentence] });
            open = true;
        } else if open && sentence.criterion.is_some() && goes_on(sentence) {
            if let Some(last) = scenarios.last_mut() {
                last.sentences.push(sentence);
            }
        } else {
            open = false;
        }
    }
    scenarios
}

impl<'a, 'b> Scenario<'a, 'b> {
    pub(crate) fn first(&self) -> Option<&'b Sentence<'a>> {
        self.sentences.first().copied()
    }

    pub(crate) fn count(&self, word: &str) -> usize {
        let words = self.sentences.iter().flat_map(|sentence| &sentence.words);
        words.filter(|found| found.folded == word).count()
    }
}
