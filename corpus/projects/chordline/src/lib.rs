//! Song sheets with chords over the words: read, transposed, written.

mod chord;
mod pitch;
mod sheet;

pub use chord::Chord;
pub use pitch::Pitch;
pub use sheet::{parse, Line, Part, Sheet};

use std::fmt;

/// Why a text can not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A name of a pitch or chord that nobody knows.
    Chord(String),
    /// A sheet without the key in its header.
    NoKey,
    /// Something is wrong with a line, counted from 1.
    Line(usize, Box<Error>),
    /// A bracket without its other half.
    Bracket,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Chord(name) => write!(f, "{name:?} is not a chord"),
            Error::NoKey => write!(f, "the header lacks a key"),
            Error::Line(number, error) => write!(f, "line {number}: {error}"),
            Error::Bracket => write!(f, "a bracket without its other half"),
        }
    }
}

impl std::error::Error for Error {}
