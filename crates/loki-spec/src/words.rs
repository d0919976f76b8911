//! What differs between two statements, word by word.

use similar::{ChangeTag, TextDiff};

/// Some words that are in both statements, or in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// In which.
    pub kind: PartKind,
    /// The words and the space around them.
    pub text: String,
}

/// In which of two statements words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// In both.
    Same,
    /// In the old one.
    Removed,
    /// In the new one.
    Added,
}

/// The words of `old` and `new` in order. What is not added gives back `old`, what is not removed `new`.
pub fn word_diff(old: &str, new: &str) -> Vec<Part> {
    let diff = TextDiff::from_words(old, new);
    let mut parts: Vec<Part> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => PartKind::Same,
            ChangeTag::Delete => PartKind::Removed,
            ChangeTag::Insert => PartKind::Added,
        };
        match parts.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            _ => parts.push(Part { kind, text: change.value().to_owned() }),
        }
    }
    parts
}
