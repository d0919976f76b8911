//! A line of shell, cut into commands and words: as far as it has to be understood to tell which
//! program runs the tests and what becomes of its exit code.

/// Commands that a line is cut into; a longer line is not understood.
const STEPS_MAX: usize = 64;

/// What joins a command to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing: it is the first.
    None,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`
    Then,
}

/// One simple command of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// What joins it to the one before it.
    pub(super) joint: Joint,
    /// As written, without blanks around it.
    pub(super) text: String,
    /// Its words as written, quotes included.
    pub(super) words: Vec<String>,
}

impl Joint {
    /// As written between two commands.
    pub(super) fn written(self) -> &'static str {
        match self {
            Joint::None => "",
            Joint::And => " && ",
            Joint::Or => " || ",
            Joint::Then => "; ",
        }
    }
}

/// Cuts a line into simple commands.
///
/// Nothing for a line that does more than to run them one after another: pipes, redirections,
/// sub-shells, substitutions, comments, several lines.
pub(super) fn steps(line: &str) -> Option<Vec<Step>> {
    let mut cutter = Cutter::default();
    let mut chars = line.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                cutter.take(c);
                quoted(c, &mut chars, &mut cutter)?;
            }
            '\\' => {
                cutter.take(c);
                cutter.take(chars.next()?);
            }
            '&' => {
                chars.next_if_eq(&'&')?;
                cutter.end_step(Joint::And)?;
            }
            '|' => {
                chars.next_if_eq(&'|')?;
                cutter.end_step(Joint::Or)?;
            }
            ';' => cutter.end_step(Joint::Then)?,
            '$' if chars.peek() == Some(&'(') => return None,
            '`' | '<' | '>' | '(' | ')' | '\n' => return None,
            '#' if cutter.word.is_empty() => return None,
            c if c.is_whitespace() => cutter.end_word(),
            c => cutter.take(c),
        }
    }
    cutter.finish()
}

/// Takes the rest of a quoted part.
fn quoted(
    quote: char,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    cutter: &mut Cutter,
) -> Option<()> {
    loop {
        let c = chars.next()?;
        match c {
            '`' if quote == '"' => return None,
            '$' if quote == '"' && chars.peek() == Some(&'(') => return None,
            '\\' if quote == '"' => {
                cutter.take(c);
                cutter.take(chars.next()?);
                continue;
            }
            _ => cutter.take(c),
        }
        if c == quote {
            return Some(());
        }
    }
}

/// A line half way through.
#[derive(Default)]
struct Cutter {
    steps: Vec<Step>,
    joint: Option<Joint>,
    words: Vec<String>,
    word: String,
}

impl Cutter {
    fn take(&mut self, c: char) {
        self.word.push(c);
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    /// Ends a command; nothing when there is none to end.
    fn end_step(&mut self, next: Joint) -> Option<()> {
        self.end_word();
        let words = std::mem::take(&mut self.words);
        if words.is_empty() || self.steps.len() >= STEPS_MAX {
            return None;
        }
        let joint = self.joint.replace(next).unwrap_or(Joint::None);
        self.steps.push(Step { joint, text: words.join(" "), words });
        Some(())
    }

    fn finish(mut self) -> Option<Vec<Step>> {
        self.end_word();
        // A line may end with `;`.
        if !(self.words.is_empty() && self.joint == Some(Joint::Then)) {
            self.end_step(Joint::None)?;
        }
        Some(self.steps)
    }
}

/// A word without its quotes.
pub(super) fn unquoted(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect()
}

/// Whether a word sets a variable for the command after it.
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The last part of the path that a word names.
pub(super) fn program(word: &str) -> String {
    let word = unquoted(word);
    crate::layout::file_name(&word).to_owned()
}

/// Whether a command does nothing but end well: what it is joined to by `||` or `;` loses its exit
/// code.
pub(super) fn is_nothing(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["true" | ":"] | ["exit", "0"] | ["echo" | "printf", ..])
}

/// Whether a command ends the line as a failure, or with a code that was kept.
pub(super) fn is_failure(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["exit", code] => *code != "0",
        words => words == ["false"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(line: &str) -> Option<Vec<(Joint, String)>> {
        Some(steps(line)?.into_iter().map(|step| (step.joint, step.text)).collect())
    }

    #[test]
    fn a_line_is_cut_at_its_joints_and_nowhere_else() {
        let cut = texts(r#"A=1 jest "a && b" 'c;d' && tsc -p . || true; exit 0;"#).unwrap();
        let cut: Vec<(Joint, &str)> = cut.iter().map(|(joint, text)| (*joint, &**text)).collect();
        assert_eq!(
            cut,
            [
                (Joint::None, r#"A=1 jest "a && b" 'c;d'"#),
                (Joint::And, "tsc -p ."),
                (Joint::Or, "true"),
                (Joint::Then, "exit 0"),
            ]
        );
    }

    #[test]
    fn lines_that_do_more_are_not_understood() {
        for line in [
            "",
            "a | b",
            "a > b",
            "(a)",
            "a $(b)",
            "a `b`",
            "a \"$(b)\"",
            "&& a",
            "a &&",
            "a & b",
            "a # b",
            "a\nb",
            "'a",
        ] {
            assert_eq!(steps(line), None, "{line}");
        }
        assert!(steps("a b#c \"$D\" ${E}").is_some());
    }

    proptest! {
        #[test]
        fn any_line_is_cut_without_panic(line in "(&&|\\|\\||;|'|\"|\\\\|\\$|\\PC| ){0,20}") {
            if let Some(steps) = steps(&line) {
                prop_assert!(steps.iter().all(|step| !step.words.is_empty()));
            }
        }
    }
}
