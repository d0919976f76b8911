//! Table: what the gate `base-tests` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] =
    &[&WEAKENED, &SKIPPED, &VANISHED, &REWRITTEN, &ASKED, &ORPHANED, &REMOVED, &RED, &MOVED, &KEPT];

const WEAKENED: Rule = Rule {
    id: "base-tests/weakened",
    severity: Severity::Error,
    what: "A test of the base fails on the new code; as the change has it, it passes on the old \
           code and on the new code alike.",
    why: "It asks for less than it did: it was weakened until it passed.",
    example: "-    assert total([1, 2]) == 3\n+    assert total([1, 2]) is not None",
    fix: "Restore the test, and correct the code.",
    look: while_judging,
};

const SKIPPED: Rule = Rule {
    id: "base-tests/skipped",
    severity: Severity::Error,
    what: "A test of the base fails on the new code, and the change skips it.",
    why: "A skipped test is green in every summary.",
    example: "+@unittest.skip(\"flaky\")\n def test_total(self):",
    fix: "Take the skip away, and correct the code.",
    look: while_judging,
};

const VANISHED: Rule = Rule {
    id: "base-tests/vanished",
    severity: Severity::Error,
    what: "A test of the base fails on the new code, and the change deletes it or does not run it \
           any more.",
    why: "What nobody runs can not be red.",
    example: "-def test_total():\n-    assert total([1, 2]) == 3",
    fix: "Restore the test. Where its subject was to go, say so in the change.",
    look: while_judging,
};

const REWRITTEN: Rule = Rule {
    id: "base-tests/rewritten",
    severity: Severity::Warning,
    what: "A test of the base fails on the new code, and the change asks for another result.",
    why: "It may be what was wanted, or the wrong result written down as the right one: only a \
          person can tell.",
    example: "-    assert total([1, 2]) == 3\n+    assert total([1, 2]) == 4",
    fix: "Look at the old and the new result. `loki verify --approve-delta NAME` approves it.",
    look: while_judging,
};

const ASKED: Rule = Rule {
    id: "base-tests/asked",
    severity: Severity::Note,
    what: "A test of the base fails on the new code, and the spec names every value that it has now and did \
           not have before.",
    why: "The behaviour was to change, and the test follows in the very words of whoever asked.",
    example: "-    assert to_money(\"0.125\") == \"0.13\"\n+    assert to_money(\"0.125\") == \"0.12\"    # the spec names 0.12",
    fix: "Nothing.",
    look: while_judging,
};

const ORPHANED: Rule = Rule {
    id: "base-tests/orphaned",
    severity: Severity::Warning,
    what: "A test of the base can not run on the new code: what it uses is gone or has another \
           shape.",
    why: "An interface that others rely on may have been broken.",
    example: "-def total(items):\n+def total(items, *, start):",
    fix: "Keep the old form working, or see that the break is wanted.",
    look: while_judging,
};

const RED: Rule = Rule {
    id: "base-tests/red",
    severity: Severity::Note,
    what: "A test of the base fails, in the change itself too.",
    why: "The gate `tests` tells of it.",
    example: "see `tests/failed`",
    fix: "See `tests/failed`.",
    look: while_judging,
};

const KEPT: Rule = Rule {
    id: "base-tests/kept",
    severity: Severity::Note,
    what: "A test of the base can not be loaded beside the new code, and is the same in the change.",
    why: "Something else in its file uses what is gone; the test itself passes as it was.",
    example: "-from shop import MINIMUM, price\n+from shop import price",
    fix: "Nothing.",
    look: while_judging,
};

const MOVED: Rule = Rule {
    id: "base-tests/moved",
    severity: Severity::Note,
    what: "A test of the base runs under another name.",
    why: "Nothing is lost; it is said because the old name is gone.",
    example: "tests/test_a.py::test_x is now tests/unit/test_a.py::test_x",
    fix: "Nothing.",
    look: while_judging,
};

const REMOVED: Rule = Rule {
    id: "base-tests/removed",
    severity: Severity::Note,
    what: "A test of the base is gone along with what it tested, as the change announces.",
    why: "It is said so that whoever reads the verdict knows that less is tested than before.",
    example: "-def legacy_total(items):\n-def test_legacy_total():       # \"Remove legacy_total\"",
    fix: "Nothing, where the removal is what was asked for.",
    look: while_judging,
};
