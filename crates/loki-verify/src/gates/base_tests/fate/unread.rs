//! Tests that no grammar reads: what the change does to the lines of their files.

use crate::delta::FileDelta;
use crate::gates::Cx;
use crate::gates::suites::last;
use crate::kind::Kind;
use crate::syntax::Language;

/// Whether the file of the test asks in as many lines as before, and only numbers in them are others: another
/// day or another amount is given or expected, and no question was left out.
pub(super) fn asks_in_the_same_lines(cx: &Cx<'_>, id: &str) -> bool {
    let Ok(delta) = cx.delta() else { return false };
    // By its name, or by its file where a runner names that too.
    let names: Vec<&str> = last(id).split_whitespace().collect();
    let is_its_file = |file: &&FileDelta| {
        let text = file.before.as_deref().unwrap_or_default();
        let is_unread = matches!(Language::of(&file.path), None | Some(Language::Shell));
        is_unread
            && !matches!(file.kind, Kind::Source | Kind::Docs)
            && names.iter().all(|name| file.path.ends_with(name) || text.contains(name))
    };
    let mut files = delta.files.iter().filter(is_its_file).peekable();
    files.peek().is_some() && files.all(has_the_same_shape)
}

fn has_the_same_shape(file: &FileDelta) -> bool {
    let shape = |text: &Option<String>| -> Vec<String> {
        text.as_deref().unwrap_or_default().lines().map(without_numbers).collect()
    };
    shape(&file.before) == shape(&file.after)
}

/// A line with one sign for each row of digits.
fn without_numbers(line: &str) -> String {
    let mut shape = String::new();
    for c in line.trim().chars() {
        if !c.is_ascii_digit() {
            shape.push(c);
        } else if !shape.ends_with('0') {
            shape.push('0');
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_in_numbers_have_one_shape() {
        assert_eq!(
            without_numbers("\tis 2026-03-09 1.20"),
            without_numbers("  is 2026-12-1 15.00")
        );
        for other in ["is 1.20 || true", "is \"\"", "# is 1.20"] {
            assert_ne!(without_numbers("is 1.20"), without_numbers(other));
        }
    }
}
