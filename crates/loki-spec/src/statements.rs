//! The statements found so far: bounded, without repetition, named at the end.

use std::collections::HashMap;

use loki_model::{Digest, Origin, Priority, Requirement};

use crate::SpecProblem;
use crate::id;

/// Most requirements in one spec.
pub const REQUIREMENTS_MAX: usize = 1_000;
/// Most acceptance criteria of one requirement.
pub const ACCEPTANCE_MAX: usize = 50;
/// Longest statement, in bytes; longer ones are cut.
pub const STATEMENT_BYTES_MAX: usize = 2_000;
/// Most problems told; the rest is more of the same.
pub const PROBLEMS_MAX: usize = 100;

/// Requirements and problems in order of appearance.
#[derive(Default)]
pub(crate) struct Statements {
    found: Vec<Found>,
    by_digest: HashMap<Digest, usize>,
    problems: Vec<SpecProblem>,
    full: bool,
}

struct Found {
    digest: Digest,
    text: String,
    priority: Priority,
    acceptance: Vec<String>,
    line: u32,
}

impl Statements {
    /// How many requirements there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// Adds a requirement, or finds the one that says the same. Nothing when there are too many.
    pub(crate) fn add(&mut self, text: &str, priority: Priority, line: u32) -> Option<usize> {
        // Of the whole text, so that two long statements are not one because they begin alike.
        let digest = Digest::of(id::fold(text).as_bytes());
        if let Some(index) = self.by_digest.get(&digest).copied() {
            let first = &mut self.found[index];
            first.priority = first.priority.min(priority);
            let first_line = first.line;
            self.problem(SpecProblem::Duplicate { line, first_line });
            return Some(index);
        }
        if self.found.len() == REQUIREMENTS_MAX {
            if !std::mem::replace(&mut self.full, true) {
                let requirements_max = REQUIREMENTS_MAX;
                self.problem(SpecProblem::TooMany { line, requirements_max });
            }
            return None;
        }
        let text = self.shortened(text, line);
        let index = self.found.len();
        self.by_digest.insert(digest.clone(), index);
        self.found.push(Found { digest, text, priority, acceptance: Vec::new(), line });
        Some(index)
    }

    /// Adds a criterion to the requirement at `index`.
    pub(crate) fn accept(&mut self, index: usize, criterion: &str, line: u32) {
        let criterion = self.shortened(criterion, line);
        let Some(found) = self.found.get_mut(index) else { return };
        match found.acceptance.len() {
            _ if found.acceptance.contains(&criterion) => {}
            ..ACCEPTANCE_MAX => found.acceptance.push(criterion),
            _ => {
                let acceptance_max = ACCEPTANCE_MAX;
                self.problem(SpecProblem::TooManyCriteria { line, acceptance_max });
            }
        }
    }

    /// Appends `more` to the last criterion of the requirement at `index`.
    pub(crate) fn extend_last(&mut self, index: usize, more: &str, line: u32) {
        let Some(last) = self.found.get_mut(index).and_then(|found| found.acceptance.last_mut())
        else {
            return self.accept(index, more, line);
        };
        if last.len() + 1 + more.len() <= STATEMENT_BYTES_MAX {
            last.push(' ');
            last.push_str(more);
        }
    }

    pub(crate) fn problem(&mut self, problem: SpecProblem) {
        if self.problems.len() < PROBLEMS_MAX && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// All requirements, named, and all problems.
    pub(crate) fn finish(self, source: &str) -> (Vec<Requirement>, Vec<SpecProblem>) {
        let digests: Vec<Digest> = self.found.iter().map(|found| found.digest.clone()).collect();
        let requirements = id::name(&digests).into_iter().zip(self.found).map(|(id, found)| {
            let Found { text, priority, acceptance, line, .. } = found;
            let origin = Origin::line(source, line);
            Requirement { id, text, priority, acceptance, origin }
        });
        (requirements.collect(), self.problems)
    }

    /// `text` in one line and within the limit.
    fn shortened(&mut self, text: &str, line: u32) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.len() <= STATEMENT_BYTES_MAX {
            return text;
        }
        self.problem(SpecProblem::Shortened { line, bytes: text.len() });
        let mark = '…';
        let end = STATEMENT_BYTES_MAX - mark.len_utf8();
        let end = (0..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        format!("{}{mark}", &text[..end])
    }
}
