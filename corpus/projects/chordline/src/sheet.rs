use crate::{Chord, Error};
use std::fmt;

/// A song: its header, its key, and its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Names and values as written, without the key.
    pub header: Vec<(String, String)>,
    pub key: Chord,
    pub lines: Vec<Line>,
}

/// The parts of a line of the song.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub Vec<Part>);

/// Words, or a chord between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Words(String),
    Chord(Chord),
}

/// Reads a sheet.
pub fn parse(text: &str) -> Result<Sheet, Error> {
    let mut header = Vec::new();
    let mut key = None;
    let mut numbered = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    for (number, line) in numbered.by_ref() {
        match line.split_once(':') {
            None => break,
            Some(("key", value)) => key = Some(value.trim().parse().map_err(at(number))?),
            Some((name, value)) => {
                header.push((name.trim().to_string(), value.trim().to_string()));
            }
        }
    }
    let key = key.ok_or(Error::NoKey)?;
    let mut lines = Vec::new();
    for (number, line) in numbered {
        lines.push(read_line(line).map_err(at(number))?);
    }
    Ok(Sheet { header, key, lines })
}

fn at(number: usize) -> impl Fn(Error) -> Error {
    move |error| Error::Line(number, Box::new(error))
}

fn read_line(text: &str) -> Result<Line, Error> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['[', ']']) {
        if rest[open..].starts_with(']') {
            return Err(Error::Bracket);
        }
        if open > 0 {
            parts.push(Part::Words(rest[..open].to_string()));
        }
        let inside = &rest[open + 1..];
        let close = inside.find([']', '[']).ok_or(Error::Bracket)?;
        if inside[close..].starts_with('[') {
            return Err(Error::Bracket);
        }
        parts.push(Part::Chord(inside[..close].parse()?));
        rest = &inside[close + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Words(rest.to_string()));
    }
    Ok(Line(parts))
}

impl Sheet {
    /// Every chord of the song in order.
    pub fn chords(&self) -> impl Iterator<Item = &Chord> {
        self.lines
            .iter()
            .flat_map(|line| &line.0)
            .filter_map(|part| match part {
                Part::Chord(chord) => Some(chord),
                Part::Words(_) => None,
            })
    }

    /// The chords of the song, each once, in the order in which they come.
    pub fn distinct_chords(&self) -> Vec<&Chord> {
        let mut found: Vec<&Chord> = Vec::new();
        for chord in self.chords() {
            if !found.contains(&chord) {
                found.push(chord);
            }
        }
        found
    }

    /// The same song so many semitones higher.
    pub fn transposed(&self, semitones: i32) -> Sheet {
        let part = |part: &Part| match part {
            Part::Words(words) => Part::Words(words.clone()),
            Part::Chord(chord) => Part::Chord(chord.up(semitones)),
        };
        Sheet {
            header: self.header.clone(),
            key: self.key.up(semitones),
            lines: self
                .lines
                .iter()
                .map(|line| Line(line.0.iter().map(part).collect()))
                .collect(),
        }
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.header {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "key: {}", self.key)?;
        writeln!(f)?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Words(words) => f.write_str(words)?,
                Part::Chord(chord) => write!(f, "[{chord}]")?,
            }
        }
        Ok(())
    }
}
