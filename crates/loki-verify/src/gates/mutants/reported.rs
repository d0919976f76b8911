//! Table: what the gate `mutants` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] =
    &[&UNWATCHED, &NONE_NOTICED, &ADDITION, &REVERT, &SPECIAL, &OPTION, &SURVIVED];

const UNWATCHED: Rule = Rule {
    id: "mutants/unwatched",
    severity: Severity::Warning,
    what: "No mistake that was made on purpose in a function was noticed, not even that it did nothing at \
           all; or a new function can do nothing.",
    why: "Tests that pass whatever a function does show nothing about it.",
    example: "def total(items):\n    return None              # and every test still passes",
    fix: "Write a test that fails when the function is wrong.",
    look: while_judging,
};

const NONE_NOTICED: Rule = Rule {
    id: "mutants/none-noticed",
    severity: Severity::Warning,
    what: "The change brings tests, and of several mistakes made on purpose in what it touches none is noticed.",
    why: "Tests that notice no mistake show nothing, however many there are.",
    example: "+toolshed list | while read -r line; do [ \"$line\" = drill ] || exit 1; done   # leaves the pipe only",
    fix: "Write a test that fails when the code is wrong; make it fail once to see that it can.",
    look: while_judging,
};

const ADDITION: Rule = Rule {
    id: "mutants/addition-unwatched",
    severity: Severity::Warning,
    what: "What the change adds to functions that were there before can be left out again, and no test \
           notices any of it.",
    why: "The change claims new behaviour; the tests look at what was there before.",
    example: "+     if prepaid:                         # and no test prepays anything\n+         rows.append((\"Due\", total - prepaid))",
    fix: "Write a test that fails without the addition.",
    look: while_judging,
};

const REVERT: Rule = Rule {
    id: "mutants/change-unwatched",
    severity: Severity::Warning,
    what: "A function that the change alters can be as it was before, and no test notices.",
    why: "The change claims new behaviour and brings tests; none of them is about what this function does now.",
    example: "-        yield day\n+        if day not in rule.excluded:     # and the test has only rules that exclude nothing\n+            yield day",
    fix: "Write a test that fails with the old function.",
    look: while_judging,
};

const SPECIAL: Rule = Rule {
    id: "mutants/special-case",
    severity: Severity::Warning,
    what: "A fix tells one case apart by a written value, and no test notices when it is made for every case.",
    why: "A fix for the value that a test happens to have leaves the mistake in place for all others.",
    example: "-    if day >= end:\n+    if day > end if unit == \"months\" else day >= end:",
    fix: "Fix it for every case; or write a test of a case that has to stay as it was.",
    look: while_judging,
};

const OPTION: Rule = Rule {
    id: "mutants/option-unwatched",
    severity: Severity::Warning,
    what: "Tests give an option that the change adds, and none notices when the program never sees it.",
    why: "An option that changes nothing passes tests that only give it.",
    example: "+assert run(\"stow\", \"--reserve\", \"100\") == 0     # as without --reserve",
    fix: "Write a test in which the option makes a difference.",
    look: while_judging,
};

const SURVIVED: Rule = Rule {
    id: "mutants/survived",
    severity: Severity::Note,
    what: "A mistake that was made on purpose was not noticed by any test.",
    why: "It may be one that nobody could see, or one that a test is missing for.",
    example: "if amount > limit:           # `>=` in place of `>` is not noticed",
    fix: "Look whether a test of that case is missing.",
    look: while_judging,
};
