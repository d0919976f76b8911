//! Prose cut into sentences, each with its line.

/// Text of one block, with the places where its source lines begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prose {
    /// In one line; code stands between backticks.
    pub(crate) text: String,
    /// Byte offsets into `text` and the 1-based lines that begin there, in order.
    pub(crate) lines: Vec<(usize, u32)>,
    /// Bytes of `text` that are the text of links.
    pub(crate) linked_bytes: usize,
}

impl Prose {
    /// 1-based line of the byte at `offset`.
    pub(crate) fn line_at(&self, offset: usize) -> u32 {
        let next = self.lines.partition_point(|(start, _)| *start <= offset);
        next.checked_sub(1).and_then(|index| self.lines.get(index)).map_or(1, |(_, line)| *line)
    }

    /// 1-based line of the first letter.
    pub(crate) fn line(&self) -> u32 {
        self.lines.first().map_or(1, |(_, line)| *line)
    }
}

/// What ends a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// A full stop and the like.
    Sentences,
    /// Also the end of a line, when the next one looks like a new start.
    Lines,
}

/// The sentences of `prose`, trimmed, not empty, in order, each with its 1-based line.
pub(crate) fn split(prose: &Prose, ends: Ends) -> Vec<(&str, u32)> {
    let text = &prose.text;
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut push = |start: usize, end: usize| {
        let part = &text[start..end];
        let sentence = part.trim();
        if !sentence.is_empty() {
            let blank = part.len() - part.trim_start().len();
            sentences.push((sentence, prose.line_at(start + blank)));
        }
    };
    let mut in_code = false;
    let mut lines = prose.lines.iter().map(|(offset, _)| *offset).peekable();
    for (at, letter) in text.char_indices() {
        while lines.next_if(|offset| *offset < at).is_some() {}
        let begins_line = lines.next_if_eq(&at).is_some();
        if ends == Ends::Lines
            && at >= start
            && begins_line
            && !in_code
            && is_new_start(&text[start..at], letter)
        {
            push(start, at);
            start = at;
        }
        in_code ^= letter == '`';
        let end = at + letter.len_utf8();
        if at >= start && !in_code && ends_sentence(&text[start..at], letter, &text[end..]) {
            let rest = &text[end..];
            let end = end + rest.len() - rest.trim_start_matches(CLOSING).len();
            push(start, end);
            start = end;
        }
    }
    push(start, text.len());
    sentences
}

/// Whether a line that begins with `letter` starts anew after `before`.
fn is_new_start(before: &str, letter: char) -> bool {
    let before = before.trim_end();
    !letter.is_lowercase() && !before.ends_with([',', ';', ':', '(', '-', '–', '—'])
}

fn ends_sentence(before: &str, letter: char, after: &str) -> bool {
    match letter {
        '。' | '！' | '？' => true,
        '.' | '!' | '?' => {
            let after = after.trim_start_matches(CLOSING);
            let next = after.trim_start();
            // `e.g. this`, `v1.2`, `wait... what`: a sentence begins with a space and a capital.
            let begins = next.len() < after.len() && !next.starts_with(char::is_lowercase);
            (next.is_empty() || begins) && !(letter == '.' && is_abbreviated(before))
        }
        _ => false,
    }
}

/// What belongs to the sentence before it.
const CLOSING: [char; 5] = ['"', '\'', ')', '”', '’'];

/// Words that end with a full stop and not their sentence.
const ABBREVIATIONS: [&str; 12] =
    ["e.g", "i.e", "etc", "vs", "cf", "approx", "no", "fig", "mr", "mrs", "dr", "resp"];

/// Longest of [`ABBREVIATIONS`] and more, in bytes.
const WORD_BYTES_MAX: usize = 16;

fn is_abbreviated(before: &str) -> bool {
    // Bounded, because this is asked at every full stop.
    let tail = before.len().saturating_sub(WORD_BYTES_MAX);
    let tail = (tail..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(0);
    let word = before[tail..].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let is_initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    is_initial || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ends: Ends, expected: &[(&str, u32)]) {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).zip(1..).collect();
        let prose = Prose { text: text.replace('\n', " "), lines, linked_bytes: 0 };
        assert_eq!(split(&prose, ends), expected, "{text}");
    }

    #[test]
    fn sentences_end_where_the_next_one_begins() {
        check("One. Two! Three?", Ends::Sentences, &[("One.", 1), ("Two!", 1), ("Three?", 1)]);
        check(
            "Use v1.2, e.g. This one. Yes",
            Ends::Sentences,
            &[("Use v1.2, e.g. This one.", 1), ("Yes", 1)],
        );
        check(
            "Print `a. B` now. (Or so.) Fine",
            Ends::Sentences,
            &[("Print `a. B` now.", 1), ("(Or so.)", 1), ("Fine", 1)],
        );
        check("まず。次に", Ends::Sentences, &[("まず。", 1), ("次に", 1)]);
        check("", Ends::Sentences, &[]);
    }

    #[test]
    fn a_sentence_knows_its_line() {
        check(
            "One is\nlong. Two.\nThree.",
            Ends::Sentences,
            &[("One is long.", 1), ("Two.", 2), ("Three.", 3)],
        );
    }

    #[test]
    fn a_line_that_starts_anew_ends_the_one_before() {
        check(
            "Add a task\nList tasks\nwith their dates,\nNewest first",
            Ends::Lines,
            &[("Add a task", 1), ("List tasks with their dates, Newest first", 2)],
        );
    }
}
