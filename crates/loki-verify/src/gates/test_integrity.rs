//! Requires that existing tests go on asserting what they asserted, and that new tests assert
//! something.

use loki_model::{Finding, GateReport, Severity};

use super::Cx;
use super::described::{Described, Runs};
use super::rule::{self, Found, Rule};
use crate::delta::Delta;
use crate::kind::Kind;
use crate::sides::Sides;
use crate::suite::{Located, Suite};

mod commented_out;
mod compared;
mod compiled_away;
mod deleted;
mod discarded;
mod early_exit;
mod expected_changed;
mod first_only;
mod focused;
mod never_called;
mod no_assertion;
mod renamed_away;
mod shadowed;
mod skipped;
mod snapshot_rewritten;
mod swallowed;
mod symlinked;
mod tautological;
mod timing;
mod tolerance_widened;
mod unreachable;
mod weak_oracle;
mod weakened;

/// This gate's name.
pub(crate) const ID: &str = "test-integrity";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "existing tests still run and assert as much as before, and new \
     tests assert something that can fail",
    why: "A suite is green when code is right, and when the tests no longer ask. The \
          second costs less.",
    evidence: "One inspection of the syntax trees of both sides of every changed file that \
          holds tests.",
    cannot_tell: "Whether an expected value is the right one, and whether a test that reads well \
          would notice anything: see `base-tests`, `new-tests` and `mutants`, which run \
          them.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

/// Everything that is looked for, most certain first.
pub(crate) const RULES: &[&Rule] = &[
    &symlinked::RULE,
    &focused::RULE,
    &skipped::RULE,
    &renamed_away::RULE,
    &commented_out::RULE,
    &compiled_away::RULE,
    &early_exit::RULE,
    &shadowed::RULE,
    &swallowed::RULE,
    &unreachable::RULE,
    &first_only::RULE,
    &never_called::RULE,
    &discarded::RULE,
    &tautological::RULE,
    &tolerance_widened::RULE,
    &weakened::RULE,
    &deleted::RULE,
    &no_assertion::RULE,
    &weak_oracle::RULE,
    &snapshot_rewritten::DELETED,
    &snapshot_rewritten::RULE,
    &timing::RETRIES,
    &timing::TIMEOUTS,
    &expected_changed::RULE,
];

/// Looks through both sides of every changed test.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let concerned = cx.delta().map_or(0, |delta| concerned(cx, delta));
    rule::judge(cx, ID, RULES, u64::try_from(concerned).unwrap_or(u64::MAX))
}

/// Changed files that hold tests or what tests compare with.
fn concerned(cx: &Cx<'_>, delta: &Delta) -> usize {
    let sides = Sides::of(cx, delta);
    let suite = Suite::of(&sides, cx.trees(delta));
    let by_kind = delta.files.iter().filter(|file| matches!(file.kind, Kind::Test | Kind::Fixture));
    let others = suite.files().filter(|(file, before, after)| {
        let has_tests = [before, after].into_iter().any(|side| !side.tests().is_empty());
        has_tests && !matches!(file.kind, Kind::Test | Kind::Fixture)
    });
    by_kind.count() + others.count()
}

/// Has a rule look at the suite of the change.
fn with_suite(
    cx: &Cx<'_>,
    delta: &Delta,
    found: &mut Found,
    look: impl FnOnce(&Suite<'_>, &mut Found),
) {
    let sides = Sides::of(cx, delta);
    let trees = cx.trees(delta);
    found.unread.extend(trees.unread_tests());
    look(&Suite::of(&sides, trees), found);
}

/// A finding of `rule` at a line of the file of a test.
fn at(rule: &Rule, test: &Located<'_>, line: u32, message: impl Into<String>) -> Finding {
    rule.at(test.path(), line, message)
}

/// The same finding with another weight.
fn weighing(mut finding: Finding, severity: Severity) -> Finding {
    finding.severity = severity;
    finding
}

/// The same finding with what shows it.
fn showing(mut finding: Finding, shown: &str) -> Finding {
    let shown = crate::text::plain(shown);
    finding.detail =
        if finding.detail.is_empty() { shown } else { format!("{shown}\n\n{}", finding.detail) };
    finding.detail = crate::text::clip(&finding.detail, Finding::DETAIL_BYTES_MAX);
    finding
}

/// A piece of code for a message: one line, not too long.
fn quoted(code: &str) -> String {
    const SHOWN_BYTES_MAX: usize = 100;
    let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("`{}`", crate::text::clip_head(&line, SHOWN_BYTES_MAX))
}
