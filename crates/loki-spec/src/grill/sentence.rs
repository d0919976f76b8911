//! What rules look at: the sentences of a spec, cut into words once.

use std::ops::Range;

use loki_model::{Requirement, Spec};

use super::words::{Word, phrase_at, words};
use crate::SpecProblem;

/// A spec, ready to be looked through.
pub(crate) struct Cx<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) problems: &'a [SpecProblem],
    /// Statements and criteria, in the order of the text.
    pub(crate) sentences: Vec<Sentence<'a>>,
}

/// A statement of a requirement, or one of its criteria.
pub(crate) struct Sentence<'a> {
    pub(crate) requirement: &'a Requirement,
    /// The place among the criteria; nothing for the statement itself.
    pub(crate) criterion: Option<usize>,
    pub(crate) text: &'a str,
    /// Without what is quoted.
    pub(crate) words: Vec<Word>,
    /// Whether the criteria of the requirement have a number in them.
    pub(crate) criteria_measure: bool,
}

impl<'a> Cx<'a> {
    pub(crate) fn of(spec: &'a Spec, problems: &'a [SpecProblem]) -> Cx<'a> {
        let mut sentences = Vec::new();
        for requirement in &spec.requirements {
            let criteria_measure = requirement
                .acceptance
                .iter()
                .any(|text| text.contains(|c: char| c.is_ascii_digit()));
            let texts = std::iter::once((None, &requirement.text));
            let criteria = requirement.acceptance.iter().enumerate();
            for (criterion, text) in texts.chain(criteria.map(|(at, text)| (Some(at), text))) {
                let words = words(text);
                sentences.push(Sentence { requirement, criterion, text, words, criteria_measure });
            }
        }
        Cx { spec, problems, sentences }
    }

    /// The statements, without their criteria.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Sentence<'a>> {
        self.sentences.iter().filter(|sentence| sentence.criterion.is_none())
    }
}

impl Sentence<'_> {
    /// Where the first of `phrases` is, in words.
    pub(crate) fn find<'p>(&self, phrases: &[&'p str]) -> Option<(&'p str, Range<usize>)> {
        (0..self.words.len()).find_map(|at| self.find_at(at, phrases))
    }

    /// The one of `phrases` that begins at `at`.
    pub(crate) fn find_at<'p>(
        &self,
        at: usize,
        phrases: &[&'p str],
    ) -> Option<(&'p str, Range<usize>)> {
        phrases.iter().find_map(|phrase| {
            phrase_at(&self.words, at, phrase).map(|len| (*phrase, at..at + len))
        })
    }

    /// Whether one of `phrases` is in it.
    pub(crate) fn has(&self, phrases: &[&str]) -> bool {
        self.find(phrases).is_some()
    }

    /// The word at `at`, folded; empty beyond the ends.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.folded.as_str())
    }

    /// The word before `at`.
    pub(crate) fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    /// Whether there is a number in it.
    pub(crate) fn has_number(&self) -> bool {
        self.words.iter().any(|word| word.folded.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// Whether a number says what vague words mean: here, or in the criteria.
    pub(crate) fn is_measured(&self) -> bool {
        self.has_number() || self.criterion.is_none() && self.criteria_measure
    }

    /// Whether a share of cases says what counts: `90 % of new users …`.
    pub(crate) fn is_counted(&self) -> bool {
        self.has(&["%", "percent"]) && self.has_number()
    }

    /// Whether criteria say what the statement means.
    pub(crate) fn is_explained(&self) -> bool {
        self.criterion.is_none() && !self.requirement.acceptance.is_empty()
    }

    /// As it is written, between these words.
    pub(crate) fn quote(&self, words: &Range<usize>) -> &str {
        let bytes = self.bytes(words);
        self.text.get(bytes).unwrap_or_default()
    }

    /// The whole with other words in place of some.
    pub(crate) fn with(&self, words: &Range<usize>, instead: &str) -> String {
        let bytes = self.bytes(words);
        let (before, after) = (self.text.get(..bytes.start), self.text.get(bytes.end..));
        format!("{}{instead}{}", before.unwrap_or_default(), after.unwrap_or_default())
    }

    /// The whole with a further sentence.
    pub(crate) fn followed_by(&self, more: &str) -> String {
        let text = self.text.trim_end();
        let end = if text.ends_with(['.', '!', '?', ':', ';']) { "" } else { "." };
        format!("{text}{end} {more}")
    }

    fn bytes(&self, words: &Range<usize>) -> Range<usize> {
        let start = self.words.get(words.start).map_or(0, |word| word.at.start);
        let last = words.end.checked_sub(1).and_then(|last| self.words.get(last));
        start..last.map_or(start, |word| word.at.end)
    }
}
