//! Text becomes a Spec.

use loki_model::{Priority, Spec};

use crate::SpecProblem;
use crate::markdown::{self, Block, Table};
use crate::sections::{self, Class};
use crate::sentences::{Ends, Prose, split};
use crate::statements::{NoteKind, Statements};
use crate::tables::{self, Row};
use crate::title::title;
use crate::wording;

/// Reads `text`, a Markdown document or a brief of a few sentences, as a spec.
///
/// `source` is where the text came from, in the user's words. Never fails, and takes time that is
/// linear in the text. Requirements are, in order of appearance:
/// - list items of the outermost level; what is nested in them becomes their acceptance criteria;
/// - sentences of prose with `must`, `shall`, `should` or `may`, and user stories;
/// - rows of tables with a column of statements;
/// - every sentence of a text that is nothing but a few sentences.
///
/// Given–when–then scenarios are criteria of the requirement above them. What stands below
/// headings such as `Non-goals` is not a requirement, nor is anything in code blocks or comments.
pub fn read(source: &str, text: &str) -> (Spec, Vec<SpecProblem>) {
    let blocks = markdown::blocks(text);
    let prose_only = blocks.iter().all(|block| matches!(block, Block::Paragraph(_)));
    let mut reader = Reader { statements: Statements::of(source), ..Reader::default() };
    if !(prose_only && reader.take_every_sentence(&blocks)) {
        reader.read(&blocks);
        if reader.statements.len() == 0 && reader.take_every_sentence(&blocks) {
            let sentences = reader.statements.len();
            reader.statements.problem(SpecProblem::Unmarked { sentences });
        }
    }
    if reader.statements.len() == 0 {
        reader.statements.problem(SpecProblem::NoRequirements);
    }
    reader.statements.finish(Spec::of(source, &title(&blocks), text))
}

/// Most sentences in a text of which each one is a requirement. A longer one is a description.
pub const BRIEF_STATEMENTS_MAX: usize = 20;

/// Longest beginning of a sentence that is repeated in front of each item of its list, in bytes.
const LEAD_IN_BYTES_MAX: usize = 120;

/// A paragraph such as `**Nice to have**` is a heading below all real ones.
const PSEUDO_LEVEL: u8 = 7;

#[derive(Default)]
struct Reader {
    statements: Statements,
    sections: Vec<Section>,
    lead_in: LeadIn,
    /// What nested items belong to.
    parent: Parent,
    /// The requirement that the scenario just read belongs to.
    scenario: Option<usize>,
}

struct Section {
    level: u8,
    heading: String,
    class: Class,
    /// Requirements that came before.
    before: usize,
}

/// What the paragraph right above a list says about its items.
#[derive(Clone, Debug, Default)]
enum LeadIn {
    /// Nothing.
    #[default]
    None,
    /// `The app must:`, without the colon.
    Asks(String),
    /// `Acceptance criteria:`
    Acceptance,
}

#[derive(Clone, Copy, Debug, Default)]
enum Parent {
    /// The item above has no statement; nested ones stand for themselves.
    #[default]
    None,
    /// The item above is this requirement, or a criterion of it.
    Requirement(usize),
    /// The item above is nothing that counts, nor is what is nested in it.
    Skipped,
}

