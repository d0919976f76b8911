//! What a change is said to do, as far as its own messages tell.
//!
//! A claim never proves anything. It only decides which questions are asked: whoever says that
//! behaviour changed has to show a test that notices.

/// What a change is said to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody says, or only of tests and of how code is written.
    Unknown,
    /// Something, and neither that behaviour changes nor that it stays.
    Vague,
    /// To keep behaviour: refactoring, documentation, tests, formatting, releases.
    Neutral,
    /// To change behaviour: a fix or a feature.
    Behaviour,
}

/// First words of messages that announce no change of behaviour.
const NEUTRAL: &[&str] = &[
    "refactor",
    "refactoring",
    "docs",
    "doc",
    "documentation",
    "document",
    "test",
    "tests",
    "style",
    "format",
    "formatting",
    "fmt",
    "chore",
    "ci",
    "build",
    "release",
    "bump",
    "move",
    "rename",
    "typo",
    "typos",
    "cleanup",
    "clean",
    "comment",
    "comments",
    "lint",
    "reformat",
    "reorganise",
    "reorganize",
    "vendor",
    "split",
    "extract",
    "inline",
    "merge",
    "version",
    "prettier",
    "cargo",
    "readme",
    "changelog",
    "deps",
    "license",
    "licence",
    "revert",
    "generate",
    "regenerate",
    "perf",
    "speed",
    "optimise",
    "optimize",
    "simplify",
    "tidy",
    "remove",
    "drop",
    "delete",
    "types",
    "typing",
    "annotate",
    "port",
    "migrate",
    "modernise",
    "modernize",
    "upgrade",
    "update",
    "prepare",
    "polish",
    "dedupe",
    "unify",
    "faster",
    "performance",
    "rewrite",
    "streamline",
    "streamlined",
];

/// Words, anywhere in a message, that announce a change of behaviour.
const BEHAVIOUR: &[&str] = &[
    "fix",
    "fixes",
    "fixed",
    "add",
    "adds",
    "added",
    "implement",
    "implements",
    "implemented",
    "feature",
    "feat",
    "support",
    "supports",
    "introduce",
    "introduced",
    "allow",
    "allows",
    "new",
    "bug",
    "handle",
    "handles",
    "issue",
    "now",
];

/// First words of messages that say what the product does from now on.
const DOES: &[&str] = &[
    "refuse",
    "refuses",
    "reject",
    "rejects",
    "accept",
    "accepts",
    "validate",
    "validates",
    "forbid",
    "disallow",
    "prevent",
    "let",
    "show",
    "shows",
    "print",
    "prints",
    "report",
    "reports",
    "raise",
    "raises",
    "throw",
    "throws",
    "warn",
    "retry",
    "round",
    "rounds",
    "escape",
    "escapes",
    "treat",
    "respect",
    "honour",
    "honor",
    "detect",
    "detects",
    "emit",
    "emits",
    "repair",
    "never",
    "always",
];

/// Words of messages about code that tests reach, whatever else they say.
const COVERS: &[&str] = &["cover", "covers", "covered", "covering", "coverage"];

/// Words that say that tests come with a change.
const TESTS: &[&str] = &["test", "tests", "tested"];

/// Words of a message before tests that come with what it is about; a message about tests names them
/// earlier.
const WORDS_BEFORE_TESTS_MIN: usize = 3;

/// Words after which tests are what a message is about.
const BRINGS: &[&str] = &[
    "add",
    "adds",
    "added",
    "adding",
    "extend",
    "extends",
    "extended",
    "extending",
    "improve",
    "improves",
    "improved",
    "improving",
    "more",
    "write",
    "expand",
    "missing",
];

/// Words that may stand before the tests that a message is about.
const BEFORE_TESTS: &[&str] = &[
    "a",
    "the",
    "some",
    "few",
    "more",
    "new",
    "missing",
    "unit",
    "integration",
    "regression",
    "basic",
    "additional",
    "extra",
    "further",
    "of",
    "and",
    "better",
];

/// Words with which a message goes on that is about tests; any other makes them a part of a name.
const AFTER_TESTS: &[&str] = &[
    "for", "of", "to", "from", "that", "about", "on", "in", "with", "case", "cases", "coverage",
    "covering", "and", "around", "against", "where", "which", "when", "as",
];

/// Words for something that was wrong with what the product does.
const WRONG: &[&str] = &[
    "bug",
    "bugs",
    "crash",
    "crashes",
    "panic",
    "leak",
    "race",
    "deadlock",
    "regression",
    "broken",
    "wrong",
    "incorrect",
    "missing",
    "fail",
    "fails",
    "failing",
    "failure",
    "hang",
    "fix",
    "fixes",
    "not",
    "never",
    "when",
    "if",
];

