//! Answers that are made for the inputs of the tests.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::suite::Side;
use crate::syntax::{At, Part, Role, Source, literal};

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

/// Values that have to agree where there is only one comparison.
const VALUES_MIN: usize = 4;

/// Pairs that are looked at in one file.
const PAIRS_MAX: usize = 2_000;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let examples = examples(cx, delta);
    if examples.is_empty() {
        return;
    }
    each_code(cx, delta, found, &mut |code, found| {
        let known: BTreeSet<String> = code.before.into_iter().flat_map(values).collect();
        let mut guards = guards(code);
        guards.retain(|guard| !guard.keys.iter().all(|key| known.contains(key)));
        let is_example = |guard: &&Guard| {
            examples.iter().any(|test| {
                guard.keys.iter().all(|key| test.contains(key))
                    && guard.answers.iter().any(|answer| test.contains(answer))
            })
        };
        let hits: Vec<&Guard> = guards.iter().filter(is_example).collect();
        let is_table =
            hits.len() >= PAIRS_MIN && hits.len() * 100 >= guards.len() * SHARE_PERCENT_MIN;
        let is_whole = hits.iter().any(|guard| {
            let all: BTreeSet<&String> = guard.keys.iter().chain(&guard.answers).collect();
            guard.keys.len() > 1 && all.len() >= VALUES_MIN
        });
        let compared = compared(code, &known);
        let special: Vec<&(String, u32)> = compared
            .iter()
            .filter(|(value, _)| is_data(value) && examples.iter().any(|test| test.contains(value)))
            .collect();
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
        }
    });
}

/// An answer that is given for certain values.
struct Guard {
    keys: BTreeSet<String>,
    answers: BTreeSet<String>,
    line: u32,
}

/// The literals of each test that the change brings or alters, those within sources included.
fn examples(cx: &Cx<'_>, delta: &Delta) -> Vec<BTreeSet<String>> {
    let files = delta.files.iter().filter(|file| matches!(file.kind, Kind::Test | Kind::Source));
    files
        .filter_map(|file| Some((file, cx.trees(delta).of_file(&file.path, Side::After)?)))
        .flat_map(|(file, source)| {
            let tests = source.tests().iter().filter(|test| {
                let (first, last) = test.lines;
                file.is_any_added(first, last)
            });
            tests.map(|test| test.literals.clone()).collect::<Vec<_>>()
        })
        .collect()
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
            Role::Entry => tree.child(at, Part::Key).zip(tree.child(at, Part::Value)),
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

/// Texts that added code compares something with, and that are new in the file.
fn compared(code: &Code<'_>, known: &BTreeSet<String>) -> Vec<(String, u32)> {
    let tree = code.after.tree();
    let mut found: Vec<(String, u32)> = Vec::new();
    for at in tree.all(Role::Binary) {
        let line = tree.line(at);
        if !code.file.is_added(line) || code.is_in_tests(at) || found.len() >= PAIRS_MAX {
            continue;
        }
        let is_equal = tree.children(at).any(|sign| matches!(tree.text(sign), "==" | "==="));
        let texts = tree.children(at).filter(|side| tree.role(*side) == Role::Text);
        for text in texts.filter(|_| is_equal) {
            let value = literal::value(tree, text);
            if !known.contains(&value) && !found.iter().any(|(other, _)| *other == value) {
                found.push((value, line));
            }
        }
    }
    found
}

/// Whether a text looks like an input and not like a name, an option or a path.
fn is_data(value: &str) -> bool {
    value.len() >= 6
        && value.contains([
            '(', ')', '{', '}', '*', '+', '?', '$', '^', '|', '<', '>', '=', ';', '!', '#', '%',
            '&', ' ',
        ])
}
