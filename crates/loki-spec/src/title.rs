//! One line that names a spec.

use crate::markdown::Block;
use crate::sentences::{Ends, split};

/// The first heading of level 1, or else the first words.
pub(crate) fn title(blocks: &[Block]) -> String {
    let first = |block: &Block| match block {
        Block::Heading { level: 1, text } => Some(text.text.clone()),
        _ => None,
    };
    let any = |block: &Block| match block {
        Block::Heading { text, .. } | Block::Item { text, .. } | Block::ItemMore { text } => {
            Some(text.text.clone())
        }
        Block::Paragraph(text) => {
            split(text, Ends::Lines).first().map(|(sentence, _)| (*sentence).to_owned())
        }
        Block::Table(_) => None,
    };
    let text = blocks.iter().find_map(first).or_else(|| blocks.iter().find_map(any));
    let text = text.filter(|text| text.contains(char::is_alphanumeric));
    shorten(text.as_deref().unwrap_or("untitled"))
}

/// Longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 80;

/// The first words of `text`, at most [`TITLE_CHARS_MAX`] characters.
pub(crate) fn shorten(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= TITLE_CHARS_MAX {
        return text.trim_end_matches('.').to_owned();
    }
    let cut: String = text.chars().take(TITLE_CHARS_MAX - 1).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ';', ':', '.', ' ']))
}
