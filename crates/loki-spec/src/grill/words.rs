//! Sentences cut into words. What stands in code or between double quotes is somebody else's text and
//! no word of the author's.

use std::ops::Range;

/// One word, number or sign of comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// In small letters, with straight apostrophes.
    pub(crate) folded: String,
    /// Its bytes in the text.
    pub(crate) at: Range<usize>,
}

/// The words of `text`, in order.
///
/// `user-friendly` and `1,000` are one word each; `10MB` is two, and so is `5%`.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut quoted_by = None;
    let mut start = None;
    let mut letters = text.char_indices().peekable();
    let mut push = |range: Range<usize>| {
        let folded = text[range.clone()].to_lowercase().replace('’', "'");
        words.push(Word { folded, at: range });
    };
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map_or(' ', |(_, next)| *next);
        let inside = |c: char| c.is_alphanumeric();
        let is_part = quoted_by.is_none()
            && (inside(letter)
                || matches!(letter, '\'' | '’' | '-') && inside(before) && inside(next)
                || matches!(letter, '.' | ',') && before.is_ascii_digit() && next.is_ascii_digit());
        // A unit that is written together with its number.
        let is_unit = is_part && letter.is_alphabetic() && before.is_ascii_digit();
        if let Some(begun) = start
            && (!is_part || is_unit && text[begun..at].bytes().all(is_numeral))
        {
            push(begun..at);
            start = None;
        }
        if is_part && start.is_none() {
            start = Some(at);
        }
        match (quoted_by, letter) {
            (Some(end), _) if letter == end => quoted_by = None,
            (None, '`' | '"') => quoted_by = Some(letter),
            (None, '“') => quoted_by = Some('”'),
            (None, '%' | '≤' | '≥') => push(at..at + letter.len_utf8()),
            (None, '<' | '>') => {
                let end = if next == '=' { at + 2 } else { at + 1 };
                push(at..end);
            }
            _ => {}
        }
        before = letter;
    }
    if let Some(begun) = start {
        push(begun..text.len());
    }
    words
}

fn is_numeral(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.' || byte == b','
}

/// Whether `phrase`, words with spaces between them, stands at `at`; of how many words it is.
pub(crate) fn phrase_at(words: &[Word], at: usize, phrase: &str) -> Option<usize> {
    let mut len = 0;
    for wanted in phrase.split(' ') {
        if words.get(at + len)?.folded != wanted {
            return None;
        }
        len += 1;
    }
    Some(len)
}

/// A word without the ending that number and tense give it; the same word always gives the same.
pub(crate) fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let cut =
        |ending: &str, least: usize| word.strip_suffix(ending).filter(|rest| rest.len() >= least);
    if let Some(rest) = cut("ies", 2) {
        return format!("{rest}y");
    }
    if ["sses", "shes", "ches", "xes", "zes"].iter().any(|ending| word.ends_with(ending)) {
        return word[..word.len() - 2].to_owned();
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    let plural = cut("s", 3).unwrap_or(word);
    let tense = |ending: &str| plural.strip_suffix(ending).filter(|rest| rest.len() >= 3);
    let rest = tense("ing").or_else(|| tense("ed")).unwrap_or(plural);
    // `stopped`, `stop`; `stored`, `store`.
    let mut letters = rest.chars().rev();
    let doubled = letters.next() == letters.next() && rest.len() < plural.len();
    let rest = if doubled && !rest.ends_with(['l', 's', 'e', 'o']) {
        &rest[..rest.len() - 1]
    } else {
        rest
    };
    rest.strip_suffix('e').filter(|rest| rest.len() >= 3).unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn numbers_and_their_units_are_words_of_their_own() {
        assert_eq!(
            cut("At most 10MB, or 1,000 files."),
            ["at", "most", "10", "mb", "or", "1,000", "files"]
        );
        assert_eq!(cut("≤ 5% and >= 1.5s"), ["≤", "5", "%", "and", ">=", "1.5", "s"]);
    }

    #[test]
    fn what_is_quoted_is_nobodys_word() {
        assert_eq!(cut("print `fast` and \"user-friendly\" “etc” now"), ["print", "and", "now"]);
        assert_eq!(cut("don’t be user-friendly - no"), ["don't", "be", "user-friendly", "no"]);
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "Größe in 10MB";
        for word in words(text) {
            assert_eq!(text[word.at.clone()].to_lowercase(), word.folded);
        }
    }

    #[test]
    fn forms_of_a_word_have_the_same_stem() {
        for (a, b) in [
            ("password", "passwords"),
            ("expires", "expire"),
            ("stopped", "stop"),
            ("stored", "stores"),
            ("entries", "entry"),
            ("deleting", "deleted"),
            ("addresses", "address"),
            ("user", "user's"),
            ("uploads", "uploading"),
        ] {
            assert_eq!(stem(a), stem(b), "{a}, {b}");
        }
        assert_ne!(stem("status"), stem("statu"));
        assert_ne!(stem("public"), stem("publish"));
    }
}
