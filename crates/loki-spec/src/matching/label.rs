//! Names that people and formats give to requirements.

use loki_model::Requirement;

/// Letters of a name that stands before a statement: `FR-1`, `REQ-12`, `NFR-PERF-3`.
const LETTERS_MAX: usize = 16;

/// The explicit name of a requirement, in one way of writing: `FR-01` is `FR1`. Nothing for one that is
/// only named by what it says.
pub(crate) fn label(requirement: &Requirement) -> Option<String> {
    let explicit = as_written(&requirement.text);
    let own = (!is_derived(&requirement.id.0)).then_some(requirement.id.0.as_str());
    explicit.or(own).map(normal)
}

/// The name before a statement, as it is written there.
pub(crate) fn as_written(text: &str) -> Option<&str> {
    split(text).map(|(label, _)| label)
}

/// Whether an id was made from the statement, as [`crate::id::name`] makes them.
pub(crate) fn is_derived(id: &str) -> bool {
    id.strip_prefix("R-").is_some_and(|digits| {
        (4..=64).contains(&digits.len())
            && digits.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
    })
}

/// The statement without the name before it.
pub(crate) fn without(text: &str) -> &str {
    split(text).map_or(text, |(_, rest)| rest)
}

/// A name and what follows it: `FR-1: The app …`, `[FR-1] The app …`, `FR-1 – The app …`.
fn split(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_start_matches(['[', '(', '*', '`', ' ']);
    let letters = inner.bytes().take_while(|c| c.is_ascii_uppercase() || b"-_".contains(c)).count();
    let is_word = inner.starts_with(|c: char| c.is_ascii_uppercase());
    if !is_word || letters > LETTERS_MAX {
        return None;
    }
    let rest = inner.get(letters..)?;
    let digits = rest.bytes().take_while(|c| c.is_ascii_digit() || *c == b'.').count();
    let digits = rest.get(..digits)?.trim_end_matches('.').len();
    if digits == 0 {
        return None;
    }
    let (name, rest) = inner.split_at_checked(letters + digits)?;
    // `HTTP2 must …` and `ISO-8601 dates` begin a sentence; a name is set apart from it.
    let apart = rest.trim_start_matches([']', ')', '*', '`']);
    let is_closed = apart.len() < rest.len();
    let mark = apart.trim_start();
    let after = [":", ". ", "- ", "– ", "— ", "| "].iter().find_map(|sign| mark.strip_prefix(sign));
    match after {
        Some(after) => Some((name, after.trim_start_matches(['*', '`', ' ']))),
        None if is_closed => Some((name, mark)),
        None => None,
    }
}

/// `FR-01.2` as `FR1.2`.
pub(crate) fn normal(label: &str) -> String {
    let mut out = String::with_capacity(label.len());
    let mut zeros = false;
    for letter in label.chars() {
        let before_digits = !out.ends_with(|c: char| c.is_ascii_digit());
        match letter {
            '-' | '_' => {}
            '0' if before_digits => zeros = true,
            letter => {
                if std::mem::take(&mut zeros) && !letter.is_ascii_digit() {
                    out.push('0');
                }
                out.extend(letter.to_uppercase());
            }
        }
    }
    if zeros {
        out.push('0');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_set_apart_from_the_statement() {
        for (text, name, rest) in [
            ("FR-1: The app saves.", "FR-1", "The app saves."),
            ("FR1. The app saves.", "FR1", "The app saves."),
            ("[REQ-12] The app saves.", "REQ-12", "The app saves."),
            ("NFR-PERF-3 – The app is quick.", "NFR-PERF-3", "The app is quick."),
            ("AC1.2: It ends.", "AC1.2", "It ends."),
        ] {
            assert_eq!(split(text), Some((name, rest)));
        }
        for text in ["HTTP2 must work", "ISO-8601 dates", "The app", "A must", "", "FR-: x", "R2D2"]
        {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_name_may_be_written_in_several_ways() {
        for same in ["FR-1", "FR1", "FR-01", "fr_1"] {
            assert_eq!(normal(same), "FR1", "{same}");
        }
        for (one, other) in [("FR-10", "FR-1"), ("FR-1.0", "FR-1"), ("FR-100", "FR-1")] {
            assert_ne!(normal(one), normal(other));
        }
    }

    #[test]
    fn a_made_id_is_no_name() {
        assert!(is_derived("R-3f9a") && is_derived("R-3f9a01"));
        for id in ["FR-1", "getPets", "R-1", "R-xyzw", "R-3F9A"] {
            assert!(!is_derived(id), "{id}");
        }
    }
}
