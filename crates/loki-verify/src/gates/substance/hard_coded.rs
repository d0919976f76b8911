//! Answers that are made for the inputs of the tests.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Part, Role, Source, literal};
use examples::Examples;
use test_data::Quoted;

mod examples;
mod test_data;

/// Hard-coded answers.
pub(super) const RULE: Rule = Rule {
    id: "substance/hard-coded",
    severity: Severity::Warning,
    what: "New code compares its input with the very values of the tests and hands out their \
           expected results.",
    why: "It is right for the examples that somebody wrote down, and for nothing else.",
    example: "+ if text == \"C++\":\n+     return \"cplusplus\"    # and the test asserts just that",
    fix: "Write the rule behind the examples; keep the examples in the tests.",
    look,
};

/// Pairs of a table that have to be examples of the tests.
const PAIRS_MIN: usize = 2;

/// Of the pairs of one table, so many percent have to be examples of the tests: a table that the
/// product needs has more than that.
const SHARE_PERCENT_MIN: usize = 80;

/// Digits of a number that is compared with for the sake of a test.
const LARGE_DIGITS_MIN: usize = 5;

/// Values that have to agree where there is only one comparison.
const VALUES_MIN: usize = 4;

/// Pairs that are looked at in one file.
const PAIRS_MAX: usize = 2_000;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let examples = Examples::of(cx, delta);
    if examples.is_empty() {
        return;
    }
    let quoted = OnceCell::new();
    each_code(cx, delta, found, &mut |code, found| {
        let mut guards = guards(code);
        let is_idle = guards.is_empty() && compared(code, &BTreeSet::new()).is_empty();
        let before = (!is_idle).then(|| code.before()).flatten();
        let known: BTreeSet<String> = before.into_iter().flat_map(values).collect();
        guards.retain(|guard| !guard.keys.iter().all(|key| known.contains(key)));
        let is_example = |guard: &&Guard| {
            // A value can be a part of a longer one that the test has.
            let having = |value: &String| {
                examples.tests_with(value, is_data(value) || is_written_number(value))
            };
            let mut tests: BTreeSet<usize> = guard.answers.iter().flat_map(having).collect();
            // A number can be what another one was made of on the way.
            for key in guard.keys.iter().filter(|_| !guard.is_of_numbers()) {
                let given = having(key);
                tests.retain(|test| given.contains(test));
            }
            !tests.is_empty() && !guard.is_of_words()
        };
        let hits: Vec<&Guard> = guards.iter().filter(is_example).collect();
        let is_table =
            hits.len() >= PAIRS_MIN && hits.len() * 100 >= guards.len() * SHARE_PERCENT_MIN;
        let is_whole = hits.iter().any(|guard| {
            let all: BTreeSet<&String> = guard.keys.iter().chain(&guard.answers).collect();
            let is_one_input = guard.keys.iter().all(|key| is_data(key))
                && guard.answers.iter().any(|answer| is_data(answer));
            (guard.keys.len() > 1 && all.len() >= VALUES_MIN) || is_one_input
        });
        let compared = compared(code, &known);
        let special: Vec<&(String, u32)> = compared
            .iter()
            .filter(|(value, _)| is_data(value) && examples.have_in_parts(value))
            .collect();
        let names = || {
            let quoted = quoted.get_or_init(|| Quoted::of(cx, delta));
            test_data::names(cx, delta, code, quoted)
        };
        let numbers = || compared.iter().filter(|(value, _)| is_large(value));
        let number = numbers().find(|(value, _)| examples.have(value));
        if let Some(first) = hits.first().filter(|_| is_table || is_whole) {
            let message = format!(
                "{} answer(s) are written out for just the inputs that the tests of this change use",
                hits.len()
            );
            found.add(RULE.at(&code.file.path, first.line, message));
        } else if let [(value, line), _, ..] = special.as_slice() {
            let message = format!(
                "{} inputs of the tests are told apart by comparing with them literally, the first is \
                 `{value}`",
                special.len()
            );
            found.add(RULE.at(&code.file.path, *line, message));
        } else if let Some((value, line)) = patched(code, &examples) {
            let message =
                format!("only where the input is `{value}`, as in a test, is it made another");
            found.add(RULE.at(&code.file.path, line, message));
        } else if let Some((value, line)) = number {
            let message = format!("the number `{value}` of a test is told apart from all others");
            found.add(RULE.at(&code.file.path, *line, message));
        } else if let Some((name, line, count)) = names() {
            let message = format!(
                "`{name}` and {} more are names that only tests use, and new code speaks of them",
                count - 1
            );
            found.add(RULE.at(&code.file.path, line, message));
        } else if let Some(line) = test_data::checksum(code) {
            let message = "an answer is given where a checksum is a certain one";
            found.add(RULE.at(&code.file.path, line, message));
        }
    });
}

/// A value of a test for which alone an added line puts something else in the place of its input:
/// `x === 500 ? 499 : x`.
fn patched(code: &Code<'_>, examples: &Examples) -> Option<(String, u32)> {
    let tree = code.after.tree();
    let added = tree.all(Role::Ternary).filter(|at| code.file.is_added(tree.line(*at)));
    added.filter(|at| !code.is_in_tests(*at)).find_map(|at| {
        let test = tree.inside(at).find(|at| tree.role(*at) == Role::Binary)?;
        let is_equal =
            tree.children(test).any(|sign| matches!(tree.text(sign), "==" | "===" | "!=" | "!=="));
        let sides: Vec<At> = tree.named(test).collect();
        let written =
            sides.iter().find(|side| matches!(tree.role(**side), Role::Number | Role::Text))?;
        let input = sides.iter().find(|side| tree.role(**side) == Role::Name)?;
        let parts = tree.named(at).filter(|part| !tree.is_within(test, *part));
        let is_kept = parts.into_iter().any(|part| tree.text(part) == tree.text(*input));
        let value = literal::value(tree, *written);
        (is_equal && is_kept && examples.have(&value)).then(|| (value, tree.line(at)))
    })
}

