//! What a test really asserts: by itself, and by the functions it shares with others.

use std::collections::BTreeSet;

use super::helpers::last;
use super::{Located, Suite};
use crate::syntax::call::arguments;
use crate::syntax::normal::normal;
use crate::syntax::{Assertion, Role, literal};

/// Where an assertion stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// In the test.
    Itself,
    /// In a function of this name.
    Helper(String),
}

/// One assertion of a test, with everything that it is given.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    /// The assertion.
    pub(crate) assertion: Assertion,
    /// Where it stands.
    pub(crate) via: Via,
    /// The 1-based line of the test on which it is made.
    pub(crate) line: u32,
    /// Literals that it is made with: its own, those the helper is called with, those of the table.
    pub(crate) literals: BTreeSet<String>,
    /// What it looks at comes from these calls.
    pub(crate) calls: BTreeSet<String>,
}

/// Calls of helpers that are followed in one test.
const HELPER_CALLS_MAX: usize = 200;

/// Names of the file that are followed for one test.
const NAMES_FOLLOWED_MAX: usize = 64;

impl<'a> Suite<'a> {
    /// Everything the test asserts; helpers are followed one level deep.
    pub(crate) fn effective(&self, located: &Located<'a>) -> Vec<Effective> {
        let test = located.test;
        let mut found: Vec<Effective> = test
            .assertions
            .iter()
            .map(|assertion| Effective {
                via: Via::Itself,
                line: assertion.line,
                literals: assertion.literals.clone(),
                calls: assertion.calls.clone(),
                assertion: assertion.clone(),
            })
            .collect();
        found.extend(self.by_helpers(located));
        found.sort_by_key(|effective| effective.line);
        found
    }

    /// Everything a test says, normalised: its code, its table, and what the file calls by the names that
    /// it uses.
    pub(crate) fn said(&self, located: &Located<'a>) -> String {
        let (tree, names) = (located.source.tree(), located.source.reading().names);
        let whole = located.test.whole;
        let mut said = normal(tree, whole);
        let mut seen = BTreeSet::new();
        for name in tree.inside(whole).filter(|at| tree.role(*at) == Role::Name) {
            if seen.len() >= NAMES_FOLLOWED_MAX || !seen.insert(tree.text(name)) {
                continue;
            }
            let value = names.value(tree, tree.text(name), name);
            if let Some(value) = value.filter(|value| !tree.is_within(*value, whole)) {
                said.push('\n');
                said.push_str(&normal(tree, value));
            }
        }
        said
    }

    fn by_helpers(&self, located: &Located<'a>) -> Vec<Effective> {
        let (test, tree) = (located.test, located.source.tree());
        let mut found = Vec::new();
        let calls = tree.inside(test.code).filter(|at| tree.role(*at) == Role::Call);
        for call in calls.take(HELPER_CALLS_MAX) {
            let chain = crate::syntax::call::chain(tree, call);
            let name = last(&chain.path()).to_owned();
            if name.is_empty() || test.assertions.iter().any(|assertion| assertion.at == call) {
                continue;
            }
            let helpers = self.helpers_of(located, &name);
            if helpers.is_empty() {
                continue;
            }
            let line = tree.line(call);
            // What it is called with reaches what it asserts.
            let mut given = BTreeSet::new();
            let mut from = BTreeSet::new();
            for argument in arguments(tree, call) {
                let literals = literal::literals(tree, argument).into_iter();
                given.extend(literals.map(|literal| literal.value));
                let nodes = std::iter::once(argument).chain(tree.inside(argument));
                for at in nodes {
                    match tree.role(at) {
                        Role::Call | Role::New => {
                            from.insert(
                                crate::syntax::call::chain(tree, at).last_name().to_owned(),
                            );
                        }
                        Role::Name => {
                            if let Some(value) = test.scope.value(tree, at) {
                                let literals = literal::literals(tree, value).into_iter();
                                given.extend(literals.map(|literal| literal.value));
                            }
                        }
                        _ => {}
                    }
                }
            }
            for helper in helpers {
                for assertion in &helper.assertions {
                    let mut literals = assertion.literals.clone();
                    literals.extend(given.iter().cloned());
                    let mut calls = assertion.calls.clone();
                    calls.extend(from.iter().cloned());
                    found.push(Effective {
                        assertion: assertion.clone(),
                        via: Via::Helper(name.clone()),
                        line,
                        literals,
                        calls,
                    });
                }
            }
        }
        found
    }
}
