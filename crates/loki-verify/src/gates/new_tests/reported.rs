//! Table: what the gate `new-tests` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[&NOTHING_SHOWN, &NOT_RUN];

const NOTHING_SHOWN: Rule = Rule {
    id: "new-tests/nothing-shown",
    severity: Severity::Warning,
    what: "The change claims new behaviour, and every test that it brings passes without it; or it brings new \
           tests that do, and its message leaves open whether behaviour is to change.",
    why: "A test that passes before the change as well as after it shows nothing about the change.",
    example: "+def test_total_of_nothing():\n+    assert total([]) == 0        # it was 0 before, too",
    fix: "Write a test that fails on the old code and passes on the new; or begin the message with what keeps \
          behaviour (`refactor: …`, `perf: …`, `tests: …`).",
    look: while_judging,
};

const NOT_RUN: Rule = Rule {
    id: "new-tests/not-run",
    severity: Severity::Warning,
    what: "The change brings a test that was in none of the runs, though its runner told of all of its tests. Tests \
           that are skipped are in them, and those of other systems or in folders for browsers, benchmarks and the \
           like are left alone.",
    why: "It lies where no runner looks, or is left out by settings, and never runs.",
    example: "+checks/test_refusals.py        # and pytest looks into `tests`",
    fix: "Move it to where the runner looks, or have the settings name the place.",
    look: while_judging,
};
