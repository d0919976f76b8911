//! Source files as trees, and what the gates ask of them.
//!
//! One interface for all languages: [`Source::parse`], and from there tests, functions, literals,
//! imports, comments, handlers, calls. What a language calls things is in `syntax/language/`, one file
//! each; everything else is written once, over roles. Refuses to judge, to read files, and to look at
//! anything beyond its limits: a text that is too large or takes too long has no tree, and who asked
//! has to say so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

pub(crate) mod assertion;
pub(crate) mod call;
pub(crate) mod function;
pub(crate) mod handler;
pub(crate) mod import;
pub(crate) mod language;
pub(crate) mod literal;
pub(crate) mod marker;
pub(crate) mod mock;
pub(crate) mod normal;
pub(crate) mod role;
pub(crate) mod rows;
pub(crate) mod scope;
pub(crate) mod test;
pub(crate) mod tokens;
pub(crate) mod tree;
pub(crate) mod vocabulary;

pub(crate) use assertion::{Assertion, Strength};
pub(crate) use function::{Function, Nature};
pub(crate) use handler::Handler;
pub(crate) use import::Import;
pub(crate) use language::Language;
pub(crate) use literal::Literal;
pub(crate) use marker::{Marked, Marker};
pub(crate) use mock::Mock;
pub(crate) use role::{Part, Role};
pub(crate) use test::Test;
pub(crate) use tokens::tokens;
pub(crate) use tree::{At, Tree};
pub(crate) use vocabulary::Check;

use scope::Names;

/// What is read together: a tree, its language, and the names of its file.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) language: Language,
    pub(crate) names: &'a Names,
}

/// Tests that are looked at for one around a place; deeper nesting is not told apart.
const TESTS_AROUND_MAX: usize = 64;

/// A function that is no test, with what it asserts.
#[derive(Clone, Debug)]
pub(crate) struct Helper {
    /// The function.
    pub(crate) function: Function,
    /// What it asserts.
    pub(crate) assertions: Vec<Assertion>,
    /// What it calls.
    pub(crate) calls: Vec<String>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// Its text, with the signs around it.
    pub(crate) text: String,
    /// Its 1-based first line.
    pub(crate) line: u32,
}

/// One source file as a tree. What is asked of it is found once and kept.
pub(crate) struct Source {
    language: Language,
    path: String,
    tree: Tree,
    names: OnceLock<Names>,
    tests: OnceLock<Vec<Test>>,
    test_modules: OnceLock<Vec<At>>,
    functions: OnceLock<Vec<Function>>,
    helpers: OnceLock<BTreeMap<String, Vec<Helper>>>,
    imports: OnceLock<Vec<Import>>,
    comments: OnceLock<Vec<Comment>>,
    handlers: OnceLock<Vec<Handler>>,
    markers: OnceLock<Vec<Marker>>,
    mocks: OnceLock<Vec<Mock>>,
}

impl Source {
    /// The tree of `text`, in the language that the ending of `path` tells. Nothing in any other
    /// language, and for a text that is beyond a limit of [`tree`].
    pub(crate) fn parse(path: &str, text: &str) -> Option<Source> {
        let language = Language::of(path)?;
        let tree = Tree::parse(language, text)?;
        Some(Source {
            language,
            path: path.to_owned(),
            tree,
            names: OnceLock::new(),
            tests: OnceLock::new(),
            test_modules: OnceLock::new(),
            functions: OnceLock::new(),
            helpers: OnceLock::new(),
            imports: OnceLock::new(),
            comments: OnceLock::new(),
            handlers: OnceLock::new(),
            markers: OnceLock::new(),
            mocks: OnceLock::new(),
        })
    }

    /// Its language.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Whether all of it fits the grammar. Where it does not, what is found may lack parts.
    pub(crate) fn is_whole(&self) -> bool {
        self.tree.broken_line().is_none()
    }

