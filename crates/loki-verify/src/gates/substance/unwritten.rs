//! Branches that say that they are not written yet, in functions that do something else.

use loki_model::{Finding, Severity};

use super::stub::{hollow, is_abstract, is_unwritten};
use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Nature, Role};
use crate::text::is_word_in;

/// A part of a function is not written.
pub(super) const RULE: Rule = Rule {
    id: "substance/unwritten-branch",
    severity: Severity::Error,
    what: "A branch that the change brings only says that it is not written yet.",
    why: "What it stands for is called finished and fails as soon as somebody needs it. A warning where \
          the words could also mean that it is not going to be supported.",
    example: "+ match parse(text) {\n+     Ok(notes) => notes,\n+     Err(_) => todo!(\"collect the errors\"),\n+ }",
    fix: "Write the branch, or leave it and what promises it out of the change.",
    look,
};

/// Words that say that it is meant to be written, in lower case.
const LATER: &[&str] = &["yet", "fixme", "implement me", "coming soon", "later"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        unwritten(code).into_iter().for_each(|finding| found.add(finding));
    });
}

fn unwritten(code: &Code<'_>) -> Vec<Finding> {
    let tree = code.after.tree();
    let mut found: Vec<Finding> = Vec::new();
    let mut last: Option<At> = None;
    for at in tree.inside(At::ROOT) {
        let says =
            matches!(tree.role(at), Role::Throw | Role::Call | Role::Macro | Role::Statement);
        // What is inside of one that was found is the same again.
        let is_known = last.is_some_and(|last| tree.is_within(at, last));
        if is_known || !says || !code.file.is_added(tree.line(at)) || !is_unwritten(code.after, at)
        {
            continue;
        }
        if is_elsewhere(code, at) {
            continue;
        }
        last = Some(at);
        let text = tree.text(at).to_lowercase();
        let is_later = LATER.iter().any(|word| is_word_in(&text, word))
            || tree.text(at).contains("TODO")
            || ["todo!", "unimplemented!"].iter().any(|name| text.starts_with(name));
        // An error of the language that says what is not supported means just that.
        let is_bare = ["notimplementederror", "notimplementederror()"]
            .iter()
            .any(|bare| text.trim_end_matches(';').ends_with(bare));
        let is_refusal = text.contains("notimplemented") || text.contains("unsupported");
        if is_refusal && !is_later && !is_bare && !text.contains("not implemented") {
            continue;
        }
        let message = "a branch only says that it is not implemented";
        let mut finding = RULE.at(&code.file.path, tree.line(at), message);
        if !is_later && !is_the_end(code, at) {
            finding.severity = Severity::Warning;
        }
        found.push(finding);
    }
    found
}

/// Whether a function that comes with the change ends in it whatever it is given, but for what it refuses or
/// answers with a constant.
fn is_the_end(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    let around = code.after.functions().iter().filter(|function| tree.is_within(at, function.at));
    let Some(function) = around.max_by_key(|function| function.at) else { return false };
    let before = code.before().map(|before| before.functions()).unwrap_or_default();
    let is_new = before.iter().all(|old| old.qualified != function.qualified);
    let statements = function.body.map(|body| tree.statements(body)).unwrap_or_default();
    let mut returns = tree.inside(function.at).filter(|at| tree.role(*at) == Role::Return);
    let is_constant = |at: At| {
        tree.inside(at).all(|at| {
            let is_value =
                matches!(tree.role(at), Role::Number | Role::Text | Role::Null | Role::Boolean);
            !tree.is_named(at) || is_value
        })
    };
    is_new
        && returns.all(is_constant)
        && statements
            .last()
            .is_some_and(|last| tree.is_within(at, *last) && tree.role(*last) != Role::If)
}

/// Whether the place is in a test, in a function that is left to others, or in one of which all of the
/// body says so, which is a stub.
fn is_elsewhere(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    let is_in = |outer: At| tree.is_within(at, outer);
    let is_test = code.after.tests().iter().any(|test| is_in(test.code)) || code.is_in_tests(at);
    let nearest = code.after.functions().iter().filter(|function| is_in(function.at));
    is_test
        || nearest.max_by_key(|function| function.at).is_some_and(|function| {
            function.nature != Nature::Plain
                || is_abstract(code.after, function)
                || hollow(code, function).is_some()
        })
}
