use crate::{Error, Pitch};
use std::fmt;
use std::str::FromStr;

const QUALITIES: [&str; 14] = [
    "", "m", "7", "m7", "maj7", "6", "m6", "9", "sus2", "sus4", "dim", "aug", "add9", "5",
];

/// A chord: its root, its quality as written, and the bass when it is another pitch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    pub root: Pitch,
    pub quality: String,
    pub bass: Option<Pitch>,
}

impl Chord {
    /// The chord so many semitones higher.
    pub fn up(&self, semitones: i32) -> Chord {
        Chord {
            root: self.root.up(semitones),
            quality: self.quality.clone(),
            bass: self.bass.map(|bass| bass.up(semitones)),
        }
    }

    /// Whether the third is minor.
    pub fn is_minor(&self) -> bool {
        self.quality == "dim" || (self.quality.starts_with('m') && self.quality != "maj7")
    }
}

impl FromStr for Chord {
    type Err = Error;

    fn from_str(text: &str) -> Result<Chord, Error> {
        let unknown = || Error::Chord(text.to_string());
        let (head, bass) = match text.split_once('/') {
            Some((head, bass)) => (head, Some(bass)),
            None => (text, None),
        };
        let (root, quality) = Pitch::read(head).map_err(|_| unknown())?;
        if !QUALITIES.contains(&quality) {
            return Err(unknown());
        }
        let bass = match bass {
            Some(name) => match Pitch::read(name) {
                Ok((pitch, "")) => Some(pitch),
                _ => return Err(unknown()),
            },
            None => None,
        };
        Ok(Chord {
            root,
            quality: quality.to_string(),
            bass,
        })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.root, self.quality)?;
        match self.bass {
            Some(bass) => write!(f, "/{bass}"),
            None => Ok(()),
        }
    }
}
