//! Tests: where they are, how their runner calls them, and what is in them.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Digest;

use super::assertion::{self, Assertion};
use super::call::{chain, name_text};
use super::marker::{self, Marker};
use super::mock::{self, Mock};
use super::normal;
use super::role::{Part, Role};
use super::rows;
use super::scope::Scope;
use super::tree::{At, Tree};
use super::{Reading, literal};

/// Where a test is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// All of it, decorators included.
    pub(super) whole: At,
    /// The function that is run.
    pub(super) code: At,
    /// What the function does.
    pub(super) body: At,
    /// Its name and those of what is around it, the outermost first.
    pub(super) path: Vec<String>,
    /// What the runner writes between the names.
    pub(super) between: &'static str,
    /// The nodes whose decorations or calls say how it is run, its own first.
    pub(super) holders: Vec<At>,
}

/// A test.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// Its own name or title.
    pub(crate) name: String,
    /// With the names around it, as its runner writes them; without the file.
    pub(crate) qualified: String,
    /// All of it, decorators included.
    pub(crate) whole: At,
    /// The function that is run.
    pub(crate) code: At,
    /// What the function does; the whole call for a test that is only announced.
    pub(crate) body: At,
    /// Its first and its last line, 1-based.
    pub(crate) lines: (u32, u32),
    /// The same for two tests that do the same, whatever their names, their locals and their layout.
    pub(crate) digest: Digest,
    /// What it asserts by itself, in the order of the text.
    pub(crate) assertions: Vec<Assertion>,
    /// What keeps it from running, or makes it run alone.
    pub(crate) markers: Vec<Marker>,
    /// What it replaces.
    pub(crate) mocks: Vec<Mock>,
    /// How many rows its table has; 1 without a table.
    pub(crate) rows: usize,
    /// Whether it is given to the runner as a promise or a coroutine.
    pub(crate) is_async: bool,
    /// Whether other tests are inside of it.
    pub(crate) is_around_tests: bool,
    /// What it calls, by the names with dots between, in order and with repetitions.
    pub(crate) calls: Vec<String>,
    /// Every literal in it, in its table, and in what it uses of the file by name.
    pub(crate) literals: BTreeSet<String>,
    /// Its locals.
    pub(crate) scope: Scope,
    holders: Vec<At>,
}

impl Test {
    /// The nodes whose decorations or calls say how it is run, its own first.
    pub(crate) fn holders(&self) -> &[At] {
        &self.holders
    }
}

/// Every test of a tree, in the order of the text.
pub(super) fn tests(reading: Reading<'_>, path: &str) -> Vec<Test> {
    let mut places = reading.language.tests(reading.tree, path);
    places.sort_by_key(|place| place.whole);
    places.dedup_by_key(|place| place.whole);
    let wholes: Vec<At> = places.iter().map(|place| place.whole).collect();
    let mut around: BTreeMap<At, Scope> = BTreeMap::new();
    places.into_iter().map(|place| test(reading, place, &wholes, &mut around)).collect()
}

/// `around` keeps the locals of functions that hold several tests.
fn test(
    reading: Reading<'_>,
    place: Place,
    wholes: &[At],
    around: &mut BTreeMap<At, Scope>,
) -> Test {
    let tree = reading.tree;
    let Place { whole, code, body, path, between, holders } = place;
    let own: Vec<At> = own_nodes(tree, code, wholes).collect();
    let is_around_tests =
        wholes.iter().any(|other| *other != whole && tree.is_within(*other, whole));
    let mut scope = Scope::of(tree, code);
    for outer in tree.all_around(code) {
        if matches!(tree.role(outer), Role::Function | Role::Lambda) {
            scope.extend(around.entry(outer).or_insert_with(|| Scope::of(tree, outer)));
        }
    }
    let mut assertions = assertion::decorated(reading, &holders);
    assertions.extend(assertion::among(reading, &own, &scope));
    Test {
        name: path.last().cloned().unwrap_or_default(),
        qualified: path.join(between),
        lines: (tree.line(whole), tree.last_line(whole)),
        digest: normal::digest(tree, body, &scope),
        markers: marker::markers(reading, &holders, body, &own),
        mocks: mock::mocks(reading, &holders, &own, &scope),
        rows: rows::rows(reading, &holders, &own),
        is_async: is_async(tree, code),
        is_around_tests,
        calls: calls(tree, &own),
        literals: literal::reached(tree, reading.names, whole),
        assertions,
        scope,
        whole,
        code,
        body,
        holders,
    }
}

