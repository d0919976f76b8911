//! JSON and YAML as one kind of tree, in which everything knows its line.

mod at;
mod json;
mod yaml;

use std::fmt;

pub(crate) use at::At;

/// Deepest nesting that is read; what people write has ten levels.
pub(crate) const DEPTH_MAX: usize = 100;

/// Most values in one document, repeated ones counted each time.
pub(crate) const NODES_MAX: usize = 500_000;

/// One value.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// 1-based.
    pub(crate) line: u32,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// 1-based line of the key.
    pub(crate) line: u32,
    pub(crate) value: Node,
}

/// A document and what is odd about it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) root: Node,
    /// Keys that a map has twice; the last one counts.
    pub(crate) repeated: Vec<Repeated>,
}

/// A key that a map has twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    pub(crate) key: String,
    /// 1-based lines of the second and of the first one.
    pub(crate) line: u32,
    pub(crate) first_line: u32,
}

/// Why a text is not in its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// 1-based.
    pub(crate) line: u32,
    /// 1-based, in characters.
    pub(crate) column: u32,
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.what)
    }
}

/// Which of the two a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Json,
    Yaml,
}

/// Reads `text`; takes time that is linear in it, bounded by [`DEPTH_MAX`] and [`NODES_MAX`].
pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Document, Fault> {
    match syntax {
        Syntax::Json => json::parse(text),
        Syntax::Yaml => yaml::parse(text),
    }
}

/// A map of `entries`: of keys that are there twice the last one counts, in its place.
fn map(entries: Vec<Entry>, repeated: &mut Vec<Repeated>) -> Value {
    let mut last = std::collections::HashMap::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        if let Some(first) = last.insert(entry.key.as_str(), index) {
            let first_line = entries[first].line;
            let (key, line) = (entry.key.clone(), entry.line);
            repeated.push(Repeated { key, line, first_line });
        }
    }
    if last.len() == entries.len() {
        return Value::Map(entries);
    }
    let mut kept: Vec<usize> = last.into_values().collect();
    kept.sort_unstable();
    let mut kept = kept.into_iter().peekable();
    let entries = entries.into_iter().enumerate();
    Value::Map(entries.filter_map(|(at, entry)| kept.next_if_eq(&at).map(|_| entry)).collect())
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
