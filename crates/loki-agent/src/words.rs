//! Splits a command line into words as a shell would, without one: no variables, no globs.

/// Why a command line is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WordsError {
    /// A quote is opened and not closed.
    #[error("a {0} is not closed")]
    Unclosed(char),
    /// The text ends with a backslash.
    #[error("nothing follows the last backslash")]
    Backslash,
}

/// The words of `text`. Single quotes keep everything; double quotes know `\"` and `\\`; outside,
/// a backslash keeps the next character.
pub(crate) fn words(text: &str) -> Result<Vec<String>, WordsError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => quoted(c, &mut chars, word.get_or_insert_default())?,
            '\\' => {
                let kept = chars.next().ok_or(WordsError::Backslash)?;
                word.get_or_insert_default().push(kept);
            }
            c if c.is_ascii_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn quoted(
    quote: char,
    chars: &mut std::str::Chars<'_>,
    word: &mut String,
) -> Result<(), WordsError> {
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match chars.next() {
                Some(kept @ ('"' | '\\')) => word.push(kept),
                Some(other) => word.extend(['\\', other]),
                None => return Err(WordsError::Backslash),
            },
            c => word.push(c),
        }
    }
    Err(WordsError::Unclosed(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_blanks_and_kept_together_by_quotes() {
        let text = r#" a  b\ c 'd "e' "f '\"\\\n" '' g'h'"i" "#;
        let expected = ["a", "b c", "d \"e", "f '\"\\\\n", "", "ghi"];
        assert_eq!(words(text).unwrap(), expected);
    }

    #[test]
    fn nothing_is_expanded() {
        assert_eq!(words("$HOME *.rs ~ `x` ;").unwrap(), ["$HOME", "*.rs", "~", "`x`", ";"]);
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        assert_eq!(words("a 'b"), Err(WordsError::Unclosed('\'')));
        assert_eq!(words("a \"b\\\""), Err(WordsError::Unclosed('"')));
        assert_eq!(words("a\\"), Err(WordsError::Backslash));
    }
}
