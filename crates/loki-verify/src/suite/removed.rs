//! What the product's code had and has no more.

use std::collections::BTreeSet;

use super::{Suite, is_for_tests};
use crate::syntax::call::{chain, unquoted};
use crate::syntax::scope::bound;
use crate::syntax::{At, Part, Role, Source, test::name_of};

/// Names of functions and classes that are gone from the changed files of the product's code.
pub(super) fn names(suite: &Suite<'_>) -> BTreeSet<String> {
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    suite.trees.parse_all();
    for (file, old, new) in suite.files() {
        // Names that come up in tests only do not bring anything back.
        if is_for_tests(&file.path) {
            continue;
        }
        before.extend(old.source().into_iter().flat_map(defined));
        after.extend(new.source().into_iter().flat_map(defined));
    }
    before.retain(|name| !after.contains(name));
    before
}

/// Functions that are no tests, classes and constants of a file.
pub(super) fn defined(source: &Source) -> BTreeSet<String> {
    let tree = source.tree();
    let tests: BTreeSet<_> = source.tests().iter().map(|test| test.code).collect();
    let functions = source.functions().iter().filter(|function| !tests.contains(&function.at));
    let mut names: BTreeSet<String> = functions.map(|function| function.name.clone()).collect();
    names.extend(tree.all(Role::Class).filter_map(|class| name_of(tree, class)));
    // What a module hands out by other means: `exports.x = …`, `X = …`, `{ x: … }` at its top.
    let is_code = |at: At| matches!(tree.role(at), Role::Function | Role::Lambda | Role::Class);
    for at in tree.inside_but(At::ROOT, is_code) {
        let left = match tree.role(at) {
            Role::Bind => bound(tree, at).map(|(left, _)| left),
            Role::Entry => tree.child(at, Part::Key).or_else(|| tree.named(at).next()),
            _ => None,
        };
        let Some(left) = left else { continue };
        match tree.role(left) {
            Role::Name | Role::Member => {
                names.insert(chain(tree, left).last_name().to_owned());
            }
            Role::Text => {
                names.insert(unquoted(tree.text(left)).to_owned());
            }
            _ => {}
        }
    }
    names.remove("");
    names
}
