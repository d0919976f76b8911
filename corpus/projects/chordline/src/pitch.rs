use crate::Error;
use std::fmt;

const NAMES: [&str; 12] = [
    "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
];

/// One of the twelve pitches, counted from C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pitch(u8);

impl Pitch {
    /// The pitch at so many semitones above C.
    pub fn new(semitones: i32) -> Pitch {
        Pitch(semitones.rem_euclid(12) as u8)
    }

    /// Semitones above C.
    pub fn semitones(self) -> i32 {
        i32::from(self.0)
    }

    /// Reads a name from the start of a text; returns the pitch and the rest.
    pub fn read(text: &str) -> Result<(Pitch, &str), Error> {
        let unknown = || Error::Chord(text.to_string());
        let letter = text.chars().next().ok_or_else(unknown)?;
        let natural = match letter {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => return Err(unknown()),
        };
        let rest = &text[1..];
        if let Some(rest) = rest.strip_prefix('#') {
            Ok((Pitch::new(natural + 1), rest))
        } else if let Some(rest) = rest.strip_prefix('b') {
            Ok((Pitch::new(natural - 1), rest))
        } else {
            Ok((Pitch::new(natural), rest))
        }
    }

    /// The pitch so many semitones higher.
    pub fn up(self, semitones: i32) -> Pitch {
        Pitch::new(self.semitones() + semitones)
    }
}

impl fmt::Display for Pitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES[usize::from(self.0)])
    }
}
