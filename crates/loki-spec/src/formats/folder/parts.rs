//! A Markdown document as sections, and the ids that such documents number things with.

use crate::markdown::{self, Block};
use crate::sentences::{Ends, split};

/// A heading and what stands between it and the next one.
#[derive(Debug)]
pub(in crate::formats) struct Section {
    /// 1 to 6; 0 for what stands before the first heading.
    pub(in crate::formats) level: u8,
    pub(in crate::formats) title: String,
    /// 1-based.
    pub(in crate::formats) line: u32,
    /// Titles of the sections that it is in, outermost first.
    pub(in crate::formats) above: Vec<String>,
    pub(in crate::formats) blocks: Vec<Block>,
}

/// The sections of `text`, in order; the one before the first heading is left out when it is empty.
pub(in crate::formats) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = vec![Section {
        level: 0,
        title: String::new(),
        line: 1,
        above: Vec::new(),
        blocks: Vec::new(),
    }];
    let mut open: Vec<(u8, String)> = Vec::new();
    for block in markdown::blocks(text) {
        match block {
            Block::Heading { level, text } => {
                open.retain(|(above, _)| *above < level);
                let title = text.text.trim().to_owned();
                let above = open.iter().map(|(_, title)| title.clone()).collect();
                open.push((level, title.clone()));
                let line = text.line();
                sections.push(Section { level, title, line, above, blocks: Vec::new() });
            }
            block => {
                if let Some(last) = sections.last_mut() {
                    last.blocks.push(block);
                }
            }
        }
    }
    if sections[0].blocks.is_empty() {
        sections.remove(0);
    }
    sections
}

impl Section {
    /// Whether it is, or is in, one whose title fulfils `test`.
    pub(in crate::formats) fn is_in(&self, test: impl Fn(&str) -> bool) -> bool {
        test(&self.title) || self.above.iter().any(|title| test(title))
    }

    /// Paragraphs, items and cells in order, each with its line; lines that start anew are apart.
    pub(in crate::formats) fn lines(&self) -> Vec<(&str, u32)> {
        let mut lines = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Heading { .. } => {}
                Block::Paragraph(text) => lines.extend(split(text, Ends::Lines)),
                Block::Item { text, .. } | Block::ItemMore { text } => {
                    lines.push((text.text.trim(), text.line()));
                }
                Block::Table(table) => {
                    for row in &table.rows {
                        lines.extend(row.iter().map(|cell| (cell.text.trim(), cell.line())));
                    }
                }
            }
        }
        lines
    }

    /// Paragraphs before the first list, in one line.
    pub(in crate::formats) fn opening(&self) -> String {
        let paragraphs = self.blocks.iter().map_while(|block| match block {
            Block::Paragraph(text) => Some(text.text.trim()),
            _ => None,
        });
        paragraphs.collect::<Vec<_>>().join(" ")
    }
}

/// `FR`, `1`: what numbers a requirement, whatever zeros and dashes it is written with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::formats) struct Number {
    pub(in crate::formats) kind: String,
    /// Without leading zeros; parts are joined by a full stop.
    pub(in crate::formats) number: String,
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.kind, self.number)
    }
}

/// Longest number that is taken for one, in digits.
const DIGITS_MAX: usize = 6;

/// The number that `text` begins with, if it is of one of `kinds`, and what follows it: `FR1`, `FR-1`,
/// `FR 01`, `FR_001`, `[FR1]`, `FR1.2`.
pub(in crate::formats) fn number<'t>(text: &'t str, kinds: &[&str]) -> Option<(Number, &'t str)> {
    let text = text.trim_start_matches(['[', '(', '*', '_', '`', ' ']);
    // The longer ones first: `NFR` before `FR` never matters, since this looks at the beginning.
    let kind = kinds.iter().find(|kind| {
        text.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
    })?;
    let rest = &text[kind.len()..];
    let rest = rest.strip_prefix(['-', '_', ' ', '#', '.', '‑', '–']).unwrap_or(rest);
    let mut end = 0;
    let mut parts = Vec::new();
    loop {
        let digits = rest[end..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > DIGITS_MAX {
            break;
        }
        let part = rest[end..end + digits].trim_start_matches('0');
        parts.push(if part.is_empty() { "0" } else { part });
        end += digits;
        let next = rest[end..].strip_prefix('.');
        match next {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => end += 1,
            _ => break,
        }
    }
    if parts.is_empty() || rest[end..].starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let number = Number { kind: kind.to_uppercase(), number: parts.join(".") };
    Some((number, &rest[end..]))
}

/// What follows a number: `: text`, ` – text`, `** text`.
pub(in crate::formats) fn after(rest: &str) -> &str {
    rest.trim_start_matches(|c: char| c.is_whitespace() || "])*_`:.-–—|".contains(c)).trim()
}

/// All numbers of `kinds` in `text`, in order. Ranges such as `FR1-FR3` name their ends only.
pub(in crate::formats) fn numbers(text: &str, kinds: &[&str]) -> Vec<Number> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if !before.is_alphanumeric()
            && letter.is_alphabetic()
            && let Some((number, _)) = number(&text[at..], kinds)
        {
            found.push(number);
        }
        before = letter;
    }
    found
}

/// What `text` says in square brackets that begin with `word`, such as `[ASSUMPTION: …]`.
pub(in crate::formats) fn bracketed<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        rest = &rest[at + 1..];
        let begins = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if begins && let Some(end) = rest.find(']') {
            found.push(rest[word.len()..end].trim_start_matches([':', ' ']).trim());
            rest = &rest[end..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_however_it_is_written() {
        for text in
            ["FR1: x", "FR-1 x", "FR01 – x", "fr-001: x", "[FR1] x", "**FR-1**: x", "FR 1. x"]
        {
            let (found, rest) = number(text, &["NFR", "FR"]).unwrap();
            assert_eq!((found.to_string().as_str(), after(rest)), ("FR1", "x"), "{text}");
        }
        let (found, _) = number("NFR-02.10", &["NFR", "FR"]).unwrap();
        assert_eq!(found.to_string(), "NFR2.10");
        for text in ["FR", "FRx1", "FR1a", "From 1", "FR-", "FR1234567"] {
            assert_eq!(number(text, &["FR"]), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_found_anywhere_in_a_text() {
        let shown =
            |text| numbers(text, &["FR"]).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown("FRs covered: FR1, FR-02 (FR3), NFR4, aFR5"), ["FR1", "FR2", "FR3"]);
    }

    #[test]
    fn remarks_in_brackets_are_found() {
        assert_eq!(bracketed("a [ASSUMPTION: b c] d [x] [assumption e", "ASSUMPTION"), ["b c"]);
    }
}
