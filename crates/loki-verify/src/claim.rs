//! What a change is said to do, as far as its own messages tell.
//!
//! A claim never proves anything. It only decides which questions are asked: whoever says that
//! behaviour changed has to show a test that notices.

/// What a change is said to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody says.
    Unknown,
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

/// Words that say that tests come with a change.
const TESTS: &[&str] = &["test", "tests", "tested"];

/// Words of a message before tests that come with what it is about; a message about tests names them
/// earlier.
const WORDS_BEFORE_TESTS_MIN: usize = 3;

impl Claim {
    /// Reads the first lines of the messages of a change, newest first.
    ///
    /// One message that announces a change of behaviour is enough; a message whose first word is of
    /// the neutral kind announces none, whatever follows. Who brings tests for what was done has something to
    /// show.
    pub fn of<S: AsRef<str>>(messages: &[S]) -> Claim {
        let mut claim = Claim::Unknown;
        for message in messages {
            let message = message.as_ref().to_lowercase();
            let words: Vec<&str> = message
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect();
            let Some(first) = words.first() else { continue };
            let brings_tests =
                || words.iter().skip(WORDS_BEFORE_TESTS_MIN).any(|word| TESTS.contains(word));
            let announces = || words.iter().any(|word| BEHAVIOUR.contains(word)) || brings_tests();
            if matches!(*first, "fix" | "feat") || (!NEUTRAL.contains(first) && announces()) {
                return Claim::Behaviour;
            }
            if NEUTRAL.contains(first) || message.contains("no behaviour change") {
                claim = Claim::Neutral;
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
            ("WIP", Claim::Unknown),
            ("", Claim::Unknown),
        ] {
            assert_eq!(Claim::of(&[message]), claim, "{message}");
        }
        assert_eq!(Claim::of(&["docs: x", "Fix the parser"]), Claim::Behaviour);
        assert_eq!(Claim::of::<&str>(&[]), Claim::Unknown);
    }
}
