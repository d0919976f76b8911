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

/// Text of other programs, made harmless for a terminal: no escape sequences, one line.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn escape_sequences_of_others_do_not_reach_the_terminal() {
        assert_eq!(super::harmless("a\u{1b}[2Jb\nc\u{7}é"), "a [2Jb c é");
    }
}
