//! Existing tests that assert less.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::compared::{Became, Others, compared};
use super::{Found, Rule, at, discarded, quoted, showing, weighing, with_suite};
use crate::suite::{Effective, Located, Suite, Via, is_for_tests};
use crate::syntax::{Check, Helper};

/// An assertion that says less, or nothing.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/weakened",
    severity: Severity::Warning,
    what: "An assertion of an existing test says less than before, or is gone with nothing equal in \
           its place.",
    why: "A test that asks less holds for code that does less; nobody reads it as a loss.",
    example: "-    assert split(9) == [4, 5]\n+    assert len(split(9)) == 2",
    fix: "Keep the assertion as it was, or move it to another test; a changed behaviour needs a \
          changed expectation, not a weaker one.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    let others = Others::of(suite);
    let removed = suite.removed_names();
    for (before, after, _) in suite.kept() {
        for became in compared(suite, &before, &after) {
            let (b, a) = match &became {
                Became::Expects(..) => continue,
                Became::Weaker(b, a) => (b, Some(a)),
                Became::Lost(b) => (b, None),
            };
            if others.have(b, Some(&after)) || is_told_elsewhere(b, a.map(|a| &**a)) {
                continue;
            }
            if a.is_none() && discarded::is_dropped(&after, b) {
                continue;
            }
            let shown = before.text(b.assertion.at);
            let message = match a {
                Some(a) => format!(
                    "`{}` asserted {} of {} and now asserts {}",
                    after.test.name,
                    b.assertion.strength.label(),
                    about(b),
                    a.assertion.strength.label()
                ),
                None => format!("`{}` no longer asserts {}", after.test.name, quoted(shown)),
            };
            let line = a.map_or(after.test.lines.0, |a| a.line);
            let finding = showing(at(&RULE, &after, line, message), &both(&before, &after, b, a));
            let is_removed = b.calls.iter().any(|call| removed.contains(call));
            found.add(if is_removed { weighing(finding, Severity::Note) } else { finding });
        }
        rows_lost(suite, &before, &after, found);
    }
    helpers(suite, found);
}

/// Whether another rule has a better word for it.
fn is_told_elsewhere(b: &Effective, a: Option<&Effective>) -> bool {
    // Errors that any error would do for.
    b.assertion.check == Check::Throws && a.is_some_and(|a| a.assertion.check == Check::Throws)
}

fn about(b: &Effective) -> String {
    quoted(&b.assertion.subject_text)
}

fn both(
    before: &Located<'_>,
    after: &Located<'_>,
    b: &Effective,
    a: Option<&Box<Effective>>,
) -> String {
    let text = |located: &Located<'_>, effective: &Effective| match &effective.via {
        Via::Itself => located.text(effective.assertion.at).to_owned(),
        Via::Helper(name) => format!("by `{name}`: {}", effective.assertion.text),
    };
    let mut shown = format!("- {}", text(before, b));
    if let Some(a) = a {
        shown += &format!("\n+ {}", text(after, a));
    }
    shown
}

/// Rows that a table lost and that nothing else has.
fn rows_lost(suite: &Suite<'_>, before: &Located<'_>, after: &Located<'_>, found: &mut Found) {
    let (had, has) = (before.test.rows, after.test.rows);
    if has >= had || after.test.markers.len() > before.test.markers.len() {
        return;
    }
    let touched = suite.touched();
    let known: BTreeSet<&String> =
        touched.iter().flat_map(|(_, test)| &test.test.literals).collect();
    let lost: Vec<&String> = before
        .test
        .literals
        .iter()
        .filter(|literal| !after.test.literals.contains(*literal) && !known.contains(literal))
        .collect();
    if lost.is_empty() {
        return;
    }
    let message = format!(
        "the table of `{}` lost {} of {had} rows, {} among them",
        after.test.name,
        had - has,
        quoted(lost.first().map_or("", |lost| lost))
    );
    found.add(at(&RULE, after, after.test.lines.0, message));
}

/// Functions that tests share and that assert less.
fn helpers(suite: &Suite<'_>, found: &mut Found) {
    for (file, before, after) in suite.files() {
        let (Some(before), Some(after)) = (before, after) else { continue };
        if !is_for_tests(&file.path) {
            continue;
        }
        for (name, old) in before.helpers() {
            let (Some([old]), Some([new])) =
                (Some(old.as_slice()), after.helpers().get(name).map(Vec::as_slice))
            else {
                continue;
            };
            let is_own = |helper: &Helper| !helper.assertions.is_empty();
            // Asserting helpers of tests in which other functions assert for them are theirs to judge.
            if !is_own(old) {
                continue;
            }
            let strongest = |helper: &Helper| {
                helper.assertions.iter().map(|assertion| assertion.strength).max()
            };
            let is_called_on = new.calls.iter().any(|call| {
                let name = call.rsplit('.').next().unwrap_or_default();
                after.helpers().get(name).is_some_and(|inner| inner.iter().any(is_own))
                    || name.to_ascii_lowercase().starts_with("assert")
            });
            if strongest(new) < strongest(old) && !is_called_on {
                let message = format!("`{name}`, which tests assert by, asserts less than before");
                found.add(RULE.at(&file.path, new.function.lines.0, message));
            }
        }
    }
}
