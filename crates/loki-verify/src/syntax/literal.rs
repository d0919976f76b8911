//! Literals: texts and numbers that are written out.

use std::collections::BTreeSet;

use super::call::unquoted;
use super::role::Role;
use super::scope::Names;
use super::tree::{At, Tree};

/// Names that are followed to what they stand for.
const NAMES_FOLLOWED_MAX: usize = 64;

/// A text or a number that is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Its value: without quotes, signs between digits, and case of digits.
    pub(crate) value: String,
    /// Whether it is a text.
    pub(crate) is_text: bool,
    /// Where it is.
    pub(crate) at: At,
    /// Its 1-based line.
    pub(crate) line: u32,
}

/// All literals inside of the node, itself included, in the order of the text.
pub(crate) fn literals(tree: &Tree, at: At) -> Vec<Literal> {
    let mut found = Vec::new();
    let is_shut = |at: At| {
        tree.role(at) == Role::Text && tree.inside(at).all(|at| tree.role(at) != Role::Filled)
    };
    for node in std::iter::once(at).chain(tree.inside_but(at, is_shut)) {
        let is_text = tree.role(node) == Role::Text;
        if is_text || tree.role(node) == Role::Number {
            let value = value(tree, node);
            found.push(Literal { value, is_text, at: node, line: tree.line(node) });
        }
    }
    found
}

/// What a literal stands for.
pub(crate) fn value(tree: &Tree, literal: At) -> String {
    let text = tree.text(literal);
    match tree.role(literal) {
        Role::Text => unquoted(text).to_owned(),
        _ => text.replace('_', "").to_ascii_lowercase(),
    }
}

/// The values of all literals in `at`, and in what it uses of the file by a name that has one value.
pub(super) fn reached(tree: &Tree, names: &Names, at: At) -> BTreeSet<String> {
    let mut values: BTreeSet<String> =
        literals(tree, at).into_iter().map(|literal| literal.value).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for name in tree.inside(at).filter(|at| tree.role(*at) == Role::Name) {
        if seen.len() >= NAMES_FOLLOWED_MAX || !seen.insert(tree.text(name)) {
            continue;
        }
        let value = names.value(tree, tree.text(name), at);
        let outside = value.filter(|value| !tree.is_within(*value, at));
        let more = outside.map(|value| literals(tree, value)).unwrap_or_default();
        values.extend(more.into_iter().map(|literal| literal.value));
    }
    values
}