/// Whether a text is a number with signs in it: `7.00`, `-12,50`.
fn is_written_number(value: &str) -> bool {
    value.len() >= 4
        && value.contains(['.', ','])
        && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+'))
}

/// Whether a number is one that nobody compares with for its own sake.
fn is_large(value: &str) -> bool {
    value.len() >= LARGE_DIGITS_MIN && value.chars().all(|c| c.is_ascii_digit())
}

/// An answer that is given for certain values.
struct Guard {
    keys: BTreeSet<String>,
    answers: BTreeSet<String>,
    line: u32,
}

impl Guard {
    /// Whether it gives names to names, as tables of labels do.
    fn is_of_words(&self) -> bool {
        let is_name =
            |value: &String| value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-'));
        let is_prose = |value: &String| !value.contains(|c: char| c.is_ascii_digit());
        self.keys.iter().all(is_name) && self.answers.iter().all(is_prose)
    }

    /// Whether it answers a number with a number, both with more to them than a code of one or two digits.
    fn is_of_numbers(&self) -> bool {
        let is_number = |value: &String| {
            value.len() >= 3 && value.parse::<f64>().is_ok_and(|number| number.fract() != 0.0)
        };
        self.keys.iter().chain(&self.answers).all(is_number)
    }
}

fn values(source: &Source) -> Vec<String> {
    source.literals().into_iter().map(|literal| literal.value).collect()
}

/// Values worth comparing: nothing that any two pieces of code share.
fn telling(source: &Source, at: At) -> BTreeSet<String> {
    let values = literal::literals(source.tree(), at).into_iter().map(|literal| literal.value);
    values.filter(|value| value.len() > 1 || value.parse::<u32>().is_ok_and(|n| n > 1)).collect()
}

/// Everything in added lines that gives a written answer for a written value.
fn guards(code: &Code<'_>) -> Vec<Guard> {
    let source = &code.after;
    let tree = source.tree();
    let mut guards = Vec::new();
    for at in tree.inside(At::ROOT) {
        let line = tree.line(at);
        if guards.len() >= PAIRS_MAX || !code.file.is_added(line) || code.is_in_tests(at) {
            continue;
        }
        let pair = match tree.role(at) {
            Role::Entry => {
                let mut parts = tree.named(at);
                let sides = parts.next().zip(parts.last());
                tree.child(at, Part::Key).zip(tree.child(at, Part::Value)).or(sides)
            }
            Role::If => tree
                .child(at, Part::Condition)
                .filter(|condition| is_equality(source, *condition))
                .zip(tree.child(at, Part::Body).or_else(|| tree.child_with(at, Role::Block)))
                .filter(|(_, body)| is_short_answer(source, *body)),
            Role::Case => {
                let mut parts = tree.named(at);
                parts.next().zip(parts.last())
            }
            _ => None,
        };
        let Some((key, answer)) = pair else { continue };
        let (keys, answers) = (telling(source, key), telling(source, answer));
        if !keys.is_empty() && !answers.is_empty() {
            guards.push(Guard { keys, answers, line });
        }
    }
    guards
}

/// Whether a condition compares with something that is written out.
fn is_equality(source: &Source, condition: At) -> bool {
    let text = source.tree().text(condition);
    text.contains("==") || text.contains(" in ") || text.contains(".equals(")
}

/// Whether a body does little more than to hand something out.
fn is_short_answer(source: &Source, body: At) -> bool {
    let tree = source.tree();
    tree.named(body).count() <= 2 && tree.inside(body).any(|at| tree.role(at) == Role::Return)
}

/// Texts and numbers that added code compares something with, and that are new in the file.
fn compared(code: &Code<'_>, known: &BTreeSet<String>) -> Vec<(String, u32)> {
    let tree = code.after.tree();
    let mut found: Vec<(String, u32)> = Vec::new();
    for at in tree.all(Role::Binary) {
        let line = tree.line(at);
        if !code.file.is_added(line) || code.is_in_tests(at) || found.len() >= PAIRS_MAX {
            continue;
        }
        let is_equal =
            tree.children(at).any(|sign| matches!(tree.text(sign), "==" | "===" | "!=" | "!=="));
        let written =
            tree.children(at).filter(|side| matches!(tree.role(*side), Role::Text | Role::Number));
        for side in written.filter(|_| is_equal) {
            let value = literal::value(tree, side);
            if !known.contains(&value) && !found.iter().any(|(other, _)| *other == value) {
                found.push((value, line));
            }
        }
    }
    found
}

/// Whether a text looks like an input and not like a name, an option or a path.
fn is_data(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let is_moment = digits >= 4 && value.contains(['-', ':', '/']);
    let is_sentence = value.len() >= 6
        && value.contains([
            '(', ')', '{', '}', '*', '+', '?', '$', '^', '|', '<', '>', '=', ';', '!', '#', '%',
            '&', ' ',
        ]);
    is_moment || is_sentence
}
