//! What the spec names and no test speaks of.

use loki_model::Severity;

use super::{Asked, Texts, both, has_flag, listed};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::gates::states::brings_tests;
use crate::text::is_word_in;

/// Something that was asked for is shown by no test.
pub(in crate::gates::substance) const RULE: Rule = Rule {
    id: "substance/asked-and-untested",
    severity: Severity::Warning,
    what: "The change brings tests, and none there is speaks of something that the spec names: a flag, a \
           function, an error, a value of an example.",
    why: "The tests were written for what was done, not for what was asked; what they leave out is what is \
          most often missing.",
    example: "Two readings of the same time are an ArgumentError.    # and no test has readings that are refused",
    fix: "Write a test of what is named; take the examples of the spec as they are.",
    look,
};

/// Parts of words by which a test asks for a refusal.
const REFUSES: &[&str] =
    &["throw", "raise", "err", "reject", "panic", "refuse", "exit", "status", "fail", "exception"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    if !brings_tests(&delta.files) {
        return;
    }
    let Some((asked, texts, path)) = both(cx, delta) else { return };
    let untested = untested(&asked, &texts);
    if !untested.is_empty() {
        let message = format!("the spec names {}, and no test speaks of it", listed(&untested));
        found.add(RULE.of(path, message));
    }
}

/// Everything that the spec names and of which no test speaks.
fn untested(asked: &Asked, texts: &Texts) -> Vec<String> {
    let Texts { code, tests, added, added_tests } = texts;
    let refuses = {
        let lower = added_tests.to_lowercase();
        REFUSES.iter().any(|word| lower.contains(word))
    };
    let flags = asked.flags.iter().filter(|flag| has_flag(code, flag) && !tests.contains(*flag));
    let calls =
        asked.calls.iter().filter(|name| is_word_in(code, name) && !is_word_in(tests, name));
    let errors = asked.errors.iter().filter(|name| {
        let is_shown = is_word_in(added_tests, name) || (is_word_in(added, name) && refuses);
        !is_shown && is_word_in(code, name) | is_of_the_language(name)
    });
    let examples = asked.examples.iter().filter(|value| !tests.contains(value.as_str()));
    let quoted = asked.quoted.iter().filter(|word| {
        let is_quoted = ['"', '\'', '`'].iter().any(|q| tests.contains(&format!("{q}{word}{q}")));
        is_word_in(code, word) && !is_quoted
    });
    flags.chain(calls).chain(errors).chain(examples).chain(quoted).cloned().collect()
}

/// Whether an error is one that no project has to bring.
fn is_of_the_language(name: &str) -> bool {
    matches!(
        name,
        "ValueError"
            | "TypeError"
            | "KeyError"
            | "IndexError"
            | "RangeError"
            | "SyntaxError"
            | "ArgumentError"
            | "RuntimeError"
            | "IllegalArgumentException"
            | "IllegalStateException"
            | "NullPointerException"
            | "ArgumentException"
            | "InvalidArgumentException"
            | "Error"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untested_of(spec: &str, code: &str, added_tests: &str) -> Vec<String> {
        let texts = Texts {
            code: code.to_owned(),
            tests: added_tests.to_owned(),
            added: code.to_owned(),
            added_tests: added_tests.to_owned(),
        };
        untested(&Asked::of(spec), &texts)
    }

    #[test]
    fn what_the_spec_names_and_no_test_has_is_found() {
        let spec = "`--rest HOURS`; `gaps(plan)`; less than zero is a ValueError; `1234.5` becomes `1.234`";
        let code = "def gaps(plan, rest):\n    # --rest\n    raise ValueError\n";
        let tests = "def test_a():\n    assert 1\n";
        assert_eq!(
            untested_of(spec, code, tests),
            ["--rest", "gaps", "ValueError", "1.234", "1234.5"]
        );
    }

    #[test]
    fn what_a_test_has_is_fine() {
        let spec =
            "`--rest HOURS`; `gaps(plan)`; less than zero is a ValueError; `{ rule: \"deny\" }`";
        let code = "def gaps(plan, rest):\n    # --rest, deny\n    raise ValueError('no')\n";
        let tests =
            "def test_a():\n    gaps(run('--rest'))\n    with raises(match='no'): f('deny')\n";
        assert_eq!(untested_of(spec, code, tests), [""; 0]);
        // An error that nothing of the project knows is about something else.
        assert_eq!(untested_of("as with `HTTPError`", "x = 1", "y"), [""; 0]);
    }
}
