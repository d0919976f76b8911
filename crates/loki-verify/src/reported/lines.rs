//! Findings in lines of text, found by a regular expression of the project.

use loki_model::Severity;
use regex::{Regex, RegexBuilder};

use super::{REPORTED_MAX, Reported};

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 2_000;

/// Bytes of a compiled pattern.
const COMPILED_BYTES_MAX: usize = 2 << 20;

/// Bytes of a line that are looked at.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// A reader of lines: every line that matches is a finding.
///
/// The groups `path`, `line`, `message`, `severity` and `rule` are taken where the pattern has them;
/// without `message` the whole line tells.
pub(crate) struct Lines {
    pattern: Regex,
}

impl Lines {
    /// A reader for `pattern`; else why it can not be used, in one line.
    pub(crate) fn new(pattern: &str) -> Result<Lines, String> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!("it has more than {PATTERN_BYTES_MAX} bytes"));
        }
        let built = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).build();
        let pattern = built.map_err(|error| {
            let text = error.to_string();
            crate::text::one_line(text.lines().last().unwrap_or_default(), 200)
        })?;
        if pattern.is_match("") {
            return Err("it matches an empty line, and so every line".to_owned());
        }
        Ok(Lines { pattern })
    }

    /// The finding of a line, if it is one.
    pub(crate) fn line(&self, line: &str) -> Option<Reported> {
        let line = &line[..line.floor_char_boundary(LINE_BYTES_MAX)];
        let found = self.pattern.captures(line)?;
        let group = |name: &str| found.name(name).map(|group| group.as_str().trim());
        let number = group("line").and_then(|number| number.parse().ok());
        let severity = group("severity").and_then(severity);
        let message = group("message").unwrap_or(line);
        let rule = group("rule").unwrap_or_default();
        Some(Reported::new(rule, severity, group("path"), number, message))
    }

    /// The findings of a text, at most one more than are kept.
    pub(crate) fn text<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Reported> + 'a {
        text.lines().filter_map(|line| self.line(line)).take(REPORTED_MAX + 1)
    }
}

/// What the words of tools for a severity mean; nothing for words that are not known.
pub(crate) fn severity(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "error" | "err" | "e" | "fatal" | "critical" | "high" | "blocker" | "major" => {
            Some(Severity::Error)
        }
        "warning" | "warn" | "w" | "medium" | "moderate" | "minor" => Some(Severity::Warning),
        "note" | "info" | "information" | "informational" | "notice" | "hint" | "help" | "low"
        | "style" | "i" | "n" => Some(Severity::Note),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn groups_of_a_match_make_a_finding() {
        let lines =
            Lines::new(r"^(?P<path>[^:]+):(?P<line>\d+): (?P<severity>\w+): (?P<message>.*)$")
                .unwrap();
        let found = lines.line("src/a.c:7: warning: no prototype").unwrap();
        let expected =
            Reported::new("", Some(Severity::Warning), Some("src/a.c"), Some(7), "no prototype");
        assert_eq!(found, expected);
        assert_eq!(lines.line("all done"), None);
    }

    #[test]
    fn a_pattern_that_says_nothing_is_refused() {
        for pattern in ["(", "x*", &"x".repeat(PATTERN_BYTES_MAX + 1), r"(\w{1000}){1000}"] {
            assert!(Lines::new(pattern).is_err(), "{pattern:.20}");
        }
    }

    proptest! {
        #[test]
        fn any_pattern_over_any_text_ends_well(pattern in "\\PC{0,30}", text in "(\\PC|\n){0,200}") {
            if let Ok(lines) = Lines::new(&pattern) {
                let _ = lines.text(&text).count();
            }
        }
    }
}
