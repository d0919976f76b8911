//! What the product's code had and has no more.

use std::collections::BTreeSet;

use super::{Suite, is_for_tests};
use crate::syntax::{Role, Source, test::name_of};

/// Names of functions and classes that are gone from the changed files of the product's code.
pub(super) fn names(suite: &Suite<'_>) -> BTreeSet<String> {
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for (file, old, new) in suite.files() {
        // Names that come up in tests only do not bring anything back.
        if is_for_tests(&file.path) {
            continue;
        }
        before.extend(old.into_iter().flat_map(defined));
        after.extend(new.into_iter().flat_map(defined));
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
    names
}