/// Tools and mistakes that are about how code is written.
const LINT: &[&str] = &[
    "lint",
    "lints",
    "linting",
    "linter",
    "linters",
    "revive",
    "golangci",
    "staticcheck",
    "clippy",
    "ruff",
    "flake8",
    "eslint",
    "pylint",
    "rubocop",
    "gofmt",
    "rustfmt",
    "pep8",
    "typo",
    "typos",
    "jsdoc",
    "docstring",
    "docstrings",
    "mypy",
    "pyright",
    "hints",
    "annotations",
];

/// The same words where nothing follows: a product can have warnings and formats of its own.
const LINT_ALONE: &[&str] = &["format", "formatting", "warnings", "whitespace", "spelling"];

/// Words around those.
const AROUND_LINT: &[&str] = &[
    "a",
    "the",
    "some",
    "few",
    "all",
    "more",
    "new",
    "minor",
    "code",
    "go",
    "golang",
    "ci",
    "issue",
    "issues",
    "error",
    "errors",
    "problem",
    "problems",
    "complaint",
    "complaints",
    "warning",
    "style",
    "check",
    "checks",
    "rule",
    "rules",
    "and",
    "other",
    "type",
    "required",
    "missing",
];

/// Words that lead on to where something was corrected.
const WHERE: &[&str] = &["in", "of", "from", "by", "reported", "found", "for", "on", "with"];

/// Whether a message says that tests were added or extended, and of nothing else that it does.
fn is_about_tests(words: &[&str]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let before = rest.iter().take_while(|word| BEFORE_TESTS.contains(word)).count();
    let Some((tests, after)) = rest.get(before..).and_then(<[&str]>::split_first) else {
        return false;
    };
    BRINGS.contains(first)
        && TESTS.contains(tests)
        && after.first().is_none_or(|next| AFTER_TESTS.contains(next))
        && !after.iter().any(|word| BEHAVIOUR.contains(word))
}

/// Whether a message speaks of what tests there are, without saying what else happens.
fn mentions_tests(words: &[&str]) -> bool {
    words.iter().any(|word| TESTS.contains(word) || COVERS.contains(word))
}

/// Whether a message says that only what linters complain of was corrected.
fn is_about_lint(words: &[&str]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let is_lint = |word: &&str| LINT.contains(word) || LINT_ALONE.contains(word);
    let named = rest.iter().take_while(|word| is_lint(word) || AROUND_LINT.contains(word)).count();
    let (named, after) = rest.split_at(named);
    let is_plain = match after {
        [] => named.iter().any(is_lint),
        [next, ..] => WHERE.contains(next) && named.iter().any(|word| LINT.contains(word)),
    };
    let is_of_types = matches!(*first, "add" | "adds" | "added" | "adding")
        && named.iter().any(|word| matches!(*word, "hints" | "annotations"));
    (is_of_types || matches!(*first, "fix" | "fixes" | "fixed" | "fixing"))
        && is_plain
        && !after.iter().any(|word| BEHAVIOUR.contains(word) || WRONG.contains(word))
}

/// A message without the name of who made it, as programs put before theirs: `[pre-commit.ci] auto fixes …`.
fn without_tag(message: &str) -> &str {
    let rest = message.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let rest = rest.map_or(message, |(_, rest)| rest.trim_start());
    rest.strip_prefix("auto ").unwrap_or(rest)
}

/// What a message says is done: its first word, or the one after the name of a part, as in `parser: refuse …`.
fn verb<'a>(message: &'a str, first: &'a str) -> &'a str {
    let after = message.split_once(": ").filter(|(part, _)| !part.contains(char::is_whitespace));
    after.and_then(|(_, rest)| rest.split(|c: char| !c.is_alphanumeric()).next()).unwrap_or(first)
}

/// Whether a message says that something costs less: time, memory, size.
fn is_about_cost(words: &[&str]) -> bool {
    const LESS: &[&str] =
        &["reduce", "reduces", "shrink", "cut", "lower", "decrease", "avoid", "save"];
    const COSTS: &[&str] = &[
        "time",
        "memory",
        "size",
        "allocations",
        "allocation",
        "allocs",
        "overhead",
        "copies",
        "imports",
        "latency",
        "cpu",
    ];
    words.first().is_some_and(|first| LESS.contains(first))
        && words.iter().take(5).any(|word| COSTS.contains(word))
}

