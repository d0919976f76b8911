//! Makes an agent's words fit to be shown: bounded, and unable to steer a terminal.

use loki_model::Activity;

/// Most characters of an agent's last words that are kept.
pub(crate) const FINAL_TEXT_CHARS_MAX: usize = 4000;
/// Most characters of one line about a failure.
const LINE_CHARS_MAX: usize = 200;
/// Bytes of an agent's last words that are held while it runs.
const HELD_BYTES_MAX: usize = 256 << 10;
const ELLIPSIS: char = '…';

/// At most [`Activity::TEXT_CHARS_MAX`] characters from the start of `text`.
pub(crate) fn shown(text: &str) -> String {
    head(text.trim(), Activity::TEXT_CHARS_MAX, |c| c == '\n' || is_harmless(c))
}

/// The same on one line.
pub(crate) fn shown_on_one_line(text: &str) -> String {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    head(first, LINE_CHARS_MAX, is_harmless)
}

/// The last words: the end of `text`, because a claim is its last line.
pub(crate) fn final_words(text: &str) -> String {
    let text = text.trim_end();
    let excess = text.chars().count().saturating_sub(FINAL_TEXT_CHARS_MAX);
    if excess == 0 {
        return text.to_owned();
    }
    std::iter::once(ELLIPSIS).chain(text.chars().skip(excess + 1)).collect()
}

/// The end of `text`, which holds the claim, in bounded memory.
pub(crate) fn held(text: &str) -> String {
    let start = text.len().saturating_sub(HELD_BYTES_MAX);
    text[text.ceil_char_boundary(start)..].to_owned()
}

fn head(text: &str, chars_max: usize, keep: impl Fn(char) -> bool) -> String {
    let mut chars = text.chars().map(|c| if keep(c) { c } else { ' ' });
    let mut shown: String = chars.by_ref().take(chars_max).collect();
    if chars.next().is_some() {
        shown.pop();
        shown.push(ELLIPSIS);
    }
    shown
}

/// Neither a control character nor one that turns the direction of the text around it.
fn is_harmless(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_to_exactly_the_limit() {
        let long = "ä".repeat(Activity::TEXT_CHARS_MAX + 1);
        assert_eq!(shown(&long).chars().count(), Activity::TEXT_CHARS_MAX);
        let fits = "ä".repeat(Activity::TEXT_CHARS_MAX);
        assert_eq!(shown(&fits), fits);
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_shown() {
        assert_eq!(shown("a\u{1b}[2Jb\rc\n\u{202e}d"), "a [2Jb c\n d");
        assert_eq!(shown_on_one_line("\n  first\u{7}\nsecond"), "first ");
    }

    #[test]
    fn last_words_keep_their_last_line() {
        let text = format!("{}\nLOKI: DONE\n", "x".repeat(FINAL_TEXT_CHARS_MAX));
        let words = final_words(&text);
        assert_eq!(words.chars().count(), FINAL_TEXT_CHARS_MAX);
        assert!(words.starts_with(ELLIPSIS) && words.ends_with("\nLOKI: DONE"), "{words}");
    }
}