impl Reader {
    fn read(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Heading { level, text } => self.heading(*level, text),
                Block::Paragraph(text) => self.paragraph(text),
                Block::Item { depth: 1, text } => self.item(text),
                Block::Item { text, .. } => self.nested_item(text),
                Block::ItemMore { text } => self.more_of_item(text),
                Block::Table(table) => self.table(table),
            }
        }
    }

    fn heading(&mut self, level: u8, text: &Prose) {
        self.sections.retain(|section| section.level < level);
        let heading = text.text.trim().to_owned();
        let class = match sections::classify(&heading) {
            // A part of what is not wanted is not wanted either.
            Class::Plain => match self.class() {
                Class::Acceptance => Class::Plain,
                class => class,
            },
            class => class,
        };
        self.sections.push(Section { level, heading, class, before: self.statements.len() });
        (self.lead_in, self.parent, self.scenario) = (LeadIn::None, Parent::None, None);
    }

    fn paragraph(&mut self, text: &Prose) {
        (self.lead_in, self.parent) = (LeadIn::None, Parent::None);
        let whole = text.text.trim();
        match sections::classify(whole) {
            Class::Acceptance => {
                self.lead_in = LeadIn::Acceptance;
                return;
            }
            Class::Plain => {}
            _ => return self.heading(PSEUDO_LEVEL, text),
        }
        if self.take_scenario(whole, text.line()) {
            return;
        }
        let mut sentences = split(text, Ends::Sentences);
        if let Some((last, _)) = sentences.pop_if(|(sentence, _)| sentence.ends_with(':')) {
            let start = last.trim_end_matches(':');
            if wording::priority(start).is_some() {
                self.lead_in = LeadIn::Asks(start.to_owned());
            }
        }
        let is_taken_whole =
            !matches!(self.class(), Class::Plain | Class::Requirements(_) | Class::Acceptance);
        for (sentence, line) in sentences {
            if is_taken_whole || wording::asks(sentence) || wording::assumes(sentence) {
                self.statement(sentence, Priority::Must, line);
            }
        }
    }

    fn item(&mut self, text: &Prose) {
        let (whole, line) = (text.text.trim(), text.line());
        // Items that only lead elsewhere: a table of contents, a list of links.
        if text.linked_bytes > 0 && text.linked_bytes == text.text.trim_end().len() {
            self.parent = Parent::Skipped;
            return;
        }
        if self.take_scenario(whole, line) {
            self.parent = self.scenario.map_or(Parent::Skipped, Parent::Requirement);
            return;
        }
        if let Some(index) = self.criterion_target() {
            self.statements.accept(index, whole, line);
            self.parent = Parent::Requirement(index);
            return;
        }
        let (led, fallback) = match &self.lead_in {
            LeadIn::Asks(start) => {
                let led = (start.len() <= LEAD_IN_BYTES_MAX).then(|| format!("{start}: {whole}"));
                (led, wording::priority(start).unwrap_or(Priority::Must))
            }
            LeadIn::None | LeadIn::Acceptance => (None, Priority::Must),
        };
        let statement = led.as_deref().unwrap_or(whole);
        self.parent = self.statement(statement, fallback, line);
    }

    fn nested_item(&mut self, text: &Prose) {
        match self.parent {
            Parent::None => self.item(text),
            Parent::Requirement(index) => {
                self.statements.accept(index, text.text.trim(), text.line());
            }
            Parent::Skipped => {}
        }
    }

    /// Only what asks for something: the rest of an item explains it.
    fn more_of_item(&mut self, text: &Prose) {
        let Parent::Requirement(index) = self.parent else { return };
        if wording::begins_scenario(&text.text) {
            return self.statements.accept(index, text.text.trim(), text.line());
        }
        for (sentence, line) in split(text, Ends::Sentences) {
            if wording::asks(sentence) {
                self.statements.accept(index, sentence, line);
            }
        }
    }

    fn table(&mut self, table: &Table) {
        (self.lead_in, self.parent, self.scenario) = (LeadIn::None, Parent::None, None);
        if let Some(rows) = tables::rows(table) {
            for Row { statement, priority, line } in rows {
                // A column of requirements says that they are.
                if matches!(self.class(), Class::Unlikely(_)) {
                    self.statements.add(statement, priority.unwrap_or(Priority::Must), line);
                    continue;
                }
                self.statement(statement, priority.unwrap_or(Priority::Must), line);
            }
            return;
        }
        let is_expected = match self.class() {
            Class::Excluded(_) | Class::Unlikely(_) | Class::Constraints | Class::Assumptions => {
                for row in &table.rows {
                    let cells = row.iter().map(|cell| cell.text.trim()).filter(|it| !it.is_empty());
                    let text = cells.collect::<Vec<_>>().join(": ");
                    let line = row.first().map_or(table.line, Prose::line);
                    self.note(&text, line);
                }
                false
            }
            Class::Requirements(_) => true,
            Class::Plain | Class::Acceptance => tables::asks(table),
        };
        if is_expected {
            self.statements.problem(SpecProblem::UnreadTable { line: table.line });
        }
    }

    /// Takes one statement where it stands. `fallback` is its priority when neither the heading
    /// nor its words say one.
    fn statement(&mut self, text: &str, fallback: Priority, line: u32) -> Parent {
        self.scenario = None;
        if !text.contains(char::is_alphanumeric) {
            return Parent::Skipped;
        }
        let class = self.class();
        self.note(text, line);
        if class == Class::Assumptions || class == Class::Constraints && !wording::asks(text) {
            return Parent::Skipped;
        }
        if wording::assumes(text) {
            self.statements.note(NoteKind::Assumption, text, line);
            return Parent::Skipped;
        }
        if matches!(class, Class::Unlikely(_)) && !wording::offers(text) {
            return Parent::Skipped;
        }
        if let Class::Excluded(reason) = class {
            if wording::insists(text) {
                let heading =
                    self.sections.last().map_or("", |section| &section.heading).to_owned();
                self.statements.problem(SpecProblem::Skipped { line, heading, reason });
            }
            return Parent::Skipped;
        }
        if wording::is_question(text) {
            self.statements.problem(SpecProblem::OpenQuestion { line });
            return Parent::Skipped;
        }
        let priority = match class {
            Class::Requirements(Some(priority)) => priority,
            _ => wording::priority(text).unwrap_or(fallback),
        };
        let index = self.statements.add(text, priority, line);
        index.map_or(Parent::Skipped, Parent::Requirement)
    }

    /// Keeps what stands below a heading that says what it is.
    fn note(&mut self, text: &str, line: u32) {
        match self.class() {
            Class::Constraints => self.statements.note(NoteKind::Constraint, text, line),
            Class::Assumptions => self.statements.note(NoteKind::Assumption, text, line),
            Class::Unlikely(_) if wording::offers(text) => {}
            Class::Excluded(_) | Class::Unlikely(_) => {
                let heading = self.sections.last().map_or("", |section| &section.heading);
                let text = format!("{}: {text}", heading.trim_end_matches(':'));
                self.statements.note(NoteKind::Context, &text, line);
            }
            Class::Plain | Class::Requirements(_) | Class::Acceptance => {}
        }
    }

    /// Whether `text` is part of a scenario, and was taken as such.
    fn take_scenario(&mut self, text: &str, line: u32) -> bool {
        if let Some(index) = self.scenario.filter(|_| wording::continues_scenario(text)) {
            self.statements.extend_last(index, text, line);
            return true;
        }
        self.scenario = None;
        if !wording::begins_scenario(text) || matches!(self.class(), Class::Excluded(_)) {
            return false;
        }
        let above = self.statements.len().checked_sub(1).filter(|last| *last >= self.since());
        match above {
            Some(index) => {
                self.statements.accept(index, text, line);
                self.scenario = Some(index);
            }
            // Nothing that it would be a criterion of: then it is what is wanted.
            None => match self.statement(text, Priority::Must, line) {
                Parent::Requirement(index) => self.scenario = Some(index),
                Parent::None | Parent::Skipped => {}
            },
        }
        true
    }

    /// The one requirement that items below `Acceptance criteria` are about. With several it is
    /// not clear which, and each item stands for itself.
    fn criterion_target(&self) -> Option<usize> {
        let below = matches!(self.lead_in, LeadIn::Acceptance) || self.class() == Class::Acceptance;
        let last = self.statements.len().checked_sub(1)?;
        (below && last == self.since()).then_some(last)
    }

    /// Requirements before the section that a criterion here would be about.
    fn since(&self) -> usize {
        let about = |section: &&Section| section.class != Class::Acceptance;
        self.sections.iter().rev().find(about).map_or(0, |section| section.before)
    }

    fn class(&self) -> Class {
        self.sections.last().map_or(Class::Plain, |section| section.class)
    }

    /// Takes each sentence of prose for a requirement, unless there are too many for a brief.
    fn take_every_sentence(&mut self, blocks: &[Block]) -> bool {
        let mut sentences = Vec::new();
        let mut excluded_below = None;
        for block in blocks {
            match block {
                Block::Heading { level, text } => {
                    let excluded = matches!(sections::classify(&text.text), Class::Excluded(_));
                    if excluded_below.is_none_or(|above| *level <= above) {
                        excluded_below = excluded.then_some(*level);
                    }
                }
                Block::Paragraph(text) if excluded_below.is_none() => {
                    sentences.extend(split(text, Ends::Lines));
                }
                _ => {}
            }
            if sentences.len() > BRIEF_STATEMENTS_MAX {
                return false;
            }
        }
        self.sections.clear();
        for (sentence, line) in &sentences {
            self.statement(sentence, Priority::Must, *line);
        }
        self.statements.len() > 0
    }
}
