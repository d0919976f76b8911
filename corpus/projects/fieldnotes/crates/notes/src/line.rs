//! One line of notes.

use crate::Note;

const COUNT_MAX: u32 = 9999;

pub(crate) fn parse(line: &str) -> Result<Note, String> {
    let (head, remark) = match line.split_once('"') {
        Some((head, rest)) => (head, Some(unquote(rest)?)),
        None => (line, None),
    };
    let mut words = head.split_whitespace();
    let day = words.next().filter(|word| is_day(word)).ok_or("want a day")?;
    let kind = words.next().filter(|word| !word.starts_with('@')).ok_or("want a kind")?;
    let mut count = 1;
    let mut word = words.next();
    if let Some(digits) = word.and_then(|word| word.strip_prefix('x')) {
        count = digits.parse().map_err(|_| format!("bad count x{digits}"))?;
        if count == 0 || count > COUNT_MAX {
            return Err(format!("bad count x{digits}"));
        }
        word = words.next();
    }
    let place = word.and_then(|word| word.strip_prefix('@')).ok_or("want a place")?;
    if let Some(word) = words.next() {
        return Err(format!("unexpected {word}"));
    }
    Ok(Note { day: day.into(), kind: kind.into(), count, place: place.into(), remark })
}

fn is_day(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Reads what follows the opening quote.
fn unquote(rest: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut chars = rest.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' if chars.as_str().trim().is_empty() => return Ok(text),
            '"' => return Err("something follows the remark".into()),
            '\\' => text.push(chars.next().ok_or("the remark does not end")?),
            char => text.push(char),
        }
    }
    Err("the remark does not end".into())
}

pub(crate) fn write(note: &Note) -> String {
    let mut line = format!("{} {}", note.day, note.kind);
    if note.count != 1 {
        line += &format!(" x{}", note.count);
    }
    line += &format!(" @{}", note.place);
    if let Some(remark) = &note.remark {
        line += &format!(" \"{}\"", remark.replace('"', "\\\""));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_form() {
        assert!(is_day("2026-04-02"));
        for word in ["2026-4-2", "20260402", "2026/04/02", "tomorrow", ""] {
            assert!(!is_day(word), "{word}");
        }
    }

    #[test]
    fn quotes_end_a_remark() {
        assert_eq!(unquote("a b\""), Ok("a b".into()));
        assert_eq!(unquote(r#"a \"b\" \\""#), Ok(r#"a "b" \"#.into()));
        assert_eq!(unquote("a b"), Err("the remark does not end".into()));
        assert_eq!(unquote("a\" b"), Err("something follows the remark".into()));
    }
}
