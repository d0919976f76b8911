//! C++: GoogleTest's `TEST` and its kin.

use std::sync::OnceLock;

use super::Adapter;
use super::c::ROLES as SHARED;
use crate::syntax::role::{Part, Role};
use crate::syntax::test::Place;
use crate::syntax::tree::{At, Tree};

pub(super) struct Cpp;

/// Nodes that C does not have.
const MORE: &[(&str, Role)] = &[
    ("using_declaration", Role::Import),
    ("class_specifier", Role::Class),
    ("namespace_definition", Role::Module),
    ("lambda_expression", Role::Lambda),
    ("new_expression", Role::New),
    ("qualified_identifier", Role::Member),
    ("this", Role::Name),
    ("for_range_loop", Role::Loop),
    ("try_statement", Role::Try),
    ("catch_clause", Role::Handler),
    ("throw_statement", Role::Throw),
    ("raw_string_literal", Role::Text),
];

impl Adapter for Cpp {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_cpp::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        static ROLES: OnceLock<Vec<(&str, Role)>> = OnceLock::new();
        ROLES.get_or_init(|| [SHARED, MORE].concat())
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("TEST")
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        tree.all(Role::Function).filter_map(|function| place(tree, function)).collect()
    }
}

/// `TEST(Suite, Name) { … }`, which reads as a function without a type.
fn place(tree: &Tree, function: At) -> Option<Place> {
    let declarator = tree.child(function, Part::Declarator)?;
    let name = tree.text(tree.child(declarator, Part::Declarator)?);
    if !matches!(name, "TEST" | "TEST_F" | "TEST_P" | "TYPED_TEST") {
        return None;
    }
    let parameters = tree.child_with(declarator, Role::Parameters)?;
    let path: Vec<String> = tree.named(parameters).map(|name| tree.text(name).to_owned()).collect();
    let body = tree.child(function, Part::Body)?;
    Some(Place {
        whole: function,
        code: function,
        body,
        path,
        between: ".",
        holders: vec![function],
    })
}