impl Claim {
    /// Reads the first lines of the messages of a change, newest first.
    ///
    /// One message that announces a change of behaviour is enough; a message whose first word is of
    /// the neutral kind announces none, whatever follows. Who brings tests for what was done has something to
    /// show. A message about nothing but tests, or what linters complain of, claims nothing, but vouches for
    /// nothing either: what the change does to code is asked about as where nobody says. Any other message is
    /// vague, unless another one says more.
    pub fn of<S: AsRef<str>>(messages: &[S]) -> Claim {
        let mut claim = Claim::Unknown;
        for message in messages {
            let message = message.as_ref().to_lowercase();
            let message = without_tag(&message);
            let words: Vec<&str> = message
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect();
            let Some(first) = words.first() else { continue };
            if is_about_tests(&words) || is_about_lint(&words) {
                continue;
            }
            let brings_tests =
                || words.iter().skip(WORDS_BEFORE_TESTS_MIN).any(|word| TESTS.contains(word));
            let is_of_wording = || words.iter().any(|word| LINT.contains(word));
            let announces = || {
                words.iter().any(|word| BEHAVIOUR.contains(word))
                    || brings_tests()
                    || (DOES.contains(&verb(message, first)) && !is_of_wording())
            };
            if matches!(*first, "fix" | "feat") || (!NEUTRAL.contains(first) && announces()) {
                return Claim::Behaviour;
            }
            let keeps = NEUTRAL.contains(first) || is_about_cost(&words);
            if keeps || message.contains("no behaviour change") {
                claim = Claim::Neutral;
            } else if claim == Claim::Unknown && !mentions_tests(&words) {
                claim = Claim::Vague;
            }
        }
        claim
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_tell_whether_behaviour_was_to_change() {
        for (message, claim) in [
            ("Fix #31: German sharp s was dropped", Claim::Behaviour),
            ("feat(cli): --json", Claim::Behaviour),
            ("Shipping costs, with tests; adds a rate table", Claim::Behaviour),
            ("refactor: add a helper", Claim::Neutral),
            ("tests: fold the five tests into two", Claim::Neutral),
            ("Move the package under src/", Claim::Neutral),
            ("Escape backslashes in remarks, with a round-trip test", Claim::Behaviour),
            ("Rework the tests of the parser", Claim::Unknown),
            ("Split the parser, with its tests", Claim::Neutral),
            ("WIP", Claim::Vague),
            ("Refuse negative counts", Claim::Behaviour),
            ("parser: reject empty names", Claim::Behaviour),
            ("Report typos in the documentation", Claim::Vague),
            ("docs: show how to begin", Claim::Neutral),
            ("Do not search for combined flags in long options.", Claim::Vague),
            ("sets: cover the branch of complements", Claim::Unknown),
            ("Add tests for important methods like TO_SHOUTY_SNEK_CASE", Claim::Unknown),
            ("Add tests from PR, update CHANGELOG and AUTHORS.", Claim::Unknown),
            ("Extend the tests of the parser", Claim::Unknown),
            ("Improve test coverage", Claim::Unknown),
            ("Add a test for empty lines and fix them", Claim::Behaviour),
            ("Add a test runner", Claim::Behaviour),
            ("Add tests command", Claim::Behaviour),
            ("Add tests and support for dates", Claim::Behaviour),
            ("Add the parser, with tests", Claim::Behaviour),
            ("fix revive linting", Claim::Unknown),
            ("Fix clippy warnings in the parser", Claim::Unknown),
            ("Fix typos", Claim::Unknown),
            ("Fix formatting", Claim::Unknown),
            ("Fix some jsdoc issues", Claim::Unknown),
            ("[pre-commit.ci] auto fixes from pre-commit.com hooks", Claim::Behaviour),
            ("Added all required type hints for strict typing", Claim::Unknown),
            ("Add type annotations to the parser", Claim::Behaviour),
            ("Reduce import time by removing imports", Claim::Neutral),
            ("Reduce the limit of items to ten", Claim::Vague),
            ("Fix formatting of dates", Claim::Behaviour),
            ("Fix warnings that are not shown", Claim::Behaviour),
            ("Fix lint errors and a crash", Claim::Behaviour),
            ("Fix eslint crash on empty files", Claim::Behaviour),
            ("Fix lint in the parser when it fails", Claim::Behaviour),
            ("", Claim::Unknown),
        ] {
            assert_eq!(Claim::of(&[message]), claim, "{message}");
        }
        assert_eq!(Claim::of(&["docs: x", "Fix the parser"]), Claim::Behaviour);
        assert_eq!(Claim::of::<&str>(&[]), Claim::Unknown);
    }
}
