//! Ruby: minitest and RSpec.

use super::{Adapter, has_word};
use crate::syntax::call::{chain, text_argument};
use crate::syntax::role::{Part, Role};
use crate::syntax::test::Place;
use crate::syntax::tree::{At, Tree};

pub(super) struct Ruby;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("class", Role::Class),
    ("singleton_class", Role::Class),
    ("module", Role::Module),
    ("method", Role::Function),
    ("singleton_method", Role::Function),
    ("lambda", Role::Lambda),
    ("block", Role::Lambda),
    ("do_block", Role::Lambda),
    ("method_parameters", Role::Parameters),
    ("block_parameters", Role::Parameters),
    ("lambda_parameters", Role::Parameters),
    ("body_statement", Role::Block),
    ("block_body", Role::Block),
    ("then", Role::Block),
    ("do", Role::Block),
    ("call", Role::Call),
    ("argument_list", Role::Arguments),
    ("scope_resolution", Role::Member),
    ("identifier", Role::Name),
    ("constant", Role::Name),
    ("instance_variable", Role::Name),
    ("class_variable", Role::Name),
    ("global_variable", Role::Name),
    ("self", Role::Name),
    ("element_reference", Role::Subscript),
    ("if", Role::If),
    ("unless", Role::If),
    ("elsif", Role::If),
    ("if_modifier", Role::If),
    ("unless_modifier", Role::If),
    ("else", Role::Else),
    ("case", Role::Switch),
    ("when", Role::Case),
    ("for", Role::Loop),
    ("while", Role::Loop),
    ("until", Role::Loop),
    ("begin", Role::Try),
    ("rescue", Role::Handler),
    ("ensure", Role::Finally),
    ("return", Role::Return),
    ("break", Role::Jump),
    ("next", Role::Jump),
    ("yield", Role::Yield),
    ("assignment", Role::Bind),
    ("operator_assignment", Role::Bind),
    ("binary", Role::Binary),
    ("unary", Role::Unary),
    ("conditional", Role::Ternary),
    ("parenthesized_statements", Role::Wrap),
    ("string", Role::Text),
    ("chained_string", Role::Text),
    ("simple_symbol", Role::Text),
    ("delimited_symbol", Role::Text),
    ("regex", Role::Text),
    ("heredoc_beginning", Role::Text),
    ("interpolation", Role::Filled),
    ("integer", Role::Number),
    ("float", Role::Number),
    ("true", Role::Boolean),
    ("false", Role::Boolean),
    ("nil", Role::Null),
    ("array", Role::List),
    ("string_array", Role::List),
    ("symbol_array", Role::List),
    ("hash", Role::Map),
    ("pair", Role::Entry),
];

impl Adapter for Ruby {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_ruby::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("test_") || has_word(text, TESTS)
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        let methods = tree.all(Role::Function).filter_map(|method| method_place(tree, method));
        methods.chain(tree.all(Role::Call).filter_map(|call| block_place(tree, call))).collect()
    }
}

/// `def test_…` of a class.
fn method_place(tree: &Tree, method: At) -> Option<Place> {
    let name = tree.text(tree.child(method, Part::Name)?);
    let mut path = vec![name.to_owned()];
    for around in tree.all_around(method).filter(|at| tree.role(*at) == Role::Class) {
        path.insert(0, tree.text(tree.child(around, Part::Name)?).to_owned());
    }
    let is_test = name.starts_with("test_") && path.len() > 1;
    let body = is_test.then(|| tree.child(method, Part::Body))??;
    Some(Place { whole: method, code: method, body, path, between: "#", holders: vec![method] })
}

/// Names of functions that make a group.
const GROUPS: &[&str] =
    &["describe", "context", "feature", "fdescribe", "xdescribe", "fcontext", "xcontext"];

/// Names of functions that make a test.
const TESTS: &[&str] =
    &["it", "specify", "example", "scenario", "test", "should", "fit", "xit", "focus", "its"];

/// `it "…" do … end`.
fn block_place(tree: &Tree, call: At) -> Option<Place> {
    let called = chain(tree, call);
    let name = called.links.last()?.name.as_str();
    if called.root.is_some() || called.links.len() != 1 || !TESTS.contains(&name) {
        return None;
    }
    let code = tree.child_with(call, Role::Lambda)?;
    let title = text_argument(tree, call).unwrap_or_default();
    let mut path = vec![title];
    let mut holders = vec![call];
    for around in tree.all_around(call).filter(|at| tree.role(*at) == Role::Call) {
        let group = chain(tree, around);
        if group.links.last().is_some_and(|link| GROUPS.contains(&link.name.as_str())) {
            path.insert(0, first_argument_text(tree, around));
            holders.push(around);
        }
    }
    let body = tree.child(code, Part::Body).unwrap_or(code);
    Some(Place { whole: call, code, body, path, between: " ", holders })
}

fn first_argument_text(tree: &Tree, call: At) -> String {
    let first = tree.child(call, Part::Arguments).and_then(|list| tree.named(list).next());
    text_argument(tree, call)
        .unwrap_or_else(|| first.map_or_else(String::new, |first| tree.text(first).to_owned()))
}
