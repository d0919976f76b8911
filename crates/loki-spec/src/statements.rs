//! The statements found so far: bounded, without repetition, named at the end.

use std::collections::HashMap;

use loki_model::{Digest, Note, Origin, Priority, Requirement, Spec};

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
/// Most constraints, most assumptions, and most notes of context; the rest is in the text.
pub const NOTES_MAX: usize = 200;
/// Longest note, in bytes; longer ones are cut.
pub const NOTE_BYTES_MAX: usize = 500;

/// Where a statement stands in the source that is being read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// 1-based.
    pub(crate) line: u32,
    pub(crate) pointer: Option<String>,
}

impl From<u32> for Place {
    fn from(line: u32) -> Place {
        Place { line, pointer: None }
    }
}

/// Requirements, notes and problems in order of appearance.
#[derive(Default)]
pub(crate) struct Statements {
    source: String,
    found: Vec<Found>,
    by_digest: HashMap<Digest, usize>,
    constraints: Vec<Note>,
    assumptions: Vec<Note>,
    context: Vec<Note>,
    problems: Vec<SpecProblem>,
    full: bool,
}

struct Found {
    digest: Digest,
    text: String,
    priority: Priority,
    acceptance: Vec<String>,
    origin: Origin,
}

/// Which of the three a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteKind {
    Constraint,
    Assumption,
    Context,
}

impl Statements {
    /// None yet, of `source`.
    pub(crate) fn of(source: &str) -> Statements {
        Statements { source: source.to_owned(), ..Statements::default() }
    }

    /// What comes from here on is in `source`.
    pub(crate) fn turn_to(&mut self, source: &str) {
        source.clone_into(&mut self.source);
    }

    /// How many requirements there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// Adds a requirement, or finds the one that says the same. Nothing when there are too many.
    pub(crate) fn add(
        &mut self,
        text: &str,
        priority: Priority,
        place: impl Into<Place>,
    ) -> Option<usize> {
        // Of the whole text, so that two long statements are not one because they begin alike.
        self.add_named(text, text, priority, place)
    }

    /// The same for a requirement that its source gives the name `key`, which stays when it is
    /// said in other words.
    pub(crate) fn add_named(
        &mut self,
        key: &str,
        text: &str,
        priority: Priority,
        place: impl Into<Place>,
    ) -> Option<usize> {
        let Place { line, pointer } = place.into();
        let digest = Digest::of(id::fold(key).as_bytes());
        if let Some(index) = self.by_digest.get(&digest).copied() {
            let first = &mut self.found[index];
            first.priority = first.priority.min(priority);
            let first_line = first.origin.line.unwrap_or(1);
            let elsewhere = (first.origin.source != self.source).then(|| first.origin.clone());
            self.problem(match elsewhere {
                None => SpecProblem::Duplicate { line, first_line },
                Some(first) => SpecProblem::SaidElsewhere { line, first },
            });
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
        let origin = Origin { source: self.source.clone(), line: Some(line), pointer };
        self.found.push(Found { digest, text, priority, acceptance: Vec::new(), origin });
        Some(index)
    }

    /// Adds a note. What is beyond the limit is only in the text.
    pub(crate) fn note(&mut self, kind: NoteKind, text: &str, place: impl Into<Place>) {
        let Place { line, pointer } = place.into();
        let text = cut(&one_line(text), NOTE_BYTES_MAX);
        let notes = match kind {
            NoteKind::Constraint => &mut self.constraints,
            NoteKind::Assumption => &mut self.assumptions,
            NoteKind::Context => &mut self.context,
        };
        let is_known = |note: &Note| note.text == text && note.origin.source == self.source;
        if !text.contains(char::is_alphanumeric) {
            return;
        }
        if notes.len() < NOTES_MAX {
            if notes.iter().any(is_known) {
                return;
            }
            let origin = Origin { source: self.source.clone(), line: Some(line), pointer };
            notes.push(Note { text, origin });
        } else if kind != NoteKind::Context {
            self.problem(SpecProblem::TooManyNotes { line, notes_max: NOTES_MAX });
        }
    }

    /// Adds a criterion to the requirement at `index`.
    pub(crate) fn accept(&mut self, index: usize, criterion: &str, line: u32) {
        if !criterion.contains(char::is_alphanumeric) {
            return;
        }
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

    /// Whether no more context is kept.
    pub(crate) fn context_is_full(&self) -> bool {
        self.context.len() >= NOTES_MAX
    }

    /// The requirement that its source calls `key`.
    pub(crate) fn index_of(&self, key: &str) -> Option<usize> {
        self.by_digest.get(&Digest::of(id::fold(key).as_bytes())).copied()
    }

    /// Appends `more` to the statement at `index`, unless it says that already.
    pub(crate) fn extend_text(&mut self, index: usize, more: &str) {
        let more = one_line(more);
        let Some(found) = self.found.get_mut(index) else { return };
        if more.is_empty() || found.text.to_lowercase().contains(&more.to_lowercase()) {
            return;
        }
        let with = if found.text.ends_with(['.', ':', '!', '?']) { " " } else { ": " };
        found.text = cut(&format!("{}{with}{more}", found.text), STATEMENT_BYTES_MAX);
    }

    /// Says something of a place in the source that is being read.
    pub(crate) fn problem(&mut self, problem: SpecProblem) {
        let problem = problem.inside(&self.source);
        if self.problems.len() < PROBLEMS_MAX && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Puts everything into `spec`, requirements named, and gives back all problems. Those of
    /// `spec`'s own source do not name it.
    pub(crate) fn finish(self, spec: Spec) -> (Spec, Vec<SpecProblem>) {
        let digests: Vec<Digest> = self.found.iter().map(|found| found.digest.clone()).collect();
        let requirements = id::name(&digests).into_iter().zip(self.found).map(|(id, found)| {
            let Found { text, priority, acceptance, origin, .. } = found;
            Requirement { id, text, priority, acceptance, origin }
        });
        let problems = self.problems.into_iter().map(|problem| problem.outside(&spec.source));
        let problems = problems.collect();
        let spec = Spec {
            requirements: requirements.collect(),
            constraints: self.constraints,
            assumptions: self.assumptions,
            context: self.context,
            ..spec
        };
        (spec, problems)
    }

    /// `text` in one line and within the limit.
    fn shortened(&mut self, text: &str, line: u32) -> String {
        let text = one_line(text);
        if text.len() > STATEMENT_BYTES_MAX {
            self.problem(SpecProblem::Shortened { line, bytes: text.len() });
        }
        cut(&text, STATEMENT_BYTES_MAX)
    }
}

/// Words with one space between them, and nothing that moves a terminal's cursor.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The beginning of `text`, at most `bytes_max` bytes with the mark that it was cut.
pub(crate) fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let mark = '…';
    let end = bytes_max - mark.len_utf8();
    let end = (0..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}{mark}", &text[..end])
}