    /// Its tree.
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Tree, language and names together.
    pub(crate) fn reading(&self) -> Reading<'_> {
        let names = self.names.get_or_init(|| Names::of(&self.tree));
        Reading { tree: &self.tree, language: self.language, names }
    }

    /// Its tests, in the order of the text.
    pub(crate) fn tests(&self) -> &[Test] {
        self.tests.get_or_init(|| {
            let tests = test::tests(self.reading(), &self.path);
            debug_assert!(
                tests.is_empty() || may_hold_tests(&self.path, self.tree.whole_text()),
                "a text without the words of a test holds one: {}",
                self.path
            );
            tests
        })
    }

    /// Whether the place is in a module of tests within the file.
    pub(crate) fn is_in_test_module(&self, at: At) -> bool {
        let modules = self.test_modules.get_or_init(|| {
            let is_of_tests = |module: &At| {
                let head = self.tree.text(*module).lines().next();
                head.is_some_and(|line| line.contains("tests"))
            };
            let mut outermost: Vec<At> = Vec::new();
            for module in self.tree.all(Role::Module).filter(is_of_tests) {
                if outermost.last().is_none_or(|last| !self.tree.is_within(module, *last)) {
                    outermost.push(module);
                }
            }
            outermost
        });
        let before = modules.partition_point(|module| *module < at);
        let last = modules[..before].last();
        last.is_some_and(|module| self.tree.is_within(at, *module))
    }

    /// Its functions with a name, tests included, in the order of the text.
    pub(crate) fn functions(&self) -> &[Function] {
        self.functions.get_or_init(|| function::functions(self.reading()))
    }

    /// Its functions that are no tests, by name, with what they assert.
    pub(crate) fn helpers(&self) -> &BTreeMap<String, Vec<Helper>> {
        self.helpers.get_or_init(|| {
            let mut helpers: BTreeMap<String, Vec<Helper>> = BTreeMap::new();
            let tests: BTreeSet<At> = self.tests().iter().map(|test| test.code).collect();
            for function in self.functions() {
                if tests.contains(&function.at) {
                    continue;
                }
                let scope = scope::Scope::of(&self.tree, function.at);
                let nodes: Vec<At> = self.tree.inside(function.at).collect();
                let helper = Helper {
                    assertions: assertion::among(self.reading(), &nodes, &scope),
                    calls: test::calls(&self.tree, &nodes),
                    function: function.clone(),
                };
                helpers.entry(function.name.clone()).or_default().push(helper);
            }
            helpers
        })
    }

    /// Its imports, in the order of the text.
    pub(crate) fn imports(&self) -> &[Import] {
        self.imports.get_or_init(|| import::imports(self.reading()))
    }

    /// Its comments, in the order of the text.
    pub(crate) fn comments(&self) -> &[Comment] {
        self.comments.get_or_init(|| {
            let (tree, comments) = (&self.tree, self.tree.all(Role::Comment));
            let comment = |at| Comment { text: tree.text(at).to_owned(), line: tree.line(at) };
            comments.map(comment).collect()
        })
    }

    /// Its texts and numbers, in the order of the text.
    pub(crate) fn literals(&self) -> Vec<Literal> {
        literal::literals(&self.tree, At::ROOT)
    }

    /// Its handlers of errors, in the order of the text.
    pub(crate) fn handlers(&self) -> &[Handler] {
        self.handlers.get_or_init(|| handler::handlers(&self.tree))
    }

    /// Everything that is called in it, in the order of the text.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (At, call::Chain)> {
        let calls = self.tree.all(Role::Call);
        calls.map(|at| (at, call::chain(&self.tree, at)))
    }

    /// What keeps all of its tests from running.
    pub(crate) fn markers(&self) -> &[Marker] {
        self.markers.get_or_init(|| marker::of_file(self.reading()))
    }

    /// What it replaces outside of its tests.
    pub(crate) fn mocks(&self) -> &[Mock] {
        self.mocks.get_or_init(|| {
            let wholes: Vec<At> = self.tests().iter().map(|test| test.whole).collect();
            let is_in_test = |at: At| {
                // The last test that begins before it, or one around that one.
                let before = wholes.partition_point(|whole| *whole <= at);
                wholes
                    .iter()
                    .take(before)
                    .rev()
                    .take(TESTS_AROUND_MAX)
                    .any(|whole| self.tree.is_within(at, *whole))
            };
            mock::of_file(self.reading(), &is_in_test)
        })
    }
}

/// Whether a text can hold tests, told without its tree: false only where [`Source::tests`] finds none.
pub(crate) fn may_hold_tests(path: &str, text: &str) -> bool {
    Language::of(path).is_some_and(|language| language.may_hold_tests(path, text))
}

#[cfg(test)]
mod tests;
