//! Table: what the gate `tests` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[
    &FAILED,
    &CRASHED,
    &NOT_BUILT,
    &FLAKY,
    &RED_BEFORE,
    &NO_BASE,
    &CONTRADICTORY,
    &NOT_COUNTED,
    &OTHER_RUNNER,
    &COMMAND_ALTERED,
    &PASSED_OVER,
    &EXIT_SWALLOWED,
    &DESELECTED,
    &REPORT_REWRITTEN,
    &ASSERTIONS_PATCHED,
];

const FAILED: Rule = Rule {
    id: "tests/failed",
    severity: Severity::Error,
    what: "A test failed and did not before the change, or a runner ended badly.",
    why: "It is what the change broke.",
    example: "FAILED tests/test_sums.py::test_add - assert -1 == 5",
    fix: "Correct the code, or the test where that is what was asked for.",
    look: while_judging,
};

const CRASHED: Rule = Rule {
    id: "tests/crashed",
    severity: Severity::Error,
    what: "A runner ended badly and no failed test accounts for it.",
    why: "Tests that never ran showed nothing.",
    example: "pytest: INTERNALERROR",
    fix: "Look at the end of the output that is with the finding.",
    look: while_judging,
};

const NOT_BUILT: Rule = Rule {
    id: "tests/not-built",
    severity: Severity::Error,
    what: "The tests do not compile.",
    why: "Tests that can not be built did not run.",
    example: "error[E0425]: cannot find function `add`",
    fix: "Correct what the compiler names.",
    look: while_judging,
};

const FLAKY: Rule = Rule {
    id: "tests/flaky",
    severity: Severity::Warning,
    what: "A test failed and passed when it was run once more.",
    why: "Its result is luck: it can hide a mistake, or report one that is not there.",
    example: "test_timeout: failed, then passed",
    fix: "Take out what it depends on: time, order, the network, what another test leaves behind.",
    look: while_judging,
};

const RED_BEFORE: Rule = Rule {
    id: "tests/red-before",
    severity: Severity::Note,
    what: "A test failed before the change and still does, or could not even be loaded before; or a \
           command that loki found, in which no test can be counted, ended badly before and still does.",
    why: "It is not the change's fault, and it shows nothing either.",
    example: "test_legacy: red in the base and in the change",
    fix: "Mend it apart from this change.",
    look: while_judging,
};

const NO_BASE: Rule = Rule {
    id: "tests/no-base",
    severity: Severity::Note,
    what: "Whether a failing test failed before could not be found out.",
    why: "Every failure counts as the change's own then.",
    example: "the base could not be checked out",
    fix: "Read the message: it says what was in the way.",
    look: while_judging,
};

const CONTRADICTORY: Rule = Rule {
    id: "tests/contradictory",
    severity: Severity::Warning,
    what: "What a runner counted contradicts itself or its exit code.",
    why: "Counts that can not be trusted show nothing.",
    example: "exit code 1 and no failed test",
    fix: "Look at hooks and wrappers around the runner.",
    look: while_judging,
};

const NOT_COUNTED: Rule = Rule {
    id: "tests/not-counted",
    severity: Severity::Note,
    what: "A part of the tests ran without counts that could be read.",
    why: "It can fail, and never show that anything passed.",
    example: "\"test\": \"node check.js\"",
    fix: "Have the command write JUnit XML, and name it under `[verify] tests`.",
    look: while_judging,
};

const OTHER_RUNNER: Rule = Rule {
    id: "tests/other-runner",
    severity: Severity::Note,
    what: "A suite was run by another runner than the project uses.",
    why: "Some of its tests may behave differently there.",
    example: "pytest is not installed: unittest was used",
    fix: "Install what the project uses, in its own environment.",
    look: while_judging,
};

const COMMAND_ALTERED: Rule = Rule {
    id: "tests/command-altered",
    severity: Severity::Warning,
    what: "The change alters the command that runs the tests; the base's was used.",
    why: "A command that the change brings could leave out whatever fails.",
    example: "-\"test\": \"node --test\"\n+\"test\": \"node --test tests/fast\"",
    fix: "Look at the new command by itself.",
    look: while_judging,
};

const PASSED_OVER: Rule = Rule {
    id: "tests/passed-over",
    severity: Severity::Note,
    what: "Projects in directories of test data or of others' code are not looked at.",
    why: "Their tests are not the project's own, and are often broken on purpose.",
    example: "tests/fixtures/broken/package.json",
    fix: "Nothing, unless one of them is your own: then move it, or declare its command.",
    look: while_judging,
};

const EXIT_SWALLOWED: Rule = Rule {
    id: "tests/exit-swallowed",
    severity: Severity::Warning,
    what: "The command that runs the tests ends well whatever they do.",
    why: "It is green when they are red. Where the runner inside of it is known, that was run instead.",
    example: "\"test\": \"jest || true\"",
    fix: "Let the command end as its runner does.",
    look: while_judging,
};

const DESELECTED: Rule = Rule {
    id: "tests/deselected",
    severity: Severity::Note,
    what: "Tests were collected and not run: settings or hooks left them out.",
    why: "What is left out can not be red.",
    example: "addopts = \"-k 'not slow'\"",
    fix: "Nothing, where that was so before; else run them all.",
    look: while_judging,
};

const REPORT_REWRITTEN: Rule = Rule {
    id: "tests/report-rewritten",
    severity: Severity::Error,
    what: "A test failed while it ran and was reported otherwise.",
    why: "Somebody tampers with the report: nothing in it can be believed.",
    example: "+@pytest.hookimpl(hookwrapper=True)\n+def pytest_runtest_makereport(item):\n+    (yield).get_result().outcome = \"passed\"",
    fix: "Take the hook away, and correct what fails.",
    look: while_judging,
};

const ASSERTIONS_PATCHED: Rule = Rule {
    id: "tests/assertions-patched",
    severity: Severity::Error,
    what: "What the tests assert with was replaced while they ran.",
    why: "An assertion that somebody replaced can hold whatever the code does.",
    example: "+unittest.TestCase.assertEqual = lambda *args: None",
    fix: "Leave the assertions of the runner as they are.",
    look: while_judging,
};
