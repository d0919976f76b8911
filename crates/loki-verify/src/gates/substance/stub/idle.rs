//! New functions that do nothing with what they are given, and do not say that they are meant to.

use super::super::Code;
use super::is_words;
use crate::syntax::{At, Function, Language, Nature, Role, Source};
use crate::text::is_word_in;

/// Parts of names, in lower case, of functions that are meant to do nothing.
const MEANT: &[&str] = &[
    "noop",
    "no_op",
    "nothing",
    "null",
    "dummy",
    "fake",
    "ignore",
    "discard",
    "sink",
    "forget",
    "consume",
    "drop",
    "assert",
    "check",
    "default",
    "hook",
    "on_",
    "black_box",
    "unused",
    "static",
    "silent",
    "never",
];

/// Words, in lower case, with which a function says that it does nothing.
const NOTHING: &[&str] = &["nothing", "no-op", "noop", "no op", "ignore", "default"];

/// How a new function does nothing with what it is given; nothing for one that is meant to.
pub(super) fn empty(code: &Code<'_>, function: &Function) -> Option<&'static str> {
    let source = code.after;
    let tree = source.tree();
    // What it is given and does not want has such a name.
    let is_shell = source.language() == Language::Shell;
    let is_given = is_shell || function.parameters.iter().any(|name| !name.starts_with('_'));
    let is_idle =
        |at: &At| tree.role(*at) == Role::Pass || matches!(tree.text(*at), "..." | ";" | ":");
    let mut statements =
        statements(code, function)?.into_iter().filter(|at| !is_words(source, *at));
    let says_why = || {
        let text = tree.text(function.at).to_lowercase();
        NOTHING.iter().any(|words| text.contains(words))
    };
    (is_given
        && !function.name.starts_with('_')
        && statements.all(|at| is_idle(&at))
        && !says_why()
        && is_new(code, function))
    .then_some("does nothing with what it is given")
}

/// Whether a new function of Go or Rust only hands out success or a constant, and reads nothing of what it
/// is given. In other languages `not-wired` tells of what is not read.
pub(super) fn is_deaf(code: &Code<'_>, function: &Function) -> bool {
    const SUCCESS: &[&str] =
        &["Ok(())", "Ok(Vec::new())", "Ok(vec![])", "Ok(None)", "None", "nil", "0", "\"\""];
    let name = function.name.to_lowercase();
    let is_question =
        ["is", "has", "can", "supports", "test"].iter().any(|part| name.starts_with(part));
    if !matches!(code.after.language(), Language::Go | Language::Rust)
        || is_question
        || function.qualified != function.name
        || function.parameters.is_empty()
    {
        return false;
    }
    let statements = statements(code, function).unwrap_or_default();
    let [only] = statements.as_slice() else { return false };
    let text = code.after.tree().text(*only).trim_end_matches(';');
    let mut values = text.trim_start_matches("return").split(',').map(str::trim);
    values.all(|value| SUCCESS.contains(&value))
        && !function.parameters.iter().any(|name| is_word_in(text, name))
        && is_new(code, function)
}

/// Whether the base has no such function. Asked last: it takes the tree of what the base has.
fn is_new(code: &Code<'_>, function: &Function) -> bool {
    let before = code.before().map(Source::functions).unwrap_or_default();
    before.iter().all(|old| old.qualified != function.qualified)
}

/// The statements of a function that stands by itself and has neither a name nor a comment that says that it is
/// meant to do little; nothing for any other.
fn statements(code: &Code<'_>, function: &Function) -> Option<Vec<At>> {
    let source = code.after;
    let tree = source.tree();
    let body = function.body.filter(|_| source.is_whole())?;
    let name = function.name.to_lowercase();
    let is_candidate = function.nature == Nature::Plain
        && function.decorators.is_empty()
        && !MEANT.iter().any(|part| name.contains(part))
        && !tree.all_around(function.at).any(|at| tree.role(at) == Role::Class)
        && !tree.inside(function.at).any(|at| tree.role(at) == Role::Comment);
    is_candidate.then(|| tree.statements(body))
}
