//! Texts that are shown, kept, or leave this machine, without what the gate would find in them.

use std::borrow::Cow;
use std::ops::Range;

use super::search::{apart, spans};
use crate::text::{is_steering, shown};

/// What stands in a report and in kept outputs in the place of a secret.
const MASK: &str = "[masked]";

/// Around a key that goes over several lines.
const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";

/// Lines of a key, its first and last one included. An end further off is that of another one.
const KEY_LINES_MAX: usize = 200;

/// Characters in one piece that a line of a key has where more is on it than that piece.
const PIECE_CHARS_MIN: usize = 32;

/// `text` as it may be shown and kept.
pub(crate) fn masked(text: &str) -> String {
    without_secrets(text, MASK)
}

/// `bytes` as they may be kept; those that hold no secret stay as they are, whatever they are.
pub(crate) fn masked_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(bytes);
    let told = masked(&text);
    if told == text { Cow::Borrowed(bytes) } else { Cow::Owned(told.into_bytes()) }
}

/// `text` with `mask` in the place of everything that looks like a secret. Lines stay lines; of a private key
/// all are masked up to its end, and those that look like one where its end or its beginning is not there.
pub fn without_secrets(text: &str, mask: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_of_key = lines_of_keys(&lines);
    let mut out = String::with_capacity(text.len());
    for (at, line) in lines.into_iter().enumerate() {
        let (body, end) = match line.strip_suffix('\n') {
            Some(body) => (body, "\n"),
            None => (line, ""),
        };
        if is_of_key.iter().any(|lines| lines.contains(&at)) {
            out.push_str(mask);
        } else {
            let mut from = 0;
            for span in shown_spans(body) {
                out.push_str(&body[from..span.start]);
                out.push_str(mask);
                from = span.end;
            }
            out.push_str(&body[from..]);
        }
        out.push_str(end);
    }
    out
}

/// Which lines are those of private keys.
fn lines_of_keys(lines: &[&str]) -> Vec<Range<usize>> {
    let mut keys: Vec<Range<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let is_told = keys.last().is_some_and(|last| at < last.end);
        if is_told || !line.contains("PRIVATE KEY") {
            continue;
        }
        if line.contains(KEY_BEGINS) {
            let near = &lines[at..lines.len().min(at + KEY_LINES_MAX)];
            let length = match near.iter().position(|line| line.contains(KEY_ENDS)) {
                Some(last) => last + 1,
                None => 1 + near.iter().skip(1).take_while(|line| may_be_of_key(line)).count(),
            };
            keys.push(at..at + length);
        } else if line.contains(KEY_ENDS) {
            // What begins it was cut off.
            let from = keys.last().map_or(0, |last| last.end);
            let before = lines[from..at].iter().rev().take(KEY_LINES_MAX);
            let length = before.take_while(|line| may_be_of_key(line)).count();
            keys.push(at - length..at + 1);
        }
    }
    keys
}

/// Whether a line is one piece, or has one that is as long as only a key's are.
fn may_be_of_key(line: &str) -> bool {
    let mut pieces = line.split_whitespace();
    match (pieces.next(), pieces.next()) {
        (Some(_), None) => true,
        _ => line.split_whitespace().any(|piece| piece.len() >= PIECE_CHARS_MIN),
    }
}

/// Where a line holds secrets, however it is coloured.
fn shown_spans(line: &str) -> Vec<Range<usize>> {
    if !line.contains(|c| is_steering(c) && c != '\t') {
        return spans(line);
    }
    let (mut text, mut places) = (String::new(), Vec::new());
    let mut found: Vec<Range<usize>> = Vec::new();
    // What is between two colours may be all of a secret, or a part of it.
    let mut piece = 0..0;
    let mut of_piece = |piece: &Range<usize>| {
        let spans = spans(&line[piece.clone()]).into_iter();
        found.extend(spans.map(|span| piece.start + span.start..piece.start + span.end));
    };
    for (at, c) in shown(line) {
        if at != piece.end {
            of_piece(&piece);
            piece.start = at;
        }
        piece.end = at + c.len_utf8();
        text.push(c);
        places.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
    of_piece(&piece);
    for span in spans(&text) {
        let last = text[span.clone()].chars().next_back().map_or(0, char::len_utf8);
        if let (Some(start), Some(end)) = (places.get(span.start), places.get(span.end - last)) {
            found.push(*start..end + last);
        }
    }
    apart(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> String {
        format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6")
    }

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        let token = token();
        let text = format!("first\nkey = {token} # said twice: {token}\nlast");
        let told = without_secrets(&text, "[masked]");
        assert_eq!(told, "first\nkey = [masked] # said twice: [masked]\nlast");
    }

    #[test]
    fn secrets_are_masked_however_they_are_written() {
        let token = token();
        let (head, tail) = token.split_at(9);
        for (text, told) in [
            (format!("{token} {token},{token}"), "x x,x"),
            (format!("'a\\n{token}\\n'"), "'a\\nx\\n'"),
            (format!("is\u{1b}[31m{token}\u{1b}[0m!"), "is\u{1b}[31mx\u{1b}[0m!"),
            (format!("= {head}\u{1b}[7m{tail}\u{1b}[0m."), "= x\u{1b}[0m."),
        ] {
            assert_eq!(without_secrets(&text, "x"), told, "{text:?}");
        }
    }

    #[test]
    fn a_private_key_is_masked_to_its_end() {
        let text = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb";
        assert_eq!(without_secrets(text, "x"), "a\nx\nx\nx\nb");
        assert_eq!(without_secrets("-----BEGIN PRIVATE KEY-----\nMIIE", "x"), "x\nx");
        assert_eq!(without_secrets("a b\nMIIE\n-----END PRIVATE KEY-----\nb", "x"), "a b\nx\nx\nb");
    }

    #[test]
    fn what_comes_after_the_mention_of_a_key_is_shown() {
        let text = "  if '-----BEGIN PRIVATE KEY-----' in line:\nE  assert not found\n1 failed";
        assert_eq!(without_secrets(text, "x"), "x\nE  assert not found\n1 failed");
    }

    #[test]
    fn kept_bytes_without_a_secret_are_what_was_written() {
        assert_eq!(*masked_bytes(b"\xff\x00a\r\n"), *b"\xff\x00a\r\n");
        assert_eq!(*masked_bytes(format!("a {}\n", token()).as_bytes()), *b"a [masked]\n");
    }

    proptest! {
        #[test]
        fn a_text_without_secrets_stays_as_it_is(text in "([a-z ]{0,30}\n){0,5}[a-z ]{0,30}") {
            prop_assert_eq!(without_secrets(&text, "x"), text);
        }

        #[test]
        fn any_text_is_masked_without_panic(
            text in "([a-f\u{1b}\\[m;\\r\n\té]|ghp_[a-zA-Z0-9]{36}|-----(BEGIN|END) PRIVATE KEY-----){0,30}"
        ) {
            let told = masked(&text);
            prop_assert_eq!(told.lines().count(), text.lines().count());
        }
    }
}
