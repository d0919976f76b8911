//! Standard output is data, standard error is talk. A closed pipe is not an error.

use std::io::Write as _;

/// One line of data.
pub(crate) fn data(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One line of talk.
pub(crate) fn talk(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// One JSON document on one line.
pub(crate) fn json(value: &serde_json::Value) {
    data(&value.to_string());
}

/// Text of other programs, made harmless for a terminal: no escape sequences, nothing that turns
/// the direction of writing around, one line.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidirectional(c) { ' ' } else { c }).collect()
}

/// Source: Unicode Standard Annex #9, explicit directional formatting characters.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn escape_sequences_of_others_do_not_reach_the_terminal() {
        assert_eq!(super::harmless("a\u{1b}[2Jb\nc\u{7}é\u{202e}x"), "a [2Jb c é x");
    }
}
