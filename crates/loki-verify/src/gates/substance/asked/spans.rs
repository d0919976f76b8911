//! Code in the text of a spec: between backticks, in fences, behind four spaces.

/// Code, and what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span<'a> {
    /// Without its signs.
    pub(super) code: &'a str,
    /// The words before it, back to the end of the code before.
    pub(super) before: &'a str,
    /// Whether it is lines of its own.
    pub(super) is_block: bool,
}

/// All code of a text, in order.
pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let mut found = Vec::new();
    let mut is_fenced = false;
    let mut plain = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let is_fence = line.trim_start().starts_with("```");
        if is_fence || is_fenced || line.starts_with("    ") {
            inline(&text[plain..at], &mut found);
            plain = end;
            if !is_fence {
                found.push(Span { code: line.trim(), before: "", is_block: true });
            }
            is_fenced ^= is_fence;
        }
        at = end;
    }
    inline(&text[plain..], &mut found);
    found
}

/// The same text with every code between backticks left out.
pub(super) fn without_code(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, code, after)) = next(rest) {
        words.push_str(before);
        words.push(' ');
        rest = after;
        let _ = code;
    }
    words + rest
}

fn inline<'a>(text: &'a str, found: &mut Vec<Span<'a>>) {
    let mut rest = text;
    while let Some((before, code, after)) = next(rest) {
        found.push(Span { code: code.trim(), before, is_block: false });
        rest = after;
    }
}

/// What is before the first code, the code, and what is after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('`')?;
        let ticks = text[open..].bytes().take_while(|byte| *byte == b'`').count();
        let sign = &text[open..open + ticks];
        let inside = open + ticks;
        // Code ends with as many ticks as it began with, and within its paragraph.
        let paragraph = text[inside..].find("\n\n").map_or(text.len(), |end| inside + end);
        let close = text[inside..paragraph].match_indices(sign).find(|(at, _)| {
            let end = inside + at + ticks;
            !text[end..].starts_with('`') && !text[..inside + at].ends_with('`')
        });
        match close {
            Some((at, _)) => {
                let end = inside + at;
                return Some((&text[..open], &text[inside..end], &text[end + ticks..]));
            }
            None => from = inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&str> {
        spans(text).into_iter().map(|span| span.code).collect()
    }

    #[test]
    fn code_stands_between_ticks_in_fences_and_behind_four_spaces() {
        assert_eq!(codes("a `b` c ``d ` e`` f"), ["b", "d ` e"]);
        assert_eq!(codes("a\n\n    b c\n\n```sh\nd\n```\n`e`\n"), ["b c", "d", "e"]);
        assert_eq!(codes("no ` end\n\nand `one`"), ["one"]);
        assert_eq!(spans("is an `E`: `no x`")[1].before, ": ");
        assert_eq!(without_code("a `B` c `D`"), "a   c  ");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[a`\\n ]{0,60}") {
            let _ = (spans(&text), without_code(&text));
        }
    }
}
