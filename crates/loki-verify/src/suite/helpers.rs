//! Functions that tests share: where they are, and what they assert.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use super::{Located, Suite, Text, is_for_tests};
use crate::layout::{join, parent};
use crate::syntax::normal::normal;
use crate::syntax::{Helper, Language, Source};

/// Files whose functions one file of tests can call.
const FILES_MAX: usize = 40;

/// The functions that a file can call and that assert.
#[derive(Default)]
pub(super) struct Shared {
    /// By name, those that assert by themselves.
    asserting: BTreeMap<String, Vec<Arc<Helper>>>,
    /// Names of those, and of those that call one.
    names: BTreeSet<String>,
}

impl Shared {
    /// Adds the functions of a file, of which those that are known already by name are passed over.
    fn add(&mut self, source: &Source) {
        let helpers = source.helpers();
        let is_asserting = |name: &str| {
            let own = helpers
                .get(name)
                .is_some_and(|own| own.iter().any(|helper| !helper.assertions.is_empty()));
            own || self.names.contains(name)
        };
        let mut names = BTreeSet::new();
        let mut asserting: Vec<(&String, Vec<Arc<Helper>>)> = Vec::new();
        for (name, own) in helpers {
            if self.names.contains(name) {
                continue;
            }
            let direct: Vec<Arc<Helper>> = own
                .iter()
                .filter(|helper| !helper.assertions.is_empty())
                .map(|helper| Arc::new(helper.clone()))
                .collect();
            let calls_one =
                || own.iter().flat_map(|helper| &helper.calls).any(|call| is_asserting(last(call)));
            if !direct.is_empty() {
                names.insert(name.clone());
                asserting.push((name, direct));
            } else if calls_one() {
                names.insert(name.clone());
            }
        }
        self.names.extend(names);
        for (name, direct) in asserting {
            self.asserting.entry(name.clone()).or_default().extend(direct);
        }
    }
}

impl<'a> Suite<'a> {
    /// The functions called `name` that a test can mean and that assert by themselves.
    pub(super) fn helpers_of(&self, located: &Located<'a>, name: &str) -> Vec<Arc<Helper>> {
        self.shared(located).asserting.get(name).cloned().unwrap_or_default()
    }

    /// Whether a function called `name`, as seen from a test, asserts anything, by itself or by what
    /// it calls.
    pub(crate) fn helper_asserts(&self, located: &Located<'a>, name: &str) -> bool {
        self.shared(located).names.contains(name)
    }

    /// Whether a test calls a function of a file for tests that the change touches.
    pub(crate) fn calls_changed_helper(&self, located: &Located<'a>) -> bool {
        let changed = self.trees.changed_helpers.get_or_init(|| changed_helpers(self));
        located.test.calls.iter().any(|call| changed.contains(last(call)))
    }

    /// What the file of a test can call; found once.
    fn shared(&self, located: &Located<'a>) -> Arc<Shared> {
        let key = (located.path().to_owned(), located.side);
        let known = self.trees.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(&key) {
            return shared.clone();
        }
        // Not held while other files are parsed: that asks for another lock.
        drop(known);
        let mut shared = Shared::default();
        for file in self.shared_with(located.source, located.path()) {
            if let Some(tree) = self.source(&file, located.side) {
                shared.add(&tree);
            }
        }
        // What the file defines itself comes before what it imports.
        for name in located.source.helpers().keys() {
            shared.asserting.remove(name);
            shared.names.remove(name);
        }
        shared.add(located.source);
        let shared = Arc::new(shared);
        let mut known = self.trees.shared.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, shared.clone());
        shared
    }

    /// Own files whose functions a file can call: what it imports, and what its language lets it see.
    fn shared_with(&self, source: &Source, path: &str) -> Vec<String> {
        let files = self.own_files();
        let language = source.language();
        let mut found: Vec<String> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut add = |file: String| {
            if found.len() < FILES_MAX && file != path && seen.insert(file.clone()) {
                found.push(file);
            }
        };
        for import in source.imports() {
            files.meant(language, path, import).into_iter().for_each(&mut add);
        }
        let is_near = |file: &&str| is_for_tests(file) && Language::of(file) == Some(language);
        match language {
            // A package is one room.
            Language::Go => {
                let own = files.in_dir(parent(path)).iter();
                own.filter(|file| file.ends_with("_test.go")).cloned().for_each(&mut add);
            }
            Language::Python => {
                let mut dir = parent(path);
                loop {
                    files.named_at(&join(dir, "conftest.py")).into_iter().for_each(&mut add);
                    if dir.is_empty() {
                        break;
                    }
                    dir = parent(dir);
                }
            }
            Language::Ruby => {
                let own = files.all().filter(|file| file.ends_with("_helper.rb"));
                own.map(str::to_owned).for_each(&mut add);
            }
            // Classes that tests are made from, and modules that are declared without an import.
            Language::Java | Language::Kotlin | Language::CSharp | Language::Php => {
                files.in_dir(parent(path)).iter().cloned().for_each(&mut add);
                files.all().filter(is_near).map(str::to_owned).for_each(&mut add);
            }
            Language::Rust => {
                let own = files.all().filter(is_near).filter(|file| file.ends_with("/mod.rs"));
                own.map(str::to_owned).for_each(&mut add);
            }
            _ => {}
        }
        found
    }
}

/// Names of functions of files for tests that do something else than before.
fn changed_helpers(suite: &Suite<'_>) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    for (file, before, after) in suite.files() {
        if !is_for_tests(&file.path) {
            continue;
        }
        let said = |side: &Text| -> BTreeMap<String, String> {
            let Some(source) = side.source() else { return BTreeMap::new() };
            let functions = source.functions().iter();
            let bodies = functions.map(|function| {
                let body = function.body.map(|body| normal(source.tree(), body));
                (function.name.clone(), body.unwrap_or_default())
            });
            bodies.collect()
        };
        let (old, new) = (said(before), said(after));
        let names = old.keys().chain(new.keys());
        changed.extend(names.filter(|name| old.get(*name) != new.get(*name)).cloned());
    }
    changed
}

/// The last name of a path with dots.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').find(|name| !name.is_empty()).unwrap_or_default()
}
