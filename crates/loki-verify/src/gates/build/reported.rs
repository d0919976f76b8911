//! Table: what the gate `build` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[
    &SYNTAX,
    &COMPILE_ERROR,
    &TYPE_ERROR,
    &SETTINGS_ALTERED,
    &FAILED,
    &RED_BEFORE,
    &NO_BASE,
    &NOT_BUILT,
];

const SYNTAX: Rule = Rule {
    id: "build/syntax",
    severity: Severity::Error,
    what: "A changed file does not parse. Where only loki's own grammar of a language that nothing here builds \
           says so, or it is data that no tool reads as its manifest, that is a warning, and said only of what \
           parsed before or is new.",
    why: "Tests import a part of a project; a file that none of them imports can be broken without \
          any turning red.",
    example: "+def total(items:\n+    return sum(items)",
    fix: "Correct the line that is named.",
    look: while_judging,
};

const COMPILE_ERROR: Rule = Rule {
    id: "build/compile-error",
    severity: Severity::Error,
    what: "The compiler refuses the code.",
    why: "What does not compile can not be run, whatever the tests of other parts say.",
    example: "+let x: u32 = \"one\";",
    fix: "Correct the line that is named; the compiler's whole message is with the finding.",
    look: while_judging,
};

const FAILED: Rule = Rule {
    id: "build/failed",
    severity: Severity::Error,
    what: "The build ended badly and no single error could be read from its output.",
    why: "What does not build can not be run.",
    example: "npm run build exited 1",
    fix: "Run the command that the report names; the end of its output is with the finding.",
    look: while_judging,
};

const RED_BEFORE: Rule = Rule {
    id: "build/red-before",
    severity: Severity::Note,
    what: "A build fails as it did before the change, in the same words.",
    why: "It is not the change's fault. What is broken hides what else may be.",
    example: "npm run build: red in the base and in the change",
    fix: "Mend it apart from this change.",
    look: while_judging,
};

const NO_BASE: Rule = Rule {
    id: "build/no-base",
    severity: Severity::Note,
    what: "Whether a build that fails failed before could not be found out.",
    why: "It counts as the change's own failure then.",
    example: "the base could not be checked out",
    fix: "Read the message: it says what was in the way.",
    look: while_judging,
};

const NOT_BUILT: Rule = Rule {
    id: "build/not-built",
    severity: Severity::Note,
    what: "One of several projects lacks something on this machine, and the change touches neither it nor what \
           says what projects are made of.",
    why: "It can not be built before the change either: that says nothing about the change.",
    example: "examples/server: a module or toolchain is not on this machine",
    fix: "Download what it needs, if it is to be built too.",
    look: while_judging,
};

const TYPE_ERROR: Rule = Rule {
    id: "build/type-error",
    severity: Severity::Error,
    what: "The type checker of the language refuses the code.",
    why: "What does not type-check is not what its own declarations say.",
    example: "+const total: number = \"one\";",
    fix: "Correct the line that is named.",
    look: while_judging,
};

const SETTINGS_ALTERED: Rule = Rule {
    id: "build/settings-altered",
    severity: Severity::Warning,
    what: "Under the base's settings of the type checker the code has errors, and the change alters them.",
    why: "Settings that follow the code instead of the other way round check nothing.",
    example: "-  \"strict\": true,\n+  \"strict\": false,",
    fix: "Keep the settings, and correct the errors; or see that the new settings are wanted.",
    look: while_judging,
};
