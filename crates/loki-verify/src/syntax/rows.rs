//! Tables of tests: how many rows a test is run with.

use super::Reading;
use super::call::{arguments_in, chain, positional};
use super::role::{Part, Role};
use super::scope::Names;
use super::test::{decorations, decorator_name};
use super::tree::{At, Tree};

/// Names of decorations of which each gives one row.
const ONE_ROW: &[&str] = &["case", "test_case", "InlineData", "TestCase", "DataRow", "TestWith"];

/// Names of decorations that give many rows.
const MANY_ROWS: &[&str] =
    &["parametrize", "CsvSource", "ValueSource", "expand", "values", "parameterized"];

/// How many rows the table of a test has; 1 without a table that is written out.
pub(super) fn rows(reading: Reading<'_>, holders: &[At], own: &[At]) -> usize {
    let Reading { tree, language, names } = reading;
    let mut rows: usize = 1;
    let mut single_rows: usize = 0;
    for holder in holders {
        for mark in decorations(tree, *holder) {
            let name = decorator_name(tree, mark);
            let last = name.rsplit(['.', ':', '\\']).next().unwrap_or_default();
            if ONE_ROW.contains(&last) {
                single_rows += 1;
            } else if MANY_ROWS.contains(&last) {
                rows = rows.saturating_mul(listed(tree, names, mark).max(1));
            }
        }
        if tree.role(*holder) == Role::Call && language.is_script() {
            rows = rows.saturating_mul(each_rows(tree, names, *holder).max(1));
        }
    }
    let loops = own.iter().filter(|at| tree.role(**at) == Role::Loop);
    let looped =
        loops.filter_map(|at| looped_over(tree, names, *at)).map(|list| size(tree, list)).max();
    rows.saturating_mul(single_rows.max(1)).saturating_mul(looped.unwrap_or(1).max(1))
}

/// Elements of the longest list that a decoration is given.
fn listed(tree: &Tree, names: &Names, mark: At) -> usize {
    let lists = tree.inside(mark).filter_map(|at| match tree.role(at) {
        Role::List => Some(at),
        Role::Name => {
            let value = names.value(tree, tree.text(at), mark);
            value.filter(|at| tree.role(*at) == Role::List)
        }
        _ => None,
    });
    // The outermost list comes first; what is in it are the rows.
    let mut outermost: Option<At> = None;
    let mut most = 0;
    for list in lists {
        if outermost.is_some_and(|outer| tree.is_within(list, outer)) {
            continue;
        }
        outermost = Some(list);
        most = most.max(size(tree, list));
    }
    most
}

/// Rows of `it.each([…])`.
fn each_rows(tree: &Tree, names: &Names, call: At) -> usize {
    let chain = chain(tree, call);
    let each = chain.links.iter().find(|link| link.name == "each").and_then(|link| link.arguments);
    let Some(arguments) = each else { return 1 };
    let first = arguments_in(tree, arguments).into_iter().next().map(|at| tree.bare(at));
    match first {
        Some(at) if tree.role(at) == Role::List => size(tree, at),
        // A template: one line is its head.
        Some(at) if tree.role(at) == Role::Text => {
            tree.text(at).lines().filter(|line| line.contains('$')).count()
        }
        Some(at) if tree.role(at) == Role::Name => {
            names.value(tree, tree.text(at), call).map_or(1, |list| size(tree, list))
        }
        _ => 1,
    }
}

fn size(tree: &Tree, list: At) -> usize {
    tree.named(list).count()
}

/// The list or map that a loop goes over, where it is written out.
pub(crate) fn looped_over(tree: &Tree, names: &Names, over: At) -> Option<At> {
    let value = loop_source(tree, over)?;
    let mut value = tree.bare(value);
    // `enumerate(list)`, `list.iter()`, `list.items()`, `Object.entries(list)`.
    if tree.role(value) == Role::Call {
        let inner = positional(tree, value).into_iter().next();
        value = inner.or_else(|| chain(tree, value).root).map_or(value, |at| tree.bare(at));
    }
    let found = match tree.role(value) {
        Role::Name => names.value(tree, tree.text(value), over),
        // `self.CASES`
        Role::Member => names.value(tree, chain(tree, value).last_name(), over),
        _ => Some(value),
    };
    let found = tree.bare(found?);
    // Go writes the type before the list.
    let list = match tree.role(found) {
        Role::New => tree.child_with(found, Role::List)?,
        _ => found,
    };
    matches!(tree.role(list), Role::List | Role::Map).then_some(list)
}

/// What a loop goes over.
pub(crate) fn loop_source(tree: &Tree, over: At) -> Option<At> {
    let direct = tree.child(over, Part::Right).or_else(|| tree.child(over, Part::Value));
    direct.or_else(|| {
        let clauses = tree.named(over).filter(|at| tree.role(*at) == Role::Other);
        clauses.into_iter().find_map(|at| tree.child(at, Part::Right))
    })
}
