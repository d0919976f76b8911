//! Snapshots and golden files that were rewritten.

use std::collections::BTreeSet;

use loki_model::{ChangeKind, Severity};

use super::{Found, Rule, showing, weighing, with_suite};
use crate::delta::{Delta, FileDelta};
use crate::kind::Kind;
use crate::layout::{file_name, parent};
use crate::suite::Suite;

/// What tests compare with was rewritten.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/snapshot-rewritten",
    severity: Severity::Warning,
    what: "A snapshot or a golden file that existing tests compare with was rewritten together with \
           the code.",
    why: "It says what the code does now. Whether that is right, only who knows what was wanted can \
          tell: a regression is written down as easily as a feature.",
    example: "-<li>&lt;b&gt;</li>\n+<li><b></li>",
    fix: "Say in the change, or in its documentation, which output was meant to change.",
    look: |cx, delta, found| {
        let messages = cx.subject.messages;
        with_suite(cx, delta, found, |suite, found| look_with(suite, messages, found));
    },
};

/// What tests compare with is gone.
pub(super) const DELETED: Rule = Rule {
    id: "test-integrity/snapshot-deleted",
    severity: Severity::Warning,
    what: "A snapshot or a golden file is gone, and no test that used it went with it.",
    why: "Where tests go over a directory of such files, that is one test less.",
    example: "-tests/golden/list.out",
    fix: "Keep the case. Where it goes with what it shows, remove both in one change and say so.",
    look: |cx, delta, found| with_suite(cx, delta, found, look_at_deleted),
};

/// Lines that show the difference.
const SHOWN_LINES_MAX: usize = 6;

/// Shorter words are in everything.
const WORD_CHARS_MIN: usize = 2;

fn look_with(suite: &Suite<'_>, messages: &[String], found: &mut Found) {
    let delta = suite.sides.delta;
    let snapshots: Vec<&FileDelta> = delta.files.iter().filter(|file| is_snapshot(file)).collect();
    if snapshots.is_empty() {
        return;
    }
    let has_sources = delta.files.iter().any(|file| file.kind == Kind::Source);
    let said = said(suite, messages);
    for file in snapshots {
        let (Some(before), Some(after)) = (&file.before, &file.after) else { continue };
        let (lost, new) = changed_lines(before, after);
        let added: BTreeSet<&str> = words(&new).difference(&words(before)).copied().collect();
        // What is new in the output is written out in the code or in its documentation.
        let is_meant = added.iter().any(|word| said.contains(*word));
        let severity = if !has_sources || is_meant { Severity::Note } else { Severity::Warning };
        let message = format!("`{}`, which tests compare with, was rewritten", file.path);
        let line = file.added.first().copied().unwrap_or(1);
        let shown = |lines: &str, sign: &str| -> String {
            let lines = lines.lines().take(SHOWN_LINES_MAX);
            lines.map(|line| format!("{sign} {}\n", crate::text::clip_head(line, 200))).collect()
        };
        let both = format!("{}{}", shown(&lost, "-"), shown(&new, "+"));
        found.add(weighing(showing(RULE.at(&file.path, line, message), both.trim_end()), severity));
    }
}

fn look_at_deleted(suite: &Suite<'_>, found: &mut Found) {
    let delta = suite.sides.delta;
    let is_gone = |file: &&FileDelta| file.change == ChangeKind::Deleted && is_snapshot(file);
    let deleted: Vec<&FileDelta> = delta.files.iter().filter(is_gone).collect();
    if deleted.is_empty() {
        return;
    }
    let removed = suite.removed_names();
    let gone = suite.gone();
    for file in deleted {
        let stem = file_name(&file.path).split('.').next().unwrap_or_default();
        let is_moved = delta.files.iter().any(|other| {
            other.change == ChangeKind::Added
                && (other.after == file.before || file_name(&other.path) == file_name(&file.path))
        });
        // It went with a test, with the file of its tests, or with what it shows.
        let is_used = gone.iter().any(|test| {
            test.test.name.contains(stem)
                || test.test.literals.iter().any(|literal| literal.contains(stem))
        });
        let has_tests = delta.files.iter().any(|other| {
            other.change == ChangeKind::Deleted
                && other.kind == Kind::Test
                && file_name(&file.path).starts_with(file_name(&other.path))
        });
        let is_removed = words(stem).iter().any(|word| {
            removed
                .iter()
                .any(|name| name.to_ascii_lowercase().contains(&word.to_ascii_lowercase()))
        });
        if is_moved || is_used || has_tests || is_removed || is_written_out(delta, file) {
            continue;
        }
        let message = format!("`{}`, which tests compare with, is gone", file.path);
        found.add(DELETED.of(&file.path, message));
    }
}

/// Whether tests of the change have the content of a file that is gone in their own text.
fn is_written_out(delta: &Delta, gone: &FileDelta) -> bool {
    let is_content = |line: &&str| {
        line.len() >= LINE_CHARS_MIN && !line.starts_with("exports[") && !line.starts_with("//")
    };
    let lines = gone.before.as_deref().unwrap_or_default().lines().map(str::trim);
    let content: Vec<&str> = lines.filter(is_content).collect();
    let tests: Vec<&str> =
        delta.of(Kind::Test).flat_map(|file| file.added_lines().map(|(_, line)| line)).collect();
    let kept = content.iter().filter(|line| tests.iter().any(|text| text.contains(**line))).count();
    !content.is_empty() && kept * 100 >= content.len() * KEPT_PERCENT_MIN
}