/// What is in `code` and not in a test inside of it.
fn own_nodes<'a>(tree: &'a Tree, code: At, wholes: &'a [At]) -> impl Iterator<Item = At> + 'a {
    let is_other = move |at: At| at != code && wholes.binary_search(&at).is_ok();
    tree.inside_but(code, is_other).filter(move |at| !is_other(*at))
}

fn is_async(tree: &Tree, code: At) -> bool {
    let body = tree.child(code, Part::Body).unwrap_or(code);
    let head = tree.slice(tree.bytes(code).start..tree.bytes(body).start);
    head.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "async" | "suspend"))
}

/// The paths of all calls among `nodes`.
pub(super) fn calls(tree: &Tree, nodes: &[At]) -> Vec<String> {
    let calls = nodes.iter().filter(|at| matches!(tree.role(**at), Role::Call | Role::New));
    calls
        .map(|at| {
            let chain = chain(tree, *at);
            let path = chain.path();
            // What a literal is asked for is told apart from what a name is asked for.
            if chain.root.is_some() { format!(".{path}") } else { path }
        })
        .filter(|path| !path.trim_matches('.').is_empty())
        .collect()
}

/// Decorators, attributes and annotations of a definition, in the order of the text.
pub(crate) fn decorations(tree: &Tree, definition: At) -> Vec<At> {
    let mut found: Vec<At> = Vec::new();
    // Those before it, in languages that do not put them inside.
    if let Some(around) = tree.around(definition) {
        for other in tree.children(around).take_while(|at| *at < definition) {
            match tree.role(other) {
                Role::Decorator => found.push(other),
                Role::Comment => {}
                _ if tree.text(other).trim().is_empty() => {}
                // A word such as `export` or `public` may stand between.
                Role::Token if tree.text(other).chars().all(char::is_alphabetic) => {}
                _ => found.clear(),
            }
        }
    }
    let is_shut = |at: At| {
        matches!(
            tree.role(at),
            Role::Decorator | Role::Block | Role::Parameters | Role::Class | Role::Function
        ) || tree.part(at) == Part::Body
    };
    let inside = tree.inside_but(definition, is_shut);
    found.extend(inside.filter(|at| tree.role(*at) == Role::Decorator));
    found
}

/// What a decoration is called: `pytest.mark.skip`, `tokio::test`, `Test`.
pub(crate) fn decorator_name(tree: &Tree, decoration: At) -> String {
    let text = tree.text(decoration).trim_start_matches(['@', '#', '!', '[', ' ']);
    let is_in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\');
    let end = text.find(|c| !is_in_name(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim_end_matches(':').to_owned()
}

/// The name of a definition.
pub(crate) fn name_of(tree: &Tree, definition: At) -> Option<String> {
    let mut at = tree.child(definition, Part::Name);
    // Some languages wrap the name in what it is declared as.
    let mut declarator = tree.child(definition, Part::Declarator);
    while let (None, Some(inner)) = (at, declarator) {
        match tree.role(inner) {
            Role::Name | Role::Member => at = Some(inner),
            _ => {
                at = tree.child(inner, Part::Name);
                declarator = tree.child(inner, Part::Declarator);
            }
        }
        if at.is_none() && declarator == Some(inner) {
            break;
        }
    }
    at.map(|at| name_text(tree, at))
}

/// Tests of languages that mark them, or know them by their names, in classes.
pub(super) fn annotated(tree: &Tree, is_test: &dyn Fn(At, &[String]) -> bool) -> Vec<Place> {
    let mut places = Vec::new();
    for function in tree.all(Role::Function) {
        let marks: Vec<String> = decorations(tree, function)
            .into_iter()
            .map(|mark| decorator_name(tree, mark))
            .collect();
        if !is_test(function, &marks) {
            continue;
        }
        let body =
            tree.child(function, Part::Body).or_else(|| tree.child_with(function, Role::Block));
        let (Some(name), Some(body)) = (name_of(tree, function), body) else { continue };
        let mut path = vec![name];
        let mut holders = vec![function];
        for class in tree.all_around(function).filter(|at| tree.role(*at) == Role::Class) {
            path.splice(0..0, name_of(tree, class));
            holders.push(class);
        }
        places.push(Place { whole: function, code: function, body, path, between: ".", holders });
    }
    places
}
