//! What a comment asks for. Most of what people say there is talk.

use crate::markdown::{Block, blocks};
use crate::sentences::{Ends, split};
use crate::wording;

/// Most statements of one comment.
const STATEMENTS_MAX: usize = 50;

/// Sentences with `must`, `shall`, `should` or `may`, and items of task lists, each in one line and in
/// order. What is quoted from others does not count, nor do questions.
pub(super) fn asked_in(comment: &str) -> Vec<String> {
    let own: Vec<&str> = comment
        .lines()
        .map(|line| if line.trim_start().starts_with('>') { "" } else { line })
        .collect();
    let tasks: Vec<bool> = own.iter().map(|line| is_task(line)).collect();
    let is_task_at = |line: u32| {
        usize::try_from(line).ok().and_then(|line| tasks.get(line.checked_sub(1)?)) == Some(&true)
    };
    let mut asked = Vec::new();
    for block in blocks(&own.join("\n")) {
        let (Block::Paragraph(text) | Block::Item { text, .. } | Block::ItemMore { text }) = &block
        else {
            continue;
        };
        if is_task_at(text.line()) {
            asked.push(text.text.trim().to_owned());
            continue;
        }
        for (sentence, _) in split(text, Ends::Sentences) {
            if wording::asks(sentence) && !wording::is_question(sentence) {
                asked.push(sentence.to_owned());
            }
        }
    }
    asked.retain(|statement| statement.contains(char::is_alphanumeric));
    asked.truncate(STATEMENTS_MAX);
    asked
}

/// `- [ ] …`, `* [x] …`
fn is_task(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix(['-', '*', '+']) else { return false };
    let mark: Vec<char> = rest.trim_start().chars().take(3).collect();
    matches!(mark.as_slice(), ['[', ' ' | 'x' | 'X', ']'])
}
