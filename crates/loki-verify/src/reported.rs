//! What tools reported about a state of the repository, and what of it another state did not have.
//!
//! Owns the one shape that readers of tools' output produce, and the comparison. Everything in it was
//! written by programs over code under judgement: bounded, and no reader fails or panics on any input.
//! Refuses to decide what a finding amounts to.

use std::collections::BTreeMap;

use loki_model::{ChangeKind, FileChange, Severity};

use crate::gates::Cx;
use crate::layout::file_name;

pub(crate) mod lcov;
pub(crate) mod lines;
pub(crate) mod sarif;

/// Findings of one command that are kept; a command with more is not understood.
pub(crate) const REPORTED_MAX: usize = 20_000;

/// Bytes kept of the name of a tool's rule.
const RULE_BYTES_MAX: usize = 60;

/// Bytes kept of a message, and of the text of a line.
const TEXT_BYTES_MAX: usize = 500;

/// One thing that a tool reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    /// As the tool names its rule; empty for none.
    pub(crate) rule: String,
    /// How bad the tool says that it is.
    pub(crate) severity: Option<Severity>,
    /// As printed, and from the root of the repository once [`settled`].
    pub(crate) path: Option<String>,
    /// 1-based.
    pub(crate) line: Option<u32>,
    /// One line.
    pub(crate) message: String,
    /// The line of the file that is meant, blanks at its ends apart, once [`settled`].
    pub(crate) text: String,
}

impl Reported {
    /// What a tool reported, each part cut to what is kept.
    pub(crate) fn new(
        rule: &str,
        severity: Option<Severity>,
        path: Option<&str>,
        line: Option<u32>,
        message: &str,
    ) -> Reported {
        Reported {
            rule: kept_rule(rule),
            severity,
            path: path.map(|path| crate::text::clip_head(path, 4096)),
            line: line.filter(|line| *line > 0),
            message: crate::text::one_line(message, TEXT_BYTES_MAX),
            text: String::new(),
        }
    }
}

/// A rule's name of letters, digits and a few signs.
fn kept_rule(rule: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "-_.:@/".contains(c);
    let kept: String = rule.trim().chars().map(|c| if is_kept(c) { c } else { '-' }).collect();
    crate::text::clip_head(&kept, RULE_BYTES_MAX)
}

/// The same with every path from the root of the repository and the line of the file that is meant.
/// Paths that the copy in `cx` does not have are dropped from their finding.
pub(crate) fn settled(cx: &Cx<'_>, dir: &str, found: Vec<Reported>) -> Vec<Reported> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut paths: BTreeMap<String, Option<String>> = BTreeMap::new();
    found
        .into_iter()
        .map(|mut one| {
            let printed = one.path.take();
            one.path = printed.and_then(|printed| {
                paths.entry(printed).or_insert_with_key(|printed| cx.known(dir, printed)).clone()
            });
            if let (Some(path), Some(line)) = (&one.path, one.line) {
                let lines = files.entry(path.clone()).or_insert_with(|| lines_of(cx, path));
                let at = usize::try_from(line - 1).unwrap_or(usize::MAX);
                one.text = lines.get(at).cloned().unwrap_or_default();
            }
            one
        })
        .collect()
}

fn lines_of(cx: &Cx<'_>, path: &str) -> Vec<String> {
    let text = cx.read(path).unwrap_or_default();
    text.lines().map(|line| crate::text::clip_head(line.trim(), TEXT_BYTES_MAX)).collect()
}

