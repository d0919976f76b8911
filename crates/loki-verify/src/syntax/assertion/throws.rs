//! Errors that are expected.

use super::recognise::Look;
use super::{
    Assertion, Check, Part, Role, Strength, Thrown, is_broad_error, keyword, plain, unquoted,
};
use crate::syntax::call::function_argument;
use crate::syntax::tree::{At, Tree};

/// Completes an assertion that an error is raised, made by `call` with what it is `given`.
pub(super) fn complete(look: &Look<'_, '_>, call: At, given: &[At], assertion: &mut Assertion) {
    let tree = look.tree();
    let is_code = |at: &At| matches!(tree.role(tree.bare(*at)), Role::Lambda | Role::Function);
    let errors: Vec<At> = given.iter().copied().filter(|at| !is_code(at)).collect();
    let code = given.iter().copied().find(is_code).or_else(|| function_argument(tree, call));
    let thrown = expected_error(tree, &errors, call);
    assertion.strength = if thrown.is_broad { Strength::Type } else { Strength::Exact };
    assertion.thrown = Some(thrown);
    // What raises is looked at: a function that is given, or the block of `with`.
    let held = tree
        .all_around(call)
        .find(|at| matches!(tree.role(*at), Role::With | Role::Function | Role::Lambda));
    let block =
        held.filter(|at| tree.role(*at) == Role::With).and_then(|at| tree.child(at, Part::Body));
    // What raises may only be named.
    for at in given.iter().map(|at| tree.bare(*at)) {
        if matches!(tree.role(at), Role::Name | Role::Member) {
            let chain = super::chain(tree, at);
            let name = chain.last_name();
            if !name.starts_with(char::is_uppercase) {
                assertion.calls.insert(name.to_owned());
            }
        }
    }
    if let Some(subject) = code.or(block).map(|at| tree.bare(at)) {
        assertion.calls.extend(super::sources(tree, subject, look.scope));
        assertion.subject_text = super::inlined(tree, subject, look.scope);
        assertion.subject = Some(subject);
        if assertion.expected == Some(subject) {
            assertion.expected = errors.first().copied();
            assertion.expected_text =
                errors.first().map(|at| super::inlined(tree, *at, look.scope));
        }
    }
}

/// Values that are looked at for the error.
const ERRORS_MAX: usize = 4;

/// Which error is expected by a call that is given `errors`.
pub(super) fn expected_error(tree: &Tree, errors: &[At], call: At) -> Thrown {
    let mut types = Vec::new();
    let mut has_message =
        ["match", "message"].iter().any(|name| keyword(tree, call, name).is_some());
    for (index, at) in errors.iter().enumerate().take(ERRORS_MAX) {
        let bare = tree.bare(*at);
        match tree.role(bare) {
            Role::Text => has_message |= !unquoted(tree.text(bare)).is_empty(),
            Role::List => {
                let names = tree.named(bare).map(|at| type_name(tree.text(at)));
                let named = names.filter(|name| last_part(name).starts_with(char::is_uppercase));
                types.extend(named.map(str::to_owned));
            }
            Role::Map | Role::New | Role::Call => has_message = true,
            Role::Name | Role::Member => {
                let name = type_name(tree.text(bare));
                // A name that begins small is a value: the code that raises, or a pattern.
                if last_part(name).starts_with(char::is_uppercase) {
                    types.push(name.to_owned());
                } else {
                    has_message |= index > 0 && types.is_empty();
                }
            }
            // What the code that raises is given.
            Role::Keyword | Role::Null | Role::Boolean | Role::Number => {}
            _ => types.push(type_name(tree.text(bare)).to_owned()),
        }
    }
    // `Assert.Throws<X>(…)`
    if types.is_empty() {
        let head = tree.text(call).split(['(', '{']).next().unwrap_or_default();
        let inner = head.rsplit_once('<').map(|(_, inner)| inner.trim().trim_end_matches('>'));
        types.extend(inner.map(str::to_owned));
    }
    let is_broad = !has_message && types.iter().all(|name| is_broad_error(name));
    Thrown { types, has_message, is_broad }
}

/// A type without what makes a value of it.
pub(super) fn type_name(text: &str) -> &str {
    text.trim_end_matches("::class").trim_end_matches(".class").trim_end_matches(".self")
}

fn last_part(name: &str) -> &str {
    name.rsplit(['.', ':', '\\']).next().unwrap_or_default()
}

/// What a tried block asserts that says itself that its end must not be reached.
pub(super) fn caught_here(look: &Look<'_, '_>, tried: At) -> Assertion {
    let tree = look.tree();
    let handler = tree.child_with(tried, Role::Handler);
    let types = handler.map_or_else(Vec::new, |at| crate::syntax::handler::caught(tree, at));
    let is_broad = types.iter().all(|name| is_broad_error(name));
    let mut assertion = plain(look.reading, look.at, Check::Throws, look.scope);
    if let Some(body) =
        tree.child(tried, Part::Body).or_else(|| tree.child_with(tried, Role::Block))
    {
        assertion.calls = super::sources(tree, body, look.scope);
        assertion.subject_text = super::inlined(tree, body, look.scope);
        assertion.subject = Some(body);
    }
    assertion.strength = if is_broad { Strength::Type } else { Strength::Exact };
    assertion.thrown = Some(Thrown { types, has_message: false, is_broad });
    assertion
}
