//! Functions that tests share: where they are, and what they assert.

use std::collections::BTreeSet;

use super::{Located, Side, Suite, first_party};
use crate::layout::{join, parent};
use crate::syntax::{Helper, Language, Source};

/// Files in which one helper is looked for.
const FILES_MAX: usize = 40;

impl<'a> Suite<'a> {
    /// Hands over every function called `name` that a test can mean, with its file, as long as `take`
    /// wants more.
    pub(crate) fn helpers_of(
        &self,
        located: &Located<'a>,
        name: &str,
        take: &mut dyn FnMut(&Source, &Helper) -> bool,
    ) {
        self.helpers_from(located.source, located.path(), located.side, name, take);
    }

    /// The same, as seen from the file `source` at `path`.
    pub(crate) fn helpers_from(
        &self,
        source: &Source,
        path: &str,
        side: Side,
        name: &str,
        take: &mut dyn FnMut(&Source, &Helper) -> bool,
    ) {
        let own = source.helpers().get(name).map_or(&[] as &[Helper], Vec::as_slice);
        for helper in own {
            if !take(source, helper) {
                return;
            }
        }
        if !own.is_empty() {
            return;
        }
        for file in self.shared_with(source, path) {
            let Some(tree) = self.source(&file, side) else { continue };
            for helper in tree.helpers().get(name).map_or(&[] as &[Helper], Vec::as_slice) {
                if !take(&tree, helper) {
                    return;
                }
            }
        }
    }

    /// Own files whose functions a file can call: what it imports, and what its language lets it see.
    fn shared_with(&self, source: &Source, path: &str) -> Vec<String> {
        let layout = self.sides.layout;
        let language = source.language();
        let mut files: Vec<String> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut add = |file: String| {
            if files.len() < FILES_MAX && file != path && seen.insert(file.clone()) {
                files.push(file);
            }
        };
        for import in source.imports() {
            first_party(layout, language, path, &import).into_iter().for_each(&mut add);
        }
        match language {
            // A package is one room.
            Language::Go => {
                let own = layout
                    .own_files()
                    .filter(|file| parent(file) == parent(path) && file.ends_with("_test.go"));
                own.map(str::to_owned).for_each(&mut add);
            }
            Language::Python => {
                let mut dir = parent(path);
                loop {
                    let conftest = join(dir, "conftest.py");
                    if layout.is_own(&conftest) {
                        add(conftest);
                    }
                    if dir.is_empty() {
                        break;
                    }
                    dir = parent(dir);
                }
            }
            Language::Ruby => {
                let own = layout.own_files().filter(|file| file.ends_with("_helper.rb"));
                own.map(str::to_owned).for_each(&mut add);
            }
            // Classes that tests are made from, and modules that are declared without an import.
            Language::Java | Language::Kotlin | Language::CSharp | Language::Php => {
                let own = layout.own_files().filter(|file| {
                    super::is_for_tests(file) && Language::of(file) == Some(language)
                });
                own.map(str::to_owned).for_each(&mut add);
            }
            Language::Rust => {
                let own = layout
                    .own_files()
                    .filter(|file| file.ends_with("/mod.rs") && super::is_for_tests(file));
                own.map(str::to_owned).for_each(&mut add);
            }
            _ => {}
        }
        files
    }

    /// Whether a function called `name`, as seen from a test, asserts anything, by itself or by what
    /// it calls.
    pub(crate) fn helper_asserts(&self, located: &Located<'a>, name: &str) -> bool {
        let mut asserts = false;
        self.helpers_of(located, name, &mut |source, helper| {
            asserts = !helper.assertions.is_empty()
                || helper.calls.iter().any(|call| {
                    let inner = last(call);
                    source
                        .helpers()
                        .get(inner)
                        .is_some_and(|inner| inner.iter().any(|inner| !inner.assertions.is_empty()))
                });
            !asserts
        });
        asserts
    }
}

/// The last name of a path with dots.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').find(|name| !name.is_empty()).unwrap_or_default()
}