/// Shorter lines stand in any text.
const LINE_CHARS_MIN: usize = 4;

/// So much of a file that is gone is in the tests themselves.
const KEPT_PERCENT_MIN: usize = 80;

/// Whether a changed file is one that tests compare with, and was there before.
fn is_snapshot(file: &FileDelta) -> bool {
    if file.change == ChangeKind::Added || !matches!(file.kind, Kind::Fixture | Kind::Test) {
        return false;
    }
    let name = file_name(&file.path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_named = matches!(
        ending,
        "snap" | "golden" | "approved" | "expected" | "out" | "stdout" | "stderr" | "ambr" | "want"
    ) || name.contains("expected")
        || name.contains("golden")
        || name.contains("snapshot");
    let is_placed = parent(&file.path).split('/').any(|dir| {
        let dir = dir.to_ascii_lowercase();
        matches!(
            dir.as_str(),
            "__snapshots__"
                | "snapshots"
                | "golden"
                | "goldens"
                | "expected"
                | "__file_snapshots__"
        )
    });
    // What goes into a test beside what comes out of it.
    let is_input = matches!(ending, "tmpl" | "in" | "input" | "md" | "json5");
    file.kind == Kind::Fixture && (is_named || (is_placed && !is_input))
}

/// Lines that only one side has.
fn changed_lines(before: &str, after: &str) -> (String, String) {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (before.lines().collect(), after.lines().collect());
    let only = |text: &str, other: &BTreeSet<&str>| -> String {
        let lines: Vec<String> =
            text.lines().filter(|line| !other.contains(line)).map(str::to_owned).collect();
        lines.join("\n")
    };
    (only(before, &new), only(after, &old))
}

/// Every word that new lines of the code, of its documentation and the messages of the change have.
fn said(suite: &Suite<'_>, messages: &[String]) -> BTreeSet<String> {
    let delta = suite.sides.delta;
    let spoken = delta.files.iter().filter(|file| matches!(file.kind, Kind::Source | Kind::Docs));
    let lines = spoken.flat_map(FileDelta::added_lines).map(|(_, line)| line);
    let all = lines.chain(messages.iter().map(String::as_str));
    all.flat_map(|line| words(line).into_iter().map(str::to_owned)).collect()
}

fn words(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().count() >= WORD_CHARS_MIN).collect()
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(|suite, found| super::look_with(suite, &[], found), sides, found);
    }

    #[test]
    fn a_snapshot_that_only_lost_something_is_a_warning() {
        expect(
            look,
            &[
                ("index.js", "out.push(`<li>${inline(item)}</li>`);\n"),
                ("test/__snapshots__/list.html", "<li>two &lt;b&gt;</li>\n"),
            ],
            &[
                ("index.js", "out.push(`<li>${item}</li>`);\n"),
                ("test/__snapshots__/list.html", "<li>two <b></li>\n"),
            ],
            "warning snapshot-rewritten test/__snapshots__/list.html:1",
        );
    }

    #[test]
    fn output_that_the_code_writes_out_is_a_note() {
        expect(
            look,
            &[
                ("index.js", "out.push(`<h1>`);\n"),
                ("test/__snapshots__/a.html", "<h1>Title</h1>\n"),
            ],
            &[
                ("index.js", "out.push(`<h1 id=\"${anchor(text)}\">`);\n"),
                ("test/__snapshots__/a.html", "<h1 id=\"title\">Title</h1>\n"),
            ],
            "note snapshot-rewritten test/__snapshots__/a.html:1",
        );
    }

    #[test]
    fn a_golden_file_that_is_gone_without_its_test_is_a_warning() {
        fn gone(sides: &Sides<'_>, found: &mut super::Found) {
            look_at(super::look_at_deleted, sides, found);
        }
        let before = [("index.js", "1\n"), ("test/golden/list.html", "<li>1</li>\n")];
        let expected = "warning snapshot-deleted test/golden/list.html";
        expect(gone, &before, &[("index.js", "2\n")], expected);
        // Moved to another directory.
        let after = [("index.js", "2\n"), ("test/cases/list.html", "<li>1</li>\n")];
        expect(gone, &before, &after, "");
        // With what it shows.
        let before = [
            ("index.js", "export function list() { return 1; }\n"),
            ("test/golden/list.html", "<li>1</li>\n"),
        ];
        expect(gone, &before, &[("index.js", "export function other() {}\n")], "");
    }

    #[test]
    fn new_snapshots_and_inputs_of_tests_are_none() {
        expect(
            look,
            &[("a.py", "x = 1\n"), ("tests/fixtures/in.json", "{}\n")],
            &[
                ("a.py", "x = 2\n"),
                ("tests/fixtures/in.json", "{\"a\": 1}\n"),
                ("tests/golden/new.out", "1\n"),
            ],
            "",
        );
    }
}
