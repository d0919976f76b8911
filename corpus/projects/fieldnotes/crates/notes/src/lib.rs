//! Notes of observations: reading, writing and counting them.

mod line;
mod tally;

use std::fmt;

pub use tally::tally;

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// `YYYY-MM-DD`.
    pub day: String,
    /// What was seen.
    pub kind: String,
    /// How many.
    pub count: u32,
    /// Where.
    pub place: String,
    /// What else there is to say.
    pub remark: Option<String>,
}

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ParseError {}

/// Reads notes, one a line; empty lines are left out.
pub fn parse(text: &str) -> Result<Vec<Note>, ParseError> {
    let mut notes = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let note = line::parse(line).map_err(|reason| ParseError { line: index + 1, reason })?;
        notes.push(note);
    }
    Ok(notes)
}

/// Writes notes so that [`parse`] reads the same again.
pub fn write(notes: &[Note]) -> String {
    notes.iter().map(|note| line::write(note) + "\n").collect()
}