/// What of `head` the base does not have, both [`settled`].
///
/// Two findings are one when rule, path, message and the text of the line agree; numbers in a message
/// do not matter, since they often are lines, nor does where the line stands. What is left is compared
/// once more without the text: a line that was edited and is as wrong as before is not news. A file
/// that was moved is known by its name.
pub(crate) fn new_in(
    head: Vec<Reported>,
    base: &[Reported],
    changes: &[FileChange],
) -> Vec<Reported> {
    let moved = moved(changes);
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for one in base {
        *known.entry((key(one, &BTreeMap::new()), one.text.clone())).or_default() += 1;
    }
    let left: Vec<Reported> = head
        .into_iter()
        .filter(|one| !take(&mut known, &(key(one, &moved), one.text.clone())))
        .collect();
    let mut loose: BTreeMap<String, usize> = BTreeMap::new();
    for ((key, _), count) in known {
        *loose.entry(key).or_default() += count;
    }
    left.into_iter().filter(|one| !take(&mut loose, &key(one, &moved))).collect()
}

/// Takes one of what is known; whether there was one.
fn take<K: Ord>(known: &mut BTreeMap<K, usize>, key: &K) -> bool {
    match known.get_mut(key) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

/// Rule, path and message; the path as the base has it.
fn key(one: &Reported, moved: &BTreeMap<&str, &str>) -> String {
    let path = one.path.as_deref().unwrap_or_default();
    let path = moved.get(path).copied().unwrap_or(path);
    format!("{}\n{path}\n{}", one.rule, without_numbers(&one.message))
}

fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for c in message.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            other => out.push(other),
        }
    }
    out
}

/// From where files of the judged tree came, by name: of files that are new, and of which exactly one
/// of the same name is gone.
pub(crate) fn moved(changes: &[FileChange]) -> BTreeMap<&str, &str> {
    let mut gone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.kind == ChangeKind::Deleted) {
        gone.entry(file_name(&change.path)).or_default().push(&change.path);
    }
    let added = changes.iter().filter(|change| change.kind == ChangeKind::Added);
    added
        .filter_map(|change| match gone.get(file_name(&change.path))?.as_slice() {
            [only] => Some((change.path.as_str(), *only)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(rule: &str, path: &str, line: u32, message: &str, text: &str) -> Reported {
        let found = Reported::new(rule, None, Some(path), Some(line), message);
        Reported { text: text.to_owned(), ..found }
    }

    fn change(kind: ChangeKind, path: &str) -> FileChange {
        FileChange { kind, path: path.to_owned(), lines_added: 0, lines_deleted: 0, binary: false }
    }

    #[test]
    fn a_finding_that_stands_elsewhere_is_not_new() {
        let base = [one("F401", "a.py", 3, "`os` unused, see line 3", "import os")];
        let head = vec![one("F401", "a.py", 30, "`os` unused, see line 30", "import os")];
        assert!(new_in(head, &base, &[]).is_empty());
    }

    #[test]
    fn as_many_findings_as_before_are_known_and_one_more_is_new() {
        let base = [one("E", "a.py", 1, "bad", "x")];
        let head = vec![one("E", "a.py", 1, "bad", "x"), one("E", "a.py", 9, "bad", "x")];
        let new = new_in(head, &base, &[]);
        assert_eq!(new.iter().map(|found| found.line).collect::<Vec<_>>(), [Some(9)]);
    }

    #[test]
    fn a_line_that_was_edited_and_is_as_wrong_as_before_is_not_new() {
        let base = [one("E501", "a.py", 1, "line too long (90 > 79)", "x = 'long'")];
        let head = vec![one("E501", "a.py", 1, "line too long (99 > 79)", "x = 'longer'")];
        assert!(new_in(head, &base, &[]).is_empty());
        let other = vec![one("E501", "b.py", 1, "line too long (99 > 79)", "x = 'longer'")];
        assert_eq!(new_in(other, &base, &[]).len(), 1);
    }

    #[test]
    fn a_moved_file_takes_its_findings_along() {
        let base = [one("E", "old/a.py", 1, "bad", "x")];
        let changes =
            [change(ChangeKind::Deleted, "old/a.py"), change(ChangeKind::Added, "new/a.py")];
        assert!(new_in(vec![one("E", "new/a.py", 1, "bad", "x")], &base, &changes).is_empty());
        assert_eq!(new_in(vec![one("E", "new/a.py", 1, "bad", "x")], &base, &[]).len(), 1);
    }
}
