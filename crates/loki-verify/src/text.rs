//! Text from outside, made fit to be kept and shown.

use std::sync::LazyLock;

use regex::Regex;

use crate::gates::secrets::masked;

/// Where Python and Ruby say that an object is: `<function f at 0x7f…>`, `#<Shop:0x0000…`. Other numbers may
/// be what a test is about.
static OBJECT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"( at )0x[0-9a-fA-F]{8,16}(>)|(#<[\w:]+:)0x[0-9a-fA-F]{16}").ok());

/// The text with `0x…` for where an object was in memory, which is somewhere else in each run.
pub(crate) fn without_objects(text: &str) -> String {
    OBJECT
        .as_ref()
        .map_or_else(|| text.to_owned(), |found| found.replace_all(text, "${1}${3}0x…${2}").into())
}

/// The text with its middle cut out when it is longer than `bytes_max`, on character boundaries. What is
/// cut holds no secrets: half of one would not be seen as one any more.
pub(crate) fn clip(text: &str, bytes_max: usize) -> String {
    const CUT: &str = "\n… (cut) …\n";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let text = masked(text);
    if text.len() <= bytes_max {
        return text;
    }
    let keep = bytes_max.saturating_sub(CUT.len());
    let head = text.floor_char_boundary(keep / 3);
    let tail = text.ceil_char_boundary(text.len() - (keep - keep / 3));
    format!("{}{CUT}{}", &text[..head], &text[tail..])
}

/// The beginning of a text, marked when something was cut off; without secrets then, as in [`clip`].
pub(crate) fn clip_head(text: &str, bytes_max: usize) -> String {
    const CUT: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let text = masked(text);
    if text.len() <= bytes_max {
        return text;
    }
    let end = text.floor_char_boundary(bytes_max.saturating_sub(CUT.len()));
    format!("{}{CUT}", &text[..end])
}

/// The last `lines` lines.
pub(crate) fn last_lines(text: &str, lines: usize) -> &str {
    let text = text.trim_end();
    match text.rmatch_indices('\n').nth(lines.saturating_sub(1)) {
        Some((at, _)) => &text[at + 1..],
        None => text,
    }
}

/// Whether a character steers a terminal, or turns the direction of writing around.
///
/// Source: Unicode Standard Annex #9, explicit directional formatting characters.
pub(crate) fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// One line without control characters, for a summary or a table.
pub(crate) fn one_line(text: &str, bytes_max: usize) -> String {
    let flat: String = text.chars().map(|c| if is_steering(c) { ' ' } else { c }).collect();
    clip_head(flat.trim(), bytes_max)
}

/// The text without terminal escapes, and without what [steers](is_steering) other than newline and tab.
pub(crate) fn plain(text: &str) -> String {
    shown(text).map(|(_, c)| c).collect()
}

/// The characters that [`plain`] leaves, each with its place in `text`.
pub(crate) fn shown(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut chars = text.char_indices();
    std::iter::from_fn(move || {
        loop {
            match chars.next()? {
                (_, '\u{1b}') => skip_escape(&mut chars),
                (at, c) if matches!(c, '\n' | '\t') || !is_steering(c) => return Some((at, c)),
                _ => {}
            }
        }
    })
}

/// Moves past the rest of one escape sequence: `[ … letter`, or a single character.
fn skip_escape(chars: &mut std::str::CharIndices<'_>) {
    if chars.next().is_some_and(|(_, c)| c == '[') {
        let _ = chars.find(|(_, c)| ('@'..='~').contains(c));
    }
}

/// Whether a word stands in a text by itself, not as a part of a longer one.
pub(crate) fn is_word_in(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_where_an_object_was_in_memory_is_left_out() {
        for (text, wanted) in [
            ("<function f at 0x7f3a12345678>", "<function f at 0x…>"),
            ("<a.B object at 0x7f3a12345678>>", "<a.B object at 0x…>>"),
            ("#<Shop::Cart:0x000078ea12345678 @a=1>", "#<Shop::Cart:0x… @a=1>"),
            ("read at 0x40021000 is wrong", "read at 0x40021000 is wrong"),
            ("expected 0xdeadbeef>", "expected 0xdeadbeef>"),
        ] {
            assert_eq!(without_objects(text), wanted);
        }
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text = format!("head{}tail", "x".repeat(500));
        let cut = clip(&text, 100);
        assert!(cut.starts_with("head") && cut.ends_with("tail"), "{cut}");
    }

    #[test]
    fn what_is_cut_holds_no_half_of_a_secret() {
        let token = format!("ghp_{}", "k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe");
        for before in 0..120 {
            let text = format!("{} {token} {}", "x".repeat(before), "y".repeat(120));
            for cut in [clip(&text, 100), clip_head(&text, 100), one_line(&text, 100)] {
                assert!(!cut.contains("_k3J") && !cut.contains("LqWe"), "{cut}");
            }
        }
    }

    #[test]
    fn terminal_colours_are_taken_out() {
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m\r\n\u{7}ok"), "red\nok");
    }

    #[test]
    fn what_turns_the_direction_of_writing_around_is_taken_out() {
        assert_eq!(plain("a\u{202e}b\u{2066}"), "ab");
        assert_eq!(one_line("a\u{202e}b", 100), "a b");
    }

    #[test]
    fn the_last_lines_are_the_last_ones() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
    }

    proptest! {
        #[test]
        fn no_text_is_kept_longer_than_allowed(text in "\\PC{0,200}", max in 20usize..300) {
            prop_assert!(clip(&text, max).len() <= max);
            prop_assert!(clip_head(&text, max).len() <= max);
            prop_assert!(one_line(&text, max).len() <= max);
            let _ = (plain(&text), last_lines(&text, 3));
        }
    }
}
