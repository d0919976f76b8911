//! Table: what the gate `base-tests` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[
    &WEAKENED, &SKIPPED, &VANISHED, &REVERTED, &REPLACED, &REWRITTEN, &ASKED, &RESETTLED,
    &SILENCED, &ORPHANED, &REMOVED, &RED, &MOVED, &RENAMED, &KEPT,
];

const WEAKENED: Rule = Rule {
    id: "base-tests/weakened",
    severity: Severity::Error,
    what: "A test of the base fails on the new code; as the change has it, it passes on the old \
           code and on the new code alike, and its expectations are not all there.",
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

const REVERTED: Rule = Rule {
    id: "base-tests/reverted",
    severity: Severity::Warning,
    what: "A test of the base fails on the new code and is gone, and the change undoes a commit of the base's \
           history to the letter and does nothing else.",
    why: "Code and tests are as they were before that commit. Whether it was to be undone only a person can \
          tell.",
    example: "git revert 2f64f68c    # as it was, and nothing beside it",
    fix: "Nothing, where the commit was to be undone.",
    look: while_judging,
};

const REPLACED: Rule = Rule {
    id: "base-tests/replaced",
    severity: Severity::Warning,
    what: "A test of the base fails on the new code and is gone; a test that the change brings or edits looks \
           at all that it looked at anew and as closely, is given most of what it was given, fails on the \
           base's code, and holds.",
    why: "The behaviour may have been meant to change, or the wrong result may be written down as the right \
          one: only a person can tell.",
    example: "-def test_hash(self):\n-    self.assertEqual(hash(span(1, 5)), hash((1, 5)))\n def test_eq(self):\n+    self.assertEqual(hash(span(1, 1)), hash(span(1, 2)))",
    fix: "Look at both tests. `loki verify --approve-delta NAME` approves it.",
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

const RESETTLED: Rule = Rule {
    id: "base-tests/resettled",
    severity: Severity::Warning,
    what: "A test of the base runs on the new code under the base's settings and helpers, such as \
           `conftest.py`, and fails; under those of the change it holds.",
    why: "Whoever can not make a test pass can make it look elsewhere, or compare less. Settings may \
          also have had to follow the code: only a person can tell.",
    example: "-pythonpath = [\".\"]\n+pythonpath = [\"packaging/tree\", \".\"]    # an old copy of the code",
    fix: "Restore the settings, and correct the code; or say why the tests have to run otherwise.",
    look: while_judging,
};

const SILENCED: Rule = Rule {
    id: "base-tests/silenced",
    severity: Severity::Warning,
    what: "A test of the base holds on the new code, the change leaves it as it was, and no run of the \
           change has it.",
    why: "What is there and never runs looks like a test: a pattern matches no file any more, a condition \
          skips it, a class is no test case.",
    example: "-DECKS = sorted(HERE.glob(\"decks/*.json\"))      # the folder has moved\n tests that take each of DECKS",
    fix: "See that it runs again, or remove it and say so.",
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

const RENAMED: Rule = Rule {
    id: "base-tests/renamed",
    severity: Severity::Note,
    what: "A test of the base can not run on the new code, the change gives other names to things and does \
           nothing else, and the test passes under the new names.",
    why: "Every value that it gives and expects is the same. Who uses the old names elsewhere has to follow.",
    example: "-    assert billed(2) == 3\n+    assert charged(2) == 3",
    fix: "Nothing, where the old names were to go.",
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
